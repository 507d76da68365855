"""What the contract promises of many parts at once, so that no test of one part holds it."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bawwab.cli import app
from bawwab.core.decisions import NATURE, Nature, ReasonCode, Verdict
from bawwab.core.policy import default_policy
from bawwab.core.standing import raised
from bawwab.core.state.bundles import DAY, HOUR
from bawwab.service.clock import EventClock
from bawwab.service.guard import KeyGuard
from bawwab.service.keys import KeyRing, KnownKeys
from bawwab.service.operation import Access
from kit import keyword_model
from service_kit import Service, Time, run_service, write_model

WEEK, MONTH = 7 * DAY, 30 * DAY
MESSAGES: list[dict[str, Any]] = [
    {},
    {"text": "a scam"},
    {"text": "big sale"},
    {"text": "big sale", "category": "marketing"},
    {"text": "big sale", "category": "marketing", "opted_in": True},
    {"text": "big sale", "category": "marketing", "opted_in": False},
    {"text": "zzz zzz"},
    {"text": "code 482913", "category": "authentication"},
    {"text": "a scam https://shady.example/a", "category": "service"},
]


@pytest.mark.parametrize("message", MESSAGES, ids=str)
@pytest.mark.parametrize("block", [0.95, None])
def test_every_decision_is_whole(tmp_path: Path, message: dict[str, Any], block: float | None) -> None:
    with run_service(tmp_path, model=keyword_model(block)) as service:
        decision = service.score(**message)
    assert 0.0 <= decision["score"] <= 1.0
    assert sum(decision["text_scores"].values()) == pytest.approx(1.0)
    assert decision["thresholds"]["block"] == block
    assert (decision["retry_after_seconds"] or 0.0) > 0.0 or decision["verdict"] != Verdict.THROTTLE
    assert decision["retry_after_seconds"] is None or decision["verdict"] == Verdict.THROTTLE
    assert decision["reasons"] or decision["verdict"] == Verdict.ALLOW
    assert (decision["advice"] == "none") <= (decision["verdict"] == Verdict.ALLOW)
    weights = [reason["weight"] for reason in decision["reasons"][1:]]
    assert weights == sorted(weights, reverse=True)


def test_a_reason_code_has_one_nature() -> None:
    assert set(NATURE) == set(ReasonCode)
    assert {code.value for code, nature in NATURE.items() if nature is Nature.PACE} == {
        "PACING",
        "MESSAGING_LIMIT",
        "RATE_LIMIT",
        "PAIR_LIMIT",
        "RECIPIENT_BUDGET",
        "SENDER_NEW",
    }


def test_things_are_kept_for_as_long_as_promised() -> None:
    kept, hold = default_policy().retention, default_policy().hold
    assert (kept.message, kept.messaged, kept.decisions) == (WEEK, MONTH, 180 * DAY)
    assert (hold.retry_after >= 900.0, hold.becomes_block_after) == (True, DAY)


@pytest.mark.parametrize(("waited", "same"), [(WEEK - 1.0, True), (WEEK + 1.0, False)])
def test_a_message_id_is_remembered_for_a_week(service: Service, waited: float, same: bool) -> None:  # noqa: FBT001
    message = service.message()
    first = service.post("/v1/score", message).json()
    service.time.now += waited
    assert (service.post("/v1/score", message).json()["decision_id"] == first["decision_id"]) == same


@pytest.mark.parametrize(("waited", "counts"), [(MONTH - 1.0, True), (MONTH + 1.0, False)])
def test_who_was_messaged_is_remembered_for_a_month(service: Service, waited: float, counts: bool) -> None:  # noqa: FBT001
    service.score(recipient_id="ann")
    service.time.now += waited
    before = service.client.get("/v1/senders/shop").json()["complaint_rate"]["estimate"]
    service.post("/v1/reports", {"sender_id": "shop", "recipient_id": "ann", "reason": "spam"})
    after = service.client.get("/v1/senders/shop").json()["complaint_rate"]["estimate"]
    assert (after > before) == counts


@pytest.mark.parametrize("rated", ["yellow", "red"])
def test_a_badly_rated_owner_grows_no_further(rated: Any) -> None:
    limit = default_policy().limit
    assert raised(None, 0, 125, "unknown", limit, now=0.0) is not None  # type: ignore[arg-type] # an enum's value
    assert raised(None, 0, 125, rated, limit, now=0.0) is None


def test_a_limit_rises_at_the_earliest_six_hours_after_the_last_time() -> None:
    assert default_policy().limit.raise_interval == 6 * HOUR


def test_a_survey_answer_and_an_outcome_count_once(service: Service) -> None:
    sent = service.score(recipient_id="ann")
    answer = {"sender_id": "shop", "recipient_id": "ann", "survey_id": "s", "sampling_probability": 0.5}
    read = {"sender_id": "shop", "recipient_id": "ann", "kind": "read", "message_id": sent["message_id"]}
    for _ in range(2):
        service.post("/v1/surveys", answer | {"wanted": False})
        service.post("/v1/events", read)
    assert service.client.get("/v1/senders/shop").json()["unwanted_rate"]["messages"] == 1.0
    assert service.log.appended == 3


def test_looking_moves_no_event_clock(replay: Service) -> None:
    replay.score(occurred_at="2027-01-15T08:00:00Z")
    clock = replay.entrance.clock
    assert isinstance(clock, EventClock)
    before = clock.at
    for path in ("/v1/senders/shop", "/v1/usage", "/v1/appeals", "/v1/model", "/metrics", "/console"):
        assert replay.client.get(path).status_code == 200
    assert clock.at == before


def test_quotas_stay_on_wall_time_whatever_the_events_say(tmp_path: Path) -> None:
    ring, wall = KeyRing(tmp_path), Time()
    key = ring.create((Access.SCORE,), name="", now=1.0)
    guard = KeyGuard(KnownKeys(ring, read=wall), required=True, quota=1.0, read=wall)
    with run_service(tmp_path, clock=EventClock(max_step=MONTH), guard=guard) as service:
        statuses = [
            service.client.post(
                "/v1/score",
                json=service.message(occurred_at=f"2027-01-{day}T08:00:00Z"),
                headers={"authorization": f"Bearer {key}"},
            ).status_code
            for day in (15, 25)
        ]
    assert statuses == [200, 429]


def test_a_report_of_a_stranger_is_kept(service: Service) -> None:
    service.post("/v1/reports", {"sender_id": "shop", "recipient_id": "nobody", "reason": "spam"})
    [(_, record)] = list(service.log.read())
    assert record.effect.weight == 0.0  # type: ignore[union-attr] # a report


def test_an_opt_out_of_someone_never_messaged_counts(service: Service) -> None:
    service.post("/v1/events", {"sender_id": "shop", "recipient_id": "ann", "kind": "opted_out"})
    assert service.score(recipient_id="ann", category="marketing", opted_in=True)["verdict"] == "block"


def test_a_block_by_a_stranger_weighs_nothing_against_the_sender(service: Service) -> None:
    service.score()
    before = service.client.get("/v1/senders/shop").json()["complaint_rate"]
    service.post("/v1/reports", {"sender_id": "shop", "recipient_id": "nobody", "reason": "block"})
    assert service.client.get("/v1/senders/shop").json()["complaint_rate"] == before
    assert service.score(recipient_id="nobody")["reasons"][0]["code"] == "RECIPIENT_BLOCKED"


# --- the command line ------------------------------------------------------------------------


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_model(tmp_path / "models")
    for name, folder in {"BAWWAB_MODELS": "models", "BAWWAB_HOME": "var"}.items():
        monkeypatch.setenv(name, str(tmp_path / folder))
    return tmp_path / "models"


def test_a_csv_needs_nothing_but_texts_to_be_scored(models: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("text,note\nyour parcel has arrived,mine\n", "utf-8")
    assert CliRunner().invoke(app, ["score", str(source), "-o", str(target)]).exit_code == 0
    [row] = csv.DictReader(io.StringIO(target.read_text("utf-8")))
    assert (row["verdict"], row["note"]) == ("allow", "mine")
    piped = CliRunner().invoke(app, ["score", "-"], input="text\nyour parcel has arrived\n").stdout
    assert [row["verdict"] for row in csv.DictReader(io.StringIO(piped))] == ["allow"]
    assert models.exists()


def test_a_promoted_version_is_served_until_it_is_rolled_back(models: Path) -> None:
    write_model_beside(models, "other")
    said = [
        CliRunner().invoke(app, command).exit_code
        for command in (["promote", "other", "--force", "a rehearsal"], ["rollback"])
    ]
    assert said == [0, 0]
    served = json.loads((models / "champion.json").read_text())
    assert served["version"] == "tiny"
    acts = [
        json.loads(line)["act"] for line in (models.parent / "var" / "trail.jsonl").read_text().splitlines()
    ]
    assert acts == ["promote", "rollback"]


def write_model_beside(models: Path, version: str) -> None:
    """Write another version, and leave the champion as it is."""
    champion = (models / "champion.json").read_text()
    write_model(models, version)
    (models / "champion.json").write_text(champion)


def test_every_command_of_the_contract_exists() -> None:
    listed = CliRunner().invoke(app, ["--help"]).stdout
    promised = [
        "serve",
        "train",
        "evaluate",
        "score",
        "trial",
        "simulate",
        "promote",
        "rollback",
        "keys",
        "forget",
        "rotate-secret",
    ]
    assert [name for name in promised if name not in listed] == []
