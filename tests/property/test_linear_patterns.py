"""Reading a text takes steps in proportion to its length, whatever the text: no pattern runs away."""

import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator

import pytest
import regex

import bawwab.core.text
from bawwab.core.text.analysis import analyse
from regex_steps import Counting, Steps

MODULES = [
    importlib.import_module(found.name)
    for found in pkgutil.iter_modules(bawwab.core.text.__path__, "bawwab.core.text.")
]
LENGTH = 120
TAIL = "! SAR 1/2 @b code: x.co://"  # what makes the analysis look for links, sums, codes and handles at all
# Runs of what the patterns look for, each cut off before it is whole.
PUMPS = {
    "digits": "1",
    "letters": "a",
    "dots": ".",
    "labels": "a.",
    "hyphens": "a-",
    "schemes": "https://",
    "half schemes": "http:/",
    "slashes": "/",
    "addresses": "1.2.3.",
    "handles": "@a",
    "at signs": "@",
    "thousands": "1,234",
    "sums": "1.234.",
    "dates": "1/1/",
    "times": "1:1",
    "phones": "(12) ",
    "spread words": "a ",
    "spread by dots": "a.b ",
    "leet": "p4",
    "dollars": "$a",
    "masks": "*x",
    "dial codes": "1*",
    "defanged": "[.]a",
    "words for dots": " dot ",
    "marks": "e\u0301",
    "hidden": "a\u200b",
    "tatweel": "ب\u0640",
    "Arabic digits": "١٢",
    "ideographs": "验证码1",
    "Thai": "บาท1",
    "tokens": "⟨",
    "spaces": " ",
    "lines": "\n",
    "currency": "SAR 1",
    "percent": "1%",
    "mixed": "a1-",
    "codes": "code: ",
}


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[Steps]:
    """Every pattern of the text analysis counts its steps."""
    counted = Steps()
    for module in MODULES:
        for name, value in list(vars(module).items()):
            if isinstance(value, re.Pattern):
                monkeypatch.setattr(module, name, Counting(value, counted))
    deep = sys.getrecursionlimit()
    sys.setrecursionlimit(50_000)
    yield counted
    sys.setrecursionlimit(deep)


def taken(text: str, steps: Steps) -> int:
    """Steps that one reading takes."""
    steps.taken = 0
    analyse(text)
    return steps.taken


@pytest.mark.parametrize("pump", PUMPS.values(), ids=PUMPS.keys())
def test_twice_the_text_takes_twice_the_steps(steps: Steps, pump: str) -> None:
    few, many = (taken((pump * length)[:length] + TAIL, steps) for length in (LENGTH, 2 * LENGTH))
    assert LENGTH < many <= 2.3 * few


def test_a_runaway_pattern_would_be_seen() -> None:
    steps = Steps()
    greedy = Counting(re.compile(r"[a-z]+[0-9]"), steps)
    costs = []
    for length in (60, 120):
        steps.taken = 0
        greedy.search("a" * length)
        costs.append(steps.taken)
    assert costs[1] > 3.5 * costs[0]


def test_patterns_of_the_regex_library_are_bounded_by_sight() -> None:
    """That library tells no parse tree; these two have one repetition each, behind a fixed count."""
    known = {
        value.pattern
        for module in MODULES
        for value in vars(module).values()
        if isinstance(value, regex.Pattern)
    }
    assert known == {r"(\p{M}{30})\p{M}+", "[\ufdfa\ufdfb]"}
