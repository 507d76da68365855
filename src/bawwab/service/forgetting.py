"""Forgetting a recipient or a sender: log, state, snapshot, trail; the server runs, or is stopped."""

import asyncio
from contextlib import ExitStack
from pathlib import Path

from bawwab.core.policy import Policy
from bawwab.service.background import Snapshots
from bawwab.service.entrance import Entrance
from bawwab.service.home import Home
from bawwab.service.pseudonyms import recognise, replace
from bawwab.service.recovery import recover
from bawwab.service.settings import Settings, read_policy
from bawwab.service.shared import Rebuilder, erase
from bawwab.service.trail import Trail, at_the_console
from bawwab.stores.erasure import Erased, Recipient, Sender, Subject, erase_from_log
from bawwab.stores.memory import MemoryState
from bawwab.stores.snapshot import Moment, save_snapshot
from bawwab.stores.sql import SqlLog


class Forgetting:
    """Forgets while others are answered; what comes in meanwhile is new, and stays."""

    def __init__(
        self, entrance: Entrance, log: SqlLog, state: MemoryState, snapshots: Snapshots, trail: Trail
    ) -> None:
        self._entrance, self._log, self._state = entrance, log, state
        self._snapshots, self._trail = snapshots, trail
        self._one_at_a_time = asyncio.Lock()

    async def forget(self, subject: Subject) -> Erased:
        """Erase the subject; the old snapshot goes first, so that no step leaves more than there was.

        Raises
        ------
        StoreError
            The log could not be rewritten; asking again does the rest.
        """
        async with self._one_at_a_time:
            await self._entrance.durable()
            through, gone = self._log.committed, 0
            await self._snapshots.discard()
            for dropped in self._state.revise(subject):
                gone += dropped
                await asyncio.sleep(0)
            changed = await asyncio.to_thread(erase_from_log, self._log.engine, subject, through=through)
            await self._snapshots.take()
            await asyncio.to_thread(self._log.scrub)
            _rename(self._trail, subject)
            return Erased(changed, gone)


def forget(settings: Settings, *, recipient: str | None = None, sender: str | None = None) -> Erased:
    """Erase whom is named, while the server is stopped.

    Raises
    ------
    ConfigurationError, StoreError
        A server runs on this home, or something cannot be read or written.
    """
    with ExitStack() as stack:
        home = Home(settings.home)
        stack.callback(home.close)
        policy = read_policy(settings.policy)
        log = SqlLog(settings.log_url, shared=settings.shares_state)
        stack.callback(log.close)
        pseudonyms = recognise(settings.secret_path, log.engine)
        subject = Recipient(pseudonyms.of(recipient)) if recipient is not None else Sender(sender or "")
        if settings.shares_state:
            rebuilder = Rebuilder(settings.state, policy, log)
            stack.callback(rebuilder.close)
            erased = erase(subject, log, rebuilder)
        else:
            erased = _erase_at_rest(subject, log, home, policy)
        log.compact()
        trail, by = at_the_console(settings.home)
        _rename(trail, subject)
        trail.keep("forget", by=by, whom="recipient" if recipient is not None else "sender")
        return erased


def _erase_at_rest(subject: Subject, log: SqlLog, home: Home, policy: Policy) -> Erased:
    known = recover(log, home.snapshot, policy)
    home.snapshot.unlink(missing_ok=True)
    gone = sum(known.state.revise(subject))
    changed = erase_from_log(log.engine, subject, through=log.appended)
    save_snapshot(home.snapshot, Moment(log.appended, known.clock), known.state.dump())
    return Erased(changed, gone)


def rotate_secret(settings: Settings) -> Path:
    """Let the log take the secret that is there now, or a new one; where that is.

    Raises
    ------
    ConfigurationError, StoreError
        A server runs on this home, or the old secret is still in its place.
    """
    with ExitStack() as stack:
        home = Home(settings.home)
        stack.callback(home.close)
        log = SqlLog(settings.log_url)
        stack.callback(log.close)
        replace(settings.secret_path, log.engine)
        trail, by = at_the_console(settings.home)
        trail.keep("rotate-secret", by=by)
        return settings.secret_path


def _rename(trail: Trail, subject: Subject) -> None:
    if isinstance(subject, Sender):
        trail.rename(subject.name, subject.token)
