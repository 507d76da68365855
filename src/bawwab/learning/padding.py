"""Padding augmentation: messages wrapped in honest words, so that dilution does not hide a fraud.

Good-word padding survives every normaliser (.954 → .558 recall); copies of the training frauds
padded with honest words, and honest messages padded alike, restore most of it. All of it works
on masked texts.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bawwab.core.model.text import SERVICE
from bawwab.learning.attacks import appended_messages, appended_words, interleaved_words, typos

WORDS = (6, 24)
MESSAGES = (1, 3)
SHARE = 0.5  # weight of a padded copy against its original
SLOPPY, MISTYPED = 0.5, 0.2  # copies with typos, and the share of their words that have one
FEWEST = 20  # honest messages of a language below which those of all languages pad


class Padded(NamedTuple):
    """Extra training rows, each with the row it was made of."""

    texts: list[str]
    origin: NDArray[np.int64]


class Honest(NamedTuple):
    """Honest messages and their words, of one language or of all."""

    messages: list[str]
    words: list[str]


def pad(texts: Sequence[str], labels: NDArray[np.int64], languages: Sequence[str], *, seed: int) -> Padded:
    """Make one padded copy of every text; of service messages, of every other one."""
    honest = _honest(texts, labels, languages)
    padded: list[str] = []
    origin: list[int] = []
    for item, (text, label, language) in enumerate(zip(texts, labels, languages, strict=True)):
        if label == SERVICE and item % 2:
            continue
        chance = random.Random(f"{seed}/{item}/{text[:40]}")  # noqa: S311 - no secret
        wrapped = _wrap(text, honest.get(language, honest[""]), chance)
        padded.append(typos(wrapped, chance, MISTYPED) if chance.random() < SLOPPY else wrapped)
        origin.append(item)
    return Padded(padded, np.array(origin, dtype=np.int64))


def _honest(texts: Sequence[str], labels: NDArray[np.int64], languages: Sequence[str]) -> dict[str, Honest]:
    by_language: dict[str, list[str]] = defaultdict(list)
    for text, label, language in zip(texts, labels, languages, strict=True):
        if label == SERVICE:
            by_language[language].append(text)
            by_language[""].append(text)
    return {
        language: Honest(found, sorted({word for text in found for word in text.split()}))
        for language, found in by_language.items()
        if len(found) >= FEWEST or not language
    }


def _wrap(text: str, honest: Honest, chance: random.Random) -> str:
    way = chance.randrange(4)
    if way == 0:
        return interleaved_words(text, honest.words, chance)
    if way == 1:
        return appended_words(text, honest.words, chance, chance.randint(*WORDS))
    wrapped = appended_messages("", honest.messages, chance, chance.randint(*MESSAGES)).strip()
    return f"{text} {wrapped}" if way == 2 else f"{wrapped} {text}"  # noqa: PLR2004 - one of four ways
