"""Say what each number in a text is: money, a date, a telephone, a code.

A number is known by what it is written on to (``XX4421``, ``ORD-8812``: `written_on`), by its
shape (``18:42``), as a `telephone`, by its `neighbours` (``500 ريال``, ``ending 4421``), or by what
the message speaks of (a code). Works on normalised text, in which every digit is ASCII;
repetitions are bounded, so that no digit is read more than a few times.
"""

import re
from typing import Final

from bawwab.core.text import lexicon, telephone, written_on
from bawwab.core.text.neighbours import (
    DIGITS,
    LETTER,
    Place,
    after_money,
    count_digits,
    is_after_moment,
    letter_at,
    sign_before,
    speaks_of_code,
    unit,
    word_before,
)
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
from bawwab.core.text.written_on import Number


def find(text: str, cased: str, start: int, end: int) -> list[Number]:
    """Numbers of ``text[start:end]``, in order; every digit belongs to one of them.

    Examples
    --------
    >>> text = "card *4421: sar 129.50 on 14/11, 18:42"
    >>> [(text[a:b], kind.value) for a, b, kind in find(text, text, 0, len(text))]
    [('*4421', 'account'), ('sar 129.50', 'amount'), ('14/11', 'date'), ('18:42', 'time')]
    """
    numbers: list[Number] = []
    digits = DIGITS.search(text, start, end)
    while digits:
        place = Place(text, cased, *digits.span(), start, end)
        number = _read(place) if len(numbers) < _MOST else _hasty(place)
        if (
            number[2] is AMOUNT
            and numbers
            and numbers[-1][2] is DATE
            and _is_clock(text, number, numbers[-1])
        ):
            number = (*number[:2], TIME)
        numbers.append(number)
        start = number[1]
        digits = DIGITS.search(text, start, end)
    return numbers


def _hasty(place: Place) -> Number:
    """Read a number of a text that is nothing but numbers: 4,096 of them must not cost 40 ms."""
    return place.at, place.end, SMALL if place.end - place.at < _SHORT else NUMBER


_MOST: Final = 200  # numbers read with care; the longest honest message of our corpora has 38
_DOTTED_TIME: Final = re.compile(r"[0-2]?[0-9]\.[0-5][0-9]")


def _is_clock(text: str, number: Number, date: Number) -> bool:
    """``15/01/26 13.49``: right after a date it is no sum."""
    start, end, _ = number
    return not text[date[1] : start].strip(" ,") and _DOTTED_TIME.fullmatch(text, start, end) is not None


def _read(place: Place) -> Number:
    before = place.text[place.at - 1] if place.at > place.floor else " "
    return (
        _by_sign_before(place, before) or _by_shape(place) or telephone.read(place, before) or _plain(place)
    )


def _by_sign_before(place: Place, before: str) -> Number | None:
    """What a number is written on to: letters, a mask, a plus."""
    if before in written_on.SIGNS:
        return written_on.read(place, before)
    if before in "+(":
        return telephone.read(place, before)
    if before == " " and place.at - 2 >= place.floor and place.text[place.at - 2] == "*":
        return written_on.after_mask(place)
    return None


# --- known by its shape ----------------------------------------------------------------------------

