"""A state that several processes share: opened, told whole or not, rebuilt from the log, kept an eye on."""

import asyncio
import secrets
import time
from contextlib import ExitStack, suppress
from typing import NamedTuple

import structlog

from bawwab.core.errors import ConfigurationError, StoreError
from bawwab.core.policy import Policy
from bawwab.gate import Gate
from bawwab.service.background import longest_window
from bawwab.service.entrance import Entrance
from bawwab.service.recovery import recover
from bawwab.service.settings import Settings, read_policy
from bawwab.service.trail import Trail
from bawwab.stores.erasure import Erased, Sender, Subject, erase_from_log
from bawwab.stores.redis import RedisState, open_link
from bawwab.stores.redis.link import Link, where
from bawwab.stores.redis.recent import RecentJournal
from bawwab.stores.redis.turns import RedisTurns
from bawwab.stores.redis.verbs import SCRIPTS, Ask
from bawwab.stores.sql import SqlLog

_LEASE = 300  # seconds for which a rebuilding process that died keeps others from it
_LOOK = 0.5  # seconds between looks while another process rebuilds
_ENDLESS = 2**62  # records that a shared state has taken: all


class Shared(NamedTuple):
    """The parts of a shared state."""

    state: RedisState
    turns: RedisTurns
    journal: RecentJournal
    rebuilder: "Rebuilder"


def open_shared(url: str, policy: Policy, log: SqlLog, stack: ExitStack) -> Shared:
    """Open the state at ``url``, and rebuild it from the log if it is not whole.

    Raises
    ------
    ConfigurationError
        Nobody answers, or the server may drop what must be kept.
    """
    try:
        link = open_link(url, SCRIPTS)
        stack.callback(link.close)
        _refuse_eviction(link, url)
        rebuilder = Rebuilder(url, policy, log)
        stack.callback(rebuilder.close)
        rebuilder.make_whole()
    except StoreError as error:
        raise ConfigurationError(f"BAWWAB_STATE: {error}") from error
    state = RedisState(link, row_retention=policy.retention.state)
    return Shared(state, RedisTurns(link), RecentJournal(log, link), rebuilder)


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
        self.turns = RedisTurns(self._link)
        self._state = RedisState(self._link, row_retention=policy.retention.state)
        self._busy = f"{self._link.namespace}!rebuilding"
        self._token = secrets.token_hex(8)

    def make_whole(self) -> bool:
        """Rebuild the state unless it is whole; whether this process did.

        Where another process is at it, wait until it has finished, or died.
        """
        while not self.turns.is_whole():
            if self._begin():
                try:
                    self.rebuild()
                finally:
                    self._end()
                return True
            time.sleep(_LOOK)
        return False

    def rebuild(self) -> int:
        """Fill the state anew; how many records went into it.

        Nobody decides meanwhile: without marks there are no turns.
        """
        self.turns.unmark()
        recovered = recover(self._log, None, self._policy)
        dump = recovered.state.dump()
        self._link.drop_all()
        self._state.load(dump, now=time.time(), kept=longest_window(self._policy))
        self.turns.mark()
        if recovered.replayed:
            structlog.get_logger("bawwab").info(
                "state rebuilt from the log", records=recovered.replayed, keys=dump.size
            )
        return recovered.replayed

    def close(self) -> None:
        """End its connection."""
        self._link.close()

    def _begin(self) -> bool:
        return bool(self._link.ask(Ask(("SET", self._busy, self._token, "NX", "EX", _LEASE), bool)))

    def _end(self) -> None:
        with suppress(StoreError):
            self._link.ask(Ask(("UNLINK", self._busy), bool))


class SharedKeeper:
    """Looks every second whether the state is whole, and has it rebuilt; in place of snapshots.

    Parameters
    ----------
    shared : Shared
        The state.
    gate : Gate
        What it has logged and not changed the state by yet is in a rebuilt state already.
    """

    saved: int = _ENDLESS

    def __init__(self, shared: Shared, gate: Gate) -> None:
        self._shared, self._gate = shared, gate
        self._is_whole = True
        self.missing: tuple[str, ...] = ()

    async def look(self) -> None:
        """See to it that the state is whole; at the second look, when every process has noticed."""
        try:
            whole = await asyncio.to_thread(self._shared.rebuilder.turns.is_whole)
            if not whole and not self._is_whole:
                whole = await asyncio.to_thread(self._shared.rebuilder.make_whole) or True
            if whole and not self._is_whole:
                self._gate.behind.clear()
            self._is_whole = whole
            self.missing = () if whole else ("the state is being rebuilt from the log",)
        except StoreError as error:
            self.missing = (str(error),)

    async def take(self) -> None:
        """Nothing to take: the state is kept elsewhere."""


class SharedForgetting:
    """Forgets: the log without the subject, and the state rebuilt from it."""

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
        changed = await asyncio.to_thread(erase_from_log, self._log.engine, subject, through=_ENDLESS)
        await asyncio.to_thread(self._shared.rebuilder.rebuild)
        await asyncio.to_thread(self._log.scrub)
        if isinstance(subject, Sender):
            self._trail.rename(subject.name, subject.token)
        return Erased(changed, changed)


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
        rebuilder.turns.unmark()
        time.sleep(_LOOK)  # a decision that was being made is in the log by then
        return rebuilder.rebuild()
