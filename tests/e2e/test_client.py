"""The client against the service: every method, and a server that goes away."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bawwab.client import (
    AppealStatus,
    AsyncClient,
    Category,
    Client,
    Decision,
    Event,
    LocalAnswer,
    Outage,
    OutcomeKind,
    Problem,
    Profile,
    Quality,
    ReasonCode,
    RefusedError,
    Report,
    ReportReason,
    Resolution,
    Survey,
    UnreachableError,
    Verdict,
)
from client_kit import message
from server_kit import Wire, running
from service_kit import Service, write_model


@pytest.fixture
def gate(service: Service) -> Iterator[Client]:
    with Client("http://gate.example", transport=Wire(service)) as client:
        yield client


def test_a_message_asked_twice_gets_one_decision(gate: Client) -> None:
    first = gate.score(message())
    assert isinstance(first, Decision)
    assert gate.score(message()) == first


def test_a_refusal_says_why(gate: Client) -> None:
    answer = gate.score(message(text="a scam"))
    assert (answer.verdict, answer.reasons[0].code) == (Verdict.BLOCK, ReasonCode.FRAUD_TEXT)


def test_what_cannot_be_taken_names_the_field(gate: Client) -> None:
    with pytest.raises(RefusedError) as refusal:
        gate.score(message(text=""))
    assert refusal.value.problem.errors[0].field == "text"


def test_many_are_decided_in_order_and_a_bad_one_has_a_problem(gate: Client) -> None:
    first, second, third = gate.score_many([message(1), message(2, text=""), message(3)])
    assert (type(first), type(second), type(third)) == (Decision, Problem, Decision)


def test_feedback_is_counted(gate: Client) -> None:
    gate.score(message())
    about: Any = {"sender_id": "shop", "recipient_id": message().recipient_id}
    reports = [Report(reason=ReportReason.SPAM, report_id=f"r{n}", **about) for n in range(2)]
    assert gate.report(reports) == 2
    assert gate.survey(Survey(sampling_probability=0.1, wanted=False, **about)) == 1
    assert gate.event(Event(kind=OutcomeKind.READ, message_id="m1", **about)) == 1


def test_an_opt_out_is_obeyed(gate: Client) -> None:
    asked = message(category=Category.MARKETING, opted_in=True)
    stop = Event(kind=OutcomeKind.OPTED_OUT, sender_id="shop", recipient_id=asked.recipient_id)
    gate.event(stop)
    assert gate.score(asked).reasons[0].code == ReasonCode.RECIPIENT_OPTED_OUT


@pytest.mark.parametrize("sender_id", ["shop", "a/b", "..", "ش", "a?b#c"])
def test_a_sender_is_put_and_looked_up_whatever_its_id(gate: Client, sender_id: str) -> None:
    profile = Profile(
        name="Shop", verified=True, domains=("shop.example",), registered_at=datetime(2020, 1, 1, tzinfo=UTC)
    )
    assert gate.put_sender(sender_id, profile).profile == profile
    found = gate.sender(sender_id)
    assert (found.sender_id, found.quality, found.limit.quota) == (sender_id, Quality.UNKNOWN, 10_000)


def test_a_decision_can_be_fetched(gate: Client) -> None:
    decided = gate.score(message())
    assert isinstance(decided, Decision)
    assert gate.decision(decided.decision_id).decision == decided


def test_a_refusal_is_contested_and_overturned(gate: Client) -> None:
    refused = gate.score(message(text="a scam"))
    assert isinstance(refused, Decision)
    appeal = gate.appeal(refused.decision_id, "our own words")
    assert gate.appeal(refused.decision_id) == appeal
    assert gate.appeals(AppealStatus.OPEN) == (appeal,)
    assert gate.resolve_appeal(appeal.appeal_id, Resolution.OVERTURNED).status is AppealStatus.OVERTURNED
    assert gate.score(message(2, text="a scam")).verdict is Verdict.ALLOW


def test_usage_counts_what_was_allowed(gate: Client) -> None:
    gate.score_many([message(1), message(2), message(3, text="a scam")])
    usage = gate.usage("shop", start=datetime(2027, 1, 1, tzinfo=UTC))
    assert {line.category: line.messages for line in usage.categories}[Category.UTILITY] == 2
    assert sum(day.fee for day in usage.days) == sum(line.fee for line in usage.categories)


def test_nobody_is_404(gate: Client) -> None:
    with pytest.raises(RefusedError) as refusal:
        gate.sender("nobody")
    assert refusal.value.status == 404


def test_the_model_has_a_name(gate: Client) -> None:
    assert gate.model().champion.version


class TestProcess:
    """Over a socket, to a server that ends."""

    EAGER = Outage(rest=0.0)

    @pytest.fixture
    def models(self, tmp_path: Path) -> Path:
        write_model(tmp_path / "models")
        return tmp_path / "models"

    def test_both_clients_outlive_the_server(self, tmp_path: Path, models: Path) -> None:
        with running(tmp_path / "var", models) as url:
            port = url.rsplit(":", 1)[1]
            gate = Client(url, outage=self.EAGER, score_deadline=0.2)
            assert isinstance(gate.score(message(1), deadline=10.0), Decision)
        assert isinstance(gate.score(message(2)), LocalAnswer)
        with pytest.raises(UnreachableError):
            gate.sender("shop", deadline=0.1)
        with running(tmp_path / "var", models, BAWWAB_PORT=port), gate:
            assert isinstance(gate.score(message(2), deadline=10.0), Decision)
            assert asyncio.run(self._async_score(url)) == gate.score(message(3))

    @staticmethod
    async def _async_score(url: str) -> object:
        async with AsyncClient(url) as gate:
            found = await asyncio.gather(*(gate.score(message(3), deadline=10.0) for _ in range(20)))
            assert all(decision == found[0] for decision in found)
            return found[0]
