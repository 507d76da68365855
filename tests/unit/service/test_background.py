import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bawwab.core.errors import ModelError
from bawwab.core.model.model import Model
from bawwab.service import background as module
from bawwab.service.background import ChampionFollower, Housekeeping, Snapshots, background
from bawwab.stores.ledger import drop_old
from bawwab.stores.snapshot import load_snapshot
from kit import keyword_model
from service_kit import Service, run_service


def test_a_moved_pointer_changes_who_answers(tmp_path: Path) -> None:
    pointer, other = tmp_path / "champion.json", keyword_model()
    pointer.write_text("one")
    with run_service(tmp_path) as service:
        follower = ChampionFollower(pointer, lambda: other, service.entrance)
        asyncio.run(follower.look())
        assert service.entrance.gate.model is not other
        pointer.write_text("two")
        asyncio.run(follower.look())
        assert service.entrance.gate.model is other


def test_a_champion_that_cannot_be_loaded_changes_nothing(tmp_path: Path) -> None:
    def load() -> Model:
        raise ModelError("altered")

    with run_service(tmp_path) as service:
        follower = ChampionFollower(tmp_path / "champion.json", load, service.entrance)
        (tmp_path / "champion.json").write_text("two")
        before = service.entrance.gate.model
        asyncio.run(follower.look())
        assert service.entrance.gate.model is before


def snapshots(service: Service, path: Path) -> Snapshots:
    return Snapshots(path, service.entrance.gate.state, service.entrance)  # type: ignore[arg-type]


def test_a_snapshot_follows_the_last_record(tmp_path: Path) -> None:
    with run_service(tmp_path) as service:
        service.score()
        asyncio.run(snapshots(service, tmp_path / "s").take())
        loaded = load_snapshot(tmp_path / "s")
        assert loaded is not None
        assert loaded[0].seq == service.log.committed == 1


def test_no_snapshot_is_taken_of_what_is_not_durable(tmp_path: Path) -> None:
    with run_service(tmp_path) as service:
        with service.log._engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE records RENAME TO hidden")
        service.score()
        asyncio.run(snapshots(service, tmp_path / "s").take())
        with service.log._engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE hidden RENAME TO records")
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(("records", "taken"), [(199_999, 0), (200_000, 1)])
def test_a_snapshot_is_taken_when_the_log_has_grown(tmp_path: Path, records: int, taken: int) -> None:
    with run_service(tmp_path) as service:
        keeper = snapshots(service, tmp_path / "s")
        service.log.appended += records
        service.log.committed += records
        asyncio.run(keeper.look())
    assert (tmp_path / "s").exists() == taken


def tidy(service: Service, path: Path, drop: Callable[[float, int], int]) -> None:
    state: Any = service.entrance.gate.state
    keeper = Housekeeping(state.sweep, snapshots(service, path), service.entrance, drop)
    asyncio.run(keeper.tidy())


def test_only_records_that_the_snapshot_on_disk_holds_are_dropped(tmp_path: Path) -> None:
    """What comes in while old records are dropped is in no snapshot yet."""
    allowed: list[tuple[int, int]] = []
    with run_service(tmp_path) as service:
        service.score()

        def drop(_: float, through: int) -> int:
            found = load_snapshot(tmp_path / "s")
            allowed.append((through, -1 if found is None else found[0].seq))
            service.score()
            service.log.flush()
            return int(len(allowed) == 1)

        tidy(service, tmp_path / "s", drop)
    assert allowed == [(1, 1), (1, 1)]


def test_nothing_is_dropped_where_no_snapshot_can_be_written(tmp_path: Path) -> None:
    allowed: list[int] = []

    def drop(_: float, through: int) -> int:
        allowed.append(through)
        return 0

    with run_service(tmp_path) as service:
        service.score()
        tidy(service, tmp_path / "nowhere" / "s", drop)
    assert allowed == [0]


def test_a_record_after_the_snapshots_last_is_not_dropped(tmp_path: Path) -> None:
    with run_service(tmp_path) as service:
        for _ in range(4):
            service.score()
        service.log.flush()
        assert drop_old(service.log.engine, before=2.0 * service.time.now, through=2) == 2
        assert [seq for seq, _ in service.log.read()] == [3, 4]


class Looker:
    """Looks, and waits each time for what it is told."""

    saved = 0

    def __init__(self, wait: asyncio.Event | None = None) -> None:
        self.looks, self._wait, self.twice = 0, wait, asyncio.Event()

    async def look(self) -> None:
        self.looks += 1
        if self._wait is not None:
            await self._wait.wait()
        if self.looks == 2:
            self.twice.set()

    async def take(self) -> None:
        self.looks = -1


def test_what_takes_long_keeps_nothing_else_from_being_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOOK", 0.0)

    async def run() -> Looker:
        keeper = Looker()
        async with background(keeper, Looker(keeper.twice), Looker(keeper.twice)):  # type: ignore[arg-type] # all look
            await asyncio.wait_for(keeper.twice.wait(), timeout=10)
        return keeper

    assert asyncio.run(run()).looks == -1  # what is kept is taken at the end
