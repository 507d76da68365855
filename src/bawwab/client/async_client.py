"""The client for programs on an event loop."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
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


class AsyncClient(Base):
    """Asks the gate; may be shared by tasks.

    Every method takes ``deadline`` in seconds, and raises `RefusedError` where the gate does not
    take what it is given. `score` and `score_many` never raise on account of an outage: they give a
    `LocalAnswer`. All other methods then raise `UnreachableError`.

    Parameters
    ----------
    url : str
        Address of the gate.
    transport : httpx.AsyncBaseTransport, optional
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
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        **told: Unpack[Told],
    ) -> None:
        super().__init__(url, clock=clock, **told)
        self._http = httpx.AsyncClient(base_url=self._url, headers=self._headers, transport=transport)
        self._sleep = sleep

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close connections."""
        await self._http.aclose()

    async def score(self, message: Message, *, deadline: float | None = None) -> Answer:
        """Ask about one message; a second time with the same ``message_id`` is safe."""
        return await self._run(self._flows.score(message, self._for_score(deadline)))

    async def score_many(
        self, messages: Sequence[Message], *, deadline: float | None = None
    ) -> list[Answer | Problem]:
        """Ask about many, in order; one that was not taken has a `Problem` in its place."""
        return await self._run(self._flows.score_many(messages, self._for_rest(deadline)))

    async def report(self, report: Report | Sequence[Report], *, deadline: float | None = None) -> int:
        """Hand in complaints, all or none; how many were stored."""
        return await self._accepted("reports", report, deadline)

    async def survey(self, answer: Survey | Sequence[Survey], *, deadline: float | None = None) -> int:
        """Hand in survey answers, all or none; how many were stored."""
        return await self._accepted("surveys", answer, deadline)

    async def event(self, event: Event | Sequence[Event], *, deadline: float | None = None) -> int:
        """Hand in outcomes and changes of consent, all or none; how many were stored."""
        return await self._accepted("events", event, deadline)

    async def put_sender(self, sender_id: str, profile: Profile, *, deadline: float | None = None) -> Sender:
        """State what is known about a sender; what is left out is forgotten."""
        return await self._ask(calls.put_sender(sender_id, profile), deadline)

    async def sender(self, sender_id: str, *, deadline: float | None = None) -> Sender:
        """Ask how a sender stands."""
        return await self._ask(calls.sender(sender_id), deadline)

    async def decision(self, decision_id: str, *, deadline: float | None = None) -> DecisionRecord:
        """Ask for a stored decision, taken apart."""
        return await self._ask(calls.decision(decision_id), deadline)

    async def appeal(
        self, decision_id: str, note: str | None = None, *, deadline: float | None = None
    ) -> Appeal:
        """Contest a refusal; the appeal there is, where it was contested before."""
        return await self._ask(calls.appeal(decision_id, note), deadline)

    async def appeals(
        self, status: AppealStatus | None = None, *, deadline: float | None = None
    ) -> tuple[Appeal, ...]:
        """List appeals, oldest first."""
        found = await self._ask(calls.appeals(status), deadline)
        return found.appeals

    async def resolve_appeal(
        self,
        appeal_id: str,
        outcome: Resolution,
        note: str | None = None,
        *,
        deadline: float | None = None,
    ) -> Appeal:
        """Say whether a refusal was right; not asked again where the first attempt may have arrived."""
        return await self._ask(calls.resolve_appeal(appeal_id, outcome, note), deadline)

    async def usage(
        self,
        sender_id: str | None = None,
        *,
        portfolio_id: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        deadline: float | None = None,
    ) -> Usage:
        """Ask what was sent, and is to be paid, by everyone or those named; times need a zone."""
        return await self._ask(calls.usage(sender_id, portfolio_id, start, end), deadline)

    async def model(self, *, deadline: float | None = None) -> ModelCard:
        """Ask which model answers."""
        return await self._ask(calls.model(), deadline)

    async def _accepted(self, kind: str, items: calls.Feedback, deadline: float | None) -> int:
        found = await self._ask(calls.feedback(kind, items), deadline)
        return found.accepted

    async def _ask(self, call: calls.Call[T], deadline: float | None) -> T:
        return await self._run(self._flows.ask(call, self._for_rest(deadline)))

    async def _run(self, flow: Flow[T]) -> T:
        result: Result = None
        while True:
            try:
                step = flow.send(result)
            except StopIteration as end:
                answer: T = end.value
                return answer
            result = await self._take(step)

    async def _take(self, step: Send | Wait) -> Result:
        if isinstance(step, Wait):
            await self._sleep(step.seconds)
            return None
        try:
            return await self._http.request(**wire(step))
        except httpx.RequestError as error:
            return error
