"""Say what each number in a text is: money, a date, a telephone, a code, …

A number is known by what it is written on to (``XX4421``, ``ORD-8812``), by its shape
(``18:42``), by the sign or word beside it (``500 ريال``, ``ending 4421``), or by what the message
speaks of (a code). The words are in `lexicon`. Works on normalised text, in which every digit
is ASCII; repetitions are bounded, so that no digit is read more than a few times.
"""

import re
from itertools import pairwise
from typing import Final, NamedTuple

from bawwab.core.text import lexicon
from bawwab.core.text.tokens import (
    ACCOUNT,
    AMOUNT,
    CODE,
    DATE,
    FLIGHT,
    HOTLINE,
    NUMBER,
    PERCENT,
    PHONE,
    REF,
    SMALL,
    TIME,
    Kind,
)

Number = tuple[int, int, Kind]
"""Where a number begins and ends, with the signs and words that belong to it; what it is."""


class _Place(NamedTuple):
    """A run of digits about to be read; the text is free between ``floor`` and ``limit``."""

    text: str
    cased: str
    at: int
    end: int
    floor: int
    limit: int


_DIGITS: Final = re.compile("[0-9]+")
# Not `\w`: the vowel signs of India are no letters to `re`.
_LETTER: Final = r"[^\s0-9!-/:-@\[-`{-~⟨⟩।，。、]"


def find(text: str, cased: str, start: int, end: int) -> list[Number]:
    """Numbers of ``text[start:end]``, in order; every digit belongs to one of them.

    Examples
    --------
    >>> text = "card *4421: sar 129.50 on 14/11, 18:42"
    >>> [(text[a:b], kind.value) for a, b, kind in find(text, text, 0, len(text))]
    [('*4421', 'account'), ('sar 129.50', 'amount'), ('14/11', 'date'), ('18:42', 'time')]
    """
    numbers = []
    digits = _DIGITS.search(text, start, end)
    while digits:
        number = _read(_Place(text, cased, *digits.span(), start, end))
        numbers.append(number)
        start = number[1]
        digits = _DIGITS.search(text, start, end)
    return numbers


def _read(place: _Place) -> Number:
    text, _, at, end, floor, limit = place
    before = text[at - 1] if at > floor else " "
    if before in _WRITTEN_ON:
        number = _attached(place, before)
        if number:
            return number
    after = text[end : end + 2].lstrip()[:1] if end < limit else ""
    if after in _SHAPE_SIGNS:
        shaped = _SHAPED.match(text, at, limit)
        if shaped:
            return at, shaped.end(), _KINDS[shaped.lastgroup or ""]
    if end - at <= 2 and after not in _NO_MONTH:  # noqa: PLR2004 - the day of a month
        month = _MONTH.match(text, end, limit)
        if month and month["month"] in lexicon.MONTHS:
            return at, month.end(), DATE
    return _telephone(place, before) or _plain(place)


# --- written on to something -------------------------------------------------------------------

_WRITTEN_ON: Final = frozenset("abcdefghijklmnopqrstuvwxyz*#-")
_MASKS: Final = frozenset("*x")
_DIAL_CODE: Final = re.compile(r"[0-9]{2,12}(?:\*[0-9]{0,12}){0,6}#")
_MIXED: Final = re.compile(r"[a-z0-9]+(?:[-_/][a-z0-9]*[0-9][a-z0-9]*){0,6}")
_SHORT_REF: Final = 3  # digits: "bus12" and "covid19" are names, "ord123" is a reference
_TURNS: Final = 3  # changes between letters and digits that make a reference: "a1b2"
_LETTER_AMOUNT: Final = 7  # characters: "r500" is money, "r4353166811" an order
_LONGEST_WORD: Final = 40


def _attached(place: _Place, before: str) -> Number | None:
    text, at = place.text, place.at
    if before in "*#":
        return _after_sign(place, before)
    if before == "-":
        return _hyphened(place) if at - 2 >= place.floor and _is_letter(text[at - 2]) else None
    start = _word_start(text, at, place.floor)
    prefix = text[start:at]
    if _MASKS.issuperset(prefix):
        return start, place.end, ACCOUNT
    if prefix in lexicon.CURRENCY:
        money = _NUMBER.match(text, at, place.limit)
        end = money.end() if money else place.end
        if (len(prefix) > 1 or end - at <= _LETTER_AMOUNT) and not _letter_at(text, end):
            return start, _after_money(text, end), AMOUNT
    return _mixed(place, start)


