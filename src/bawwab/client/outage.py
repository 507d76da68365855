"""What is done with messages while the gate does not answer."""

from collections.abc import Callable
from threading import Lock

import msgspec

from bawwab.client.errors import UnreachableError
from bawwab.client.messages import LocalAnswer, Message
from bawwab.core.decisions import Advice, Verdict
from bawwab.core.events import Category
from bawwab.core.state.cell import Rate, hit, test

_URGENT = frozenset({Category.AUTHENTICATION, Category.UTILITY, Category.SERVICE})


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """How much goes out unseen; the numbers are those of ``[fail]`` in the default policy.

    Parameters
    ----------
    passes : frozenset of Category
        What goes out all the same, under the cap; the rest waits.
    burst : int
        Messages that go out at once ...
    interval : float
        ... and then one every so many seconds: 10 a second.
    retry_after : float
        Seconds that what waits is told to wait.
    rest : float
        Seconds for which nobody asks again after a call in vain: a dead gate must not cost
        every message its deadline.
    """

    passes: frozenset[Category] = _URGENT
    burst: int = 200
    interval: float = 0.1
    retry_after: float = 60.0
    rest: float = 5.0


class LocalDoor:
    """Answers in the gate's place, under one cap for everything this client sends.

    Parameters
    ----------
    outage : Outage
        Its numbers.
    clock : Callable
        Seconds, never stepping back.
    """

    def __init__(self, outage: Outage, clock: Callable[[], float]) -> None:
        self._outage, self._clock = outage, clock
        self._rate = Rate(outage.burst, outage.interval)
        self._lock = Lock()
        self._tat: float | None = None
        self._failure: UnreachableError | None = None
        self._rests_until = 0.0

    def failed(self, failure: UnreachableError) -> None:
        """Note a call in vain; one beyond the quota says nothing about the gate."""
        if not failure.over_quota:
            self._failure, self._rests_until = failure, self._clock() + self._outage.rest

    def resting(self) -> UnreachableError | None:
        """Failure on account of which nobody asks for the moment."""
        return self._failure if self._clock() < self._rests_until else None

    def answer(self, message: Message, failure: UnreachableError) -> LocalAnswer:
        """Decide one message without the gate."""
        wait = self._wait(message, failure)
        return LocalAnswer(
            message_id=message.message_id,
            verdict=Verdict.ALLOW if wait is None else Verdict.THROTTLE,
            advice=Advice.NONE if wait is None else Advice.RETRY_LATER,
            retry_after_seconds=wait,
            why=failure.why,
        )

    def _wait(self, message: Message, failure: UnreachableError) -> float | None:
        """Seconds to wait; None where it may go out now."""
        asked = failure.retry_after or 0.0
        if failure.over_quota:  # the gate is well: back-pressure, not an outage
            return max(1.0, asked)
        if message.category not in self._outage.passes:
            return max(self._outage.retry_after, asked)
        with self._lock:
            if message.dry_run:
                answer = test(self._tat, self._rate, now=self._clock())
            else:
                self._tat, answer = hit(self._tat, self._rate, now=self._clock())
        return answer.retry_after if answer.limited else None
