"""The client for programs that wait."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self, TypeVar, Unpack

import httpx

from bawwab.client import calls
from bawwab.client.base import Base, Told, wire
from bawwab.client.exchange import Flow, Result, Send, Wait
from bawwab.client.messages import (
    Answer,
    Appeal,
    AppealStatus,
    DecisionRecord,
    Event,
    Message,
    ModelCard,
    Problem,
    Profile,
    Report,
    Sender,
    Survey,
    Usage,
)
from bawwab.core.events import Resolution

T = TypeVar("T")


class Client(Base):
    """Asks the gate; may be shared by threads.

    Every method takes ``deadline`` in seconds, and raises `RefusedError` where the gate does not
    take what it is given. `score` and `score_many` never raise on account of an outage: they give a
    `LocalAnswer`. All other methods then raise `UnreachableError`.

    Parameters
    ----------
    url : str
        Address of the gate.
    transport : httpx.BaseTransport, optional
        Way to the gate other than the network; certificates and proxies are set here too.
    sleep : Callable
        How pauses between attempts are spent.
    **told
        What both clients can be told; see `Base`.
    """

    def __init__(
        self,
        url: str,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        **told: Unpack[Told],
    ) -> None:
        super().__init__(url, clock=clock, **told)
        self._http = httpx.Client(base_url=self._url, headers=self._headers, transport=transport)
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close connections."""
        self._http.close()

    def score(self, message: Message, *, deadline: float | None = None) -> Answer:
        """Ask about one message; a second time with the same ``message_id`` is safe."""
        return self._run(self._flows.score(message, self._for_score(deadline)))

    def score_many(
        self, messages: Sequence[Message], *, deadline: float | None = None
    ) -> list[Answer | Problem]:
        """Ask about many, in order; one that was not taken has a `Problem` in its place."""
        return self._run(self._flows.score_many(messages, self._for_rest(deadline)))

    def report(self, report: Report | Sequence[Report], *, deadline: float | None = None) -> int:
        """Hand in complaints, all or none; how many were stored."""
        return self._accepted("reports", report, deadline)

    def survey(self, answer: Survey | Sequence[Survey], *, deadline: float | None = None) -> int:
        """Hand in survey answers, all or none; how many were stored."""
        return self._accepted("surveys", answer, deadline)

    def event(self, event: Event | Sequence[Event], *, deadline: float | None = None) -> int:
        """Hand in outcomes and changes of consent, all or none; how many were stored."""
        return self._accepted("events", event, deadline)

    def put_sender(self, sender_id: str, profile: Profile, *, deadline: float | None = None) -> Sender:
        """State what is known about a sender; what is left out is forgotten."""
        return self._ask(calls.put_sender(sender_id, profile), deadline)

    def sender(self, sender_id: str, *, deadline: float | None = None) -> Sender:
        """Ask how a sender stands."""
        return self._ask(calls.sender(sender_id), deadline)

    def decision(self, decision_id: str, *, deadline: float | None = None) -> DecisionRecord:
        """Ask for a stored decision, taken apart."""
        return self._ask(calls.decision(decision_id), deadline)

    def appeal(self, decision_id: str, note: str | None = None, *, deadline: float | None = None) -> Appeal:
        """Contest a refusal; the appeal there is, where it was contested before."""
        return self._ask(calls.appeal(decision_id, note), deadline)

    def appeals(
        self, status: AppealStatus | None = None, *, deadline: float | None = None
    ) -> tuple[Appeal, ...]:
        """List appeals, oldest first."""
        found = self._ask(calls.appeals(status), deadline)
        return found.appeals

    def resolve_appeal(
        self,
        appeal_id: str,
        outcome: Resolution,
        note: str | None = None,
        *,
        deadline: float | None = None,
    ) -> Appeal:
        """Say whether a refusal was right; not asked again where the first attempt may have arrived."""
        return self._ask(calls.resolve_appeal(appeal_id, outcome, note), deadline)

    def usage(
        self,
        sender_id: str | None = None,
        *,
        portfolio_id: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        deadline: float | None = None,
    ) -> Usage:
        """Ask what was sent, and is to be paid, by everyone or those named; times need a zone."""
        return self._ask(calls.usage(sender_id, portfolio_id, start, end), deadline)

    def model(self, *, deadline: float | None = None) -> ModelCard:
        """Ask which model answers."""
        return self._ask(calls.model(), deadline)

    def _accepted(self, kind: str, items: calls.Feedback, deadline: float | None) -> int:
        found = self._ask(calls.feedback(kind, items), deadline)
        return found.accepted

    def _ask(self, call: calls.Call[T], deadline: float | None) -> T:
        return self._run(self._flows.ask(call, self._for_rest(deadline)))

    def _run(self, flow: Flow[T]) -> T:
        result: Result = None
        while True:
            try:
                step = flow.send(result)
            except StopIteration as end:
                answer: T = end.value
                return answer
            result = self._take(step)

    def _take(self, step: Send | Wait) -> Result:
        if isinstance(step, Wait):
            self._sleep(step.seconds)
            return None
        try:
            return self._http.request(**wire(step))
        except httpx.RequestError as error:
            return error