def _after_sign(place: _Place, before: str) -> Number:
    """``****4421``, ``*123#``, ``#4421``."""
    text, start = place.text, place.at
    lowest = max(place.floor, start - _LONGEST_WORD)
    while start > lowest and text[start - 1] in "*#x":
        start -= 1
    dial = _DIAL_CODE.match(text, place.at, place.limit)
    if dial:
        return start, dial.end(), HOTLINE
    end = _end(_MIXED, text, place.at, place.limit)
    if before == "*":
        return start, end, ACCOUNT
    return start, end, REF if end - place.at >= _SHORT_REF else SMALL


def _hyphened(place: _Place) -> Number | None:
    """``ord-8428``, ``g-347469``, ``xx-4421``; ``covid-19`` and ``jan-24`` are none of them."""
    text, at = place.text, place.at
    start = _word_start(text, at - 1, place.floor)
    prefix = text[start : at - 1]
    end = _end(_MIXED, text, at, place.limit)
    word = text[at:end]
    if _MASKS.issuperset(prefix):
        return start, end, ACCOUNT
    if _count_digits(word) < _SHORT_REF:
        return None
    is_code = len(prefix) == 1 and word.isdigit() and _CODE_SIZE[0] <= len(word) <= _CODE_SIZE[1]
    return start, end, CODE if is_code else REF


def _mixed(place: _Place, start: int) -> Number | None:
    """``8nx9kbrkfw29`` is a reference; of ``covid19`` only the number is taken."""
    token = _MIXED.match(place.text, start, place.limit)
    if token is None or token.end() <= place.at:
        return None
    word = token[0]
    if _count_digits(word) < _SHORT_REF and _turns(word) < _TURNS:
        return place.at, place.end, SMALL
    kind = _word_before(place, start)[1]
    return start, token.end(), kind if kind in (FLIGHT, ACCOUNT) else REF


def _turns(word: str) -> int:
    return sum(one.isdigit() != other.isdigit() for one, other in pairwise(word))


def _count_digits(word: str) -> int:
    return sum(map(str.isdigit, word))


def _word_start(text: str, at: int, floor: int) -> int:
    floor = max(floor, at - _LONGEST_WORD)
    while at > floor and _is_letter(text[at - 1]):
        at -= 1
    return at


def _is_letter(char: str) -> bool:
    return "a" <= char <= "z"


def _letter_at(text: str, at: int) -> bool:
    return at < len(text) and _is_letter(text[at])


def _end(pattern: re.Pattern[str], text: str, at: int, limit: int) -> int:
    found = pattern.match(text, at, limit)
    return found.end() if found else at


# --- known by its shape ------------------------------------------------------------------------

_SHAPED: Final = re.compile(
    r"""
    (?P<date>
        [0-9]{4}(?:-[0-9]{1,2}-|/[0-9]{1,2}/|\.[0-9]{1,2}\.)[0-9]{1,2}(?![0-9])
      | [0-9]{1,2}(?:-[0-9]{1,2}-|/[0-9]{1,2}/|\.[0-9]{1,2}\.)(?:[0-9]{4}|[0-9]{2})(?![0-9])
      | (?:[0-9]{2,4}\s?[年년]\s?)?[0-9]{1,2}\s?[月월](?:\s?[0-9]{1,2}\s?[日号號일])?
      | [0-9]{4}\s?[年년]
      | [0-9]{1,2}/[0-9]{4}(?![0-9/])
      | (?!24/7)[0-3]?[0-9]/[0-3]?[0-9](?![0-9/])
    )
  | (?P<time>
        [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?![0-9])(?:\s?[ap]\.?m\b\.?)?
      | [0-9]{1,2}(?:\.[0-9]{2})?\s?[ap]\.?m\b\.?
      | [0-9]{1,2}h[0-9]{2}\b
      | [0-9]{1,2}\s?[点點時时시](?:\s?[0-9]{1,2}\s?[分분])?
    )
  | (?P<account>
        [0-9]{2,6}[ -]?[*x]{2,12}[*x -]{0,12}[0-9]{0,6}
    )
    """,
    re.VERBOSE,
)
_SHAPE_SIGNS: Final = frozenset("-/.:aphx*年년月월点點時时시")
_KINDS: Final = {"date": DATE, "time": TIME, "account": ACCOUNT}
_MONTH: Final = re.compile(
    rf"(?:st|nd|rd|th|er|ro|\.)?[-/\s.,]{{0,2}}(?:(?:de|of|di|ngay)\s)?(?P<month>{_LETTER}{{2,12}}"
    rf"(?:\.{_LETTER}{{1,2}})?)(?:\.?[-/\s,.']{{0,2}}(?:del?\s)?(?:[0-9]{{4}}|[0-9]{{2}})(?![0-9:.]))?"
)
_NO_MONTH: Final = frozenset(["", *"%:;!?()+=*#⟨⟩"])


