"""Replace what changes from message to message by type tokens, so that the wording remains.

A masked text is what is stored of a message by default: no link, address, telephone, code,
card or sum is left in it, and no digit at all. Names of people stay: nothing in this module
knows them.
"""

import re
from typing import Final

import msgspec

from bawwab.core.text import numerals
from bawwab.core.text.links import Link, Span
from bawwab.core.text.links import find as find_links
from bawwab.core.text.normalise import Normalised, normalise
from bawwab.core.text.tokens import EMAIL, HANDLE, LINK, PHONE, TOKENS, Kind

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


_Entity = tuple[int, int, Kind]
_NO_COUNTS: Final = Counts()


def mask(text: str | Normalised) -> Masked:
    """Mask a text; one that is not normalised yet is normalised first.

    Examples
    --------
    >>> mask("Your card *4421 paid SAR 129.50. Not you? bit.ly/x or +966 55 123 4567").text
    'your card ⟨account⟩ paid ⟨amount⟩. not you? ⟨link⟩ or ⟨phone⟩'
    """
    normalised = normalise(text) if isinstance(text, str) else text
    plain = normalised.text
    spans = find_links(normalised.cased)
    entities = _entities(normalised, spans)
    if not entities:
        return Masked(plain, _NO_COUNTS)
    masked, counts = _replaced(plain, entities)
    return Masked(
        masked,
        Counts(**counts),
        tuple(span.link for span in spans if span.link),
        tuple(_dialled(number) for number in _all(plain, entities, PHONE, counts)),
        tuple(_all(plain, entities, EMAIL, counts)),
        tuple(_all(plain, entities, HANDLE, counts)),
    )


def _entities(normalised: Normalised, links: list[Span]) -> list[_Entity]:
    """Links, addresses and handles, and the numbers between them, in order."""
    text, cased, last = normalised.text, normalised.cased, 0
    found: list[_Entity] = []
    for taken in _taken(text, links):
        found += numerals.find(text, cased, last, taken[0])
        found.append(taken)
        last = taken[1]
    found += numerals.find(text, cased, last, len(text))
    return found


def _taken(text: str, links: list[Span]) -> list[_Entity]:
    spans = [(span.start, span.end, LINK if span.link else EMAIL) for span in links]
    if "@" not in text:
        return spans
    handles = [(*handle.span(), HANDLE) for handle in _HANDLE.finditer(text)]
    free = [h for h in handles if not any(s[0] < h[1] and h[0] < s[1] for s in spans)]
    return sorted(spans + free)


def _replaced(text: str, entities: list[_Entity]) -> tuple[str, dict[str, int]]:
    pieces, counts, last = [], dict[str, int](), 0
    for start, end, kind in entities:
        pieces += text[last:start], TOKENS[kind]
        counts[kind] = counts.get(kind, 0) + 1
        last = end
    pieces.append(text[last:])
    return "".join(pieces), counts


def _all(text: str, entities: list[_Entity], kind: Kind, counts: dict[str, int]) -> list[str]:
    if kind not in counts:
        return []
    return [text[start:end] for start, end, other in entities if other is kind]


def _dialled(written: str) -> str:
    """``+966 (55) 123-4567`` as dialled."""
    return "+" * ("+" in written) + "".join(filter(str.isdigit, written))
