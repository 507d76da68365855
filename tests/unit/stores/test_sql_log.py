import inspect
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import event

from bawwab.core.errors import ConfigurationError, StoreError, StoreFullError
from bawwab.core.events import Outcome, OutcomeKind
from bawwab.core.records import Happened
from bawwab.stores.schema import metadata, open_engine
from bawwab.stores.sql import SqlLog


def happened(at: float = 1.0, sender_id: str = "shop") -> Happened:
    outcome = Outcome(kind=OutcomeKind.DELIVERED, sender_id=sender_id, recipient="r", message_id="m")
    return Happened(now=at, outcome=outcome, owner="s:shop", template="t", counted=True)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'log.sqlite'}"


@pytest.fixture
def log(url: str) -> Iterator[SqlLog]:
    log = SqlLog(url, gather=0.0, retry=0.001)
    yield log
    log.close()


def test_records_come_back_in_order_and_equal(log: SqlLog) -> None:
    records = [happened(float(at)) for at in range(5)]
    for record in records:
        log.append(record)
    log.flush()
    assert list(log.read()) == list(enumerate(records, start=1))


def test_reading_can_start_after_a_record(log: SqlLog) -> None:
    for at in range(3):
        log.append(happened(float(at)))
    log.flush()
    assert [seq for seq, _ in log.read(after=2)] == [3]


def test_numbers_go_on_after_reopening(url: str) -> None:
    first = SqlLog(url)
    first.append(happened())
    first.close()
    second = SqlLog(url)
    second.append(happened(2.0))
    second.close()
    assert second.appended == 2


def test_closing_writes_what_waits(url: str) -> None:
    log = SqlLog(url, gather=60.0)
    log.append(happened())
    log.close()
    assert len(list(SqlLog(url).read())) == 1


def test_a_waiter_is_told_at_once_where_nothing_waits(log: SqlLog) -> None:
    told: list[StoreError | None] = []
    log.on_durable(told.append)
    assert told == [None]


def test_a_full_queue_refuses(url: str) -> None:
    log = SqlLog(url, capacity=2, gather=60.0)
    log.append(happened())
    log.append(happened())
    with pytest.raises(StoreFullError, match="2 records wait"):
        log.append(happened())
    log.close()


class TestAFullDisk:
    @pytest.fixture
    def full(self, log: SqlLog) -> Iterator[threading.Event]:
        """Let SQLite refuse to grow while the event is set."""
        full = threading.Event()
        full.set()

        def limit(connection: object, *_: object) -> None:
            pages = 1 if full.is_set() else 1_000_000
            connection.cursor().execute(f"PRAGMA max_page_count={pages}")  # type: ignore[attr-defined]

        event.listen(log._engine, "checkout", limit)
        yield full
        full.clear()
        with suppress(StoreError):  # an attempt may be under way that began while the disk was full
            log.flush()

    def fill(self, log: SqlLog) -> None:
        for _ in range(200):
            log.append(happened(sender_id="s" * 100))

    @pytest.mark.usefixtures("full")
    def test_whoever_waits_is_told(self, log: SqlLog) -> None:
        self.fill(log)
        with pytest.raises(StoreError, match="full"):
            log.flush()

    def test_records_stay_and_are_written_later(self, log: SqlLog, full: threading.Event) -> None:
        self.fill(log)
        with pytest.raises(StoreError):
            log.flush()
        assert log.failure is not None
        full.clear()
        self.flush_at_last(log)
        assert len(list(log.read())) == 200
        assert log.waiting == 0

    def flush_at_last(self, log: SqlLog) -> None:
        """An attempt may be under way that began while the disk was full."""
        try:
            log.flush()
        except StoreError:
            log.flush()


def test_an_error_never_names_what_was_written(log: SqlLog) -> None:
    with log._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE records")
    log.append(happened(sender_id="secret-sender"))
    with pytest.raises(StoreError) as caught:
        log.flush()
    assert "secret-sender" not in str(caught.value)
    with log._engine.begin() as connection:
        metadata.create_all(connection)


@pytest.mark.parametrize("url", ["nonsense", "mysql://x/y"])
def test_only_sqlite_and_postgresql_are_known(url: str) -> None:
    with pytest.raises(ConfigurationError, match="BAWWAB_LOG"):
        SqlLog(url)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"something else" * 1000)
    with pytest.raises(StoreError, match="cannot be opened"):
        SqlLog(f"sqlite:///{tmp_path / 'x'}")


def test_a_log_of_another_version_is_refused(url: str) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE about SET value = '99'")
    engine.dispose()
    with pytest.raises(ConfigurationError, match="schema 99"):
        SqlLog(url)


def test_a_log_of_the_first_version_is_brought_up_to_date(url: str) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        for statement in (
            "ALTER TABLE usage DROP COLUMN currency",
            "ALTER TABLE usage DROP COLUMN micros",
            "DROP INDEX records_reports",
            "INSERT INTO usage VALUES (1, 20000, 'shop', 's:shop', 'utility', '', 7)",
            "UPDATE about SET value = '1'",
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()
    for _ in range(2):
        log = SqlLog(url)
        [kept] = log.allowed(since=0.0, until=2e9)
        log.close()
        assert (kept.messages, kept.currency, kept.micros) == (7, None, None)


def test_a_decision_is_durable_within_a_tenth_of_a_second_of_a_working_disk() -> None:
    """By the writer's settings: it gathers for so long, then commits."""
    gather = inspect.signature(SqlLog).parameters["gather"].default
    assert gather <= 0.1 / 2  # the other half is for the commit itself
