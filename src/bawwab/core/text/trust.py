"""How a link's host stands to the domains that a sender is known to own."""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import msgspec

from bawwab.core.text import characters
from bawwab.core.text.urls import Link, parse


class Kinship(StrEnum):
    """From the sender's own host to a stranger's."""

    EXACT = "exact"
    SUBDOMAIN = "subdomain"
    LOOK_ALIKE = "look_alike"
    STRANGER = "stranger"


class Cause(StrEnum):
    """What makes a strange host look like the sender's."""

    SKELETON = "skeleton"
    OTHER_TLD = "other_tld"
    SUBDOMAIN_OF_STRANGER = "subdomain_of_stranger"
    EDIT_DISTANCE = "edit_distance"
    ADDED_WORDS = "added_words"


class LinkTrust(msgspec.Struct, frozen=True):
    """A link, the best kinship found for it, why, and with which domain."""

    link: Link
    kinship: Kinship
    cause: Cause | None = None
    domain: str | None = None

    @property
    def own(self) -> bool:
        """The link leads to a domain of the sender."""
        return self.kinship is Kinship.EXACT or self.kinship is Kinship.SUBDOMAIN


_RANK: Final = {kinship: rank for rank, kinship in enumerate(Kinship)}
_SHORT_NAME: Final = 5  # letters: below, one edit or a part of a word makes a name by chance
_LONG_NAME: Final = 9  # letters: from here on two edits still look alike


def compare(link: Link, domains: Iterable[str]) -> LinkTrust:
    """Stand of ``link`` to a sender's own ``domains``; the best over them.

    Examples
    --------
    >>> compare(parse("https://pay.bank.com/x"), ["bank.com"]).kinship.value
    'subdomain'
    >>> [compare(parse(u), ["samba.com"]).cause.value for u in
    ...  ("sаmba.com", "samba.top", "samba.com.evil.top", "smaba.com", "samba-pay.com")]
    ['skeleton', 'other_tld', 'subdomain_of_stranger', 'edit_distance', 'added_words']
    """
    best = LinkTrust(link, Kinship.STRANGER)
    for domain in domains:
        found = _compare_one(link, parse(domain))
        if _RANK[found.kinship] < _RANK[best.kinship]:
            best = found
    return best


def _compare_one(link: Link, own: Link) -> LinkTrust:
    if link.host.removeprefix("www.") == own.host.removeprefix("www."):
        return LinkTrust(link, Kinship.EXACT, None, own.host)
    if link.registered_domain == own.registered_domain and not own.is_ip:
        return LinkTrust(link, Kinship.SUBDOMAIN, None, own.host)
    cause = _look_alike(link, own)
    if cause is None:
        return LinkTrust(link, Kinship.STRANGER)
    return LinkTrust(link, Kinship.LOOK_ALIKE, cause, own.host)


def _look_alike(link: Link, own: Link) -> Cause | None:
    """Name the first reason, the most telling first, for which a strange host looks like ours."""
    brand = _name(own)
    if not brand or own.is_ip:
        return None
    return next((cause for cause, holds in _REASONS if holds(link, brand)), None)


def _is_other_tld(link: Link, brand: str) -> bool:
    return not link.is_ip and _name(link) == brand


def _has_skeleton(link: Link, brand: str) -> bool:
    return not link.is_ip and skeleton(_name(link)) == skeleton(brand)


def _is_beside(link: Link, brand: str) -> bool:
    outside = link.host.removesuffix(link.registered_domain) + "." + link.userinfo
    return skeleton(brand) in map(skeleton, _words(outside))


def _is_near(link: Link, brand: str) -> bool:
    plain = skeleton(brand)
    return not link.is_ip and _within_edits(skeleton(_name(link)), plain, _allowed_edits(plain))


def _has_added_words(link: Link, brand: str) -> bool:
    name, plain = _name(link), skeleton(brand)
    is_part = len(brand) >= _SHORT_NAME and plain in skeleton(name).replace("-", "")
    return is_part or plain in map(skeleton, _words(name))


_REASONS: Final = (
    (Cause.OTHER_TLD, _is_other_tld),
    (Cause.SKELETON, _has_skeleton),
    (Cause.SUBDOMAIN_OF_STRANGER, _is_beside),
    (Cause.EDIT_DISTANCE, _is_near),
    (Cause.ADDED_WORDS, _has_added_words),
)


def _name(link: Link) -> str:
    """Registered label, decoded: ``bank`` of ``bank.com.sa``."""
    label = link.registered_domain.partition(".")[0]
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _words(name: str) -> list[str]:
    return re.split(r"[-_.:]+", name.lower())


# --- looking alike ---------------------------------------------------------------------

_LATIN: Final = str.maketrans(
    {**characters.LOOK_ALIKES["latin"], "0": "o", "1": "l", "i": "l", "3": "e", "5": "s", "|": "l"}
)
_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))


def skeleton(name: str) -> str:
    """Reduce a name to what the eye keeps of it; for comparison only (UTS #39, 4).

    Examples
    --------
    >>> skeleton("раура1") == skeleton("paypal"), skeleton("rnicrosoft") == skeleton("microsoft")
    (True, True)
    """
    folded = characters.FOLD[characters.codes_of(name)]
    plain = characters.text_of(folded[folded != 0]).translate(_LATIN).lower().translate(_LATIN)
    for pair, letter in _PAIRS:
        plain = plain.replace(pair, letter)
    return plain


def _allowed_edits(name: str) -> int:
    if len(name) < _SHORT_NAME:
        return 0
    return 1 if len(name) < _LONG_NAME else 2


def _within_edits(left: str, right: str, limit: int) -> bool:
    """Tell whether the optimal-string-alignment distance is at most ``limit``."""
    if not limit or abs(len(left) - len(right)) > limit:
        return False
    older: list[int] = []
    above = list(range(len(right) + 1))
    for i, char in enumerate(left):
        row = [i + 1]
        for j, other in enumerate(right):
            cost = min(above[j + 1] + 1, row[j] + 1, above[j] + (char != other))
            if i and j and char == right[j - 1] and left[i - 1] == other:
                cost = min(cost, older[j - 1] + 1)
            row.append(cost)
        older, above = above, row
    return above[-1] <= limit
