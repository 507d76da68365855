"""What a word in leet may stand for: a word that our messages use, or one spelt like theirs."""

from collections import Counter
from functools import lru_cache
from itertools import product
from math import log
from types import MappingProxyType
from typing import Final

from bawwab.core.text.characters import TRIGRAMS, WORDS
from bawwab.core.text.urls import TOP_LEVEL

_LATIN: Final = str.maketrans("034578@$!|", "oeastbas11")
_MOST_ONES: Final = 4  # 16 readings
_MOST_GUESSED_ONES: Final = 2
_SCHEMES: Final = frozenset({"http", "https"})
_SHORTEST_GUESS: Final = 4
_STRANGE: Final = 3  # of so many runs of letters one may be none of our messages'
_REMEMBERED: Final = 2**14  # words: a word of a text is asked about up to four times
_NEVER: Final = -1.0  # below log 1, of a run that occurs once

_SPELLING: Final = f"^{'^'.join(WORDS)}^"
_WEIGHT: Final = MappingProxyType(
    {
        "".join(run): log(count)
        for run, count in Counter(zip(_SPELLING, _SPELLING[1:], _SPELLING[2:], strict=False)).items()
    }
)


@lru_cache(maxsize=_REMEMBERED)
def known(word: str) -> str | None:
    """Most frequent reading that our messages use, or the beginning of a link.

    Examples
    --------
    >>> known("acc0un7"), known("h77p"), known("x9")
    ('account', 'http', None)
    """
    found = [reading for reading in _readings(word, _MOST_ONES) if reading.lower() in WORDS]
    if found:
        return min(found, key=lambda reading: WORDS[reading.lower()])
    return plain if (plain := word.translate(_LATIN)).lower() in _SCHEMES else None


@lru_cache(maxsize=_REMEMBERED)
def read(word: str) -> str | None:
    """Word that is meant: a known one, or the likeliest of those that can be pronounced.

    Examples
    --------
    >>> read("ind0n3$14"), read("l1v3ly"), read("x7k")
    ('indonesia', 'lively', None)
    """
    found = known(word)
    return found or max(filter(is_pronounceable, _readings(word, _MOST_ONES)), key=_likeness, default=None)


@lru_cache(maxsize=_REMEMBERED)
def guessed(word: str) -> str | None:
    """Likeliest reading, strange or not, of a word that is spelt too well for a code: a name, an abbreviation.

    Examples
    --------
    >>> guessed("ardian$yah"), guessed("xk4qz7")
    ('ardiansyah', None)
    """
    if len(word) < _SHORTEST_GUESS or 2 * sum(map(str.isalpha, word)) < len(word) - 1:
        return None
    found = max(_readings(word, _MOST_GUESSED_ONES), key=_likeness, default="")
    runs = _runs(found)
    return found if found and _STRANGE * sum(run not in TRIGRAMS for run in runs) <= len(runs) else None


def top_level(word: str) -> str | None:
    """Reading that a host may end in.

    Examples
    --------
    >>> top_level("b!z"), top_level("1o"), top_level("4ever")
    ('biz', 'io', None)
    """
    readings = _readings(word, _MOST_ONES)
    return next((reading for reading in readings if reading.lower() in TOP_LEVEL), None)


def is_pronounceable(word: str) -> bool:
    """Every three letters in a row occur in our messages: a random code hardly ever passes."""
    return TRIGRAMS.issuperset(_runs(word))


def _readings(word: str, most: int) -> list[str]:
    """Words that a leet word may stand for: a 1 is an i or an l; none where there are too many to try."""
    pieces = word.translate(_LATIN).split("1")
    ones = len(pieces) - 1
    if ones > most:
        return []
    return ["".join(map(str.__add__, pieces, (*letters, ""))) for letters in product("il", repeat=ones)]


def _runs(word: str) -> list[str]:
    edged = f"^{word.lower()}^"
    return [edged[at : at + 3] for at in range(len(edged) - 2)]


def _likeness(word: str) -> float:
    """How usual its letters are in their order, among words of one length."""
    return sum(_WEIGHT.get(run, _NEVER) for run in _runs(word))
