"""What every log promises, over SQLite and PostgreSQL: order, durability, many writers, and no lost record."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from bawwab.core.errors import ConfigurationError, StoreError
from bawwab.core.events import Outcome, OutcomeKind
from bawwab.core.records import Happened
from bawwab.stores.schema import identity, open_engine
from bawwab.stores.sql import SqlLog
from engines_kit import LOG_ENGINES, database_url, log_url, postgres_url

WRITERS, EACH = 3, 100


def happened(at: float = 1.0, sender_id: str = "shop") -> Happened:
    outcome = Outcome(kind=OutcomeKind.DELIVERED, sender_id=sender_id, recipient="r", message_id="m")
    return Happened(now=at, outcome=outcome, owner="s:shop", template="t", counted=True)


@pytest.fixture(params=LOG_ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return log_url(request.param, tmp_path)


@pytest.fixture
def open_log(url: str) -> Iterator[Callable[[], SqlLog]]:
    """Open the log once more, as another process of the platform would."""
    opened: list[SqlLog] = []

    def open_shared() -> SqlLog:
        opened.append(SqlLog(url, gather=0.0, retry=0.001, shared=True))
        return opened[-1]

    yield open_shared
    for log in opened:
        log.close()


def read(log: SqlLog) -> list[tuple[int, object]]:
    log.flush()
    return list(log.read())


def test_records_come_back_in_order_and_equal(open_log: Callable[[], SqlLog]) -> None:
    log, records = open_log(), [happened(float(at)) for at in range(5)]
    for record in records:
        log.append(record)
    assert read(log) == list(enumerate(records, start=1))


def test_what_was_flushed_is_seen_by_everyone_else(open_log: Callable[[], SqlLog]) -> None:
    first, second = open_log(), open_log()
    first.append(happened())
    first.flush()
    assert [seq for seq, _ in second.read()] == [1]


def test_several_writers_lose_nothing_and_leave_no_gap(open_log: Callable[[], SqlLog]) -> None:
    logs = [open_log() for _ in range(WRITERS)]

    def write(log: SqlLog) -> None:
        for at in range(EACH):
            log.append(happened(float(at), sender_id=f"s{logs.index(log)}"))
            if at % 10 == 0:
                log.flush()
        log.flush()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, logs))
    found = read(logs[0])
    assert [seq for seq, _ in found] == list(range(1, WRITERS * EACH + 1))
    for number in range(WRITERS):
        own = [r.now for _, r in found if isinstance(r, Happened) and r.outcome.sender_id == f"s{number}"]
        assert own == [float(at) for at in range(EACH)]


def test_several_may_open_a_new_log_at_once(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        engines = list(pool.map(lambda _: open_engine(url), range(4)))
    for engine in engines:
        engine.dispose()


def test_a_second_writer_that_does_not_share_is_told(url: str, open_log: Callable[[], SqlLog]) -> None:
    alone = SqlLog(url, gather=0.0, retry=0.001)
    other = open_log()
    other.append(happened())
    other.flush()
    alone.append(happened())
    with pytest.raises(StoreError, match="another server writes to this log"):
        alone.flush()
    with pytest.raises(StoreError):
        alone.close()


def test_a_commit_whose_answer_was_lost_is_not_repeated(open_log: Callable[[], SqlLog]) -> None:
    log, lost = open_log(), threading.Event()

    def lose_answer(connection: object) -> None:
        if not lost.is_set():
            lost.set()
            connection.connection.commit()  # type: ignore[attr-defined] # it is done, and then the line goes dead
            raise OperationalError("COMMIT", {}, Exception("the connection was lost"))

    event.listen(log.engine, "commit", lose_answer)
    log.append(happened(1.0))
    with pytest.raises(StoreError, match="the connection was lost"):
        log.flush()
    log.append(happened(2.0))
    assert [seq for seq, _ in read(log)] == [1, 2]


def test_a_commit_that_failed_is_repeated(open_log: Callable[[], SqlLog]) -> None:
    log, failed = open_log(), threading.Event()

    def fail(_: object) -> None:
        if not failed.is_set():
            failed.set()
            raise OperationalError("COMMIT", {}, Exception("the connection was lost"))

    event.listen(log.engine, "commit", fail)
    log.append(happened(1.0))
    with pytest.raises(StoreError):
        log.flush()
    assert [seq for seq, _ in read(log)] == [1]
    assert log.failure is None


def test_what_a_dead_process_had_taken_is_adopted_once(open_log: Callable[[], SqlLog]) -> None:
    log, other = open_log(), open_log()
    log.append(happened(1.0))
    log.flush()
    orphans = [happened(1.0), happened(2.0), happened(3.0)]
    assert log.lacking(orphans) == orphans[1:]
    assert [log.adopt(orphans), other.adopt(orphans)] == [2, 0]
    other.append(happened(4.0))
    assert read(other) == [(at, happened(float(at))) for at in range(1, 5)]


def test_a_log_has_a_name_of_its_own(url: str, open_log: Callable[[], SqlLog], tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = SqlLog(log_url(url.partition(":")[0].replace("postgresql", "postgres"), tmp_path / "other"))
    assert identity(open_log().engine) == identity(open_log().engine) != identity(other.engine)
    other.close()


class TestPostgres:
    @pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
    def test_a_database_that_does_not_hold_every_script_is_refused(self, encoding: str) -> None:
        with pytest.raises(ConfigurationError, match=f"encoding {encoding}.*createdb -E UTF8"):
            SqlLog(database_url(encoding))

    def test_what_a_client_is_told_to_speak_does_not_matter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
        log = SqlLog(database_url("UTF8"), gather=0.0)
        log.append(happened(sender_id="بنك"))
        assert read(log) == [(1, happened(sender_id="بنك"))]
        log.close()

    def test_a_connection_killed_while_writing_is_told_of_and_replaced(self) -> None:
        url, killed = postgres_url(), threading.Event()
        log, other = SqlLog(url, gather=0.0, retry=0.001), open_engine(url)

        def kill(_: object, cursor: object, statement: str, *__: object) -> None:
            if statement.startswith("INSERT INTO records") and not killed.is_set():
                killed.set()
                pid = cursor.connection.info.backend_pid  # type: ignore[attr-defined]
                with other.begin() as connection:
                    connection.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")

        event.listen(log.engine, "before_cursor_execute", kill)
        log.append(happened())
        with pytest.raises(StoreError, match="could not be written"):
            log.flush()
        assert len(read(log)) == 1
        log.close()
        other.dispose()

    def test_nobody_answering_is_said_without_the_password(self) -> None:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            port = nobody.getsockname()[1]
            with pytest.raises(StoreError, match="cannot be opened") as caught:
                SqlLog(f"postgresql://bawwab:hunter2@127.0.0.1:{port}/log?password=hunter3")
        assert not re.search("hunter", str(caught.value))

    @pytest.mark.parametrize(
        "url", ["postgresql://bawwab:hunter2/x@db/log", "postgresql://b:1@hunter2:x/log"]
    )
    def test_a_url_that_cannot_be_read_is_not_repeated(self, url: str) -> None:
        with pytest.raises((ConfigurationError, StoreError)) as caught:
            SqlLog(url)
        assert not re.search("hunter", f"{caught.value}{caught.value.__cause__}")
