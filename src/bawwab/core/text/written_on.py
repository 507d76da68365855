"""Numbers that are written on to letters or signs: masked cards, references, flights, dial codes."""

import re
from itertools import pairwise
from typing import Final

from bawwab.core.text import lexicon
from bawwab.core.text.neighbours import (
    Place,
    after_money,
    count_digits,
    is_letter,
    letter_at,
    sign_before,
    speaks_of_code,
    speaks_of_flight,
    unit,
    word_before,
    word_start,
)
from bawwab.core.text.tokens import ACCOUNT, AMOUNT, CODE, FLIGHT, HOTLINE, PERCENT, PHONE, REF, SMALL, Kind

Number = tuple[int, int, Kind]
"""Where a number begins and ends, with the signs and words that belong to it; what it is."""

SIGNS: Final = frozenset("abcdefghijklmnopqrstuvwxyz*#-.%")
"""Characters right before a number for which `read` should be asked."""

_SHORT_REF: Final = 3  # digits: "bus12" and "covid19" are names, "ord123" is a reference
_CODE_SIZE: Final = range(4, 9)
_CARD_TAIL: Final = range(3, 6)  # digits that a bank shows of a card
_MIXED: Final = re.compile(r"[a-z0-9]+(?:[-_/][a-z0-9]*[0-9][a-z0-9]*){0,6}")
_SUM: Final = re.compile(
    r"[0-9]{1,3}(?:[.,'][0-9]{3}){1,8}(?![0-9])(?:[.,][0-9]{1,2}(?![0-9]))?|[0-9]+(?:[.,][0-9]{1,2}(?![0-9]))?"
)


def read(place: Place, before: str) -> Number | None:
    """Read a number that is written on to ``before``; None if that says nothing."""
    if before in "*#":
        return _after_sign(place, before)
    if before == "-":
        return _hyphened(place)
    if before == ".":
        return _after_dots(place)
    if before == "%":
        return _after_percent(place)
    return _after_letters(place)


# --- after a sign --------------------------------------------------------------------------------

_DIAL_CODE: Final = re.compile(r"[0-9]{1,14}(?:[*#][0-9]{0,14}){1,7}|[0-9]{2,6}(?:[ -][0-9]{2,8}){1,3}#")
_LONGEST_MASK: Final = 24


def _after_sign(place: Place, before: str) -> Number | None:
    """``****4421``, ``*123#``, ``#4421``; ``*4421*`` is bold type."""
    text, at = place.text, place.at
    start = _start_of_mask(text, at, place.floor)
    dial = _DIAL_CODE.match(text, at, place.limit)
    if dial:
        is_bold = text[start : dial.end()].strip("*") == text[at : place.end]
        return None if is_bold else (start, dial.end(), HOTLINE)
    end = _end_of(_MIXED, place)
    if before == "*":
        is_dialled = at - start == 1 and word_before(place, start)[1] is PHONE
        return start, end, HOTLINE if is_dialled else ACCOUNT
    if end - at < _SHORT_REF:
        return start, end, SMALL
    # WebOTP: the last line is "@bank.com #482913"
    is_code = end == len(text) and "@" in text and place.end - at in _CODE_SIZE
    return start, end, CODE if is_code else REF


def after_mask(place: Place) -> Number | None:
    """``**** 4421``: a mask, a space, the digits."""
    start = _start_of_mask(place.text, place.at, place.floor)
    is_mask = place.text.count("*", start, place.at) > 1
    return (start, _end_of(_MIXED, place), ACCOUNT) if is_mask else None


def _start_of_mask(text: str, at: int, floor: int) -> int:
    """Take in stars, crosses and spaces between them: ``xx** **``."""
    lowest = max(floor, at - _LONGEST_MASK)
    start = at
    while at > lowest and text[at - 1] in "*#x -":
        at -= 1
        if text[at] in "*#" or (
            text[at] == "x" and (at == floor or not is_letter(text[at - 1]) or text[at - 1] == "x")
        ):
            start = at
    return start


def _after_dots(place: Place) -> Number | None:
    """``...4421``."""
    text, at = place.text, place.at
    start = at
    while start > place.floor and text[start - 1] == ".":
        start -= 1
    if at - start < 2 or place.end - at not in _CARD_TAIL:  # noqa: PLR2004 - one dot ends a sentence
        return None
    return start, place.end, ACCOUNT


def _after_percent(place: Place) -> Number | None:
    """``%20``, as Turkish and Arabic write it."""
    text, at = place.text, place.at
    if at - 2 >= place.floor and text[at - 2].isalnum():
        return None
    found = _SUM.match(text, at, place.limit)
    return at - 1, found.end() if found else place.end, PERCENT


def _end_of(pattern: re.Pattern[str], place: Place) -> int:
    found = pattern.match(place.text, place.at, place.limit)
    return max(found.end(), place.end) if found else place.end


# --- after a hyphen --------------------------------------------------------------------------------


