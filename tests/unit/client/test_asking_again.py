"""When the client asks again, and when it gives up."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bawwab.client import (
    Decision,
    LocalAnswer,
    RefusedError,
    Report,
    ReportReason,
    Resolution,
    UnreachableError,
)
from client_kit import Line, Scripted, allowed, message, problem

REFUSED = httpx.ConnectError("connection refused")
SILENT = httpx.ReadTimeout("timed out")
REPORT = Report(reason=ReportReason.SPAM, recipient_id="r", sender_id="shop")
Ask = Callable[..., Scripted]


@pytest.fixture(params=[True, False], ids=["blocking", "async"])
def ask(request: pytest.FixtureRequest) -> Ask:
    def make(*script: Line, **told: Any) -> Scripted:
        return Scripted(*script, blocking=request.param, **told)

    return make


@pytest.mark.parametrize(
    "failure",
    [REFUSED, SILENT, httpx.RemoteProtocolError("gone"), problem(503), problem(502), problem(429)],
    ids=["refused", "silent", "gone", "503", "502", "429"],
)
def test_a_failed_attempt_is_made_again_with_the_same_message(ask: Ask, failure: Line) -> None:
    client = ask(failure, allowed())
    assert isinstance(client.score(message()), Decision)
    first, second = client.gate.bodies
    assert first == second


def test_pauses_double_up_to_a_second(ask: Ask) -> None:
    client = ask(*[REFUSED] * 7, allowed())
    client.score(message(), deadline=60.0)
    assert client.time.slept == [0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0]


def test_a_long_deadline_is_asked_through_to_its_end(ask: Ask) -> None:
    client = ask(REFUSED)
    client.score(message(), deadline=1_200.0)
    assert len(client.gate.requests) > 1_100


def test_pauses_are_cut_by_chance(ask: Ask) -> None:
    client = ask(REFUSED, allowed(), chance=lambda: 0.5)
    client.score(message())
    assert client.time.slept == [0.025]


def test_retry_after_is_honoured(ask: Ask) -> None:
    client = ask(problem(503, {"retry-after": "1"}), allowed(), chance=lambda: 0.0)
    client.score(message())
    assert client.time.slept == [1.0]


def test_it_does_not_wait_for_what_comes_after_the_deadline(ask: Ask) -> None:
    client = ask(problem(503, {"retry-after": "30"}), allowed())
    assert isinstance(client.score(message(), deadline=5.0), LocalAnswer)
    assert (client.time.slept, len(client.gate.requests)) == ([], 1)


@pytest.mark.parametrize("deadline", [0.1, 2.0, 7.0])
def test_a_silent_gate_costs_no_more_than_the_deadline(ask: Ask, deadline: float) -> None:
    client = ask(SILENT)
    start = client.time.now
    client.score(message(), deadline=deadline)
    assert client.time.now - start <= deadline + 1e-9


def test_the_waits_of_an_attempt_share_what_is_left(ask: Ask) -> None:
    client = ask(allowed())
    client.score(message(), deadline=2.0)
    [request] = client.gate.requests
    assert set(request.extensions["timeout"].values()) == {0.5}


@pytest.mark.parametrize("status", [400, 401, 403, 413, 422])
def test_a_refusal_is_raised_and_not_repeated(ask: Ask, status: int) -> None:
    client = ask(problem(status))
    with pytest.raises(RefusedError) as refusal:
        client.score(message())
    assert (refusal.value.status, len(client.gate.requests)) == (status, 1)


def test_a_message_still_being_decided_is_asked_again(ask: Ask) -> None:
    assert isinstance(ask(problem(409), allowed()).score(message()), Decision)


def test_a_message_still_being_decided_at_the_deadline_is_a_refusal(ask: Ask) -> None:
    with pytest.raises(RefusedError):
        ask(problem(409)).score(message())


def test_what_no_gate_would_say_counts_as_no_answer(ask: Ask) -> None:
    answer = ask(httpx.Response(200, html="<h1>Log in</h1>")).score(message())
    assert (answer.degraded, "in between" in answer.why) == (True, True)


def test_feedback_that_could_not_be_handed_in_is_an_error(ask: Ask) -> None:
    with pytest.raises(UnreachableError, match="ConnectError"):
        ask(REFUSED).report(REPORT)


class TestResolutions:
    """A second one is a conflict, so that it is only sent again where the first cannot have arrived."""

    DONE = httpx.Response(
        200,
        json={
            "appeal_id": "a1",
            "decision_id": "dec_1",
            "status": "upheld",
            "appealed_at": "2026-11-25T08:00:00Z",
        },
    )

    def test_one_that_may_have_arrived_is_not_sent_again(self, ask: Ask) -> None:
        client = ask(SILENT, self.DONE)
        with pytest.raises(UnreachableError):
            client.resolve_appeal("a1", Resolution.UPHELD)
        assert len(client.gate.requests) == 1

    @pytest.mark.parametrize("failure", [REFUSED, problem(503), problem(429)], ids=["refused", "503", "429"])
    def test_one_that_certainly_did_not_arrive_is(self, ask: Ask, failure: Line) -> None:
        found = ask(failure, self.DONE).resolve_appeal("a1", Resolution.UPHELD, "a look-alike link")
        assert found.status == "upheld"

    def test_one_resolved_before_is_a_refusal(self, ask: Ask) -> None:
        with pytest.raises(RefusedError) as refusal:
            ask(problem(409)).resolve_appeal("a1", Resolution.UPHELD)
        assert refusal.value.status == 409
