"""Replace what changes from message to message by type tokens, so that the wording remains.

A masked text is what is stored of a message by default: no link, address, telephone, code,
card or sum is left in it, and no digit at all. Names of people stay: nothing in this module
knows them.
"""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from bawwab.core.text import numerals
from bawwab.core.text.links import Link, Span
from bawwab.core.text.links import find as find_links
from bawwab.core.text.normalise import Normalised, normalise
from bawwab.core.text.tokens import EMAIL, HANDLE, LINK, PHONE, TOKENS, Kind
from bawwab.core.text.written_on import Number

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


NO_COUNTS: Final = Counts()


def mask(text: str | Normalised) -> Masked:
    """Mask a text; one that is not normalised yet is normalised first.

    Examples
    --------
    >>> mask("Your card *4421 paid SAR 129.50. Not you? bit.ly/x or +966 55 123 4567").text
    'your card ⟨account⟩ paid ⟨amount⟩. not you? ⟨link⟩ or ⟨phone⟩'
    """
    normalised = normalise(text) if isinstance(text, str) else text
    plain, cased = normalised.text, normalised.cased
    spans: Sequence[Span] = find_links(cased) if normalised.spans is None else normalised.spans
    if spans or "@" in plain:
        entities = _around(plain, cased, _taken(plain, spans))
    else:
        entities = numerals.find(plain, cased, 0, len(plain))
    if not entities:
        return Masked(plain, NO_COUNTS)
    masked, counts = _replaced(plain, entities)
    return Masked(
        masked,
        Counts(**counts),
        tuple([span.link for span in spans if span.link]) if spans else (),
        tuple(map(_dialled, _all(plain, entities, PHONE))) if PHONE in counts else (),
        tuple(_all(plain, entities, EMAIL)) if EMAIL in counts else (),
        tuple(_all(plain, entities, HANDLE)) if HANDLE in counts else (),
    )


def _taken(text: str, links: Sequence[Span]) -> list[Number]:
    """Links, addresses and handles, in order."""
    spans = [(span.start, span.end, LINK if span.link else EMAIL) for span in links]
    if "@" not in text:
        return spans
    handles = [(*handle.span(), HANDLE) for handle in _HANDLE.finditer(text)]
    free = [h for h in handles if not any(s[0] < h[1] and h[0] < s[1] for s in spans)]
    return sorted(spans + free)


def _around(text: str, cased: str, taken: list[Number]) -> list[Number]:
    """What is taken already, and the numbers between, in order."""
    found: list[Number] = []
    last = 0
    for entity in taken:
        found += numerals.find(text, cased, last, entity[0])
        found.append(entity)
        last = entity[1]
    return found + numerals.find(text, cased, last, len(text))


def _replaced(text: str, entities: list[Number]) -> tuple[str, dict[str, int]]:
    pieces: list[str] = []
    counts: dict[str, int] = {}
    last = 0
    for start, end, kind in entities:
        pieces += text[last:start], TOKENS[kind]
        counts[kind] = counts.get(kind, 0) + 1
        last = end
    pieces.append(text[last:])
    return "".join(pieces), counts


def _all(text: str, entities: list[Number], kind: Kind) -> list[str]:
    return [text[start:end] for start, end, other in entities if other is kind]


def _dialled(written: str) -> str:
    """``+966 (55) 123-4567`` as dialled."""
    return "+" * ("+" in written) + "".join(filter(str.isdigit, written))