# --- telephone ---------------------------------------------------------------------------------

_CLUSTER: Final = re.compile(r"[0-9]+(?:(?:\)\s?|\s?[-.]\s?|\s|\s?\(|/)[0-9]+){0,7}")
_NORTH_AMERICAN: Final = re.compile(r"1?[ .-]?\(?[0-9]{3}\)?[ .-]{1,2}[0-9]{3}[ .-][0-9]{4}")
_GROUPED: Final = re.compile(r"[0-9]{1,4}(?:[ .)-]{1,3}[0-9]{2,5}){1,6}")
_CARD: Final = re.compile(r"[0-9]{4}(?:[ -][0-9]{4}){3}")
_SHORTEST_PHONE: Final = 7
_LONGEST_PHONE: Final = 15  # E.164
_WHOLE: Final = 9  # digits in one run that are a whole national number
_WITH_TRUNK: Final = 8  # digits, the trunk prefix 0 included
_CHINESE: Final = frozenset({"13", "14", "15", "16", "17", "18", "19"})
_ELEVEN: Final = 11


def _telephone(place: _Place, before: str) -> Number | None:
    text, _, at, end, _, limit = place
    opened = before in "+("
    if not opened and end - at < _SHORTEST_PHONE and not _goes_on(text, end):
        return None
    cluster = _CLUSTER.match(text, at, limit)
    if cluster is None or cluster.end() - at < _SHORTEST_PHONE:
        return None
    if _CARD.fullmatch(cluster[0]):
        return at, cluster.end(), ACCOUNT
    size, digits = (end - at, cluster[0]) if cluster.end() == end else _one_number(cluster[0])
    if _letter_at(text, at + size):
        return None
    start = _open(text, at, place.floor) if opened else at
    if not _is_phone(place, digits, text[start : at + size]):
        return None
    return start, at + size, PHONE


def _goes_on(text: str, end: int) -> bool:
    """More digits follow after at most three signs."""
    following = text[end : end + 4]
    return following[:1] in _JOINTS and following.lstrip(" -.()/")[:1].isdigit()


_JOINTS: Final = frozenset(" -.()/")


def _open(text: str, at: int, floor: int) -> int:
    """Take in the ``+`` and ``(`` before a number."""
    lowest = max(floor, at - 3)
    while at > lowest and text[at - 1] in "+(":
        at -= 1
    return at


def _one_number(cluster: str) -> tuple[int, str]:
    """Length and digits of the first number of a cluster of digit groups."""
    digits, size = "", 0
    for group in _DIGITS.finditer(cluster):
        if len(digits) >= _WHOLE or len(digits) + len(group[0]) > _LONGEST_PHONE:
            break
        digits += group[0]
        size = group.end()
    return size, digits


def _is_phone(place: _Place, digits: str, written: str) -> bool:
    size = len(digits)
    if not _SHORTEST_PHONE <= size <= _LONGEST_PHONE:
        return False
    if "+" in written or (digits[0] == "0" and size >= _WITH_TRUNK):
        return True
    plain = written == digits
    if not plain and _NORTH_AMERICAN.fullmatch(written.lstrip("(")):
        return True
    if size == _ELEVEN and (digits[:2] in _CHINESE if plain else digits[0] in "18"):
        return True
    if not plain and not _GROUPED.fullmatch(written.lstrip("(")):
        return False
    return "(" in written[:3] or _word_before(place, place.at)[1] is PHONE


