"""When to ask again and when to give up, without doing either: the same for both clients.

A `Flow` is a generator: it yields what is to be done (`Send`, `Wait`), is sent what came of it,
and returns the answer. Whoever drives it does the I/O and the waiting.
"""

import itertools
from collections.abc import Callable, Generator
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, TypeVar

import httpx
import msgspec

from bawwab.client.calls import Call
from bawwab.client.errors import ClientError, RefusedError, UnreachableError
from bawwab.client.messages import Problem

T = TypeVar("T")

_FIRST_PAUSE = 0.05  # seconds; doubled with every attempt ...
_LONGEST_PAUSE = 1.0  # ... up to here, and each time a random part of it ("full jitter")
_DOUBLINGS = 10  # far beyond the longest pause, far below what a float holds
_SHORTEST = 0.01  # seconds that an attempt gets at least
_WAITS = 4  # an attempt waits for a place in the pool, to connect, to write and to read
_TOO_MANY = 429
_BROKEN = 500


class Send(NamedTuple):
    """Make one attempt; each of its waits may last ``timeout`` seconds."""

    call: Call[Any]
    timeout: float


class Wait(NamedTuple):
    """Wait."""

    seconds: float


Result = httpx.Response | httpx.RequestError | None
Flow = Generator[Send | Wait, Result, T]


class Failure(NamedTuple):
    """An attempt that may be made again; ``untaken``: what it carried was certainly not taken."""

    error: ClientError
    untaken: bool
    retry_after: float | None = None


class Exchange:
    """Asks until there is an answer or the time is up.

    Parameters
    ----------
    clock : Callable
        Seconds, never stepping back.
    chance : Callable
        A number from 0 to 1, each time another.
    """

    def __init__(self, *, clock: Callable[[], float], chance: Callable[[], float]) -> None:
        self._clock, self._chance = clock, chance

    def ask(self, call: Call[T], *, until: float) -> Flow[T]:
        """Ask until the clock says ``until``.

        Raises
        ------
        RefusedError
            The gate did not take it.
        UnreachableError
            There was no answer in time.
        """
        for attempt in itertools.count():
            left = max(_SHORTEST, until - self._clock())
            found = read(call, (yield Send(call, left / _WAITS)))
            if not isinstance(found, Failure):
                return found
            pause = self._pause(attempt, found)
            may_repeat = call.repeatable or found.untaken
            if not may_repeat or self._clock() + pause >= until:
                raise found.error
            yield Wait(pause)
        raise AssertionError  # pragma: no cover - counting never ends

    def _pause(self, attempt: int, failure: Failure) -> float:
        own = self._chance() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(attempt, _DOUBLINGS))
        return own if failure.retry_after is None else failure.retry_after + own


def read(call: Call[T], result: Result) -> T | Failure:
    """What an attempt brought.

    Raises
    ------
    RefusedError
        The gate did not take it, and will not.
    """
    if not isinstance(result, httpx.Response):
        why = "no attempt" if result is None else f"{type(result).__name__}: {result}"
        return Failure(UnreachableError(why), untaken=isinstance(result, _UNSENT))
    if result.is_success:
        return _decode(call, result)
    problem = problem_of(result)
    wait = retry_after(result.headers)
    if problem.status == _TOO_MANY or problem.status >= _BROKEN:
        over = problem.status == _TOO_MANY
        why = f"{problem.status} {problem.title}"
        error = UnreachableError(why, retry_after=wait, over_quota=over)
        return Failure(error, untaken=problem.status in _UNTAKEN, retry_after=wait)
    if problem.status in call.busy:
        return Failure(RefusedError(problem), untaken=True, retry_after=wait)
    raise RefusedError(problem)


_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_UNTAKEN = {429, 503}


def _decode(call: Call[T], response: httpx.Response) -> T | Failure:
    try:
        return msgspec.json.decode(response.content, type=call.gives)
    except (msgspec.DecodeError, UnicodeDecodeError):
        why = f"{response.status_code}, but no answer of a gate; is something in between?"
        return Failure(UnreachableError(why), untaken=False)


def problem_of(response: httpx.Response) -> Problem:
    """Read a problem; whatever else came is put into the form of one."""
    try:
        return msgspec.json.decode(response.content, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Problem(title=response.reason_phrase or "no reason given", status=response.status_code)


def retry_after(headers: httpx.Headers) -> float | None:
    """Seconds of ``Retry-After`` (RFC 9110 §10.2.3); a date counts from the answer's own ``Date``.

    Examples
    --------
    >>> retry_after(httpx.Headers({"retry-after": "3"}))
    3.0
    >>> date = {"date": "Wed, 25 Nov 2026 08:00:00 GMT", "retry-after": "Wed, 25 Nov 2026 08:00:07 GMT"}
    >>> retry_after(httpx.Headers(date))
    7.0
    """
    value = headers.get("retry-after", "")
    if value.isdecimal():
        return float(value)
    try:
        span = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return max(0.0, span.total_seconds())
