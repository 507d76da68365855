"""Bringing the state back: the last snapshot, and the log's records since."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import structlog

from bawwab.core.errors import StoreError
from bawwab.core.policy import Policy
from bawwab.core.records import Profiled, Record
from bawwab.gate.fold import fold
from bawwab.stores.memory import MemoryState
from bawwab.stores.snapshot import Moment, load_snapshot


class Readable(Protocol):
    """A log that can be read from the start."""

    appended: int

    def read(self, *, after: int = 0) -> Iterator[tuple[int, Record]]:
        """Every record after a number, in order."""


class Recovered(NamedTuple):
    """The state as it was, and the latest time that the log knows."""

    state: MemoryState
    clock: float | None
    replayed: int


def recover(log: Readable, snapshot: Path | None, policy: Policy) -> Recovered:
    """Rebuild the state, from a snapshot or without; a damaged one is told of and done without."""
    state = MemoryState(row_retention=policy.retention.state)
    moment = Moment(0, None) if snapshot is None else _load(snapshot, state, log.appended)
    clock, replayed = moment.clock, 0
    for _, record in log.read(after=moment.seq):
        fold(record, state, policy)
        replayed += 1
        if not isinstance(record, Profiled):
            clock = record.now if clock is None else max(clock, record.now)
    return Recovered(state, clock, replayed)


def _load(snapshot: Path, state: MemoryState, last: int) -> Moment:
    try:
        loaded = load_snapshot(snapshot)
    except StoreError as error:
        structlog.get_logger("bawwab").warning("rebuilding from the whole log", why=str(error))
        return Moment(0, None)
    if loaded is None:
        return Moment(0, None)
    moment, dump = loaded
    if moment.seq > last:
        why = f"the snapshot follows record {moment.seq}, the log ends at {last}"
        structlog.get_logger("bawwab").warning("rebuilding from the whole log", why=why)
        return Moment(0, None)
    state.load(dump)
    return moment
