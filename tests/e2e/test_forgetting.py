"""Whom we are asked to forget is gone from log, state and snapshot; counts and opt-outs stay."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bawwab.core.errors import ConfigurationError
from bawwab.core.policy import default_policy
from bawwab.core.state.bundles import Bundle
from bawwab.core.state.decay import FOREVER
from bawwab.service.background import Housekeeping, Snapshots
from bawwab.service.forgetting import forget
from bawwab.service.home import Home
from bawwab.service.pseudonyms import Pseudonyms
from bawwab.service.recovery import recover
from bawwab.service.settings import Settings, read_settings
from bawwab.service.shared import nothing_to_sweep
from bawwab.stores.ledger import drop_old
from bawwab.stores.memory import MemoryState
from bawwab.stores.redis import open_link
from bawwab.stores.sql import SqlLog
from engines_kit import redis_url
from service_kit import Service, run_service

ANN = "+49151000001"
SECRET = b"0" * 32
DAY = 86_400.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "secret").chmod(0o600)
    return read_settings(home=tmp_path)


def business(service: Service) -> None:
    service.client.put("/v1/senders/shop", json={"name": "The Shop"})
    service.client.put("/v1/senders/bank", json={"name": "The Bank", "portfolio_id": "group"})
    for sender in ("shop", "bank"):
        for recipient in (ANN, "bob"):
            pair = {"sender_id": sender, "recipient_id": recipient}
            scored = service.score(**pair, text=f"dear {recipient}, your parcel has arrived")
            service.post("/v1/events", {**pair, "kind": "delivered", "message_id": scored["message_id"]})
            service.post("/v1/reports", {**pair, "reason": "spam"})
            service.post("/v1/events", {**pair, "kind": "opted_out"})
    service.post("/v1/reports", {"sender_id": "shop", "recipient_id": ANN, "reason": "block"})
    refused = service.score(sender_id="shop", recipient_id=ANN, text="a scam")
    service.post("/v1/appeals", {"decision_id": refused["decision_id"], "note": "Ann asked us to"})


def run_business(folder: Path) -> Any:
    with run_service(folder) as service:
        business(service)
        return service.client.get("/v1/usage").json()["categories"]


def again(folder: Path, ask: Any) -> Any:
    """A later run of the service on what the log, or the snapshot, gives back."""
    log = SqlLog(f"sqlite:///{folder / 'log.sqlite'}")
    known = recover(log, folder / "state.snapshot", default_policy())
    log.close()
    with run_service(folder) as service:
        service.entrance.gate.state.load(known.state.dump())  # type: ignore[attr-defined] # in memory
        return ask(service)


def content(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.suffix != ".lock")


def linked(folder: Path, name: str) -> list[str]:
    """Kinds of records that still name someone."""
    log = SqlLog(f"sqlite:///{folder / 'log.sqlite'}")
    found = [type(record).__name__ for _, record in log.read() if name in str(record)]
    log.close()
    return found


def test_a_forgotten_recipient_is_only_in_what_protects_them(tmp_path: Path, settings: Settings) -> None:
    run_business(tmp_path)
    erased = forget(settings, recipient=ANN)
    assert erased.records > 0
    pseudonym = Pseudonyms(SECRET).of(ANN)
    assert linked(tmp_path, pseudonym) == ["Happened", "Happened", "Reported"]  # two opt-outs, one block
    assert b"Ann asked" not in content(tmp_path)


@pytest.mark.parametrize("snapshot", [True, False])
def test_opt_outs_and_blocks_outlive_forgetting(tmp_path: Path, settings: Settings, snapshot: bool) -> None:  # noqa: FBT001
    run_business(tmp_path)
    forget(settings, recipient=ANN)
    if not snapshot:
        (tmp_path / "state.snapshot").unlink()

    def ask(service: Service) -> list[str]:
        message = {"recipient_id": ANN, "message_id": "later", "category": "marketing"}
        return [
            service.score(**message, sender_id=sender)["reasons"][0]["code"] for sender in ("shop", "bank")
        ]

    assert again(tmp_path, ask) == ["RECIPIENT_BLOCKED", "RECIPIENT_OPTED_OUT"]


@pytest.mark.parametrize("who", [{"recipient": ANN}, {"sender": "shop"}])
def test_bills_add_up_as_before(tmp_path: Path, settings: Settings, who: dict[str, str]) -> None:
    before = run_business(tmp_path)
    forget(settings, **who)
    assert again(tmp_path, lambda service: service.client.get("/v1/usage").json()["categories"]) == before


def test_the_log_gives_the_same_standing_without_the_person(tmp_path: Path, settings: Settings) -> None:
    run_business(tmp_path)

    def standing(service: Service) -> Any:
        shown = service.client.get("/v1/senders/bank").json()
        return shown["complaint_rate"], shown["limit"], shown["quality"]

    forget(settings, recipient=ANN)
    with_snapshot = again(tmp_path, standing)
    (tmp_path / "state.snapshot").unlink()
    assert again(tmp_path, standing) == with_snapshot
    assert with_snapshot[0]["messages"] == pytest.approx(2.0, abs=1e-3)


@pytest.mark.parametrize("snapshot", [True, False])
def test_a_forgotten_sender_is_unknown(tmp_path: Path, settings: Settings, snapshot: bool) -> None:  # noqa: FBT001
    run_business(tmp_path)
    forget(settings, sender="shop")
    assert b"The Shop" not in content(tmp_path)
    if not snapshot:
        (tmp_path / "state.snapshot").unlink()
    statuses = again(
        tmp_path,
        lambda service: [service.client.get(f"/v1/senders/{name}").status_code for name in ("shop", "bank")],
    )
    assert statuses == [404, 200]


def test_nobody_is_forgotten_while_the_server_runs(tmp_path: Path, settings: Settings) -> None:
    home = Home(tmp_path)
    with pytest.raises(ConfigurationError, match="stop it first"):
        forget(settings, recipient=ANN)
    home.close()


def tidied(service: Service, folder: Path) -> tuple[int, int]:
    """What housekeeping dropped, two hundred days later."""
    service.time.now += 200 * DAY
    service.score(sender_id="late")
    state = service.entrance.gate.state
    snapshots = Snapshots(folder / "state.snapshot", state, service.entrance)  # type: ignore[arg-type]
    keeper = Housekeeping(
        state.sweep,  # type: ignore[attr-defined] # it is in memory
        snapshots,
        service.entrance,
        lambda before, through: drop_old(service.log.engine, before=before, through=through),
    )
    return asyncio.run(keeper.tidy())


def test_old_records_go_and_the_rest_comes_back(tmp_path: Path) -> None:
    with run_service(tmp_path) as service:
        business(service)
        swept, dropped = tidied(service, tmp_path)
        assert swept > 0
        assert dropped > 0
        kinds = {type(record).__name__ for _, record in service.log.read()}
        assert kinds == {"Profiled", "Happened", "Reported", "Appealed", "Decided"}
        assert service.log.appended == max(seq for seq, _ in service.log.read())
        before = service.entrance.gate.state.dump()  # type: ignore[attr-defined]
    log = SqlLog(f"sqlite:///{tmp_path / 'log.sqlite'}")
    assert recover(log, tmp_path / "state.snapshot", default_policy()).state.dump() == before
    log.close()


def test_what_holds_for_ever_outlives_old_records_and_the_snapshot(tmp_path: Path) -> None:
    with run_service(tmp_path) as service:
        business(service)
        appeal = service.client.get("/v1/appeals").json()["appeals"][0]["appeal_id"]
        service.post(f"/v1/appeals/{appeal}/resolution", {"outcome": "overturned"})
        for _ in range(125):  # half of the first limit raises it
            service.score(sender_id="grown", category="authentication", text="code 482913")
        tidied(service, tmp_path)
        kept = lasting(service.entrance.gate.state)
    assert {key[0] for key in kept} == {"consent", "closed", "profile", "members", "trusted", "tier"}
    (tmp_path / "state.snapshot").unlink()
    assert again(tmp_path, lambda service: lasting(service.entrance.gate.state)) == kept


def lasting(state: Any) -> dict[Any, Any]:
    """Facts that never end."""
    return {key: fact for key, fact in state.dump().facts.items() if fact.until == FOREVER}


def test_a_forgotten_senders_raised_limit_goes_with_it(tmp_path: Path, settings: Settings) -> None:
    with run_service(tmp_path) as service:
        for _ in range(125):
            service.score(sender_id="grown", category="authentication", text="code 482913")
        tidied(service, tmp_path)
    assert linked(tmp_path, "grown") == ["Raised"]
    forget(settings, sender="grown")
    assert linked(tmp_path, "grown") == []


class TestWhileTheServerRuns:
    @pytest.fixture(params=["memory", "redis"])
    def busy(self, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Service]:
        with run_service(tmp_path, state_url="" if request.param == "memory" else redis_url()) as service:
            business(service)
            appeal = service.client.get("/v1/appeals").json()["appeals"][0]["appeal_id"]
            service.post(f"/v1/appeals/{appeal}/resolution", {"outcome": "upheld"})
            yield service

    def test_a_recipient_is_only_in_what_protects_them(self, busy: Service, tmp_path: Path) -> None:
        before = busy.client.get("/v1/usage").json()["categories"]
        answer = busy.post("/v1/forget", {"recipient_id": ANN})
        assert answer.status_code == 200
        assert answer.json()["records"] > 0 < answer.json()["state"]
        assert linked(tmp_path, Pseudonyms(SECRET).of(ANN)) == ["Happened", "Happened", "Reported"]
        assert b"Ann asked" not in content(tmp_path)
        assert busy.client.get("/v1/usage").json()["categories"] == before
        stopped = busy.score(recipient_id=ANN, sender_id="bank", category="marketing")
        assert stopped["reasons"][0]["code"] == "RECIPIENT_OPTED_OUT"

    def test_a_sender_is_gone_from_every_file(self, busy: Service, tmp_path: Path) -> None:
        assert busy.post("/v1/forget", {"sender_id": "shop"}).status_code == 200
        assert busy.client.get("/v1/senders/shop").status_code == 404
        assert b"The Shop" not in content(tmp_path)
        assert set(linked(tmp_path, "'shop'")) == {"Happened", "Reported"}  # consent, and a block
        assert b'"shop"' not in (tmp_path / "trail.jsonl").read_bytes()

    def test_what_the_log_gives_back_is_what_the_server_knows(self, busy: Service, tmp_path: Path) -> None:
        busy.post("/v1/forget", {"recipient_id": ANN})
        standing = [busy.client.get(f"/v1/senders/{name}").json() for name in ("shop", "bank")]
        log = SqlLog(f"sqlite:///{tmp_path / 'log.sqlite'}")
        known = recover(log, tmp_path / "state.snapshot", default_policy()).state
        log.close()
        if isinstance(busy.entrance.gate.state, MemoryState):
            assert known.dump() == busy.entrance.gate.state.dump()
        busy.entrance.gate.state = known
        assert [busy.client.get(f"/v1/senders/{name}").json() for name in ("shop", "bank")] == standing

    def test_the_trail_says_that_someone_was_forgotten_and_not_who(
        self, busy: Service, tmp_path: Path
    ) -> None:
        busy.post("/v1/forget", {"recipient_id": ANN})
        last = json.loads((tmp_path / "trail.jsonl").read_text().splitlines()[-1])
        assert (last["act"][:5], last["by"], last["id"], last["status"]) == ("Erase", "local", "", 200)

    @pytest.mark.parametrize("body", [{}, {"recipient_id": "a", "sender_id": "b"}, {"recipient_id": ""}])
    def test_exactly_one_is_named(self, busy: Service, body: dict[str, str]) -> None:
        assert busy.post("/v1/forget", body).status_code == 422


def in_redis(url: str, name: str) -> set[str]:
    """Bundles of whatever in Redis names someone, in its key or what it holds."""
    link = open_link(url, {})
    found = set()
    for key in link.client.scan_iter(match=f"{link.namespace}:{{*"):
        held = link.client.dump(key) + key
        if name.encode() in held:
            found.add(key.decode().partition("{")[2].partition(":")[0])
    link.close()
    return found


def test_nothing_in_redis_names_who_was_forgotten_but_what_protects_them(tmp_path: Path) -> None:
    url, pseudonym = redis_url(), Pseudonyms(SECRET).of(ANN)
    with run_service(tmp_path, state_url=url) as service:
        business(service)
        assert len(in_redis(url, pseudonym)) > 4
        service.post("/v1/forget", {"recipient_id": ANN})
        assert in_redis(url, pseudonym) == {Bundle.CONSENT, Bundle.CLOSED}


def test_by_command_a_shared_state_forgets_with_its_log(tmp_path: Path, settings: Settings) -> None:
    url, pseudonym = redis_url(), Pseudonyms(SECRET).of(ANN)
    with run_service(tmp_path, state_url=url) as service:
        business(service)
    erased = forget(settings.model_copy(update={"state": url}), recipient=ANN)
    assert erased.records > 0 < erased.state
    assert in_redis(url, pseudonym) == {Bundle.CONSENT, Bundle.CLOSED}
    assert linked(tmp_path, pseudonym) == ["Happened", "Happened", "Reported"]
    with run_service(tmp_path, state_url=url) as service:
        refused = service.score(sender_id="bank", recipient_id=ANN, message_id="new", category="marketing")
        assert refused["reasons"][0]["code"] == "RECIPIENT_OPTED_OUT"


def test_what_holds_for_ever_outlives_old_records_and_a_redis_that_comes_back_empty(tmp_path: Path) -> None:
    with run_service(tmp_path, state_url=redis_url()) as service:
        business(service)
        service.time.now += 200 * DAY
        service.score(sender_id="late")
        housekeeping = Housekeeping(
            nothing_to_sweep,
            service.keeper,
            service.entrance,
            lambda before, through: drop_old(service.log.engine, before=before, through=through),
        )
        _, dropped = asyncio.run(housekeeping.tidy())
        assert dropped > 0
        service.shared.rebuilder.rebuild()
        refusals = [
            service.score(sender_id=sender, recipient_id=ANN, category="marketing")["reasons"][0]["code"]
            for sender in ("shop", "bank")
        ]
        assert refusals == ["RECIPIENT_BLOCKED", "RECIPIENT_OPTED_OUT"]
