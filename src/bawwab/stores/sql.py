"""The event log in SQL: one table of records in the order in which they were applied.

`SqlLog.append` takes a record at once; a writer thread commits what has gathered (*group
commit*), so that the disk's latency is paid once per batch and never by the event loop. Who must
not answer before its record is safe asks with `SqlLog.on_durable`. SQLite runs in WAL mode with
``synchronous=FULL``: what was committed survives ``kill -9`` and the loss of power.

Several processes may write to one log if each says so (``shared``). A record gets its number when it
is committed, one writer at a time, so that the numbers have no gap and a reader misses none. Until
then, what waits is counted in this process alone.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeGuard

from sqlalchemy import Connection, Engine, RowMapping, Select, bindparam, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from bawwab.core.errors import StoreError, StoreFullError
from bawwab.core.events import owner_of
from bawwab.core.records import Appealed, Decided, Record, Reported, Resolved
from bawwab.stores.ledger import Allowed, count_allowed
from bawwab.stores.schema import decode, open_engine, records, to_row, writing

OPEN = "open"
Waiter = Callable[[StoreError | None], None]

_RECORD = select(records.c.seq, records.c.body)
_READ = _RECORD.where(records.c.seq > bindparam("after")).order_by(records.c.seq)
_DECISION = _RECORD.where(records.c.kind == "decision", records.c.decision_id == bindparam("id")).limit(1)
_APPEAL = _RECORD.where(records.c.appeal_id == bindparam("id")).order_by(records.c.seq)
_APPEALS = _RECORD.where(records.c.appeal_id.isnot(None)).order_by(records.c.seq)
_REPORTS = _RECORD.where(
    records.c.kind == "report", records.c.sender_id == bindparam("sender"), records.c.at >= bindparam("since")
).order_by(records.c.seq)
_LATEST = _RECORD.where(records.c.kind == "decision", records.c.sender_id == bindparam("sender")).order_by(
    records.c.seq.desc()
)

_LAST = select(func.max(records.c.seq).label("last"))
_SENDERS = (
    select(records.c.sender_id)
    .where(records.c.seq > _LAST.scalar_subquery() - bindparam("size"))
    .where(records.c.kind == "decision")
    .order_by(records.c.seq.desc())
)
_LOOKED_AT = 20_000  # records among which the latest senders are looked for
_BODIES = select(records.c.body).where(
    records.c.seq > _LAST.scalar_subquery() - bindparam("size"), records.c.at >= bindparam("since")
)
_RECENT = 200_000  # records among which those of a process that has just died are looked for

_BATCH = 2_000  # records a transaction; some 20 ms of writing, so that a waiter waits no longer
_PAGE = 2_000


class SqlLog:
    """The journal of a gate, on SQLite or PostgreSQL.

    Parameters
    ----------
    url : str
        ``sqlite:///path`` or ``postgresql://…``.
    capacity : int
        Records that may wait for the disk; beyond them `append` refuses.
    gather : float
        Seconds for which the writer gathers records that nobody waits for.
    retry : float
        Seconds after which a failed commit is tried again.
    shared : bool
        Whether other processes write to it too; a state in memory would not know what they wrote.
    """

    def __init__(
        self,
        url: str,
        *,
        capacity: int = 50_000,
        gather: float = 0.02,
        retry: float = 0.25,
        shared: bool = False,
    ) -> None:
        self._engine: Engine = open_engine(url)
        self._capacity, self._gather, self._retry = capacity, gather, retry
        self._queue: deque[tuple[int, Record]] = deque()
        self._decisions: dict[str, Decided] = {}
        self._waiters: list[tuple[int, Waiter]] = []
        self._changed = threading.Condition()
        self._urgent = self._closing = False
        self._shared = shared
        self._doubtful: _Doubtful | None = None
        self._waiting_since: float | None = None
        self.failure: StoreError | None = None
        self.appended = self.committed = self._last_seq()
        self._writer = threading.Thread(target=self._write_for_ever, name="bawwab-log", daemon=True)
        self._writer.start()

    # --- taking records ----------------------------------------------------------------------

    @property
    def waiting(self) -> int:
        """Records not yet durable."""
        return len(self._queue)

    @property
    def room(self) -> int:
        """Records that would still be taken."""
        return self._capacity - len(self._queue)

    def append(self, record: Record) -> None:
        """Take ``record``; it is durable when the writer has committed it.

        Raises
        ------
        StoreFullError
            The disk has not kept up and the queue is full.
        """
        if len(self._queue) >= self._capacity:
            raise StoreFullError(f"{self._capacity} records wait for the log; is its disk full?")
        with self._changed:
            self.appended += 1
            self._queue.append((self.appended, record))
            if isinstance(record, Decided):
                self._decisions[record.decision.decision_id] = record
            if len(self._queue) == 1:
                self._waiting_since = time.monotonic()
                self._changed.notify()

    def on_durable(self, waiter: Waiter) -> None:
        """Call ``waiter`` once all that was appended so far is durable, or could not be written.

        It is called from the writer's thread, or at once where nothing is waiting.
        """
        with self._changed:
            if self.committed < self.appended:
                self._waiters.append((self.appended, waiter))
                self._urgent = True
                self._changed.notify()
                return
        waiter(None)

    def flush(self, *, timeout: float = 30.0) -> None:
        """Wait until everything appended is durable.

        Raises
        ------
        StoreError
            It could not be written, or not in time.
        """
        done, failures = threading.Event(), list[StoreError]()

        def finish(failure: StoreError | None) -> None:
            failures.extend([failure] if failure else [])
            done.set()

        self.on_durable(finish)
        if not done.wait(timeout):
            raise StoreError(f"the log did not take {self.waiting} records within {timeout:g} s")
        if failures:
            raise failures[0]

    def close(self) -> None:
        """Write what is left and stop."""
        try:
            self.flush()
        finally:
            with self._changed:
                self._closing = True
                self._changed.notify()
            self._writer.join()
            self._engine.dispose()

    def lacking(self, given: Sequence[Record]) -> list[Record]:
        """Those of another process's latest records that are not in the log.

        Raises
        ------
        StoreError
            It cannot be read.
        """
        try:
            with self._engine.connect() as connection:
                return _lacking(connection, given)
        except SQLAlchemyError as error:
            raise StoreError(f"the log could not be read: {_cause(error)}") from error

    def adopt(self, given: Sequence[Record]) -> int:
        """Write those of a dead process's latest records that are not in the log yet; how many.

        Raises
        ------
        StoreError
            It cannot be written.
        """
        try:
            with writing(self._engine) as connection:
                last = int(connection.execute(_LAST).scalar() or 0)
                rows = [to_row(seq, made) for seq, made in enumerate(_lacking(connection, given), last + 1)]
                if rows:
                    connection.execute(insert(records), rows)
                return len(rows)
        except SQLAlchemyError as error:
            raise StoreError(f"the log could not be written: {_cause(error)}") from error

    # --- the writer's thread -----------------------------------------------------------------

    def _write_for_ever(self) -> None:
        while (batch := self._gather_batch()) is not None:
            failure, done = None, 0
            try:
                done = self._commit(batch) if batch else 0
            except StoreError as error:
                failure = error
            self._settle(batch[:done], failure)

    def _gather_batch(self) -> list[tuple[int, Record]] | None:
        """Wait for records; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing)
            if not self._closing and (self.failure or not self._urgent):
                pause = self._retry if self.failure else self._gather
                self._changed.wait(pause)
            return None if self._closing else list(islice(self._queue, _BATCH))

    def _commit(self, batch: list[tuple[int, Record]]) -> int:
        """Write a batch; how many of its records are in the log now."""
        try:
            with writing(self._engine) as connection:
                done = self._insert(connection, batch)
        except SQLAlchemyError as error:
            raise StoreError(f"the log could not be written: {_cause(error)}") from error
        self._doubtful = None
        return done

    def _insert(self, connection: Connection, batch: list[tuple[int, Record]]) -> int:
        last = int(connection.execute(_LAST).scalar() or 0)
        done = 0 if self._doubtful is None else self._doubtful.count_committed(connection)
        if last != self.committed + done and not self._shared:
            raise StoreError("another server writes to this log; with memory: each server needs its own")
        if done:
            return done
        rows = [to_row(seq, record) for seq, (_, record) in enumerate(batch, start=last + 1)]
        self._doubtful = _Doubtful(last + 1, rows[0]["body"], len(rows))
        connection.execute(insert(records), rows)
        return len(rows)

    def _settle(self, batch: list[tuple[int, Record]], failure: StoreError | None) -> None:
        with self._changed:
            self.failure = failure
            if batch:
                for _, record in batch:
                    self._queue.popleft()
                    if isinstance(record, Decided):
                        self._decisions.pop(record.decision.decision_id, None)
                self.committed = batch[-1][0]
                self._waiting_since = time.monotonic() if self._queue else None
            ready = [waiter for seq, waiter in self._waiters if failure is not None or seq <= self.committed]
            self._waiters = [] if failure else [w for w in self._waiters if w[0] > self.committed]
            self._urgent = bool(self._waiters)
        for waiter in ready:
            waiter(failure)

    # --- reading -----------------------------------------------------------------------------

    def read(self, *, after: int = 0) -> Iterator[tuple[int, Record]]:
        """Every durable record after ``after``, in order, with its number."""
        while True:
            rows = self._fetch(_READ.limit(_PAGE), after=after)
            for row in rows:
                after = row["seq"]
                yield after, decode(row["body"], seq=after)
            if len(rows) < _PAGE:
                return

    def find_decision(self, decision_id: str) -> Decided | None:
        """Decision of that id, durable or not."""
        waiting = self._decisions.get(decision_id)
        if waiting is not None:
            return waiting
        found = self._decode_all(_DECISION, id=decision_id)
        return next((record for record in found if isinstance(record, Decided)), None)

    def find_appeal(self, appeal_id: str) -> tuple[Appealed, str] | None:
        """Appeal of that id with its status: open, or what it was resolved as."""
        waiting = self._waiting()  # first: what is committed meanwhile is then found twice, not never
        found = [*self._decode_all(_APPEAL, id=appeal_id), *waiting]
        appeal = next((r for r in found if isinstance(r, Appealed) and r.appeal_id == appeal_id), None)
        if appeal is None:
            return None
        resolved = next((r for r in found if isinstance(r, Resolved) and r.appeal_id == appeal_id), None)
        return appeal, OPEN if resolved is None else resolved.outcome.value

    def reports_on(self, sender_id: str, template: str, *, since: float) -> list[Reported]:
        """Reports about a wording of a sender, in order, retractions too."""
        waiting = self._waiting()
        found = [*self._decode_all(_REPORTS, sender=sender_id, since=since), *waiting]
        return [record for record in found if _is_about(record, sender_id, template)]

    def appeals(self) -> list[tuple[Appealed, Resolved | None]]:
        """Every appeal, oldest first, with its resolution."""
        waiting = self._waiting()
        made, resolutions = dict[str, Appealed](), dict[str, Resolved]()
        for record in (*self._decode_all(_APPEALS), *waiting):
            if isinstance(record, Appealed):
                made.setdefault(record.appeal_id, record)
            elif isinstance(record, Resolved):
                resolutions[record.appeal_id] = record
        return [(appeal, resolutions.get(appeal_id)) for appeal_id, appeal in made.items()]

    def allowed(
        self, *, since: float, until: float, sender_id: str | None = None, portfolio_id: str | None = None
    ) -> list[Allowed]:
        """Allowed messages that are durable, counted by day, sender, category and region."""
        owner = None if portfolio_id is None else owner_of("", portfolio_id)
        return count_allowed(self._engine, since=since, until=until, sender_id=sender_id, owner=owner)

    def decisions_of(self, sender_id: str, *, limit: int) -> list[Decided]:
        """The sender's latest decisions, newest first."""
        waiting = [
            record
            for record in reversed(self._waiting())
            if isinstance(record, Decided) and record.message.sender_id == sender_id
        ]
        stored = self._decode_all(_LATEST.limit(limit), sender=sender_id)
        known = {record.decision.decision_id for record in waiting}
        older = [
            record
            for record in stored
            if isinstance(record, Decided) and record.decision.decision_id not in known
        ]
        return (waiting + older)[:limit]

    def latest_senders(self, *, limit: int) -> list[str]:
        """Senders of the latest durable decisions, the latest first."""
        found = self._fetch(_SENDERS, size=_LOOKED_AT)
        return list(dict.fromkeys(str(row["sender_id"]) for row in found))[:limit]

    @property
    def engine(self) -> Engine:
        """Its database, for those who count, drop or rewrite records."""
        return self._engine

    @property
    def lag(self) -> float:
        """Seconds for which records have been waiting for the disk."""
        since = self._waiting_since
        return 0.0 if since is None else time.monotonic() - since

    def compact(self) -> None:
        """Give back the room that erased records took."""
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM")
        self.scrub()

    def scrub(self) -> None:
        """Let what was rewritten not be read in the write-ahead log either, while the log goes on."""
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def _waiting(self) -> list[Record]:
        with self._changed:
            return [record for _, record in self._queue]

    def _decode_all(self, statement: Select[Any], **values: object) -> list[Record]:
        return [decode(row["body"], seq=row["seq"]) for row in self._fetch(statement, **values)]

    def _last_seq(self) -> int:
        return int(self._fetch(_LAST)[0]["last"] or 0)

    def _fetch(self, statement: Select[Any], **values: object) -> list[RowMapping]:
        try:
            with self._engine.connect() as connection:
                return list(connection.execute(statement, values).mappings())
        except SQLAlchemyError as error:
            raise StoreError(f"the log could not be read: {_cause(error)}") from error


class _Doubtful(NamedTuple):
    """A batch whose commit failed, perhaps after it was done: the connection may have died in between."""

    seq: int
    body: object
    records: int

    def count_committed(self, connection: Connection) -> int:
        """How many of its records are in the log after all: all or none."""
        found = connection.execute(select(records.c.body).where(records.c.seq == self.seq)).scalar()
        return self.records if found is not None and bytes(found) == self.body else 0


def _lacking(connection: Connection, given: Sequence[Record]) -> list[Record]:
    if not given:
        return []
    since = min(record.now for record in given)
    known = {bytes(row.body) for row in connection.execute(_BODIES, {"size": _RECENT, "since": since})}
    return [record for record in given if to_row(0, record)["body"] not in known]


def _is_about(record: Record, sender_id: str, template: str) -> TypeGuard[Reported]:
    return (
        isinstance(record, Reported)
        and record.report.sender_id == sender_id
        and record.effect is not None
        and record.effect.template == template
    )


def _cause(error: SQLAlchemyError) -> str:
    """What the driver said, without the statement and its parameters, which hold texts."""
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause).split())[:200]
