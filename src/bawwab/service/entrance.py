"""The gate as the service holds it: with its clock, its log, and its names for recipients."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from functools import partial
from typing import Protocol

from bawwab.core.decisions import Decision, ReasonCode
from bawwab.core.errors import StoreError, StoreFullError
from bawwab.core.events import Category, Feedback, Message, Resolution, SenderProfile, owner_of
from bawwab.core.records import Appealed, Decided, Record, Resolved, Ticked
from bawwab.core.state.bundles import Bundle, key
from bawwab.gate import Gate, SenderView
from bawwab.gate.appeals import name_of
from bawwab.gate.sender import view_sender
from bawwab.service.clock import Clock
from bawwab.service.metrics import Metrics
from bawwab.service.pseudonyms import Pseudonyms
from bawwab.service.schemas import ScoreRequest
from bawwab.service.times import to_unix
from bawwab.stores.ledger import Allowed


class Log(Protocol):
    """What the service asks of the log, beyond what the gate does."""

    appended: int
    failure: StoreError | None

    @property
    def room(self) -> int:
        """Records that would still be taken."""

    @property
    def waiting(self) -> int:
        """Records not yet durable."""

    @property
    def lag(self) -> float:
        """Seconds for which they have been waiting."""

    def append(self, record: Record) -> None:
        """Take a record."""

    def on_durable(self, waiter: "Waiter") -> None:
        """Call ``waiter``, from any thread, once all that was appended is safe, or is not."""

    def find_decision(self, decision_id: str) -> Decided | None:
        """Decision of that id."""

    def find_appeal(self, appeal_id: str) -> tuple[Appealed, str] | None:
        """Appeal of that id with its status."""

    def appeals(self) -> list[tuple[Appealed, Resolved | None]]:
        """Every appeal, oldest first, with its resolution."""

    def latest_senders(self, *, limit: int) -> list[str]:
        """Senders of the latest decisions."""

    def allowed(
        self, *, since: float, until: float, sender_id: str | None, portfolio_id: str | None
    ) -> list[Allowed]:
        """Allowed messages, counted."""

    def decisions_of(self, sender_id: str, *, limit: int) -> list[Decided]:
        """The sender's latest decisions, newest first."""


class Waiter(Protocol):
    """Told of durability, or of why there is none."""

    def __call__(self, failure: StoreError | None, /) -> None:
        """Take the news."""


class Turns(Protocol):
    """Who may decide about an owner or a recipient, where several processes do."""

    def take(self, names: Callable[[], Sequence[str]]) -> AbstractAsyncContextManager[None]:
        """Hold the turns of all names."""

    def confirm(self) -> None:
        """Keep the turns that are held while what was decided is committed."""


class NoTurns:
    """One process, one event loop: whoever runs has the turn."""

    def take(self, names: Callable[[], Sequence[str]]) -> AbstractAsyncContextManager[None]:  # noqa: ARG002
        """Hold nothing."""
        return _NOTHING

    def confirm(self) -> None:
        """Nothing stands in the way of a commit."""


_NOTHING: AbstractAsyncContextManager[None] = nullcontext()


