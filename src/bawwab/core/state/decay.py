"""The decayed counter: how much has happened lately, in one number.

Each count fades as ``exp(-age / lifetime)``, so that a steady stream of ``r`` per second
settles at ``r * lifetime``: the value reads as "about so many within one lifetime". A row
holds several counters that share the time of the last change.
"""

import math
from collections.abc import Sequence

import msgspec

FOREVER = math.inf


class Field(msgspec.Struct, frozen=True):
    """One counter of a row: its name and its lifetime in seconds."""

    name: str
    lifetime: float


class Row(msgspec.Struct, frozen=True):
    """The counters of one key: when it began, when it last changed, its values then."""

    since: float
    at: float
    values: tuple[float, ...]


def read(row: Row, fields: Sequence[Field], *, now: float) -> tuple[float, ...]:
    """Values of ``row`` at ``now``.

    Examples
    --------
    One report a lifetime ago counts for 1/e:

    >>> row = Row(0.0, 0.0, (1.0,))
    >>> round(read(row, [Field("reports", 60.0)], now=60.0)[0], 4)
    0.3679
    """
    age = now - row.at
    if age <= 0.0:
        return row.values
    fade: dict[float, float] = {}
    faded = []
    for value, field in zip(row.values, fields, strict=True):
        if value == 0.0 or field.lifetime == FOREVER:
            faded.append(value)
            continue
        factor = fade.get(field.lifetime)
        if factor is None:
            factor = fade[field.lifetime] = math.exp(-age / field.lifetime)
        faded.append(value * factor)
    return tuple(faded)


def count(
    row: Row | None, deltas: Sequence[tuple[int, float]], fields: Sequence[Field], *, now: float
) -> Row:
    """Add each ``(index, amount)`` of ``deltas``; no counter falls below zero.

    Examples
    --------
    >>> count(None, [(0, 2.0)], [Field("sent", 60.0)], now=5.0)
    Row(since=5.0, at=5.0, values=(2.0,))
    """
    if row is None:
        values = [0.0] * len(fields)
        since = at = now
    else:
        values = list(read(row, fields, now=now))
        since, at = row.since, max(now, row.at)
    for index, amount in deltas:
        values[index] = max(0.0, values[index] + amount)
    return Row(since, at, tuple(values))


def withdraw(amount: float, lifetime: float, *, counted_at: float, now: float) -> float:
    """Delta that takes back at ``now`` what ``amount``, counted earlier, is worth by then.

    Examples
    --------
    >>> round(withdraw(1.0, 60.0, counted_at=0.0, now=60.0), 4)
    -0.3679
    """
    if lifetime == FOREVER:
        return -amount
    return -amount * math.exp(-max(0.0, now - counted_at) / lifetime)
