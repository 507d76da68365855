"""What recipients said comes in, is safe when answered, and moves the sender at once."""

from typing import Any

import pytest

from service_kit import START, Service


def report(**fields: Any) -> dict[str, Any]:
    return {"sender_id": "shop", "recipient_id": "r1", "reason": "spam", **fields}


def survey(**fields: Any) -> dict[str, Any]:
    return {"sender_id": "shop", "recipient_id": "r1", "sampling_probability": 0.5, "wanted": False, **fields}


def happening(**fields: Any) -> dict[str, Any]:
    return {"sender_id": "shop", "recipient_id": "r1", "kind": "delivered", "message_id": "m1", **fields}


def complaints(service: Service) -> float:
    return float(service.client.get("/v1/senders/shop").json()["complaint_rate"]["estimate"])


def test_a_report_moves_the_sender_before_it_is_answered(service: Service) -> None:
    service.score(recipient_id="r1")
    before = complaints(service)
    assert service.post("/v1/reports", report()).json() == {"accepted": 1}
    assert complaints(service) > before


def test_a_report_is_in_the_log_when_it_is_answered(service: Service) -> None:
    assert service.post("/v1/reports", report()).status_code == 202
    assert len(list(service.log.read())) == 1


def test_a_repeated_report_changes_nothing(service: Service) -> None:
    service.score(recipient_id="r1")
    service.post("/v1/reports", report(report_id="a"))
    once = complaints(service)
    assert service.post("/v1/reports", report(report_id="a")).status_code == 202
    assert complaints(service) == once


def test_a_retracted_report_never_was(service: Service) -> None:
    service.score(recipient_id="r1")
    before = complaints(service)
    service.post("/v1/reports", report(report_id="a"))
    service.post("/v1/reports", report(report_id="a", retract=True))
    assert complaints(service) == pytest.approx(before)


def test_a_stranger_is_not_counted(service: Service) -> None:
    service.score(recipient_id="r1")
    before = complaints(service)
    service.post("/v1/reports", report(recipient_id="someone-else"))
    assert complaints(service) == before


def test_an_opt_out_stops_marketing_and_an_opt_in_lifts_it(service: Service) -> None:
    service.post("/v1/events", happening(kind="opted_out", message_id=None))
    refused = service.score(recipient_id="r1", category="marketing", opted_in=True)
    service.time.now += 1
    service.post("/v1/events", happening(kind="opted_in", message_id=None))
    allowed = service.score(recipient_id="r1", category="marketing")
    assert refused["reasons"][0]["code"] == "RECIPIENT_OPTED_OUT"
    assert (refused["verdict"], allowed["verdict"]) == ("block", "allow")


@pytest.mark.parametrize(
    ("path", "item"), [("/v1/reports", report()), ("/v1/surveys", survey()), ("/v1/events", happening())]
)
class TestLists:
    def test_a_list_is_taken_whole(self, service: Service, path: str, item: dict[str, Any]) -> None:
        items = [item | {"recipient_id": f"r{i}", "message_id": f"m{i}"} for i in range(3)]
        assert service.post(path, items).json() == {"accepted": 3}
        assert len(list(service.log.read())) == 3

    def test_one_bad_item_refuses_all(self, service: Service, path: str, item: dict[str, Any]) -> None:
        answer = service.post(path, [item, item | {"sender_id": 5}])
        assert (answer.status_code, answer.json()["index"]) == (422, 1)
        assert service.log.appended == 0

    def test_a_time_ahead_refuses_all(self, service: Service, path: str, item: dict[str, Any]) -> None:
        field = {"/v1/reports": "reported_at", "/v1/surveys": "answered_at"}.get(path, "occurred_at")
        answer = service.post(path, [item, item | {field: "2027-01-15T09:00:00Z"}])
        problem = answer.json()
        assert (problem["status"], problem["index"], problem["errors"][0]["field"]) == (
            422,
            1,
            f"[1].{field}",
        )
        assert service.log.appended == 0

    def test_1001_items_are_too_many(self, service: Service, path: str, item: dict[str, Any]) -> None:
        assert service.post(path, [item] * 1_001).status_code == 422


@pytest.mark.parametrize("probability", [0, -0.1, 1.1, "0.5", None])
def test_a_sampling_probability_is_within_0_and_1(service: Service, probability: object) -> None:
    assert service.post("/v1/surveys", survey(sampling_probability=probability)).status_code == 422


@pytest.mark.parametrize("probability", [1, 1e-300])
def test_any_other_sampling_probability_is_fine(service: Service, probability: float) -> None:
    service.score(recipient_id="r1")
    assert service.post("/v1/surveys", survey(sampling_probability=probability)).status_code == 202
    rate = service.client.get("/v1/senders/shop").json()["unwanted_rate"]
    assert (rate["estimate"], rate["messages"]) == (1.0, 1.0)
    assert service.score(text="after that")["verdict"] == "allow"


def test_feedback_is_503_while_the_log_fails_and_stays_queued(service: Service) -> None:
    with service.log._engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE records RENAME TO hidden")
    answer = service.post("/v1/reports", report(report_id="a"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert service.client.get("/readyz").status_code == 503
    with service.log._engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE hidden RENAME TO records")
    answers = [service.post("/v1/reports", report(report_id="a")).status_code for _ in range(2)]
    assert answers[-1] == 202
    assert len(list(service.log.read())) == 1


def test_time_of_a_report_is_kept(service: Service) -> None:
    service.post("/v1/reports", report(reported_at="2027-01-15T07:59:00Z"))
    [(_, record)] = list(service.log.read())
    assert (record.now, record.report.reported_at) == (START, START - 60)  # type: ignore[union-attr]
