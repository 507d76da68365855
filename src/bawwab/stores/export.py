"""The event log as Parquet, a folder a table, a file a day: ``bawwab export``.

::

    DIR/export.json                                what is in the folder, and how far it is complete
    DIR/decisions/date=2026-11-27/part-0.parquet   and so on for every table of `bawwab.stores.tables`

A day (UTC) is that in which the log learned of something. It is complete once the log has gone on
for ten minutes into a later one; a complete day is never written again, the last one each time. A
file appears whole, by a rename, or not at all.
"""

import fcntl
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bawwab.core.errors import ConfigurationError
from bawwab.core.records import Record
from bawwab.stores.sql import SqlLog
from bawwab.stores.tables import TABLES, row_of

MANIFEST = "export.json"
DAY = 86_400
SETTLED = 600.0  # seconds into the next day: writers commit within seconds, clocks are set by less
_ROWS = 20_000  # held in memory, and in a row group: some 60 MB of decisions
_TABLES = {table.name: table for table in TABLES}


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder holds: rows by day and table, its last complete day, and that day's last record."""

    format: int = 1
    complete: str = ""
    through: int = 0
    through_at: float = 0.0
    days: dict[str, dict[str, int]] = {}


class Exported(NamedTuple):
    """Days that were written now, and the rows that the folder holds."""

    days: tuple[str, ...]
    rows: dict[str, int]


@contextmanager
def reading(url: str) -> Iterator[SqlLog]:
    """Open a log that exists, to read it.

    Raises
    ------
    ConfigurationError, StoreError
        The URL is none, there is no such file, or the database does not answer.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError("the log is no URL; give sqlite:///… or postgresql://…") from error
    file = parsed.database if parsed.get_backend_name() == "sqlite" else None
    if file is not None and not Path(file).is_file():
        raise ConfigurationError(f"there is no log at {file}; name it with --log or BAWWAB_LOG")
    log = SqlLog(url)
    try:
        yield log
    finally:
        log.close()


def read_manifest(folder: Path) -> Manifest | None:
    """Manifest of an export; None where the folder is none.

    Raises
    ------
    ConfigurationError
        It is there and cannot be read.
    """
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigurationError(f"{folder / MANIFEST} cannot be read: {error}") from error


def export(log: SqlLog, folder: Path) -> Exported:
    """Write what the log has learned since the folder's last complete day.

    Raises
    ------
    ConfigurationError
        The folder cannot be written, another export is writing it, or it is of another log.
    StoreError
        The log cannot be read.
    """
    with locked(folder):
        known = read_manifest(folder) or Manifest()
        _check_same_log(log, known, folder)
        run = _Run(folder, known)
        for seq, record in _until(log, after=known.through, last=log.committed):
            run.add(seq, record)
        return run.finish()


def _until(log: SqlLog, *, after: int, last: int) -> Iterator[tuple[int, Record]]:
    """Records up to ``last``: a log that is being written would never end."""
    for seq, record in log.read(after=after):
        if seq > last:
            return
        yield seq, record


class _Run:
    """One run over the log: the day being written, and those written before."""

    def __init__(self, folder: Path, known: Manifest) -> None:
        self._folder, self._known = folder, known
        self._days = {day: rows for day, rows in known.days.items() if day <= known.complete}
        self._written: list[_Day] = []
        self._day: _Day | None = None
        self._latest = 0.0

    def add(self, seq: int, record: Record) -> None:
        """Take one record; a clock set back does not open a day again."""
        self._latest = max(self._latest, record.now)
        number = int(record.now // DAY)
        if self._day is None or number > self._day.number:
            self._close()
            self._day = _Day(self._folder, number)
        self._day.add(seq, record)

    def finish(self) -> Exported:
        """Write what is left."""
        self._close()
        totals = Counter[str]()
        for rows in self._days.values():
            totals.update(rows)
        return Exported(tuple(day.name for day in self._written), {t.name: totals[t.name] for t in TABLES})

    def _close(self) -> None:
        if self._day is None:
            return
        self._days[self._day.name] = self._day.publish()
        self._written.append(self._day)
        self._day = None
        self._note()

    def _note(self) -> None:
        """Write down how far the folder is complete."""
        settled = [day for day in self._written if (day.number + 1) * DAY + SETTLED <= self._latest]
        known = self._known
        if settled:
            last = settled[-1]
            known = Manifest(complete=last.name, through=last.seq, through_at=last.at)
        made = msgspec.structs.replace(known, days=self._days)
        content = msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n"
        _put(self._folder / MANIFEST, content)


class _Day:
    """The files of one day, until they are published."""

    def __init__(self, folder: Path, number: int) -> None:
        self.number, self.seq, self.at = number, 0, 0.0
        self.name = datetime.fromtimestamp(number * DAY, UTC).date().isoformat()
        self._folder = folder
        self._held: dict[str, list[tuple[object, ...]]] = defaultdict(list)
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._rows = Counter[str]()

    def add(self, seq: int, record: Record) -> None:
        """Take one record, if a table holds such."""
        self.seq, self.at = seq, record.now
        row = row_of(seq, record)
        if row is None:
            return
        name, values = row
        self._rows[name] += 1
        self._held[name].append(values)
        if len(self._held[name]) >= _ROWS:
            self._flush(name)

    def publish(self) -> dict[str, int]:
        """Let every file appear under its name; rows by table."""
        for name in _TABLES:
            self._flush(name)
            final = self._folder / name / f"date={self.name}" / "part-0.parquet"
            writer = self._writers.pop(name, None)
            if writer is None:
                final.unlink(missing_ok=True)  # what was there has been erased from the log
                continue
            writer.close()
            _move(self._partial(name), final)
        return dict(self._rows)

    def _flush(self, name: str) -> None:
        held = self._held.pop(name, None)
        if not held:
            return
        schema = _TABLES[name].schema
        if name not in self._writers:
            self._writers[name] = pq.ParquetWriter(self._partial(name), schema, compression="zstd")
        columns = [
            pa.array(c, t, from_pandas=True)
            for c, t in zip(zip(*held, strict=True), schema.types, strict=True)
        ]
        self._writers[name].write_table(pa.Table.from_arrays(columns, schema=schema))

    def _partial(self, name: str) -> Path:
        return self._folder / f".{name}.partial"


def _move(partial: Path, final: Path) -> None:
    """Make a file appear under its name, whole and on the disk."""
    final.parent.mkdir(parents=True, exist_ok=True)
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    partial.replace(final)


def _put(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    _move(partial, path)


def _check_same_log(log: SqlLog, known: Manifest, folder: Path) -> None:
    """Refuse a folder that was filled from another log."""
    first = next(log.read(after=known.through - 1), None) if known.through else None
    same = first is None or first[0] != known.through or first[1].now == known.through_at
    if log.committed < known.through or not same:
        raise ConfigurationError(f"{folder} was exported from another log; give an empty folder")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder, made if need be, that one process at a time writes.

    Raises
    ------
    ConfigurationError
        It cannot be written, or another process holds it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be written: {error.strerror}") from error
    try:
        _lock(lock, folder)
        yield
    finally:
        os.close(lock)


def _lock(lock: int, folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise ConfigurationError(f"another process is writing {folder}; wait for it") from error
