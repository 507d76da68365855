"""A state that several processes share: opened, told whole or not, rebuilt from the log, kept an eye on."""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import NamedTuple

import structlog

from bawwab.core.errors import ConfigurationError, StoreError
from bawwab.core.policy import Policy
from bawwab.gate.fold import fold
from bawwab.service.background import longest_window
from bawwab.service.entrance import Entrance
from bawwab.service.recovery import recover
from bawwab.service.settings import Settings, read_policy
from bawwab.service.trail import Trail
from bawwab.stores.erasure import Erased, Sender, Subject, erase_from_log
from bawwab.stores.memory import MemoryState
from bawwab.stores.redis import RedisState, open_link
from bawwab.stores.redis.link import Link, where
from bawwab.stores.redis.outbox import Outbox, Outboxes
from bawwab.stores.redis.turns import RedisTurns, Whole
from bawwab.stores.redis.verbs import GIVE, KEEP, SCRIPTS, Ask, command
from bawwab.stores.schema import identity
from bawwab.stores.sql import SqlLog

_LEASE = 600.0  # seconds for which a rebuilding process that died keeps others from it
_LOOK = 0.5  # seconds between looks while another process rebuilds; after which what was decided is logged
_MISSED = 3  # looks in a row at which a process did not live until it is taken for dead
_ENDLESS = 2**62  # records that a shared state has taken: all


class Shared(NamedTuple):
    """The parts of a shared state."""

    state: RedisState
    turns: RedisTurns
    journal: Outbox
    rebuilder: "Rebuilder"


def open_shared(url: str, policy: Policy, log: SqlLog, stack: ExitStack) -> Shared:
    """Open the state at ``url``, and rebuild it from the log if it is not whole.

    Raises
    ------
    ConfigurationError
        Nobody answers, the server may drop what must be kept, or the state follows another log.
    """
    try:
        link = open_link(url, SCRIPTS)
        stack.callback(link.close)
        _refuse_eviction(link, url)
        rebuilder = Rebuilder(url, policy, log)
        stack.callback(rebuilder.close)
        rebuilder.make_whole()
        state = RedisState(link, row_retention=policy.retention.state)
        journal = Outbox(log, state)
        journal.tidy()
    except StoreError as error:
        raise ConfigurationError(f"BAWWAB_STATE: {error}") from error
    return Shared(state, RedisTurns(link, identity(log.engine)), journal, rebuilder)


def _refuse_eviction(link: Link, url: str) -> None:
    policies = link.policies()
    if any(policy.startswith("allkeys") for policy in policies):
        raise ConfigurationError(
            f"BAWWAB_STATE: Redis at {where(url)} drops any key when its memory is full "
            f"(maxmemory-policy {', '.join(sorted(policies))}), opt-outs too; set it to noeviction"
        )
    if policies != {"noeviction"}:
        structlog.get_logger("bawwab").warning(
            "Redis may drop limits and idempotency records when its memory is full; set noeviction",
            policy=", ".join(sorted(policies)),
        )


def _as_it_was(_: MemoryState) -> None:
    """Change nothing of what the log gives."""


class Rebuilder:
    """Fills the state from the log, one process at a time.

    Parameters
    ----------
    url : str
        Where the state is; it has a connection of its own, for it may run in a thread.
    policy : Policy
        By which records change the state.
    log : SqlLog
        What has happened.
    """

    def __init__(self, url: str, policy: Policy, log: SqlLog) -> None:
        self._link = open_link(url, SCRIPTS)
        self._policy, self._log = policy, log
        self.turns = RedisTurns(self._link, identity(log.engine))
        self.outboxes = Outboxes(self._link)
        self._state = RedisState(self._link, row_retention=policy.retention.state)
        self._busy, self._token = f"{self._link.namespace}!rebuilding", secrets.token_hex(8)

    def make_whole(self) -> None:
        """Rebuild the state if marks are gone or another version set them; wait for who is at it.

        Raises
        ------
        ConfigurationError
            The state follows another log.
        """
        while (found := self.turns.look()) is not Whole.OURS:
            if found is Whole.FOREIGN:
                raise ConfigurationError(f"BAWWAB_STATE: {found}")
            if self._begins():
                try:
                    self._fill(_as_it_was)
                finally:
                    self._end()
            else:
                time.sleep(_LOOK)

    def rebuild(self, change: Callable[[MemoryState], None] = _as_it_was) -> int:
        """Fill the state anew, changed; how many records went into it.

        Nobody decides meanwhile: without marks there are no turns.
        """
        while not self._begins():
            time.sleep(_LOOK)
        try:
            self.turns.unmark()
            time.sleep(_LOOK)
            return self._fill(change)
        finally:
            self._end()

    def close(self) -> None:
        """End its connection."""
        self._link.close()

    def _fill(self, change: Callable[[MemoryState], None]) -> int:
        self.turns.unmark()
        recovered = recover(self._log, None, self._policy)
        for late in self._log.lacking(self.outboxes.records(self.outboxes.names())):
            fold(late, recovered.state, self._policy)
        change(recovered.state)
        dump = recovered.state.dump()
        self._stay()
        self._link.drop_all()
        self._state.load(dump, now=time.time(), kept=longest_window(self._policy))
        self._stay()
        self.turns.mark()
        if recovered.replayed:
            structlog.get_logger("bawwab").info(
                "state rebuilt from the log", records=recovered.replayed, keys=dump.size
            )
        return recovered.replayed

    def _begins(self) -> bool:
        asked = ("SET", self._busy, self._token, "NX", "EX", int(_LEASE))
        return bool(self._link.ask(Ask(asked, bool)))

    def _stay(self) -> None:
        """Go on only while nobody else is at it."""
        if not self._link.ask(Ask(command(KEEP, [self._busy], self._token, int(_LEASE * 1e3)), bool)):
            raise StoreError("another process has begun to rebuild the state")

    def _end(self) -> None:
        with suppress(StoreError):
            self._link.ask(Ask(command(GIVE, [self._busy], self._token), bool))