class Entrance:
    """Where requests meet the gate; all of a process on one event loop, one after another.

    Parameters
    ----------
    turns : Turns, optional
        What keeps other processes from deciding about the same owner meanwhile.
    keys : Callable, optional
        How many keys the state holds, where that is this process's to bound.
    """

    def __init__(
        self,
        *,
        gate: Gate,
        log: Log,
        clock: Clock,
        pseudonyms: Pseudonyms,
        metrics: Metrics,
        keys: Callable[[], int] = lambda: 0,
        turns: Turns | None = None,
    ) -> None:
        self.gate = gate
        self.log = log
        self.clock = clock
        self.pseudonyms = pseudonyms
        self.metrics = metrics
        self._keys = keys
        self._turns = turns or NoTurns()

    async def score(self, request: ScoreRequest) -> Decision:
        """Decide one message.

        Raises
        ------
        RefusedInputError
            It cannot be taken as it is; nothing has changed.
        """
        message = self._message(request)
        if message.dry_run:
            return await self._rehearse(message)
        decision = await self._decide(message)
        self.metrics.decided(decision, message.category)
        return decision

    async def _rehearse(self, message: Message) -> Decision:
        now = self.clock.rehearsal(message.occurred_at)
        try:
            async with self._turns.take(lambda: self._about(message)):
                return self.gate.score(message, now=now)
        except StoreError:
            return self.gate.fall_back(message, now=now)

    async def _decide(self, message: Message) -> Decision:
        """Decide by the gate; while the log fails, and where the state does, as the policy says."""
        [now] = self.clock.arrivals([message.occurred_at])
        try:
            async with self._turns.take(lambda: self._about(message)):
                [now] = self.clock.arrivals([message.occurred_at])
                return self._decide_now(message, now)
        except StoreError:
            return self.gate.fall_back(message, now=now)

    def _decide_now(self, message: Message, now: float) -> Decision:
        room, before = self._has_room, self.log.appended
        fault = None if room and self._is_written else ReasonCode.STATE_UNAVAILABLE
        decision = self.gate.score(message, now=now, fault=fault, keep=room)
        if room:
            self._accept(now, before)
        return decision

    @property
    def _has_room(self) -> bool:
        """Whether log and state take another message; feedback is taken while the log takes it."""
        return self.log.room > 1 and self._keys() < self.gate.policy.fail.state_keys

    @property
    def _is_written(self) -> bool:
        """Whether the log is written, and in time."""
        return self.log.failure is None and self.log.lag <= self.gate.policy.fail.log_lag

    def missing(self) -> tuple[str, ...]:
        """What keeps decisions from being whole, in words."""
        log, fail = self.log, self.gate.policy.fail
        lacking = {
            str(log.failure): log.failure is not None,
            "the log is full; is its disk?": log.room <= 1,
            f"records have waited more than {fail.log_lag:g} s for the log": log.lag > fail.log_lag,
            f"the state is full: {fail.state_keys} keys": self._keys() >= fail.state_keys,
            "no model is served": self.gate.model is None,
        }
        return tuple(what for what, holds in lacking.items() if holds)

    def _about(self, message: Message) -> list[str]:
        """Whose turn it takes: the owner's limits, and the recipient's budget of marketing."""
        owner = self._owner(message.sender_id)
        return [owner, message.recipient] if message.category is Category.MARKETING else [owner]

    def _owner(self, sender_id: str) -> str:
        profile: SenderProfile | None = self.gate.state.fact(
            key(Bundle.PROFILE, sender_id), now=self.clock.now()
        )
        return owner_of(sender_id, None) if profile is None else profile.owner

    async def appeal(self, decision_id: str, note: str | None) -> tuple[Appealed, str]:
        """Take an appeal; its status with it."""
        self._make_room(1)
        async with self._turns.take(lambda: [name_of(decision_id)]):
            made = self.gate.appeal(decision_id, now=self.clock.now(), note=note)
            await self.durable()  # whoever has the turn next finds it in the log
            return made

    async def resolve(self, appeal_id: str, outcome: Resolution, note: str | None, *, by: str) -> Resolved:
        """Take a reviewer's word."""
        self._make_room(1)
        async with self._turns.take(lambda: [appeal_id]):
            made = self.gate.resolve(appeal_id, outcome, now=self.clock.now(), note=note, by=by)
            await self.durable()
            return made

    async def observe(self, items: Sequence[Feedback], times: Sequence[float | None]) -> None:
        """Take feedback, all of it or none.

        Raises
        ------
        ClockError
            An item's time is too far ahead; ``index`` says which.
        """
        arrivals = self.clock.arrivals(times)
        self._make_room(len(items))
        for item, now in zip(items, arrivals, strict=True):
            async with self._turns.take(partial(self._about_feedback, item)):
                before = self.log.appended
                self.gate.observe(item, now=now)
                self._accept(now, before)

    def _about_feedback(self, item: Feedback) -> list[str]:
        return [self._owner(item.sender_id), item.recipient]

    async def put_profile(self, profile: SenderProfile, *, by: str) -> bool:
        """Take what the platform states; whether the sender was unknown."""
        self._make_room(1)
        async with self._turns.take(lambda: [self._owner(profile.sender_id), profile.owner]):
            return self.gate.put_profile(profile, now=self.clock.now(), by=by)

    async def sender(self, sender_id: str) -> SenderView | None:
        """How a sender stands."""
        async with self._turns.take(lambda: [self._owner(sender_id)]):
            return view_sender(self.gate.state, sender_id, self.gate.policy, now=self.clock.now())

    async def durable(self) -> None:
        """Wait until all that was taken so far is safe.

        Raises
        ------
        StoreError
            It could not be written; it is still queued, and tried again.
        """
        if not self.log.waiting:
            return
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()

        def tell(failure: StoreError | None, /) -> None:
            with suppress(RuntimeError):  # the loop has ended: nobody waits any more
                loop.call_soon_threadsafe(_settle, future, failure)

        self.log.on_durable(tell)
        await future

    def _make_room(self, items: int) -> None:
        if self.log.room <= items:
            raise StoreFullError("the log cannot keep up")

    def _accept(self, now: float, before: int) -> None:
        if self.clock.accept(now) and self.log.appended == before:
            self.log.append(Ticked(now=now))

    def _message(self, request: ScoreRequest) -> Message:
        return Message(
            message_id=request.message_id,
            sender_id=request.sender_id,
            recipient=self.pseudonyms.of(request.recipient_id),
            category=request.category,
            text=request.text,
            language=request.language,
            template_id=request.template_id,
            campaign_id=request.campaign_id,
            opted_in=request.opted_in,
            recipient_region=request.recipient_region,
            last_inbound_at=to_unix(request.last_inbound_at, "last_inbound_at"),
            occurred_at=to_unix(request.occurred_at, "occurred_at"),
            dry_run=request.dry_run,
        )


def _settle(future: asyncio.Future[None], failure: StoreError | None) -> None:
    if future.done():
        return
    if failure is None:
        future.set_result(None)
    else:
        future.set_exception(failure)
