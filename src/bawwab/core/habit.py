"""Whether it is unusual for an owner to lead people where a message leads them.

Whoever takes a bank's account over can copy its words, its name and its manner; the number to
call, or the link to open, must be another's.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from bawwab.core.state.bundles import DAY, HabitRow

_HALF_LIFE: Final = 2 * DAY  # of the surprise at a contact; decisions/0020
_SETTLED: Final = 7 * DAY  # an owner that has been known for less is still finding its habits
_USUAL_SHARE: Final = 0.5  # of an owner's messages with a contact: from here a new one is its habit ...
_USUAL_AFTER: Final = 100.0  # ... once it has led people so often


class Contact(NamedTuple):
    """A contact of a message as its owner has used it: since when, and in how many messages of a month."""

    name: str
    since: float | None
    uses: float


class Past(NamedTuple):
    """What an owner is used to: watched since when, allowed messages of a month, those with a new contact."""

    since: float | None
    allowed: float
    new: float


def past_of(habit: HabitRow, since: float | None) -> Past:
    """Past of an owner; the new contacts of a day are no habit yet."""
    return Past(since, habit.allowed_month, max(0.0, habit.new_month - habit.new_day))


def surprise(contacts: Sequence[Contact], past: Past, *, now: float) -> float:
    """How unusual the most unusual of the contacts is for the owner, in nats; it fades within days.

    The owner's messages that did not lead there, against those that led to another new contact: a bank with
    one number is surprised by the second, a carrier whose every driver has a number is not, and nor is
    whoever has only begun.

    Examples
    --------
    >>> bank = Past(since=-30 * DAY, allowed=999.0, new=0.0)
    >>> round(surprise([Contact("a", None, 0.0)], bank, now=0.0), 2)
    6.91
    >>> surprise([Contact("a", -1.0, 999.0)], bank, now=0.0)
    0.0
    """
    return max((_surprise(contact, past, now) for contact in contacts), default=0.0)


def strangest(contacts: Sequence[Contact], past: Past, *, from_: float, now: float) -> str | None:
    """Name of the most unusual contact, if the surprise at it is ``from_`` nats or more."""
    found = max(contacts, key=lambda contact: _surprise(contact, past, now), default=None)
    return None if found is None or _surprise(found, past, now) < from_ else found.name


def is_usual(habit: HabitRow) -> bool:
    """Whether the owner leads to somebody new with every other message: then none is worth remembering."""
    return habit.led_month >= _USUAL_AFTER and habit.new_month >= _USUAL_SHARE * habit.led_month


def _surprise(contact: Contact, past: Past, now: float) -> float:
    since = now if contact.since is None else contact.since
    elsewhere = max(0.0, past.allowed - contact.uses)
    others = past.new if contact.since is None else max(0.0, past.new - 1.0)
    known_for = 0.0 if past.since is None else since - past.since
    settled = min(1.0, max(0.0, known_for) / _SETTLED)
    youth = math.exp2(-max(0.0, now - since) / _HALF_LIFE)
    return max(0.0, math.log1p(elsewhere) - math.log1p(others)) * settled * youth
