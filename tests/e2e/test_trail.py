"""Who did what, and which request it was."""

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
