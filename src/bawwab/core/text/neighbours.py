"""What stands beside a number: a currency, a unit, a word that tells what the number is.

Looked up in `lexicon`; every look reaches a bounded way.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from bawwab.core.text import lexicon
from bawwab.core.text.tokens import ACCOUNT, AMOUNT, DATE, PERCENT, TIME, Kind


class Place(NamedTuple):
    """A run of digits about to be read; the text is free between ``floor`` and ``limit``."""

    text: str
    cased: str
    at: int
    end: int
    floor: int
    limit: int


# Not `\w`: the vowel signs of India are no letters to `re`.
LETTER: Final = r"[^\s0-9!-/:-@\[-`{-~⟨⟩।۔，。、]"
DIGITS: Final = re.compile("[0-9]+")


def is_letter(char: str) -> bool:
    """Whether a character is a small ASCII letter."""
    return "a" <= char <= "z"


def letter_at(text: str, at: int) -> bool:
    """Whether a small ASCII letter stands at ``at``."""
    return at < len(text) and is_letter(text[at])


def word_start(text: str, at: int, floor: int) -> int:
    """Where the ASCII word that ends at ``at`` begins."""
    floor = max(floor, at - _LONGEST_WORD)
    while at > floor and is_letter(text[at - 1]):
        at -= 1
    return at


def count_digits(text: str) -> int:
    """Digits in a piece of text."""
    return len(text) if text.isdigit() else sum(map(str.isdigit, text))


_LONGEST_WORD: Final = 40

# --- before --------------------------------------------------------------------------------------

_LOOK_BACK: Final = 32  # characters: three words of most languages
_REMEMBERED: Final = 2**12  # words beside numbers
_AROUND: Final = " \n\t:.,;=#-()[]\"'*/%"
_CLITICS: Final = frozenset("وبلفك")  # Arabic writes "and", "with", "to" on to the next word
_GLUE: Final = re.compile(r"[-:/(=@|]")
_ASCII_TAIL: Final = re.compile(r"[a-z]{1,8}\Z")


class _Said(NamedTuple):
    """What a word before a number says: the currency that it ends in, the kind of the number."""

    currency: str
    is_month: bool
    kind: Kind | None
    is_filler: bool


def word_before(place: Place, at: int, *, is_sum: bool = False) -> tuple[int, Kind | None]:
    """Where the nearest telling word before ``at`` begins, and the kind that it tells.

    With ``is_sum`` the number looks like money, so that a word that may be a currency is one.
    """
    text = place.text
    base = max(place.floor, at - _LOOK_BACK)
    window = text[base:at].rstrip(_AROUND)
    rest = window
    for nth in range(3):
        word = rest[max(rest.rfind(" "), rest.rfind("\n")) + 1 :]
        name = word.strip(_AROUND)
        said = _said_by(name)
        if nth == 0:
            start = base + len(rest) - len(said.currency)
            if said.currency and (is_sum or is_meant(place, said.currency, start)):
                return start, AMOUNT
            if said.is_month:
                return base + len(rest) - len(name), DATE
        if said.kind:
            return at, said.kind
        rest = rest[: len(rest) - len(word)].rstrip(_AROUND)
        if not said.is_filler or not rest:
            break
    return at, None if window.isascii() else _run_on_before(window)


@lru_cache(maxsize=_REMEMBERED)
def _said_by(name: str) -> _Said:
    kind = lexicon.BEFORE.get(name) or _without_clitics(name)
    return _Said(_currency_at_the_end(name), name in lexicon.MONTHS, kind, name in lexicon.FILLERS)


def _currency_at_the_end(name: str) -> str:
    """Currency that a word ends in, whatever is written on before it; empty if none."""
    if name not in lexicon.CURRENCY and not name.isalpha():
        name = _GLUE.split(name)[-1]
    if not name.isascii() and name not in lexicon.CURRENCY:
        tail = _ASCII_TAIL.search(name)
        name = tail[0] if tail else ""
    return name if name in lexicon.CURRENCY else ""


def is_after_moment(place: Place) -> bool:
    """Whether a word such as "at" or "until" stands right before."""
    words = place.text[max(place.floor, place.at - _LOOK_BACK) : place.at].split()
    return bool(words) and words[-1].strip(_AROUND) in lexicon.MOMENT


def _without_clitics(name: str) -> Kind | None:
    if name[:1] not in _CLITICS:
        return None
    return lexicon.BEFORE.get(name[1:]) or lexicon.BEFORE.get("ا" + name[1:]) or lexicon.BEFORE.get(name[2:])


def _run_on_before(window: str) -> Kind | None:
    for words, kind in lexicon.RUN_ON_BEFORE.get(window[-1:], ()):
        if window.endswith(words):
            return kind
    return None


def sign_before(text: str, at: int, floor: int) -> int:
    """Where a currency sign, with its country (``us$``), begins before a number; else ``at``."""
    sign = at - 1
    if sign > floor and text[sign] == " ":
        sign -= 1
    if sign > floor and text[sign] == "/" and text[sign - 1] == "s":
        return sign - 1  # S/ 6.43, as Peru writes it
    if sign < floor or text[sign] not in lexicon.SIGNS:
        return at
    start = word_start(text, sign, floor)
    return start if sign - start <= _LONGEST_COUNTRY else sign


_LONGEST_COUNTRY: Final = 3  # letters: us$, nt$, mex$

# --- after ---------------------------------------------------------------------------------------

_UNIT: Final = re.compile(rf"\s?({LETTER}{{1,24}}(?:\.{LETTER}{{1,4}}){{0,2}})")
_TAIL_SIGNS: Final = ("/-", ",-", ".-")
_PERCENT_SIGNS: Final = frozenset("%‰")
_UNIT_SIGNS: Final = _PERCENT_SIGNS | lexicon.SIGNS
_NO_UNIT: Final = frozenset(["", *" \n!\"#&'()*+,-./:;<=>?@[\\]^_`{|}~⟨⟩0123456789"])
_PREFIX_ONLY: Final = frozenset("rn")  # rand and naira are written before the sum


def unit(place: Place, end: int) -> tuple[int, Kind] | None:
    """Where the word or sign after a number ends, and what it makes the number."""
    following = place.text[end : end + 2].lstrip()[:1]
    if following in _NO_UNIT or following in _UNIT_SIGNS:
        return _by_sign(place.text, end, following)
    word = _UNIT.match(place.text, end, place.limit)
    if word is None:
        return None
    by_word = _by_word(place, word) if _may_be_unit(word[1]) else None
    return by_word or (None if following.isascii() else _by_run_on(place.text, end))


@lru_cache(maxsize=_REMEMBERED)
def _may_be_unit(name: str) -> bool:
    """Most words after a number say nothing about it."""
    return name in _UNITS or name.startswith(_PHRASES_BEGIN)


_UNITS: Final = lexicon.CURRENCY | lexicon.CLOCK_AFTER | lexicon.MAGNITUDE | lexicon.PERCENT
_PHRASES_BEGIN: Final = tuple(
    {phrase.partition(" ")[0] for phrase in (*lexicon.PERCENT_PHRASES, *lexicon.ACCOUNT_PHRASES)}
)


def _by_sign(text: str, end: int, following: str) -> tuple[int, Kind] | None:
    if following in _PERCENT_SIGNS:
        return text.index(following, end) + 1, PERCENT
    if following in lexicon.SIGNS:
        sign = text.index(following, end) + 1
        belongs_to_next = sign - end > 1 and text[sign : sign + 2].strip()[:1].isdigit()
        return None if belongs_to_next else (sign, AMOUNT)
    return (after_money(text, end), AMOUNT) if text.startswith(_TAIL_SIGNS, end) else None


def _by_word(place: Place, word: re.Match[str]) -> tuple[int, Kind] | None:
    text, name, start, end = place.text, word[1], word.start(1), word.end()
    is_attached = start == word.start()
    if not is_attached and end < place.limit and (text[end].isdigit() or text[end] in lexicon.SIGNS):
        return None  # "4421 SAR500": the word belongs to what follows
    if name in lexicon.CURRENCY and name not in _PREFIX_ONLY:
        if is_attached or is_meant(place, name, start):
            return end, AMOUNT
    elif name in lexicon.CLOCK_AFTER and (place.end - place.at <= 2 or is_attached):  # noqa: PLR2004 - an hour
        return end, TIME
    elif name in lexicon.MAGNITUDE and (is_attached or name not in lexicon.AMBIGUOUS):
        return after_money(text, end), AMOUNT
    elif name in lexicon.PERCENT:
        return end, PERCENT
    return _by_phrase(text, word.start(), start)


def _by_phrase(text: str, end: int, start: int) -> tuple[int, Kind] | None:
    if text.startswith(lexicon.PERCENT_PHRASES, start):
        phrase = next(phrase for phrase in lexicon.PERCENT_PHRASES if text.startswith(phrase, start))
        return start + len(phrase), PERCENT
    return (end, ACCOUNT) if text.startswith(lexicon.ACCOUNT_PHRASES, start) else None


def _by_run_on(text: str, end: int) -> tuple[int, Kind] | None:
    found = lexicon.RUN_ON_AFTER.match(text, end)
    if found is None:
        return None
    if found["account"]:
        return end, ACCOUNT
    return found.end(), PERCENT if found["percent"] else AMOUNT


def is_meant(place: Place, name: str, start: int) -> bool:
    """``500 DA`` is money; in ``da`` the case decides."""
    return name not in lexicon.AMBIGUOUS or place.cased[start : start + len(name)].isupper()


def after_money(text: str, end: int) -> int:
    """Take in ``million riyals``, ``k``, ``€`` or ``/-`` after a sum."""
    if text.startswith(_TAIL_SIGNS, end):
        end += 2
    for _ in range(2):
        following = text[end : end + 2].lstrip()[:1]
        if following in lexicon.SIGNS:
            sign = text.index(following, end) + 1
            return end if text[sign : sign + 2].strip()[:1].isdigit() else sign
        if following in _NO_UNIT:
            break
        word = _UNIT.match(text, end)
        if not word or not (word[1] in lexicon.MAGNITUDE or word[1] in lexicon.CURRENCY):
            break
        if word.start(1) > end and (
            word[1] in lexicon.AMBIGUOUS or text[word.end() : word.end() + 1].isdigit()
        ):
            break
        end = word.end()
    return end + 2 if text.startswith(_TAIL_SIGNS, end) else end


# --- anywhere ------------------------------------------------------------------------------------

_WORDS: Final = re.compile(rf"{LETTER}+")


@lru_cache(maxsize=8)  # asked for each number of the same text
def speaks_of_code(text: str) -> bool:
    """Tell whether a message mentions a code, so that bare digits in it may be one."""
    if not lexicon.CODE.isdisjoint(_WORDS.findall(text)):
        return True
    return not text.isascii() and lexicon.RUN_ON_CODE.search(text) is not None


@lru_cache(maxsize=8)
def speaks_of_flight(text: str) -> bool:
    """Tell whether a message mentions a flight, so that ``EK 586`` in it may be one."""
    if not lexicon.FLIGHT.isdisjoint(_WORDS.findall(text)):
        return True
    return not text.isascii() and lexicon.RUN_ON_FLIGHT.search(text) is not None
