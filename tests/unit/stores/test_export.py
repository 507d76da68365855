"""What leaves the log is the log: every record, every signal, both times, and never half a file."""

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bawwab.core.decisions import Verdict
from bawwab.core.errors import ConfigurationError, StoreError
from bawwab.core.events import Resolution
from bawwab.core.records import Decided
from bawwab.core.signals import NAMES
from bawwab.stores.export import export, reading
from bawwab.stores.tables import PREFIX, TABLES
from engines_kit import LOG_ENGINES
from kit import DAY
from log_kit import Logged

FIRST, SECOND = "2027-01-15", "2027-01-16"


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Logged]:
    made = Logged(tmp_path)
    yield made
    made.log.close()


def two_days(platform: Logged) -> None:
    platform.verify("bank")
    for text in ("your parcel has arrived", "scam", "sale today"):
        platform.send(text)
    platform.send(recipient="ann", message_id="to-ann")
    platform.wait(60.0)
    platform.report("ann", "fraud", message_id="to-ann", reported_at=platform.now - 30.0)
    platform.happen("read", "ann", message_id="to-ann")
    platform.wait(DAY)
    platform.send("sale today", sender_id="bank")


@pytest.mark.parametrize("engine", LOG_ENGINES)
def test_every_signal_leaves_as_it_was_logged(tmp_path: Path, engine: str) -> None:
    platform = Logged(tmp_path, engine=engine)
    two_days(platform)
    platform.export()
    logged = [r.signals for _, r in platform.log.read() if isinstance(r, Decided)]
    platform.log.close()
    exported = [tuple(row[PREFIX + name] for name in NAMES) for row in platform.table("decisions")]
    assert exported == logged
    assert any(value is None for row in logged for value in row)


def test_every_file_has_the_schema_that_is_documented(platform: Logged) -> None:
    two_days(platform)
    platform.export()
    for table in TABLES:
        for file in (platform.folder / "out" / table.name).glob("*/*.parquet"):
            assert pq.read_schema(file).equals(table.schema), table.name


def test_a_day_is_that_in_which_the_log_learned_of_it(platform: Logged) -> None:
    two_days(platform)
    done = platform.export()
    assert done.days == (FIRST, SECOND)
    assert done.rows == {
        "decisions": 5,
        "reports": 1,
        "surveys": 0,
        "outcomes": 1,
        "profiles": 1,
        "resolutions": 0,
    }
    assert {file.parent.name for file in (platform.folder / "out" / "reports").glob("*/*")} == {
        f"date={FIRST}"
    }


def test_both_times_leave(platform: Logged) -> None:
    two_days(platform)
    platform.export()
    (report,) = platform.table("reports")
    assert (report["occurred_at"], report["known_at"]) == (report["known_at"] - 30.0, platform.now - DAY)


def test_a_report_leaves_with_what_it_weighed(platform: Logged) -> None:
    two_days(platform)
    platform.report("nobody")
    platform.export()
    assert [report["weight"] for report in platform.table("reports")] == [1.0, 0.0]


def test_a_reviewers_word_leaves(platform: Logged) -> None:
    refused = platform.send("scam")
    assert refused.verdict is Verdict.BLOCK
    platform.log.flush()
    appeal, _ = platform.gate.appeal(refused.decision_id, now=platform.now)
    platform.log.flush()
    platform.gate.resolve(appeal.appeal_id, Resolution.OVERTURNED, now=platform.now, note="we know ann")
    platform.export()
    (word,) = platform.table("resolutions")
    assert (word["decision_id"], word["outcome"]) == (refused.decision_id, "overturned")
    assert "we know ann" not in str(word)


def test_signals_of_another_catalogue_are_not_taken_for_ours(platform: Logged) -> None:
    platform.send()
    platform.log.flush()
    with platform.log.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE records SET body = CAST(json_set(body, '$.catalogue', 'older', '$.signals', json('[1]')) AS BLOB)"
        )
    platform.export()
    (row,) = platform.table("decisions")
    assert row["catalogue"] == "older"
    assert {row[PREFIX + name] for name in NAMES} == {None}


def test_repeating_it_changes_nothing(platform: Logged) -> None:
    two_days(platform)
    platform.export()
    before = platform.files()
    platform.export()
    assert platform.files() == before


def test_a_complete_day_is_not_written_again(platform: Logged) -> None:
    two_days(platform)
    platform.export()
    first = platform.folder / "out" / "decisions" / f"date={FIRST}" / "part-0.parquet"
    first.write_bytes(b"left alone")
    platform.send()
    assert platform.export().days == (SECOND,)
    assert first.read_bytes() == b"left alone"


def test_a_day_that_has_just_ended_is_written_again(platform: Logged) -> None:
    platform.send()
    platform.now = (platform.now // DAY + 1) * DAY + 60.0
    platform.send()
    assert platform.export().days == (FIRST, SECOND)
    assert platform.export().days == (FIRST, SECOND)


def test_in_steps_it_gives_what_it_gives_at_once(platform: Logged) -> None:
    for _ in range(3):
        two_days(platform)
        platform.export("steps")
    platform.export("once")
    assert platform.files("steps") == platform.files("once")


def test_a_clock_set_back_does_not_open_a_day_again(platform: Logged) -> None:
    two_days(platform)
    platform.wait(-DAY)
    platform.send()
    done = platform.export()
    assert (done.days, done.rows["decisions"]) == ((FIRST, SECOND), 6)


def test_what_breaks_off_leaves_whole_files_and_is_made_good(platform: Logged) -> None:
    two_days(platform)
    platform.send()
    platform.log.flush()
    last = platform.log.committed
    with platform.log.engine.begin() as connection:
        body = connection.exec_driver_sql("SELECT body FROM records WHERE seq = ?", (last,)).scalar()
        connection.exec_driver_sql("UPDATE records SET body = x'00' WHERE seq = ?", (last,))
    with pytest.raises(StoreError, match=f"record {last}"):
        platform.export()
    assert [row["seq"] for row in platform.table("decisions")] == [2, 3, 4, 5]
    with platform.log.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE records SET body = ? WHERE seq = ?", (body, last))
    platform.export()
    platform.export("once")
    assert platform.table("decisions") == platform.table("decisions", "once")


def test_what_was_erased_leaves_a_day_that_is_written_again(platform: Logged) -> None:
    platform.send(recipient="ann")
    platform.report("ann")
    platform.export()
    with platform.log.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM records WHERE kind = 'report'")
    platform.export()
    assert platform.table("reports") == []


def test_a_folder_of_another_log_is_refused(platform: Logged, tmp_path: Path) -> None:
    two_days(platform)
    platform.export()
    (tmp_path / "other").mkdir()
    other = Logged(tmp_path / "other")
    other.now += 5.0
    two_days(other)
    other.log.flush()
    with pytest.raises(ConfigurationError, match="another log"):
        export(other.log, platform.folder / "out")
    other.log.close()


def test_two_exports_do_not_write_one_folder(platform: Logged) -> None:
    platform.export()
    with (platform.folder / "out" / ".lock").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(ConfigurationError, match="another process"):
            platform.export()


def test_a_log_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no log"), reading(f"sqlite:///{tmp_path / 'x'}"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_page_names_every_column_with_its_type() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "export.md").read_text("utf-8")
    for table in TABLES:
        _, _, section = page.partition(f"## `{table.name}`")
        rows = section.partition("\n## ")[0]
        named = [c for c in table.columns if not c.name.startswith(PREFIX)]
        assert [c.name for c in named if f"| `{c.name}` | {c.type} |" not in rows] == []
