"""What a running server does besides answering: it takes snapshots, follows the champion, tidies up."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Protocol

import structlog

from bawwab.core.errors import ModelError, StoreError
from bawwab.core.model.model import Model
from bawwab.core.policy import Policy
from bawwab.core.state.bundles import DAY
from bawwab.service.clock import EventClock
from bawwab.service.entrance import Entrance
from bawwab.stores.memory import MemoryState
from bawwab.stores.snapshot import Moment, save_snapshot

_EVERY = 200_000  # records between snapshots: some 5 s of replay (22 µs each) at the next start
_TIDY = 3_600  # looks between two tidyings: an hour
_LOOK = 1.0  # seconds between looks at the pointer and at the log


class Snapshots:
    """Keeps the snapshot of a state in memory near the end of the log."""

    def __init__(self, path: Path, state: MemoryState, entrance: Entrance) -> None:
        self._path, self._state, self._entrance = path, state, entrance
        self._last = entrance.log.appended
        self._one_at_a_time = asyncio.Lock()
        self.saved = 0

    async def look(self) -> None:
        """Take a snapshot if the log has grown enough."""
        if self._entrance.log.appended - self._last >= _EVERY:
            await self.take()

    async def take(self) -> None:
        """Take a snapshot; what it rests on is durable before it is."""
        async with self._one_at_a_time:
            await self._take()

    async def discard(self) -> None:
        """Do without the last snapshot, until the next is taken."""
        async with self._one_at_a_time:
            self._path.unlink(missing_ok=True)

    async def _take(self) -> None:
        entrance = self._entrance
        clock = entrance.clock.at if isinstance(entrance.clock, EventClock) else None
        moment, dump = Moment(entrance.log.appended, clock), self._state.dump()
        self._last = moment.seq
        try:
            await entrance.durable()
            await asyncio.to_thread(save_snapshot, self._path, moment, dump)
            self.saved = moment.seq
        except StoreError as error:
            structlog.get_logger("bawwab").error("no snapshot taken", why=str(error))


class Looker(Protocol):
    """Sees to something, once it is time."""

    async def look(self) -> None:
        """See whether it is."""


class Keeper(Looker, Protocol):
    """Sees to it that the state outlives the process."""

    saved: int

    async def take(self) -> None:
        """Keep what there is now."""


class Sweep(Protocol):
    """What drops from a state what is past its retention."""

    def __call__(self, *, now: float, longest_window: float) -> Iterator[int]:
        """Drop a few keys at a time; how many each time."""


class ChampionFollower:
    """Serves the version that the pointer names, within seconds of its being moved."""

    def __init__(self, pointer: Path, load: Callable[[], Model], entrance: Entrance) -> None:
        self._pointer, self._load, self._entrance = pointer, load, entrance
        self._seen = self._read()
        self.refused = ""

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
            self.refused = f"the champion was refused, the former one serves on: {error}"
            log.error(  # noqa: TRY400 - a line, no traceback
                "champion refused, the former one serves on", why=str(error)
            )
            return
        self.refused = ""
        self._entrance.gate.serve(model)
        log.info("champion changed", version=model.name.version, digest=model.name.digest)

    def _read(self) -> bytes | None:
        try:
            return self._pointer.read_bytes()
        except OSError:
            return None


class Housekeeping:
    """Drops, once an hour, what is past its retention: from the state, and from the log.

    Parameters
    ----------
    snapshots : Keeper
        A record is only dropped once a snapshot holds what it did.
    drop_old : Callable
        ``(before, through) -> dropped``, a few records at a time.
    """

    def __init__(
        self,
        sweep: Sweep,
        snapshots: Keeper,
        entrance: Entrance,
        drop_old: Callable[[float, int], int],
    ) -> None:
        self._sweep, self._snapshots, self._entrance = sweep, snapshots, entrance
        self._drop_old = drop_old
        self._looks = 0

    async def look(self) -> None:
        """Tidy up if it is time."""
        self._looks += 1
        if self._looks % _TIDY == 0:
            await self.tidy()

    async def tidy(self) -> tuple[int, int]:
        """Tidy up; how many entries of the state and records of the log went."""
        policy, now = self._entrance.gate.policy, self._entrance.clock.now()
        swept = 0
        # A day late: a clock set back, or a rehearsal of yesterday, still finds what it would have.
        for gone in self._sweep(now=now - DAY, longest_window=longest_window(policy)):
            swept += gone
            await asyncio.sleep(0)
        return swept, await self._drop(now - policy.retention.decisions)

    async def _drop(self, before: float) -> int:
        dropped = 0
        if before <= 0.0:
            return dropped
        await self._snapshots.take()
        try:
            while gone := await asyncio.to_thread(self._drop_old, before, self._snapshots.saved):
                dropped += gone
        except StoreError as error:
            structlog.get_logger("bawwab").error("old records stay", why=str(error))
        return dropped


def longest_window(policy: Policy) -> float:
    """Seconds after which no windowed set can hold anything any more."""
    pace = policy.pace
    return max(policy.limit.window, pace.max_wait, pace.unanswered.window, policy.campaign.window)


@contextlib.asynccontextmanager
async def background(
    snapshots: Keeper, follower: ChampionFollower, housekeeping: Housekeeping
) -> AsyncIterator[None]:
    """Do all of it until the server stops, none waiting for another; then take a last snapshot."""
    lookers: tuple[Looker, ...] = (snapshots, follower, housekeeping)
    task = asyncio.gather(*map(_look_for_ever, lookers))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await snapshots.take()


async def _look_for_ever(looker: Looker) -> None:
    while True:
        await asyncio.sleep(_LOOK)
        await looker.look()
