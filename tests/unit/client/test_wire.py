"""The client and the service speak of the same fields."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from bawwab import client
from bawwab.core.model.model import Certificate
from bawwab.service import problems, schemas
from client_kit import Scripted, allowed, decision, message

ASKED = [
    (client.Message, schemas.ScoreRequest),
    (client.Report, schemas.ReportRequest),
    (client.Survey, schemas.SurveyRequest),
    (client.Event, schemas.EventRequest),
    (client.Profile, schemas.ProfileRequest),
]
TOLD = [
    (client.Decision, schemas.DecisionAnswer),
    (client.Sender, schemas.SenderAnswer),
    (client.RecentReason, schemas.RecentReason),
    (client.DecisionRecord, schemas.DecisionRecord),
    (client.DecidedMessage, schemas.DecidedMessage),
    (client.Signal, schemas.SignalAnswer),
    (client.ModelCard, schemas.ModelAnswer),
    (client.Appeal, schemas.AppealAnswer),
    (client.Usage, schemas.UsageAnswer),
    (client.UsageLine, schemas.UsageCategory),
    (client.UsageDay, schemas.UsageRow),
    (client.Certificate, Certificate),
    (client.Problem, problems.Problem),
    (client.FieldError, problems.FieldError),
]


def fields(kind: Any) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(kind)}


@pytest.mark.parametrize(("ours", "theirs"), ASKED, ids=lambda kind: kind.__name__)
def test_the_client_can_say_all_that_is_taken(ours: Any, theirs: Any) -> None:
    assert fields(ours) == fields(theirs)


@pytest.mark.parametrize(("ours", "theirs"), TOLD, ids=lambda kind: kind.__name__)
def test_the_client_reads_only_what_is_given(ours: Any, theirs: Any) -> None:
    assert fields(ours) <= fields(theirs)


def test_a_key_is_sent_as_bearer() -> None:
    scripted = Scripted(allowed(), key="bawwab_1_x")
    scripted.score(message())
    assert scripted.gate.requests[0].headers["authorization"] == "Bearer bawwab_1_x"


def test_what_is_left_at_its_default_is_left_out() -> None:
    scripted = Scripted(allowed())
    scripted.score(message(last_inbound_at=datetime(2026, 11, 25, 8, tzinfo=UTC)))
    assert set(scripted.gate.bodies[0]) == {
        *("message_id", "sender_id", "recipient_id", "category", "text", "last_inbound_at")
    }


def test_a_reason_code_and_a_field_nobody_knew_are_no_error() -> None:
    reasons = [{"code": "MOON_PHASE", "weight": 0.1, "detail": "", "phase": "new"}]
    answer = Scripted(allowed(reasons=reasons, mood="fine")).score(message())
    assert answer.reasons[0].code == "MOON_PHASE"


@pytest.mark.parametrize("url", ["localhost:8000", "gate", "ftp://gate", "http://", ""])
def test_a_wrong_address_is_no_outage(url: str) -> None:
    with pytest.raises(ValueError, match="no address of a gate"):
        client.Client(url)


def test_the_clients_have_the_same_methods() -> None:
    def methods(kind: type) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    assert methods(client.Client) == methods(client.AsyncClient)


def test_the_public_face_is_sorted_and_complete() -> None:
    assert client.__all__ == sorted(client.__all__)
    assert all(hasattr(client, name) for name in client.__all__)


def test_a_decision_reads_as_it_was_written() -> None:
    assert Scripted(allowed()).score(message()) == msgspec.convert(decision(), client.Decision)