# --- known by the words beside it ----------------------------------------------------------------

_NUMBER: Final = re.compile(
    r"(?P<grouped>[0-9]{1,3}(?:(?:,[0-9]{3}){1,8}|(?:\.[0-9]{3}){1,8}|(?:'[0-9]{3}){1,8})(?![0-9])"
    r"(?:[.,][0-9]{1,2}(?![0-9]))?"
    r"|[0-9]{1,2}(?:,[0-9]{2}){1,4},[0-9]{3}(?:\.[0-9]{1,2})?(?![0-9]))"
    r"|(?P<spaced>[0-9]{1,3}(?:\s[0-9]{3}){1,4}(?![0-9])(?:[.,][0-9]{1,2}(?![0-9]))?)"
    r"|(?P<cents>[0-9]+[.,][0-9]{2}(?![0-9.,]))"
    r"|[0-9]+(?:[.,][0-9]+){0,4}"
)
_GROUP_SIGNS: Final = frozenset(",.' \n")
_TRIPLE: Final = re.compile(r"[0-9]{3}[ -][0-9]{3}(?![0-9])")
_YEAR: Final = re.compile(r"(?:st|nd|rd|th)?,?\s(?:19|20)[0-9]{2}(?![0-9])")
_CODE_SIZE: Final = (4, 8)
_HOTLINE: Final = 6  # digits at most


def _plain(place: _Place) -> Number:
    text, _, at, end, floor, limit = place
    form = ""
    if text[end : end + 1] in _GROUP_SIGNS and text[end + 1 : end + 2].isdigit():
        number = _NUMBER.match(text, at, limit)
        if number:
            end, form = number.end(), number.lastgroup or ""
    sign = _sign_before(text, at, floor)
    if sign < at:
        return sign, _after_money(text, end), AMOUNT
    unit = _unit(place, end)
    if unit:
        return at, *unit
    start, kind = _word_before(place, at)
    if kind is AMOUNT:
        return start, _after_money(text, end), kind
    if kind is DATE and end - at <= 2:  # noqa: PLR2004 - the day of a month
        return start, _end(_YEAR, text, end, limit), kind
    if form and not (form == "spaced" and _TRIPLE.fullmatch(text, at, end)):
        return at, end, kind if kind is TIME else AMOUNT
    return _bare(place, kind)


def _bare(place: _Place, kind: Kind | None) -> Number:
    """Digits without a shape or unit of their own: what the word before them says."""
    text, _, at, end, _, limit = place
    if _letter_at(text, end):
        number = _mixed(place, at)
        if number:
            return number
    size = end - at
    if size == 3 and _TRIPLE.match(text, at, limit) and speaks_of_code(text):  # noqa: PLR2004
        return at, end + 4, CODE
    if kind in (PERCENT, TIME):
        return at, end, kind
    if size < _SHORT_REF:
        return at, end, SMALL
    if kind in (ACCOUNT, REF, FLIGHT):
        return at, end, kind
    if _CODE_SIZE[0] <= size <= _CODE_SIZE[1] and speaks_of_code(text):
        return at, end, CODE
    if kind is PHONE:
        return at, end, HOTLINE if size <= _HOTLINE else PHONE
    return at, end, NUMBER


def _sign_before(text: str, at: int, floor: int) -> int:
    """Where a currency sign, with its country (``us$``), begins before a number; else ``at``."""
    sign = at - 1
    if sign > floor and text[sign] == " ":
        sign -= 1
    if sign < floor or text[sign] not in lexicon.SIGNS:
        return at
    start = _word_start(text, sign, floor)
    return start if sign - start <= _LONGEST_COUNTRY else sign


_LONGEST_COUNTRY: Final = 3  # letters: us$, nt$, mex$


# --- what follows a number -----------------------------------------------------------------------

_UNIT: Final = re.compile(rf"\s?({_LETTER}{{1,24}}(?:\.{_LETTER}{{1,4}}){{0,2}})")
_TAIL_SIGNS: Final = re.compile(r"[/.,]-")
_PERCENT_SIGNS: Final = frozenset("%‰")


