"""Replace what changes from message to message by type tokens, so that the wording remains.

A masked text is what is stored of a message by default: no link, address, telephone, code,
card or sum is left in it, and no digit at all. Names of people stay: nothing in this module
knows them.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from bawwab.core.text import numerals
from bawwab.core.text.links import Link
from bawwab.core.text.links import find as find_links
from bawwab.core.text.normalise import Normalised, normalise
from bawwab.core.text.tokens import TOKENS, Kind

_HANDLE: Final = re.compile(r"(?<![\w@.])@[^\W\d][\w.]{2,31}(?<!\.)")


class Counts(msgspec.Struct, frozen=True):
    """How often each kind of entity occurs."""

    link: int = 0
    email: int = 0
    handle: int = 0
    phone: int = 0
    hotline: int = 0
    amount: int = 0
    date: int = 0
    time: int = 0
    account: int = 0
    code: int = 0
    percent: int = 0
    ref: int = 0
    flight: int = 0
    number: int = 0
    n: int = 0


class Masked(msgspec.Struct, frozen=True):
    """A text without its values, and those values that lead somewhere."""

    text: str
    counts: Counts
    links: tuple[Link, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()


class _Entity(msgspec.Struct, frozen=True):
    start: int
    end: int
    kind: Kind
    link: Link | None = None


_NO_COUNTS: Final = Counts()


def mask(text: str | Normalised) -> Masked:
    """Mask a text; one that is not normalised yet is normalised first.

    Examples
    --------
    >>> mask("Your card *4421 paid SAR 129.50. Not you? bit.ly/x or +966 55 123 4567").text
    'your card ⟨account⟩ paid ⟨amount⟩. not you? ⟨link⟩ or ⟨phone⟩'
    """
    normalised = normalise(text) if isinstance(text, str) else text
    entities = list(_entities(normalised))
    if not entities:
        return Masked(normalised.text, _NO_COUNTS)
    return _masked(normalised, entities)


def _masked(normalised: Normalised, entities: list[_Entity]) -> Masked:
    text, last = normalised.text, 0
    pieces: list[str] = []
    found: dict[Kind, list[_Entity]] = {}
    for entity in entities:
        pieces += text[last : entity.start], TOKENS[entity.kind]
        last = entity.end
        found.setdefault(entity.kind, []).append(entity)
    pieces.append(text[last:])
    return Masked(
        text="".join(pieces),
        counts=Counts(**{kind.value: len(group) for kind, group in found.items()}),
        links=tuple(e.link for e in found.get(Kind.LINK, ()) if e.link),
        phones=tuple(_number(text, e) for e in found.get(Kind.PHONE, ())),
        emails=_texts(text, found.get(Kind.EMAIL)),
        handles=_texts(text, found.get(Kind.HANDLE)),
    )


def _entities(normalised: Normalised) -> Iterator[_Entity]:
    """Links, addresses and handles, and the numbers between them, in order."""
    text, cased, last = normalised.text, normalised.cased, 0
    for span in _spans(text, cased):
        for number in numerals.find(text, cased, last, span.start):
            yield _Entity(number.start, number.end, number.kind)
        yield span
        last = span.end
    for number in numerals.find(text, cased, last, len(text)):
        yield _Entity(number.start, number.end, number.kind)


def _spans(text: str, cased: str) -> list[_Entity]:
    spans = [
        _Entity(span.start, span.end, Kind.LINK if span.link else Kind.EMAIL, span.link)
        for span in find_links(cased)
    ]
    if "@" not in text:
        return spans
    for handle in _HANDLE.finditer(text):
        start, end = handle.span()
        if all(end <= span.start or span.end <= start for span in spans):
            spans.append(_Entity(start, end, Kind.HANDLE))
    return sorted(spans, key=lambda span: span.start)


def _number(text: str, phone: _Entity) -> str:
    written = text[phone.start : phone.end]
    return "+" * written.startswith(("+", "(+")) + "".join(filter(str.isdigit, written))


def _texts(text: str, entities: list[_Entity] | None) -> tuple[str, ...]:
    return tuple(text[e.start : e.end] for e in entities or ())