_SHAPED: Final = re.compile(
    r"""
    (?P<date>
        [0-9]{2,4}/[0-9]{1,2}/[0-9]{1,2}(?![0-9])
      | [0-9]{4}(?:-[0-9]{1,2}-|\.[0-9]{1,2}\.)[0-9]{1,2}(?![0-9])
      | [0-9]{1,2}(?:-[0-9]{1,2}-|/[0-9]{1,2}/|\.[0-9]{1,2}\.)(?:[0-9]{4}|[0-9]{2})(?![0-9]|[.-][0-9])
      | (?:[0-9]{1,4}\s?[年년]\s?)?[0-9]{1,2}\s?[月월](?:\s?[0-9]{1,2}\s?[日号일])?
      | [0-9]{4}\s?[年년]
      | (?:0?[1-9]|1[0-2])/(?:1[34]|19|2[05])[0-9]{2}(?![0-9/])
      | (?!24/7)[0-3]?[0-9]/[0-3]?[0-9](?![0-9/])
      | [0-3][0-9]-(?:0[1-9]|1[0-2])(?![0-9-])
      | 0[0-9]\.(?:0[1-9]|1[0-2])(?![0-9.,])
    )
  | (?P<time>
        [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?![0-9])(?:\s?[ap]\.?m\b\.?)?
      | [0-9]{1,2}(?:\.[0-9]{2})?\s?[ap]\.?m\b\.?
      | [0-9]{1,2}[hg][0-9]{2}\b
      | [0-2][0-9][0-5][0-9]\s?hr?s?\b
      | 0[0-9]\.[0-5][0-9](?![0-9.,])
      | [0-9]{1,2}\s?[点时시](?:\s?[0-9]{1,2}\s?[分분])?
    )
  | (?P<account>
        [0-9]{1,6}x?[ -]?[*x]{2,12}[*x. -]{0,12}[0-9]{0,6}[a-z]?
      | [0-9]{2,6}\.{2,4}[0-9]{2,6}(?![0-9])
      | [0-9]{3,6}\*[0-9]{3,6}(?![0-9*])
      | (?<!\*)[0-9]{3,6}\*(?![0-9*\#])
    )
    """,
    re.VERBOSE,
)
_SHAPE_SIGNS: Final = frozenset("-/.:aphgx*年년月월点时시")
_KINDS: Final = {"date": DATE, "time": TIME, "account": ACCOUNT}
_MONTH: Final = re.compile(
    rf"(?:st|nd|rd|th|er|ro|\.)?[-/\s.,]{{0,2}}(?:(?:de|of|di|ngay)\s)?(?P<month>{LETTER}{{1,12}}"
    rf"(?:\.{LETTER}{{1,2}})?)(?:\s(?:الاول|الثاني))?"
    rf"(?:\.?[-/\s,.']{{0,2}}(?:del?\s)?(?:[0-9]{{4}}|[0-9]{{2}})(?![0-9]|[.:h][0-9]))?"
)
_NO_MONTH: Final = frozenset(["", *"*%:;!?()+=*#⟨⟩0123456789"])


def _by_shape(place: Place) -> Number | None:
    text, _, at, end, _, limit = place
    after = text[end : end + 2].lstrip()[:1]
    if after in _SHAPE_SIGNS:
        shaped = _SHAPED.match(text, at, limit)
        if shaped:
            return at, shaped.end(), _KINDS[shaped.lastgroup or ""]
    if end - at <= 2 and after not in _NO_MONTH:  # noqa: PLR2004 - the day of a month
        month = _MONTH.match(text, end, limit)
        if month and month["month"] in lexicon.MONTHS:
            return at, month.end(), DATE
    return None


# --- known by the words beside it --------------------------------------------------------------------

# A Chinese comma before a number parts clauses, unless a unit of money follows.
_HAN: Final = "(?![元円圆块万亿千百])[一-鿿]"
_NUMBER: Final = re.compile(
    r"(?P<grouped>[0-9]{1,3}(?:(?:,[0-9]{3}){1,8}|(?:\.[0-9]{3}){1,8}|(?:'[0-9]{3}){1,8})(?![0-9])"
    r"(?:[.,][0-9]{1,2}(?![0-9]))?"
    r"|[0-9]{1,2}(?:,[0-9]{2}){1,4},[0-9]{3}(?:\.[0-9]{1,2})?(?![0-9]))"
    r"|(?P<spaced>[0-9]{1,3}(?:\s[0-9]{3}){1,4}(?![0-9])(?:[.,][0-9]{1,2}(?![0-9]))?)"
    rf"|(?P<cents>[0-9]+(?:\.[0-9]{{2}}|,[0-9]{{2}}(?!{_HAN}))(?![0-9]|[.,][0-9]))"
    rf"|[0-9]{{1,4}}(?:(?:\.[0-9]+){{1,4}}|,[0-9]+(?!{_HAN}|[0-9]))|[0-9]+"
)
_GROUP_SIGNS: Final = frozenset(",.' \n")
_SPLIT_CODE: Final = re.compile(r"[0-9]{2,4}[ -][0-9]{2,4}(?![0-9])")
_MORE_GROUPS: Final = re.compile(r"(?:[-/][0-9]+){1,3}(?![0-9])")
_YEAR: Final = re.compile(r"(?:st|nd|rd|th)?,?\s(?:19|20)[0-9]{2}(?![0-9])")
_SHORT: Final = 3  # digits: fewer are a small number
_CODE_SIZE: Final = range(4, 9)
_SPLIT_SIZE: Final = range(5, 9)
_HOTLINE: Final = 6  # digits at most