def _unit(place: _Place, end: int) -> tuple[int, Kind] | None:
    """Where currency, magnitude, percent or clock word after a number ends, and what it makes it."""
    text = place.text
    following = text[end : end + 2].lstrip()[:1]
    if following in _PERCENT_SIGNS:
        return text.index(following, end) + 1, PERCENT
    if following in lexicon.SIGNS:
        return text.index(following, end) + 1, AMOUNT
    if following in _NO_UNIT:
        return (end + 2, AMOUNT) if text.startswith("/-", end) else None
    word = _UNIT.match(text, end, place.limit)
    if word is None:
        return None
    return _by_word(place, word) or (None if following.isascii() else _by_run_on(text, end))


_NO_UNIT: Final = frozenset(["", *" \n!\"#&'()*+,-./:;<=>?@[\\]^_`{|}~⟨⟩0123456789"])


def _by_word(place: _Place, word: re.Match[str]) -> tuple[int, Kind] | None:
    name, start = word[1], word.start(1)
    is_attached = start == word.start()
    if name in lexicon.CURRENCY and (is_attached or _is_meant(place, name, start)):
        return word.end(), AMOUNT
    if name in lexicon.PERCENT:
        return word.end(), PERCENT
    if name in lexicon.CLOCK_AFTER:
        return word.end(), TIME
    if name in lexicon.MAGNITUDE and (is_attached or name not in lexicon.AMBIGUOUS):
        return _after_money(place.text, word.end()), AMOUNT
    return None


def _by_run_on(text: str, end: int) -> tuple[int, Kind] | None:
    unit = lexicon.RUN_ON_AFTER.match(text, end)
    if unit is None:
        return None
    return unit.end(), PERCENT if unit["percent"] else AMOUNT


def _is_meant(place: _Place, name: str, start: int) -> bool:
    """``500 DA`` is money, in ``da`` the case decides."""
    return name not in lexicon.AMBIGUOUS or place.cased[start : start + len(name)].isupper()


def _after_money(text: str, end: int) -> int:
    """Take in ``million riyals``, ``k`` or ``/-`` after a sum."""
    for _ in range(2):
        if text[end : end + 2].lstrip()[:1] in _NO_UNIT:
            break
        word = _UNIT.match(text, end)
        if not word or not (word[1] in lexicon.MAGNITUDE or word[1] in lexicon.CURRENCY):
            break
        if word[1] in lexicon.AMBIGUOUS and word.start(1) > end:
            break
        end = word.end()
    return end + 2 if _TAIL_SIGNS.match(text, end) else end


# --- what stands before it -----------------------------------------------------------------------

_LOOK_BACK: Final = 28  # characters: three words of most languages
_AROUND: Final = " \n\t:.,;=#-()[]\"'*/"


def _word_before(place: _Place, at: int) -> tuple[int, Kind | None]:
    """Where the nearest telling word before ``at`` begins, and the kind that it tells."""
    text = place.text
    base = max(place.floor, at - _LOOK_BACK)
    window = text[base:at].rstrip(_AROUND)
    rest = window
    for nth in range(3):
        word = rest[max(rest.rfind(" "), rest.rfind("\n")) + 1 :]
        name = word.strip(_AROUND)
        if nth == 0:
            start = base + len(rest) - len(word.lstrip(_AROUND))
            if name in lexicon.CURRENCY and _is_meant(place, name, start):
                return start, AMOUNT
            if name in lexicon.MONTHS:
                return start, DATE
        kind = lexicon.BEFORE.get(name)
        if kind:
            return at, kind
        rest = rest[: len(rest) - len(word)].rstrip(_AROUND)
        if name not in lexicon.FILLERS or not rest:
            break
    return at, None if window.isascii() else _run_on_before(window)


def _run_on_before(window: str) -> Kind | None:
    for words, kind in lexicon.RUN_ON_BEFORE:
        if window.endswith(words):
            return kind
    return None


# --- what the message speaks of ------------------------------------------------------------------

_WORDS: Final = re.compile(rf"{_LETTER}+")


def speaks_of_code(text: str) -> bool:
    """Tell whether a message mentions a code, so that bare digits in it may be one."""
    if not lexicon.CODE.isdisjoint(_WORDS.findall(text)):
        return True
    return not text.isascii() and lexicon.RUN_ON_CODE.search(text) is not None
