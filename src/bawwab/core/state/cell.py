"""The cell of a rate limit: GCRA, the generic cell rate algorithm of ATM (ITU-T I.371).

One number per key: the *theoretical arrival time* (TAT), when the cell would be empty again.

At 1 message per second with a burst of 3::

    12:00:00  hit    TAT 12:00:01   passes, 2 left
    12:00:00  hit    TAT 12:00:02   passes, 1 left
    12:00:00  hit    TAT 12:00:03   passes, 0 left
    12:00:00  hit    TAT 12:00:03   limited: retry after 1 s
    12:00:01  hit    TAT 12:00:04   passes, 0 left
"""

import msgspec

SLACK = 1e-6  # seconds: below the resolution of the clocks that feed us


class Rate(msgspec.Struct, frozen=True):
    """``burst`` at once, then one every ``interval`` seconds."""

    burst: int
    interval: float


class CellAnswer(msgspec.Struct, frozen=True):
    """The five answers of a rate limit; times in seconds."""

    limited: bool
    limit: int
    remaining: int
    retry_after: float
    reset_after: float


def hit(tat: float | None, rate: Rate, *, now: float) -> tuple[float, CellAnswer]:
    """Spend one; a limited hit leaves the cell as it was.

    A clock set back by an hour must not close the cell for an hour: what it holds then lies further
    ahead than any hit leads. Such a cell counts as full but for one, so that it goes on at its rate.

    Examples
    --------
    >>> tat, answer = hit(None, Rate(1, 10.0), now=100.0)
    >>> tat, answer.limited, answer.remaining
    (110.0, False, 0)
    >>> hit(tat, Rate(1, 10.0), now=104.0)[1].retry_after
    6.0
    """
    depth = rate.burst * rate.interval
    start = now if tat is None or tat < now else tat
    if start - now > depth + SLACK:  # no hit leads there: the clock was set back since
        start = now + depth - rate.interval
    after = start + rate.interval
    wait = after - depth - now
    if wait > SLACK:
        return start, CellAnswer(
            limited=True, limit=rate.burst, remaining=0, retry_after=wait, reset_after=start - now
        )
    room = int((depth - (after - now) + SLACK) / rate.interval)
    return after, CellAnswer(
        limited=False, limit=rate.burst, remaining=room, retry_after=0.0, reset_after=after - now
    )


def test(tat: float | None, rate: Rate, *, now: float) -> CellAnswer:
    """Answer as `hit` would, without spending."""
    return hit(tat, rate, now=now)[1]
