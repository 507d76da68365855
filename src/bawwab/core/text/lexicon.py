"""Words that say what the number beside them is, in the library's languages.

Written down in ``data/lexicon.toml`` as people write them, normalised when loaded.
"""

import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from typing import Any, Final

from bawwab.core.text.normalise import normalise
from bawwab.core.text.tokens import Kind

_WORDS: Final[dict[str, Any]] = tomllib.loads((files(__package__) / "data/lexicon.toml").read_text("utf-8"))
_RUN_ON: Final[dict[str, list[str]]] = _WORDS["run_on"]


def _plain(words: Iterable[str]) -> frozenset[str]:
    return frozenset(normalise(word).text for word in words)


def _longest_first(name: str) -> list[str]:
    """Words that run on into what follows."""
    return sorted(_plain(_RUN_ON[name]), key=len, reverse=True)


def _any_of(name: str) -> str:
    """Alternation of the words that run on into what follows."""
    return "|".join(map(re.escape, _longest_first(name)))


SIGNS: Final = frozenset(_WORDS["signs"])
CURRENCY: Final = _plain(_WORDS["currency"])
AMBIGUOUS: Final = _plain(_WORDS["ambiguous"])
MAGNITUDE: Final = _plain(_WORDS["magnitude"])
PERCENT: Final = _plain(_WORDS["percent"])
MONTHS: Final = _plain(_WORDS["months"])
MOMENT: Final = _plain(_WORDS["moment_before"])
CLOCK_AFTER: Final = _plain(_WORDS["clock_after"])
FILLERS: Final = _plain(_WORDS["fillers"])
CODE: Final = _plain(_WORDS["code"])
REPLY: Final = _plain(_WORDS["reply"])

FLIGHT: Final = _plain(_WORDS["flight_words"])
CARD_BRANDS: Final = _plain(_WORDS["card_brands"])
PERCENT_PHRASES: Final = tuple(sorted(_plain(_WORDS["percent_phrases"])))
ACCOUNT_PHRASES: Final = tuple(sorted(_plain(_WORDS["account_phrases"])))

BEFORE: Final[dict[str, Kind]] = {
    **dict.fromkeys(_plain(_WORDS["to_before"]), Kind.HOTLINE),
    **dict.fromkeys(_plain(_WORDS["call_before"]), Kind.PHONE),
    **dict.fromkeys(_plain(_WORDS["clock_before"]), Kind.TIME),
    **dict.fromkeys(_plain(_WORDS["ref_before"]), Kind.REF),
    **dict.fromkeys(_plain(_WORDS["account_before"]), Kind.ACCOUNT),
    **dict.fromkeys(_plain(_WORDS["flight_before"]), Kind.FLIGHT),
    "yuzde": Kind.PERCENT,
    "asilimia": Kind.PERCENT,
}
"""What a number is by the word before it."""

RUN_ON_AFTER: Final = re.compile(
    rf"\s?(?:(?P<magnitude>(?:{_any_of('magnitude')})+)\s?(?P<money>{_any_of('currency')})?"
    rf"|(?P<currency>{_any_of('currency')})|(?P<percent>{_any_of('percent')})"
    rf"|(?P<account>{_any_of('account_after')}))"
)
"""Currency, magnitude or percent right after a number, where no space ends the word."""

# Not after 号; asked behind the first letter, for `re` skips to a letter only where a pattern begins with one.
RUN_ON_CODE: Final = re.compile(
    "|".join(f"{word[0]}(?<!号{word[0]}){re.escape(word[1:])}" for word in _longest_first("code"))
)
RUN_ON_FLIGHT: Final = re.compile(_any_of("flight_words"))
RUN_ON_REPLY: Final = re.compile(_any_of("reply"))

_Ending = tuple[tuple[str, ...], Kind]
_ENDINGS: Final = tuple(
    (tuple(_plain(_RUN_ON[f"{kind}_before"])), what)
    for kind, what in (
        ("account", Kind.ACCOUNT),
        ("ref", Kind.REF),
        ("flight", Kind.FLIGHT),
        ("call", Kind.PHONE),
        ("percent", Kind.PERCENT),
        ("clock", Kind.TIME),
    )
)


def _ending_in(letter: str) -> tuple[_Ending, ...]:
    found = ((tuple(word for word in words if word.endswith(letter)), kind) for words, kind in _ENDINGS)
    return tuple((words, kind) for words, kind in found if words)


RUN_ON_BEFORE: Final = {
    letter: _ending_in(letter) for letter in {word[-1] for words, _ in _ENDINGS for word in words}
}
"""Endings of what stands before a number, where no space begins the word, by their last letter."""
