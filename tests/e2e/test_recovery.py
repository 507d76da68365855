"""A restart gives the state back: from the log, from a snapshot, or from both."""

from pathlib import Path
from typing import Any

import pytest

from bawwab.core.policy import default_policy
from bawwab.service.clock import EventClock
from bawwab.service.recovery import Recovered, recover
from bawwab.stores.snapshot import Moment, save_snapshot
from bawwab.stores.sql import SqlLog
from service_kit import Service, run_service

PROFILE = {"verified": True, "registered_at": "2020-01-01T00:00:00Z", "portfolio_id": "group"}


def a_day_of_business(service: Service) -> None:
    """Something of every kind of record."""
    service.client.put("/v1/senders/bank", json=PROFILE)
    for hour in range(5):
        at = f"2027-01-15T{hour + 8:02}:00:00Z"
        common: dict[str, Any] = {"sender_id": "bank", "recipient_id": f"r{hour}"}
        service.score(**common, occurred_at=at)
        service.score(
            sender_id="shop", recipient_id="r1", text=f"sale https://x{hour}.example/a", occurred_at=at
        )
        service.score(sender_id="new", text="a scam", occurred_at=at)
        service.post("/v1/reports", common | {"reason": "block", "reported_at": at})
        service.post("/v1/surveys", common | {"wanted": True, "sampling_probability": 0.1, "answered_at": at})
        service.post("/v1/events", common | {"kind": "replied", "message_id": "m1", "occurred_at": at})
        service.post("/v1/events", common | {"kind": "opted_out", "occurred_at": at})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def recovered(home: Path) -> Recovered:
    log = SqlLog(f"sqlite:///{home / 'log.sqlite'}")
    try:
        return recover(log, home / "state.snapshot", default_policy())
    finally:
        log.close()


def run_a_day(home: Path) -> Any:
    with run_service(home, clock=EventClock(max_step=1e9)) as service:
        a_day_of_business(service)
        return service.entrance.gate.state.dump()  # type: ignore[attr-defined] # it is in memory


def test_the_log_alone_gives_the_state_back(home: Path) -> None:
    before = run_a_day(home)
    assert recovered(home).state.dump() == before


def test_a_snapshot_and_the_rest_of_the_log_give_the_state_back(home: Path) -> None:
    with run_service(home, clock=EventClock(max_step=1e9)) as service:
        service.score(occurred_at="2027-01-15T07:00:00Z")
        service.log.flush()
        state = service.entrance.gate.state.dump()  # type: ignore[attr-defined]
        save_snapshot(home / "state.snapshot", Moment(service.log.appended, None), state)
        a_day_of_business(service)
        before = service.entrance.gate.state.dump()  # type: ignore[attr-defined]
        expected = service.log.appended - 1
    after = recovered(home)
    assert (after.state.dump(), after.replayed) == (before, expected)


def test_a_damaged_snapshot_is_done_without(home: Path) -> None:
    before = run_a_day(home)
    (home / "state.snapshot").write_bytes(b"not a snapshot")
    assert recovered(home).state.dump() == before


def test_a_snapshot_of_a_longer_log_is_done_without(home: Path) -> None:
    before = run_a_day(home)
    save_snapshot(home / "state.snapshot", Moment(10_000, None), before._replace(facts={}))
    assert recovered(home).state.dump() == before


def test_the_event_clock_is_restored_from_the_log(home: Path) -> None:
    run_a_day(home)
    assert recovered(home).clock == 1_800_014_400.0  # 12:00, the last hour


def test_a_profile_alone_leaves_the_clock_unset(home: Path) -> None:
    with run_service(home, clock=EventClock(max_step=1e9)) as service:
        service.client.put("/v1/senders/bank", json=PROFILE)
    assert recovered(home).clock is None


def test_the_same_requests_give_the_same_answers_bit_for_bit(home: Path) -> None:
    def answers(folder: Path) -> list[bytes]:
        folder.mkdir()
        with run_service(folder, clock=EventClock(max_step=1e9)) as service:
            a_day_of_business(service)
            senders = [service.client.get(f"/v1/senders/{name}").content for name in ("bank", "shop", "new")]
            return [*senders, *(str(record).encode() for _, record in service.log.read())]

    assert answers(home / "one") == answers(home / "two")