def _plain(place: Place) -> Number:
    text, _, at, end, floor, limit = place
    form = ""
    if text[end : end + 1] in _GROUP_SIGNS and text[end + 1 : end + 2].isdigit():
        number = _NUMBER.match(text, at, limit)
        if number:
            end, form = number.end(), number.lastgroup or ""
    sign = sign_before(text, at, floor)
    if sign < at:
        return sign, after_money(text, end), AMOUNT
    start, kind = word_before(place, at, is_sum=form != "")
    if kind is AMOUNT:
        return _airline_or_sum(place, start, end)
    found = unit(place, end)
    if found:
        return at, *found
    if kind is DATE and end - at <= 2:  # noqa: PLR2004 - the day of a month
        year = _YEAR.match(text, end, limit)
        return start, year.end() if year else end, DATE
    if form and not (form == "spaced" and _SPLIT_CODE.fullmatch(text, at, end) and speaks_of_code(text)):
        is_time = kind is TIME or (_DOTTED_TIME.fullmatch(text, at, end) and is_after_moment(place))
        return at, end, TIME if is_time else PERCENT if kind is PERCENT else AMOUNT
    return _bare(place._replace(end=end) if form == "" else place, kind)


def _airline_or_sum(place: Place, start: int, end: int) -> Number:
    """``TK 204`` is a flight of Turkish Airlines, ``TK 204`` a sum in taka."""
    flight = written_on.flight_at(place, start) if place.at - start == 3 else None  # noqa: PLR2004
    return flight or (start, after_money(place.text, end), AMOUNT)


def _bare(place: Place, kind: Kind | None) -> Number:
    """Digits without a shape or unit of their own: what the words around them say."""
    text, _, at, end, _, limit = place
    if letter_at(text, end):
        number = written_on.mixed(place, at)
        if number:
            return number
    return _by_airline(place) or _split_code(place, kind) or (at, *_by_size(place, kind, limit))


def _by_airline(place: Place) -> Number | None:
    text, at = place.text, place.at
    if at - 3 < place.floor or text[at - 1] != " " or (at - 3 > place.floor and text[at - 4].isalnum()):
        return None
    return written_on.flight_at(place, at - 3)


def _split_code(place: Place, kind: Kind | None) -> Number | None:
    """``443-474`` where the message speaks of a code."""
    split = _SPLIT_CODE.match(place.text, place.at, place.limit)
    if split is None or kind in (REF, ACCOUNT) or count_digits(split[0]) not in _SPLIT_SIZE:
        return None
    return (place.at, split.end(), CODE) if speaks_of_code(place.text) else None


def _by_size(place: Place, kind: Kind | None, limit: int) -> tuple[int, Kind]:
    text, end = place.text, place.end
    size = count_digits(text[place.at : end])
    if kind is REF or kind is ACCOUNT:
        more = _MORE_GROUPS.match(text, end, limit)
        if more or size >= _SHORT:
            return more.end() if more else end, kind
    if kind is PERCENT or kind is TIME or (kind is FLIGHT and size >= _SHORT):
        return end, kind
    if size < _SHORT:
        return end, SMALL
    if kind is not PHONE and size in _CODE_SIZE and speaks_of_code(text):
        return end, CODE
    if kind is PHONE or kind is HOTLINE:
        kind = HOTLINE if size <= _HOTLINE else PHONE
    return end, kind or NUMBER
