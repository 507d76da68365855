"""Who did what, and which request it was."""

import json
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bawwab.core.errors import StoreError
from engines_kit import LOG_ENGINES
from service_kit import Service

pytestmark = pytest.mark.parametrize("log_engine", LOG_ENGINES)


def test_an_operators_act_leaves_a_line(service: Service) -> None:
    with capture_logs() as lines:
        answer = service.client.put("/v1/senders/shop", json={}, headers={"x-request-id": "req-7"})
    [line] = lines
    assert (line["by"], line["id"], line["request_id"], line["audit"]) == ("local", "shop", "req-7", True)
    assert answer.headers["x-request-id"] == "req-7"


def test_a_refused_act_leaves_no_line_of_success(service: Service) -> None:
    with capture_logs() as lines:
        assert service.client.put("/v1/senders/shop", json={"rating": 5}).status_code == 422
    assert lines == []


def test_a_problem_names_its_request(service: Service) -> None:
    answer = service.client.get("/v1/senders/nobody")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, 'a"b', "a{b}"])
def test_a_harmful_name_is_replaced(service: Service, given: str) -> None:
    answer = service.client.get("/v1/senders/nobody", headers={"x-request-id": given})
    assert answer.headers["x-request-id"].startswith("req_")


def test_our_own_failures_are_logged_with_their_request(service: Service) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise StoreError("no answer")

    service.log.find_decision = fail  # type: ignore[method-assign]
    with capture_logs() as lines:
        answer = service.client.get("/v1/decisions/d")
    assert answer.status_code == 503
    assert [line["request_id"] for line in lines] == [answer.headers["x-request-id"]]


def kept(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "trail.jsonl").read_text("utf-8").splitlines()]


def test_every_act_of_an_operator_is_kept(service: Service, tmp_path: Path) -> None:
    service.client.put("/v1/senders/shop", json={"verified": True})
    refused = service.score(sender_id="mule", text="a scam https://shady.example/a")
    appealed = service.post("/v1/appeals", {"decision_id": refused["decision_id"]}).json()["appeal_id"]
    service.post(f"/v1/appeals/{appealed}/resolution", {"outcome": "overturned"})
    service.post("/v1/forget", {"recipient_id": "r"})
    acts = [(line["act"].split()[0], line["id"], line["by"]) for line in kept(tmp_path)]
    assert acts == [("State", "shop", "local"), ("Say", appealed, "local"), ("Erase", "", "local")]
    assert (tmp_path / "trail.jsonl").stat().st_mode & 0o777 == 0o600


def test_what_may_change_something_as_an_operator_is_an_act(service: Service) -> None:
    """No operation for operators takes a body without leaving a trail: it hangs on these two alone."""
    described = service.client.get("/openapi.json").json()["paths"]
    for path, methods in described.items():
        for method, operation in methods.items():
            ways = [scope for way in operation.get("security", []) for scope in way.get("key", [])]
            if method != "get" and "operate" in ways:
                assert ways == ["operate"] or path == "/v1/appeals", path
