"""What goes out while the gate does not answer."""

import httpx
import pytest

from bawwab.client import Advice, Category, Decision, Outage, Problem, Verdict
from client_kit import Scripted, allowed, decision, message, problem

REFUSED = httpx.ConnectError("connection refused")
URGENT = [Category.AUTHENTICATION, Category.UTILITY, Category.SERVICE]


@pytest.mark.parametrize("category", URGENT)
def test_urgent_messages_go_out(category: Category) -> None:
    answer = Scripted(REFUSED).score(message(category=category))
    assert (answer.verdict, answer.advice, answer.degraded) == (Verdict.ALLOW, Advice.NONE, True)


def test_marketing_waits() -> None:
    answer = Scripted(REFUSED).score(message(category=Category.MARKETING))
    assert (answer.verdict, answer.advice) == (Verdict.THROTTLE, Advice.RETRY_LATER)
    assert answer.retry_after_seconds == 60.0


def test_a_local_answer_has_no_reason_of_the_gate() -> None:
    answer = Scripted(REFUSED).score(message())
    assert (answer.reasons, answer.why) == ((), "ConnectError: connection refused")


def test_urgent_messages_go_out_up_to_a_cap_and_then_at_its_rate() -> None:
    client = Scripted(REFUSED, outage=Outage(rest=1_000.0))
    allowed_at_once = [client.score(message(n)).verdict for n in range(202)].count(Verdict.ALLOW)
    client.time.now += 1.0
    later = [client.score(message(n)).verdict for n in range(300, 320)].count(Verdict.ALLOW)
    assert (allowed_at_once, later) == (200, 10)


def test_beyond_the_cap_the_wait_is_the_caps() -> None:
    client = Scripted(REFUSED, outage=Outage(burst=1, interval=5.0))
    client.score(message(1))
    answer = client.score(message(2))
    assert (answer.verdict, answer.retry_after_seconds) == (Verdict.THROTTLE, pytest.approx(5.0))


def test_a_dry_run_spends_nothing_of_the_cap() -> None:
    client = Scripted(REFUSED, outage=Outage(burst=1, interval=1_000.0))
    client.score(message(1, dry_run=True))
    assert client.score(message(2)).verdict is Verdict.ALLOW


def test_what_passes_can_be_chosen() -> None:
    outage = Outage(passes=frozenset({Category.AUTHENTICATION}), retry_after=7.0)
    answer = Scripted(REFUSED, outage=outage).score(message())
    assert (answer.verdict, answer.retry_after_seconds) == (Verdict.THROTTLE, 7.0)


def test_after_a_call_in_vain_nobody_asks_for_a_while() -> None:
    client = Scripted(REFUSED)
    client.score(message(1))
    asked, slept = len(client.gate.requests), sum(client.time.slept)
    client.score(message(2))
    assert (len(client.gate.requests), sum(client.time.slept)) == (asked, slept)


def test_after_that_while_the_gate_is_asked_again() -> None:
    client = Scripted(problem(503, {"retry-after": "60"}), allowed("m2"))
    client.score(message(1))
    client.time.now += 5.0
    assert isinstance(client.score(message(2)), Decision)


def test_beyond_the_callers_quota_everything_waits() -> None:
    client = Scripted(problem(429, {"retry-after": "9"}), allowed("m2"))
    answer = client.score(message(1, category=Category.AUTHENTICATION))
    assert (answer.verdict, answer.retry_after_seconds) == (Verdict.THROTTLE, 9.0)
    assert isinstance(client.score(message(2)), Decision)


class TestBatch:
    def test_each_message_gets_its_own_local_answer(self) -> None:
        batch = [message(1), message(2, category=Category.MARKETING)]
        answers = Scripted(REFUSED).score_many(batch)
        assert [(a.message_id, a.verdict.value) for a in answers] == [("m1", "allow"), ("m2", "throttle")]

    def test_an_item_the_gate_was_not_ready_for_is_answered_locally(self) -> None:
        late = {"type": "about:blank", "title": "Not ready", "status": 503, "detail": "the log"}
        reply = httpx.Response(200, json={"decisions": [decision("m1"), late]})
        first, second = Scripted(reply).score_many([message(1), message(2)])
        assert (first.degraded, second.degraded, second.verdict) == (False, True, Verdict.ALLOW)

    def test_an_item_that_was_not_taken_is_a_problem(self) -> None:
        bad = {"type": "about:blank", "title": "Cannot be taken", "status": 422, "detail": "text: empty"}
        [found] = Scripted(httpx.Response(200, json={"decisions": [bad]})).score_many([message(1)])
        assert (type(found), found.status) == (Problem, 422)

    def test_more_than_a_thousand_go_in_parts(self) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            asked = httpx.Response(200, content=request.content).json()["messages"]
            return httpx.Response(200, json={"decisions": [decision(m["message_id"]) for m in asked]})

        client = Scripted(answer)
        answers = client.score_many([message(n) for n in range(2_001)])
        assert [a.message_id for a in answers] == [f"m{n}" for n in range(2_001)]
        assert [len(body["messages"]) for body in client.gate.bodies] == [1_000, 1_000, 1]
