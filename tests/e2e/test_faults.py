"""When the model or the log fails, the policy answers: open or closed by category, and it says so."""

import time
from typing import Any

import msgspec
import pytest

from bawwab.core.errors import StoreError
from bawwab.core.model.risk import RiskModel
from service_kit import Service

OPEN = ["authentication", "utility", "service"]
CAP = 200  # policy.fail.open_burst


def codes(decision: Any) -> list[str]:
    return [reason["code"] for reason in decision["reasons"]]


def break_model(service: Service, how: str) -> None:
    def fail(_: str) -> Any:
        raise ValueError(how)

    model = service.entrance.gate.model
    assert model is not None
    if how == "text":
        model.text.score = fail  # type: ignore[method-assign,assignment] # a fault
    broken = msgspec.structs.replace(model, risk=RiskModel(0.0, model.risk.tables[:1]))
    service.entrance.gate.serve({"missing": None, "text": model, "risk": broken}[how])


def fill_log(service: Service) -> None:
    service.log._capacity = 0


def fail_state(service: Service) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise StoreError("no answer")

    service.entrance.gate.state.fact = fail  # type: ignore[method-assign]


def fail_disk(service: Service) -> None:
    service.log.failure = StoreError("the disk is full")


def slow_disk(service: Service) -> None:
    """The writer has been at it for longer than the policy bears."""
    service.log._waiting_since = time.monotonic() - service.entrance.gate.policy.fail.log_lag - 1.0


def fill_state(service: Service) -> None:
    service.entrance._keys = lambda: service.entrance.gate.policy.fail.state_keys


FAULTS = {
    "log full": fill_log,
    "log failing": fail_disk,
    "log slow": slow_disk,
    "state failing": fail_state,
    "state full": fill_state,
}
TOLD = {
    "the log is full": fill_log,
    "the disk is full": fail_disk,
    "more than 5 s for the log": slow_disk,
    "10000000 keys": fill_state,
}


@pytest.mark.parametrize("how", ["missing", "text", "risk"])
@pytest.mark.parametrize("category", OPEN)
def test_without_a_model_these_fail_open(service: Service, how: str, category: str) -> None:
    break_model(service, how)
    decision = service.score(category=category)
    assert (decision["verdict"], decision["degraded"]) == ("allow", True)
    assert "MODEL_UNAVAILABLE" in codes(decision)
    assert decision["risk_level"] == "not_assessed"


@pytest.mark.parametrize("how", ["missing", "text", "risk"])
def test_without_a_model_marketing_fails_closed(service: Service, how: str) -> None:
    break_model(service, how)
    decision = service.score(category="marketing", opted_in=True)
    assert (decision["verdict"], decision["retry_after_seconds"]) == ("throttle", 60.0)
    assert (decision["degraded"], codes(decision)[0]) == (True, "MODEL_UNAVAILABLE")


def test_what_still_works_still_speaks_without_a_model(service: Service) -> None:
    service.post("/v1/reports", {"sender_id": "shop", "recipient_id": "r", "reason": "block"})
    break_model(service, "missing")
    decision = service.score(recipient_id="r")
    assert codes(decision) == ["RECIPIENT_BLOCKED", "MODEL_UNAVAILABLE"]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize(("category", "verdict"), [*((c, "allow") for c in OPEN), ("marketing", "throttle")])
def test_without_its_state_each_category_fails_as_declared(
    service: Service, fault: Any, category: str, verdict: str
) -> None:
    fault(service)
    decision = service.score(category=category, opted_in=True)
    assert (decision["verdict"], decision["degraded"]) == (verdict, True)
    assert "STATE_UNAVAILABLE" in codes(decision)


def test_failing_open_has_a_hard_cap_that_refills(service: Service) -> None:
    fail_state(service)
    verdicts = [service.score()["verdict"] for _ in range(CAP + 1)]
    assert verdicts == ["allow"] * CAP + ["throttle"]
    service.time.now += 0.1
    assert [service.score()["verdict"] for _ in range(2)] == ["allow", "throttle"]


def test_a_dry_run_spends_nothing_of_the_cap(service: Service) -> None:
    break_model(service, "missing")
    for _ in range(3):
        service.score(category="authentication", dry_run=True)
    assert service.entrance.gate._fallback._tat is None


def test_a_full_log_takes_no_feedback(service: Service) -> None:
    fill_log(service)
    answer = service.post("/v1/reports", {"sender_id": "shop", "recipient_id": "r", "reason": "spam"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


@pytest.mark.parametrize(("told", "fault"), TOLD.items(), ids=TOLD.keys())
def test_readiness_tells_what_is_missing(service: Service, told: str, fault: Any) -> None:
    assert service.client.get("/readyz").json() == {"status": "ready"}
    fault(service)
    answer = service.client.get("/readyz")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    [missing] = answer.json()["missing"]
    assert told in missing


def test_a_full_state_still_takes_opt_outs(service: Service) -> None:
    fill_state(service)
    person = {"sender_id": "shop", "recipient_id": "r"}
    assert service.post("/v1/events", {**person, "kind": "opted_out"}).status_code == 202
    decision = service.score(**person, category="marketing", opted_in=True)
    assert (decision["verdict"], codes(decision)[0]) == ("block", "RECIPIENT_OPTED_OUT")


@pytest.mark.parametrize("fill", [fill_log, fill_state])
def test_what_is_full_changes_no_state(service: Service, fill: Any) -> None:
    before = service.entrance.gate.state.dump()  # type: ignore[attr-defined]
    fill(service)
    service.score()
    assert service.entrance.gate.state.dump() == before  # type: ignore[attr-defined]


def test_degraded_decisions_are_counted(service: Service) -> None:
    break_model(service, "missing")
    service.score()
    assert 'bawwab_degraded_decisions_total{category="utility"} 1.0' in service.client.get("/metrics").text


def test_a_server_without_a_model_is_not_ready(service: Service) -> None:
    break_model(service, "missing")
    assert service.client.get("/readyz").json()["missing"] == ["no model is served"]
    asked = service.client.get("/v1/model")
    assert (asked.status_code, asked.json()["type"]) == (503, "urn:bawwab:model")


def test_a_mended_model_answers_again(service: Service) -> None:
    model = service.entrance.gate.model
    break_model(service, "missing")
    service.score()
    service.entrance.gate.serve(model)
    assert service.score()["degraded"] is False
