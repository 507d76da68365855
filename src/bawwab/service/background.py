"""What a running server does besides answering: it takes snapshots and follows the champion."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import structlog

from bawwab.core.errors import ModelError, StoreError
from bawwab.core.model.model import Model
from bawwab.service.clock import EventClock
from bawwab.service.entrance import Entrance
from bawwab.stores.memory import MemoryState
from bawwab.stores.snapshot import Moment, save_snapshot

_EVERY = 200_000  # records between snapshots: some 5 s of replay (22 µs each) at the next start
_LOOK = 1.0  # seconds between looks at the pointer and at the log


class Snapshots:
    """Keeps the snapshot of a state in memory near the end of the log."""

    def __init__(self, path: Path, state: MemoryState, entrance: Entrance) -> None:
        self._path, self._state, self._entrance = path, state, entrance
        self._last = entrance.log.appended

    async def look(self) -> None:
        """Take a snapshot if the log has grown enough."""
        if self._entrance.log.appended - self._last >= _EVERY:
            await self.take()

    async def take(self) -> None:
        """Take a snapshot; what it rests on is durable before it is."""
        entrance = self._entrance
        clock = entrance.clock.at if isinstance(entrance.clock, EventClock) else None
        moment, dump = Moment(entrance.log.appended, clock), self._state.dump()
        self._last = moment.seq
        try:
            await entrance.durable()
            await asyncio.to_thread(save_snapshot, self._path, moment, dump)
        except StoreError as error:
            structlog.get_logger("bawwab").error("no snapshot taken", why=str(error))


class ChampionFollower:
    """Serves the version that the pointer names, within seconds of its being moved."""

    def __init__(self, pointer: Path, load: Callable[[], Model], entrance: Entrance) -> None:
        self._pointer, self._load, self._entrance = pointer, load, entrance
        self._seen = self._read()

    async def look(self) -> None:
        """Load the champion if the pointer has changed; keep the old one if it cannot be."""
        found = self._read()
        if found is None or found == self._seen:
            return
        self._seen = found
        log = structlog.get_logger("bawwab")
        try:
            model = await asyncio.to_thread(self._load)
        except ModelError as error:
            log.error(  # noqa: TRY400 - a line, no traceback
                "champion refused, the former one serves on", why=str(error)
            )
            return
        self._entrance.gate.serve(model)
        log.info("champion changed", version=model.name.version, digest=model.name.digest)

    def _read(self) -> bytes | None:
        try:
            return self._pointer.read_bytes()
        except OSError:
            return None


@contextlib.asynccontextmanager
async def background(snapshots: Snapshots, follower: ChampionFollower) -> AsyncIterator[None]:
    """Do both until the server stops; then take a last snapshot."""
    task = asyncio.create_task(_look_for_ever(snapshots, follower))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await snapshots.take()


async def _look_for_ever(snapshots: Snapshots, follower: ChampionFollower) -> None:
    while True:
        await asyncio.sleep(_LOOK)
        await follower.look()
        await snapshots.look()
