"""Tell telephone numbers from the other long numbers of a text."""

import re
from typing import Final

from bawwab.core.text.neighbours import DIGITS, Place, letter_at, sign_before, unit, word_before
from bawwab.core.text.tokens import ACCOUNT, AMOUNT, DATE, NUMBER, PHONE, REF
from bawwab.core.text.written_on import Number

_CLUSTER: Final = re.compile(r"[0-9]+(?:(?:\) ?| ?- ?|\.| | ?\((?=[0-9]{2,4}\)))[0-9]+){0,7}")
_SLASHED: Final = re.compile(r"0[0-9]{2,4}/[0-9]{4,8}(?![0-9/])")
_NORTH_AMERICAN: Final = re.compile(r"1?[ .-]?\(?[0-9]{3}\)?[ .-]{1,2}[0-9]{3}[ .-][0-9]{4}")
_THOUSANDS: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+")
_CARD: Final = re.compile(r"[0-9]{4}(?:[ -][0-9]{4}){3}")
_YEARS: Final = re.compile(r"(?:19|20)[0-9]{2}-(?:19|20)[0-9]{2}")
_HYPHEN_GROUPS: Final = re.compile(r"[0-9]+(?:-[0-9]+){1,7}")
_DATE_INSIDE: Final = re.compile(r"(?<![0-9])[0-9]{1,2}([./-])[0-9]{1,2}\1[0-9]{2,4}|(?<![0-9])20[0-9]{2}-")
_SHORTEST: Final = 7
_LONGEST: Final = 15  # E.164
_WHOLE: Final = 9  # digits in one run that are a whole national number
_TRUNK: Final = range(9, 12)  # digits of a national number written with its 0
_GROUPED: Final = range(8, 12)  # digits of a national number written in groups
_ELEVEN: Final = 11
_MOBILE: Final = frozenset({"13", "14", "15", "16", "17", "18", "19", "79", "89"})  # China, Russia
_JOINTS: Final = frozenset(" -.()/")
_OTHER: Final = frozenset({REF, ACCOUNT, DATE, AMOUNT})


def read(place: Place, before: str) -> Number | None:
    """Read the cluster of digit groups that begins at ``place``; None if it is no telephone.

    Long hyphenated groups that are none (order numbers) are read as one number all the same.
    """
    text, _, at, end, floor, limit = place
    is_open = before in "+("
    if not is_open and end - at < _SHORTEST and not _goes_on(text, end):
        return None
    cluster = _SLASHED.match(text, at, limit) or _CLUSTER.match(text, at, limit)
    if cluster is None or cluster.end() - at < _SHORTEST:
        return None
    written = cluster[0]
    if _CARD.fullmatch(written):
        return at, cluster.end(), ACCOUNT
    start = _open(text, at, floor) if is_open else at
    size, digits = _one_number(written, text[start:at], text[cluster.end() : cluster.end() + 2])
    if not _is_cut(text, at + size) and _is_phone(place, digits, text[start : at + size]):
        return start, at + size, PHONE
    if _HYPHEN_GROUPS.fullmatch(written) and len(digits) >= _SHORTEST:
        kind = word_before(place, at)[1]
        return at, cluster.end(), kind if kind in (ACCOUNT, REF) else NUMBER
    return None


def _is_cut(text: str, end: int) -> bool:
    """More of the same number would follow."""
    return letter_at(text, end) or (text[end : end + 1] == "-" and text[end + 1 : end + 2].isdigit())


def _goes_on(text: str, end: int) -> bool:
    """More digits follow after at most three signs."""
    following = text[end : end + 4]
    return following[:1] in _JOINTS and following.lstrip(" -.()/")[:1].isdigit()


def _open(text: str, at: int, floor: int) -> int:
    """Take in the ``+`` and ``(`` before a number."""
    lowest = max(floor, at - 3)
    while at > lowest and text[at - 1] in "+(":
        at -= 1
    return at


def _one_number(cluster: str, sign: str, after: str) -> tuple[int, str]:
    """Length and digits of the first number of a cluster of digit groups."""
    if cluster.isdigit():
        return len(cluster), cluster
    date = _DATE_INSIDE.search(cluster)
    groups = list(DIGITS.finditer(cluster, 0, date.start() if date else len(cluster)))
    if groups and ((after[:1] in _INSIDE and after[1:].isdigit()) or "a" <= after[:1] <= "z"):
        groups.pop()  # the hour of a time, the whole part of a sum, "24h"
    longest = _longest(cluster, sign)
    digits, size = "", 0
    for group in groups:
        if len(digits) + len(group[0]) > longest or (size and len(groups[0][0]) >= _WHOLE):
            break
        digits += group[0]
        size = group.end()
    return size, digits


_INSIDE: Final = frozenset(":,.")


def _longest(cluster: str, sign: str) -> int:
    """Digits that a number may have: international, with a trunk prefix, without."""
    if cluster.startswith("00"):
        return _LONGEST
    if "+" in sign:
        return 13
    return 12 if cluster[0] == "0" else 11


def _is_phone(place: Place, digits: str, written: str) -> bool:
    size = len(digits)
    if not _SHORTEST <= size <= _LONGEST:
        return False
    if "+" in written:
        return True
    kind = word_before(place, place.at)[1]
    if kind is PHONE:
        return not _THOUSANDS.fullmatch(written)
    if kind in _OTHER or _is_sum(place, place.at + len(written)):
        return False
    if written == digits:
        return _is_plain_phone(digits)
    return _is_grouped_phone(digits, written)


def _is_sum(place: Place, end: int) -> bool:
    return sign_before(place.text, place.at, place.floor) < place.at or unit(place, end) is not None


def _is_plain_phone(digits: str) -> bool:
    size = len(digits)
    if digits[0] == "0":
        return size in _TRUNK or (digits.startswith("00") and size > _ELEVEN)
    return size == _ELEVEN and digits[:2] in _MOBILE


def _is_grouped_phone(digits: str, written: str) -> bool:
    if _YEARS.fullmatch(written) or _THOUSANDS.fullmatch(written):
        return False
    if digits[0] == "0" or "(" in written or _NORTH_AMERICAN.fullmatch(written):
        return len(digits) > _SHORTEST
    return len(digits) in _GROUPED
