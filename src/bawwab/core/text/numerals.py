"""Say what each number in a text is: money, a date, a telephone, a code, …

A number is known by its shape (``18:42``), by the sign or word beside it (``ending 4421``,
``500 ريال``) or by what the message speaks of (a code). The words are in ``lexicon``. Works on
normalised text, in which every digit is ASCII; each digit is read once.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from bawwab.core.text import lexicon
from bawwab.core.text.tokens import Kind


class Number(NamedTuple):
    """Where a number stands, with the signs and words that belong to it."""

    start: int
    end: int
    kind: Kind


class Place(NamedTuple):
    """A digit about to be read; the text is free between ``floor`` and ``limit``."""

    text: str
    cased: str
    at: int
    floor: int
    limit: int


_DIGIT: Final = re.compile("[0-9]")
# Not `\w`: the vowel signs of India are no letters to `re`.
_LETTER: Final = r"[^\s0-9!-/:-@\[-`{-~⟨⟩।，。、]"


def find(text: str, cased: str, start: int, end: int) -> Iterator[Number]:
    """Numbers of ``text[start:end]``, in order; every digit belongs to one of them.

    Examples
    --------
    >>> text = "card *4421: sar 129.50 on 14/11, 18:42"
    >>> [(text[n.start:n.end], n.kind.value) for n in find(text, text, 0, len(text))]
    [('*4421', 'account'), ('sar 129.50', 'amount'), ('14/11', 'date'), ('18:42', 'time')]
    """
    floor = start
    digit = _DIGIT.search(text, start, end)
    while digit:
        number = _read(Place(text, cased, digit.start(), floor, end))
        yield number
        floor = number.end
        digit = _DIGIT.search(text, floor, end)


def _read(place: Place) -> Number:
    text, at = place.text, place.at
    before = text[at - 1] if at > place.floor else " "
    if before not in _FREE:
        number = _attached(place, before)
        if number:
            return number
    return _shaped(place) or _telephone(place, before) or _plain(place)


# --- written on to something ---------------------------------------------------------------

_FREE: Final = frozenset(" \n\t")
_MASKS: Final = frozenset("*x")
_DIAL_CODE: Final = re.compile(r"[0-9]{2,}(?:\*[0-9]*)*#")
_DIGITS: Final = re.compile(r"[0-9]+")
_MIXED: Final = re.compile(r"[a-z0-9]+(?:[-_/][a-z0-9]*[0-9][a-z0-9]*)*")
_SHORT_REF: Final = 3  # digits: "bus12" and "covid19" are names, "ord123" is a reference
_TURNS: Final = 3  # changes between letters and digits that make a reference: "a1b2"


def _attached(place: Place, before: str) -> Number | None:
    text, at = place.text, place.at
    if before in "*#":
        return _after_sign(place, before)
    if before == "-" and at - 1 > place.floor and _is_letter(text[at - 2]):
        start = _word_start(text, at - 1, place.floor)
        return _hyphened(place, start)
    if not _is_letter(before):
        return None
    start = _word_start(text, at, place.floor)
    prefix = text[start:at]
    if _MASKS.issuperset(prefix):
        return Number(start, _end(_DIGITS, text, at), Kind.ACCOUNT)
    if prefix in lexicon.CURRENCY:
        money = _NUMBER.match(text, at, place.limit)
        if money and (len(prefix) > 1 or money.end() - at <= 7) and not _letter_at(text, money.end()):  # noqa: PLR2004
            return Number(start, _after_money(text, money.end()), Kind.AMOUNT)
    return _mixed(place, start)


def _after_sign(place: Place, before: str) -> Number:
    text, at = place.text, place.at
    start = at
    while start > place.floor and text[start - 1] in "*#x- ":
        start -= 1
    start += len(text[start:at]) - len(text[start:at].lstrip(" -"))
    dial = _DIAL_CODE.match(text, at, place.limit)
    if dial:
        return Number(start, dial.end(), Kind.HOTLINE)
    end = _end(_MIXED, text, at)
    if before == "*":
        return Number(start, end, Kind.ACCOUNT)
    return Number(at, end, Kind.REF) if end - at >= _SHORT_REF else Number(at, end, Kind.SMALL)


def _hyphened(place: Place, start: int) -> Number | None:
    """``ord-8428``, ``g-347469``, ``xx-4421``; ``covid-19`` and ``jan-24`` are none of them."""
    text, at = place.text, place.at
    prefix = text[start : at - 1]
    end = _end(_MIXED, text, at)
    digits = sum(map(str.isdigit, text[at:end]))
    if _MASKS.issuperset(prefix):
        return Number(start, end, Kind.ACCOUNT)
    if digits < _SHORT_REF or not prefix.isascii():
        return None
    if len(prefix) == 1 and text[at:end].isdigit() and 4 <= digits <= 8:  # noqa: PLR2004
        return Number(start, end, Kind.CODE)
    return Number(start, end, Kind.REF)


def _mixed(place: Place, start: int) -> Number | None:
    """``8nx9kbrkfw29`` is a reference; of ``covid19`` only the number is taken."""
    text, at = place.text, place.at
    token = _MIXED.match(text, start, place.limit)
    if token is None or token.end() <= at:
        return None
    word = token[0]
    digits = sum(map(str.isdigit, word))
    turns = sum(a.isdigit() != b.isdigit() for a, b in zip(word, word[1:], strict=False))
    if digits < _SHORT_REF and turns < _TURNS:
        return Number(at, _end(_DIGITS, text, at), Kind.SMALL)
    kind = _word_before(place, start)[1]
    return Number(start, token.end(), kind if kind in (Kind.FLIGHT, Kind.ACCOUNT) else Kind.REF)


def _word_start(text: str, at: int, floor: int) -> int:
    while at > floor and _is_letter(text[at - 1]):
        at -= 1
    return at


def _is_letter(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _letter_at(text: str, at: int) -> bool:
    return at < len(text) and _is_letter(text[at])


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


# --- known by its shape --------------------------------------------------------------------

_SHAPED: Final = re.compile(
    r"""
    (?P<date>
        [0-9]{4}(?P<d1>[-/.])[0-9]{1,2}(?P=d1)[0-9]{1,2}(?![0-9])
      | [0-9]{1,2}(?P<d2>[-/.])[0-9]{1,2}(?P=d2)(?:[0-9]{4}|[0-9]{2})(?![0-9])
      | (?:[0-9]{2,4}\s?[年년]\s?)?[0-9]{1,2}\s?[月월](?:\s?[0-9]{1,2}\s?[日号號일])?
      | [0-9]{4}\s?[年년]
      | [0-9]{1,2}/[0-9]{4}(?![0-9/])
      | (?!24/7)[0-3]?[0-9]/[0-3]?[0-9](?![0-9/])
    )
  | (?P<time>
        [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?![0-9])(?:\s?[ap]\.?m\b\.?)?
      | [0-9]{1,2}(?:\.[0-9]{2})?\s?[ap]\.?m\b\.?
      | [0-9]{1,2}h[0-9]{2}\b
      | [0-9]{1,2}\s?[点點时時시](?:\s?[0-9]{1,2}\s?[分분])?
    )
  | (?P<account>
        [0-9]{2,6}[ -]?[*x]{2,}[*x -]*[0-9]*
      | [0-9]{4}(?P<d3>[ -])[0-9]{4}(?P=d3)[0-9]{4}(?P=d3)[0-9]{1,7}(?![0-9])
    )
    """,
    re.VERBOSE,
)
_MONTH: Final = re.compile(
    rf"(?:st|nd|rd|th|er|ro|\.)?[-/\s.,]{{0,2}}(?:(?:de|of|di|ngay)\s)?(?P<month>{_LETTER}{{2,12}}"
    rf"(?:\.{_LETTER}{{1,2}})?)(?:\.?[-/\s,.']{{0,2}}(?:del?\s)?(?:[0-9]{{4}}|[0-9]{{2}})(?![0-9:.]))?"
)
_KINDS: Final = {"date": Kind.DATE, "time": Kind.TIME, "account": Kind.ACCOUNT}


def _shaped(place: Place) -> Number | None:
    text, at = place.text, place.at
    shaped = _SHAPED.match(text, at, place.limit)
    if shaped:
        return Number(at, shaped.end(), _KINDS[_group(shaped)])
    day = _end(_DIGITS, text, at)
    if day - at > 2:  # noqa: PLR2004 - no day of a month
        return None
    month = _MONTH.match(text, day, place.limit)
    if month and month["month"] in lexicon.MONTHS:
        return Number(at, month.end(), Kind.DATE)
    return None


def _group(match: re.Match[str]) -> str:
    return next(name for name in _KINDS if match[name])


# --- telephone -----------------------------------------------------------------------------

_CLUSTER: Final = re.compile(r"[0-9]+(?:(?:\)\s?|\s?[-.]\s?|\s|\s?\(|/)[0-9]+)*")
_NORTH_AMERICAN: Final = re.compile(r"1?[ .-]?\(?[0-9]{3}\)?[ .-]{1,2}[0-9]{3}[ .-][0-9]{4}")
_GROUPED: Final = re.compile(r"[0-9]{1,4}[ .)-]{1,3}[0-9]{2,5}([ .-][0-9]{2,5})+")
_SHORTEST_PHONE: Final = 7
_LONGEST_PHONE: Final = 15  # E.164
_WHOLE: Final = 9  # digits in one run that are a whole national number


def _telephone(place: Place, before: str) -> Number | None:
    text, at = place.text, place.at
    start = at
    while start > place.floor and text[start - 1] in "+(":
        start -= 1
    cluster = _CLUSTER.match(text, at, place.limit)
    if cluster is None or cluster.end() - at < _SHORTEST_PHONE:
        return None
    end, digits = _one_number(cluster[0])
    end += at
    if len(digits) < _SHORTEST_PHONE or _letter_at(text, end):
        return None
    if not _is_phone(place, digits, text[start:end], plus="+" in text[start:at]):
        return None
    return Number(start if before in "+(" else at, end, Kind.PHONE)


def _one_number(cluster: str) -> tuple[int, str]:
    """Length and digits of the first number of a cluster of digit groups."""
    digits, end = "", 0
    for group in _DIGITS.finditer(cluster):
        if len(digits) >= _WHOLE or len(digits) + len(group[0]) > _LONGEST_PHONE:
            break
        digits += group[0]
        end = group.end()
    return end, digits


def _is_phone(place: Place, digits: str, written: str, *, plus: bool) -> bool:
    size = len(digits)
    if size > _LONGEST_PHONE:
        return False
    if plus:
        return True
    if digits.startswith("00"):
        return size > _WHOLE
    if digits[0] == "0":
        return size >= 8  # noqa: PLR2004 - trunk prefix and a subscriber number
    plain = written == digits
    if not plain and (_NORTH_AMERICAN.fullmatch(written.lstrip("(")) or "(" in written or ")" in written):
        return size >= 10  # noqa: PLR2004
    if size == 11 and digits[0] in "18" and (not plain or digits[:2] in _CHINA):  # noqa: PLR2004
        return True
    called = _word_before(place, place.at)[1] is Kind.PHONE
    return called and (plain or _GROUPED.fullmatch(written) is not None)


_CHINA: Final = frozenset({"13", "14", "15", "17", "18", "19"})


# --- known by the words beside it ------------------------------------------------------------

_NUMBER: Final = re.compile(
    r"(?P<grouped>[0-9]{1,3}(?:(?P<g>[,.'])[0-9]{3})(?:(?P=g)[0-9]{3})*(?![0-9])(?:[.,][0-9]{1,2}(?![0-9]))?"
    r"|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]{1,2})?(?![0-9]))"
    r"|(?P<spaced>[0-9]{1,3}(?:\s[0-9]{3})+(?![0-9])(?:[.,][0-9]{1,2}(?![0-9]))?)"
    r"|(?P<cents>[0-9]+[.,][0-9]{2}(?![0-9.,]))"
    r"|[0-9]+(?:[.,][0-9]+)*"
)
_TRIPLE: Final = re.compile(r"[0-9]{3}[ -][0-9]{3}(?![0-9])")
_UNIT: Final = re.compile(rf"\s?({_LETTER}+(?:\.{_LETTER}+)*)")
_YEAR: Final = re.compile(r"(?:st|nd|rd|th)?,?\s(?:19|20)[0-9]{2}(?![0-9])")
_TAIL_SIGNS: Final = re.compile(r"/-|\.-|,-")
_LOOK_BACK: Final = 28  # characters: three words of most languages


def _plain(place: Place) -> Number:
    text, at = place.text, place.at
    number = _NUMBER.match(text, at, place.limit)
    end = number.end() if number else at + 1
    sign = _sign_before(text, at, place.floor)
    if sign < at:
        return Number(sign, _after_money(text, end), Kind.AMOUNT)
    unit = _unit(place, end)
    if unit:
        return Number(at, unit.end, unit.kind)
    start, kind = _word_before(place, at)
    if kind is Kind.AMOUNT:
        return Number(start, _after_money(text, end), Kind.AMOUNT)
    if kind is Kind.DATE and end - at <= 2:  # noqa: PLR2004
        return Number(start, _end(_YEAR, text, end), Kind.DATE)
    if number and (number["grouped"] or number["cents"]):
        return Number(at, end, Kind.TIME if kind is Kind.TIME else Kind.AMOUNT)
    if number and number["spaced"] and not _TRIPLE.fullmatch(number[0]):
        return Number(at, end, Kind.AMOUNT)
    return _bare(place, kind)


def _bare(place: Place, kind: Kind | None) -> Number:
    """Digits without a shape or unit of their own: what the word before them says."""
    text, at = place.text, place.at
    triple = _TRIPLE.match(text, at, place.limit)
    end = triple.end() if triple else _end(_DIGITS, text, at)
    if _letter_at(text, end):
        number = _mixed(place, at)
        if number:
            return number
    size = sum(map(str.isdigit, text[at:end]))
    if kind in (Kind.PERCENT, Kind.TIME):
        return Number(at, end, kind)
    if size < 3:  # noqa: PLR2004
        return Number(at, end, Kind.SMALL)
    if kind in (Kind.ACCOUNT, Kind.REF, Kind.FLIGHT):
        return Number(at, end, kind)
    if 4 <= size <= 8 and speaks_of_code(text):  # noqa: PLR2004
        return Number(at, end, Kind.CODE)
    if kind is Kind.PHONE:
        return Number(at, end, Kind.HOTLINE if size <= 6 else Kind.PHONE)  # noqa: PLR2004
    return Number(at, end, Kind.NUMBER)


def _sign_before(text: str, at: int, floor: int) -> int:
    """Where a currency sign (and its country: ``us$``) before a number begins; else ``at``."""
    sign = at - 1
    if sign > floor and text[sign] == " ":
        sign -= 1
    if sign < floor or text[sign] not in lexicon.SIGNS:
        return at
    start = _word_start(text, sign, floor)
    return start if sign - start <= 3 else sign  # noqa: PLR2004


class _Unit(NamedTuple):
    end: int
    kind: Kind


def _unit(place: Place, end: int) -> _Unit | None:
    """Currency, magnitude, percent or clock word after a number that ends at ``end``."""
    text = place.text
    following = text[end : end + 2].lstrip()[:1]
    if not following:
        return None
    if following in _PERCENT_SIGNS:
        return _Unit(text.index(following, end) + 1, Kind.PERCENT)
    if following in lexicon.SIGNS:
        return _Unit(text.index(following, end) + 1, Kind.AMOUNT)
    if text.startswith("/-", end):
        return _Unit(end + 2, Kind.AMOUNT)
    word = _UNIT.match(text, end, place.limit)
    if word is None:
        return None
    return _by_word(place, word) or (None if following.isascii() else _by_run_on(text, end))


_PERCENT_SIGNS: Final = frozenset("%‰")


def _by_word(place: Place, word: re.Match[str]) -> _Unit | None:
    name = word[1]
    if _is_money(place, word.start(), word.start(1), word.end(1)):
        return _Unit(word.end(), Kind.AMOUNT)
    if name in lexicon.PERCENT:
        return _Unit(word.end(), Kind.PERCENT)
    if name in lexicon.CLOCK_AFTER:
        return _Unit(word.end(), Kind.TIME)
    attached = word.start(1) == word.start()
    if name in lexicon.MAGNITUDE and (attached or name not in lexicon.AMBIGUOUS):
        return _Unit(_after_money(place.text, word.end()), Kind.AMOUNT)
    return None


def _by_run_on(text: str, end: int) -> _Unit | None:
    unit = lexicon.RUN_ON_AFTER.match(text, end)
    if unit is None:
        return None
    return _Unit(unit.end(), Kind.PERCENT if unit["percent"] else Kind.AMOUNT)


def _is_money(place: Place, touching: int, start: int, end: int) -> bool:
    name = place.text[start:end]
    if name not in lexicon.CURRENCY:
        return False
    return start == touching or name not in lexicon.AMBIGUOUS or place.cased[start:end].isupper()


def _after_money(text: str, end: int) -> int:
    """Take in ``million riyals``, ``k`` or ``/-`` after a sum."""
    for _ in range(2):
        word = _UNIT.match(text, end)
        name = word[1] if word else ""
        attached = word is not None and word.start(1) == end
        if word and (name in lexicon.MAGNITUDE or name in lexicon.CURRENCY):
            if not attached and name in lexicon.AMBIGUOUS:
                break
            end = word.end()
            continue
        break
    return _end(_TAIL_SIGNS, text, end)


def _word_before(place: Place, at: int) -> tuple[int, Kind | None]:
    """Kind given by the nearest telling word before ``at``, and where that word begins."""
    text = place.text
    window = text[max(place.floor, at - _LOOK_BACK) : at].rstrip(_AROUND)
    base = max(place.floor, at - _LOOK_BACK)
    if not window:
        return at, None
    for nth, word in enumerate(reversed(window.split()[-3:])):
        name = word.strip(_AROUND)
        start = base + window.rfind(word) + word.find(name)
        if nth == 0 and _is_money(place, -1, start, start + len(name)):
            return start, Kind.AMOUNT
        if nth == 0 and name in lexicon.MONTHS:
            return start, Kind.DATE
        kind = lexicon.BEFORE.get(name) or lexicon.BEFORE.get(name.rpartition("'")[0])
        if kind:
            return start, kind
        if name not in lexicon.FILLERS:
            break
    return at, None if window.isascii() else _run_on_before(window)


_AROUND: Final = " \n\t:.,;=#-()[]\"'*/"


def _run_on_before(window: str) -> Kind | None:
    for words, kind in lexicon.RUN_ON_BEFORE:
        if window.endswith(words):
            return kind
    return None


# --- what the message speaks of --------------------------------------------------------------

_WORDS: Final = re.compile(rf"{_LETTER}+")


def speaks_of_code(text: str) -> bool:
    """Tell whether a message mentions a code, so that bare digits in it may be one."""
    if not lexicon.CODE.isdisjoint(_WORDS.findall(text)):
        return True
    return not text.isascii() and lexicon.RUN_ON_CODE.search(text) is not None
