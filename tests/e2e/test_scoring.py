"""``/v1/score`` as a platform meets it."""

import re

import pytest

from bawwab.core.decisions import Decision
from service_kit import START, Service


def test_a_decision_has_every_field_of_the_contract(service: Service) -> None:
    assert set(service.score()) == set(Decision.__struct_fields__)


def test_a_good_message_is_allowed_without_reasons(service: Service) -> None:
    answer = service.score()
    assert (answer["verdict"], answer["reasons"], answer["advice"]) == ("allow", [], "none")


def test_a_scam_is_blocked_and_the_reason_says_why(service: Service) -> None:
    answer = service.score(text="a scam")
    assert (answer["verdict"], answer["reasons"][0]["code"]) == ("block", "FRAUD_TEXT")
    assert answer["retry_after_seconds"] is None


def test_times_are_rfc_3339_in_utc(service: Service) -> None:
    assert service.score()["evaluated_at"] == "2027-01-15T08:00:00Z"


def test_the_same_message_again_gets_the_same_answer_and_spends_nothing(service: Service) -> None:
    message = service.message()
    first = service.post("/v1/score", message).json()
    again = service.post("/v1/score", message | {"occurred_at": "2027-01-15T08:00:09+00:00"}).json()
    assert again == first
    assert service.score()["limit"]["remaining"] == first["limit"]["remaining"] - 1


def test_the_same_id_with_another_payload_is_refused(service: Service) -> None:
    message = service.message()
    service.post("/v1/score", message)
    answer = service.post("/v1/score", message | {"text": "another text"})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:bawwab:message-id-reused")


def test_a_dry_run_leaves_no_trace(service: Service) -> None:
    answer = service.score(dry_run=True)
    assert service.client.get(f"/v1/decisions/{answer['decision_id']}").status_code == 404
    assert service.client.get("/v1/senders/shop").status_code == 404


def test_a_message_far_ahead_of_the_clock_is_refused(service: Service) -> None:
    answer = service.post("/v1/score", service.message(occurred_at="2027-01-15T08:05:01Z"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "occurred_at"


def test_a_late_message_is_decided_now(service: Service) -> None:
    assert service.score(occurred_at="2020-01-01T00:00:00+03:00")["evaluated_at"] == "2027-01-15T08:00:00Z"


class TestBatch:
    def test_messages_are_decided_in_order(self, service: Service) -> None:
        messages = [service.message() for _ in range(40)]
        answer = service.post("/v1/score/batch", {"messages": messages}).json()["decisions"]
        assert [decision["message_id"] for decision in answer] == [m["message_id"] for m in messages]
        left = [decision["limit"]["remaining"] for decision in answer[:5]]
        assert left == [249, 248, 247, 246, 245]

    def test_a_bad_item_gets_a_problem_in_its_place(self, service: Service) -> None:
        messages = [service.message(), service.message(category="spam"), "no object", service.message()]
        answer = service.post("/v1/score/batch", {"messages": messages})
        statuses = [item.get("status", 200) for item in answer.json()["decisions"]]
        assert (answer.status_code, statuses) == (200, [200, 422, 422, 200])

    def test_dry_runs_work_within(self, service: Service) -> None:
        messages = [service.message(dry_run=True), service.message()]
        answer = service.post("/v1/score/batch", {"messages": messages}).json()["decisions"]
        assert [decision["limit"]["remaining"] for decision in answer] == [249, 249]

    def test_a_thousand_are_taken_and_one_more_is_not(self, service: Service) -> None:
        messages = [service.message(dry_run=True, text="x") for _ in range(1_001)]
        assert service.post("/v1/score/batch", {"messages": messages}).status_code == 422
        assert len(service.post("/v1/score/batch", {"messages": messages[:1]}).json()["decisions"]) == 1

    def test_an_empty_batch_is_fine(self, service: Service) -> None:
        assert service.post("/v1/score/batch", {"messages": []}).json() == {"decisions": []}


HOSTILE = {
    "right-to-left overrides": "\u202eevil\u202c text\u2066",
    "combining marks": "a" + "\u0301" * 4_095,
    "emoji": "👩‍👩‍👧‍👦" * 300,
    "nul": "a\0b",
    "spaces": " " * 4_096,
    "one character": "x",
    "4,096 characters": "ي" * 4_096,
    "line ends": "\r\n\u2028\u2029\v\f" * 100,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_any_text_gets_a_verdict(service: Service, text: str) -> None:
    assert service.score(text=text)["verdict"] in {"allow", "throttle", "block"}


def test_a_stored_text_is_masked_and_no_recipient_is_stored(service: Service) -> None:
    service.score(recipient_id="+4915112345678", text="visit https://shop.example/a?id=77")
    service.log.flush()
    [(_, record)] = list(service.log.read())
    assert "+4915112345678" not in str(record)
    assert "id=77" not in str(record)


def test_the_gate_and_the_answer_agree_on_time(service: Service) -> None:
    service.time.now = START + 0.25
    assert re.fullmatch(r"2027-01-15T08:00:00\.25(0000)?Z", service.score()["evaluated_at"])
