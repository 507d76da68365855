"""Which wording, and which campaign, a text belongs to.

Exact repeats share a template hash. Personalised copies do not, so near-duplicates (estimated
Jaccard similarity of their character n-grams) are gathered under the first of their kind, the
*head*: among one owner's texts that is a wording, among everyone's a campaign. A banded MinHash
index finds the head in a fixed number of look-ups (Broder 1997; Leskovec et al., MMDS, ch. 3).
"""

from typing import NamedTuple

from bawwab.core.state.bundles import Bundle, key
from bawwab.core.state.port import StateStore
from bawwab.core.text.fingerprint import bands, similarity

EVERYONE = "*"


class Head(NamedTuple):
    """First text of its kind within a scope, and whether this is it."""

    template: str
    is_new: bool


def find_head(
    state: StateStore, scope: str, template: str, signature: bytes, *, alike: float, now: float
) -> Head:
    """Find the head that ``template`` belongs to; itself if it is the first of its kind."""
    if state.fact(key(Bundle.HEAD, scope, template), now=now) is not None:
        return Head(template, is_new=False)
    tried: set[str] = set()
    for band in bands(signature):
        head = state.fact(key(Bundle.BAND, scope, str(band)), now=now)
        if head is None or head in tried:
            continue
        tried.add(head)
        known = state.fact(key(Bundle.HEAD, scope, head), now=now)
        if known is not None and similarity(known, signature) >= alike:
            return Head(head, is_new=False)
    return Head(template, is_new=True)


_LEADS_TO = "~"


def leading_to(head: Head, contact: str | None) -> Head:
    """Wording as it is counted where it leads somewhere strange: by itself, not with what it always said."""
    own = own_wording(head.template)
    return Head(own if contact is None else f"{own}{_LEADS_TO}{contact}", head.is_new)


def own_wording(template: str) -> str:
    """Wording without the strange contact it is counted under."""
    return template.partition(_LEADS_TO)[0]


def remember_head(
    state: StateStore, scope: str, template: str, signature: bytes, *, now: float, ttl: float
) -> None:
    """Enter the first text of its kind into the index."""
    state.put(key(Bundle.HEAD, scope, template), signature, now=now, ttl=ttl)
    for band in bands(signature):
        state.put_new(key(Bundle.BAND, scope, str(band)), template, now=now, ttl=ttl)