def _hyphened(place: Place) -> Number | None:
    """``ord-8428``, ``g-347469``, ``xx-4421``, ``-4421``; not ``covid-19``, ``jan-24``, ``-4.50``."""
    text, at = place.text, place.at
    ahead = text[at - 2] if at - 2 >= place.floor else " " if at == 1 else "-"
    if ahead in "*x":
        return _start_of_mask(text, at, place.floor), _end_of(_MIXED, place), ACCOUNT
    if ahead in " \n(":
        return _after_dash(place)
    if not is_letter(ahead):
        return None
    start = word_start(text, at - 1, place.floor)
    end = _end_of(_MIXED, place)
    word = text[at:end]
    if count_digits(word) < _SHORT_REF:
        return None
    kind = word_before(place, start)[1]
    if text[start : at - 1] in lexicon.CARD_BRANDS:
        return start, end, ACCOUNT
    is_code = start == at - 2 and kind is not REF and len(word) in _CODE_SIZE and speaks_of_code(text)
    return start, end, CODE if is_code else REF


def _after_dash(place: Place) -> Number | None:
    text, at, end = place.text, place.at, place.end
    goes_on = text[end : end + 1] in _GOES_ON and text[end + 1 : end + 2].isdigit()
    is_tail = end - at == 4 and not goes_on  # noqa: PLR2004
    if not is_tail or unit(place, end) or sign_before(text, at - 1, place.floor) < at - 1:
        return None
    return at - 1, end, ACCOUNT


_GOES_ON: Final = frozenset(".,:/-")

# --- after letters ---------------------------------------------------------------------------------

_MASKS: Final = frozenset("*x")
_TURNS: Final = 3  # changes between letters and digits that make a reference: "a1b2"
# Characters of a plain sum after a short currency: "r500" is money, "r58830" an order.
_SHORT_SUM: Final = {
    "r": 4, "n": 7, "tk": 6, "bd": 5, "kd": 5, "jd": 5, "dh": 5, "qr": 5, "sr": 6, "le": 5, "gh": 5, "sh": 7,
    **dict.fromkeys(["d", "f", "p", "m", "k", "da", "dt", "gr", "tr", "cr", "ft", "mn", "re"], 0),
}  # fmt: skip
_AIRLINE: Final = re.compile(r"(?:[a-z][a-z0-9]|[0-9][a-z])\s?[0-9]{2,4}(?![0-9])")


def _after_letters(place: Place) -> Number | None:
    text, at = place.text, place.at
    start = word_start(text, at, place.floor)
    prefix = text[start:at]
    goes_on = text[place.end : place.end + 1] in "-/" and text[place.end + 1 : place.end + 2].isdigit()
    if prefix in lexicon.CARD_BRANDS and place.end - at == 4:  # noqa: PLR2004
        return start, place.end, ACCOUNT
    if _MASKS.issuperset(prefix) and not (goes_on and len(prefix) == 1):
        return _start_of_mask(text, at, place.floor), _end_of(_MIXED, place), ACCOUNT
    if prefix in lexicon.CURRENCY and not goes_on:
        end = _end_of_sum(place, prefix)
        if end:
            return start, end, AMOUNT
    if text.startswith(_LONG_MASKS, place.end):
        tail = _MASK_TAIL.match(text, place.end, place.limit)
        return start, tail.end() if tail else place.end, ACCOUNT
    return mixed(place, start)


def _end_of_sum(place: Place, currency: str) -> int:
    """Where a sum written on to its currency ends; 0 if it is none."""
    end = _end_of(_SUM, place)
    too_long = end == place.end and end - place.at > _SHORT_SUM.get(currency, end)
    return 0 if too_long or letter_at(place.text, end) else after_money(place.text, end)


_LONG_MASKS: Final = ("**", " **", "x*", "..", "x.", "xx")
_MASK_TAIL: Final = re.compile(r"[x ]?[*x.]{2,12}[*x. -]{0,12}[0-9a-z]{0,6}")


def mixed(place: Place, start: int) -> Number | None:
    """``8nx9kbrkfw29`` is a reference, ``ek586`` perhaps a flight; of ``covid19`` the number."""
    text, at = place.text, place.at
    token = _MIXED.match(text, start, place.limit)
    if token is None or token.end() <= at:
        return None
    flight = flight_at(place, start)
    if flight:
        return flight
    word, end = token[0], token.end()
    if count_digits(word) < _SHORT_REF and not _is_reference(place.cased[start:end]):
        return at, place.end, SMALL
    kind = word_before(place, start)[1]
    return start, end, kind if kind in (FLIGHT, ACCOUNT) else REF


def flight_at(place: Place, start: int) -> Number | None:
    """``EK 586`` in a message that speaks of a flight."""
    if not place.cased[start : start + 2].isupper():
        return None
    code = _AIRLINE.match(place.text, start, place.limit)
    if code is None or code.end() < place.end or not speaks_of_flight(place.text):
        return None
    return start, code.end(), FLIGHT


def _is_reference(word: str) -> bool:
    """Letters and digits in turn, or in capitals: ``a1b2c``, ``TEST6FOD``."""
    turns = sum(one.isdigit() != other.isdigit() for one, other in pairwise(word))
    return turns >= _TURNS or (turns == _TURNS - 1 and len(word) > _TURNS + 2 and word.isupper())