class SharedKeeper:
    """Looks every second whether the state is whole, and whether a process has died.

    It has the state rebuilt, and puts into the log what a dead process has not; in place of snapshots.

    Parameters
    ----------
    shared : Shared
        The state.
    entrance : Entrance
        What it has logged and not changed the state by yet is in a rebuilt state already.
    log : SqlLog
        The log.
    """

    saved: int = _ENDLESS

    def __init__(self, shared: Shared, entrance: Entrance, log: SqlLog) -> None:
        self.shared, self._entrance, self._log = shared, entrance, log
        self._found = Whole.OURS
        self._missed = Counter[str]()
        self.missing: tuple[str, ...] = ()

    async def look(self) -> None:
        """See to it that the state is whole and the log too."""
        try:
            self.shared.journal.tidy()
            await self._see_to_state()
            await self._see_to_log()
        except (StoreError, ConfigurationError) as error:
            self._missed.clear()
            self.missing = (str(error),)

    async def take(self) -> None:
        """Leave nothing behind: what this process has taken is in the log."""
        try:
            await self._entrance.durable()
            self.shared.rebuilder.outboxes.drop(self.shared.journal.name)
        except StoreError as error:
            structlog.get_logger("bawwab").error("others put the rest into the log", why=str(error))

    async def _see_to_state(self) -> None:
        """Have it rebuilt at the second look, when every process has noticed."""
        rebuilder = self.shared.rebuilder
        found = await asyncio.to_thread(rebuilder.turns.look)
        if found is self._found is Whole.BROKEN:
            await asyncio.to_thread(rebuilder.make_whole)
            found = Whole.OURS
        if found is Whole.OURS and self._found is not Whole.OURS:
            self._entrance.gate.behind.clear()
        self._found = found
        self.missing = () if found is Whole.OURS else (str(found),)

    async def _see_to_log(self) -> None:
        outboxes = self.shared.rebuilder.outboxes
        dead = set(await asyncio.to_thread(outboxes.dead))
        self._missed = Counter({name: self._missed[name] + 1 for name in dead})
        for name in [name for name, missed in self._missed.items() if missed >= _MISSED]:
            await asyncio.to_thread(self._adopt, name)

    def _adopt(self, name: str) -> None:
        outboxes = self.shared.rebuilder.outboxes
        adopted = self._log.adopt(outboxes.records([name]))
        outboxes.drop(name)
        structlog.get_logger("bawwab").warning("a process died; the log has what it had taken", late=adopted)


def nothing_to_sweep(*, now: float, longest_window: float) -> Iterator[int]:  # noqa: ARG001 - as in memory
    """Drop nothing: Redis does, by the time that each key was given."""
    return iter(())


class SharedForgetting:
    """Forgets: the log without the subject, and the state rebuilt without them."""

    def __init__(self, entrance: Entrance, log: SqlLog, shared: Shared, trail: Trail) -> None:
        self._entrance, self._log, self._shared, self._trail = entrance, log, shared, trail

    async def forget(self, subject: Subject) -> Erased:
        """Erase the subject; decisions are made by the fail modes while the state is rebuilt.

        Raises
        ------
        StoreError
            The log could not be rewritten; asking again does the rest.
        """
        await self._entrance.durable()
        erased = await asyncio.to_thread(erase, subject, self._log, self._shared.rebuilder)
        if isinstance(subject, Sender):
            self._trail.rename(subject.name, subject.token)
        return erased


def erase(subject: Subject, log: SqlLog, rebuilder: Rebuilder) -> Erased:
    """Erase the subject from log and state, whoever else uses them.

    Raises
    ------
    StoreError
        Something does not answer; asking again does the rest.
    """
    changed = gone = 0

    def change(state: MemoryState) -> None:
        nonlocal changed, gone
        gone = sum(state.revise(subject))
        changed = erase_from_log(log.engine, subject, through=_ENDLESS)

    rebuilder.rebuild(change)
    log.scrub()
    return Erased(changed, gone)


def rebuild_state(settings: Settings) -> int:
    """Fill a shared state from the log; how many records went into it.

    Raises
    ------
    ConfigurationError, StoreError
        The state is not shared, or something does not answer.
    """
    if not settings.shares_state:
        raise ConfigurationError("BAWWAB_STATE: memory: is rebuilt at every start; give redis://…")
    with ExitStack() as stack:
        log = SqlLog(settings.log_url, shared=True)
        stack.callback(log.close)
        rebuilder = Rebuilder(settings.state, read_policy(settings.policy), log)
        stack.callback(rebuilder.close)
        return rebuilder.rebuild()
