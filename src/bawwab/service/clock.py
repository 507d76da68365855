"""The clocks: the one place where the time of a decision comes from."""

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from bawwab.core.errors import ClockError

BEGINNING = 0.0  # what an unset event clock says: whatever is put then is known from the start


class Clock(Protocol):
    """Says when what a request brings counts as arriving."""

    def now(self) -> float:
        """Time of whatever carries none."""

    def arrivals(self, times: Sequence[float | None]) -> list[float]:
        """When items that carry these times arrive, one after another; nothing moves."""

    def rehearsal(self, at: float | None) -> float:
        """When a dry run takes place."""

    def accept(self, at: float) -> bool:
        """An item that arrived at ``at`` was accepted; whether the clock moved."""


class WallClock:
    """Arrival time decides; what an item says of itself is only checked.

    Parameters
    ----------
    max_ahead : float
        Seconds by which an item's own time may lie ahead.
    """

    def __init__(self, *, max_ahead: float, read: Callable[[], float] = time.time) -> None:
        self._max_ahead = max_ahead
        self._read = read

    def now(self) -> float:
        """Read the system's clock."""
        return self._read()

    def arrivals(self, times: Sequence[float | None]) -> list[float]:
        """Now, for each."""
        now = self._read()
        for index, at in enumerate(times):
            _check_ahead(at, now, self._max_ahead, index)
        return [now] * len(times)

    def rehearsal(self, at: float | None) -> float:
        """Now, as for anything else."""
        return self.arrivals([at])[0]

    def accept(self, at: float) -> bool:  # noqa: ARG002 - as a Clock
        """Nothing moves the system's clock."""
        return False


class EventClock:
    """Time is the latest that any accepted item carried.

    Parameters
    ----------
    max_step : float
        Seconds by which an item may be ahead of a clock that is set.
    at : float, optional
        What the log says; None leaves it to the first accepted item to set the clock.

    Examples
    --------
    >>> clock = EventClock(max_step=3600.0)
    >>> clock.arrivals([50.0, None, 20.0])
    [50.0, 50.0, 50.0]
    >>> clock.accept(50.0), clock.now(), clock.accept(50.0)
    (True, 50.0, False)
    """

    def __init__(self, *, max_step: float, at: float | None = None) -> None:
        self._max_step = max_step
        self.at = at

    def now(self) -> float:
        """Latest accepted time."""
        return BEGINNING if self.at is None else self.at

    def arrivals(self, times: Sequence[float | None]) -> list[float]:
        """Each at its own time, or at the latest before it, whichever is later."""
        at, found = self.at, []
        for index, own in enumerate(times):
            at = self._later(at, own, index)
            found.append(at)
        return found

    def _later(self, at: float | None, own: float | None, index: int) -> float:
        if at is None and own is None:
            raise ClockError("the event clock is not set yet: give the first item its time", index=index)
        if at is None or own is None:
            return own if at is None else at  # type: ignore[return-value] # one of them is set
        _check_ahead(own, at, self._max_step, index)
        return max(at, own)

    def rehearsal(self, at: float | None) -> float:
        """At its own time, even where that has passed."""
        later = self._later(self.at, at, 0)
        return later if at is None else at

    def accept(self, at: float) -> bool:
        """Move to ``at``, never back."""
        if self.at is not None and at <= self.at:
            return False
        self.at = at
        return True


def _check_ahead(at: float | None, now: float, tolerated: float, index: int) -> None:
    if at is not None and at - now > tolerated:
        ahead = f"{at - now:.0f} s ahead of the clock; at most {tolerated:g} s are accepted"
        raise ClockError(ahead, index=index)
