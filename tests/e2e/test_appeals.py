"""A refusal is contested, reviewed, and what was wrong is put right."""

from typing import Any

import pytest

from bawwab.core.state.bundles import REPORTER, Bundle, key
from engines_kit import LOG_ENGINES
from service_kit import Service

pytestmark = pytest.mark.parametrize("log_engine", LOG_ENGINES)

SCAM = "a scam https://shady.example/a"
DAY = 86_400.0


def refused(service: Service, **fields: Any) -> Any:
    decision = service.score(**{"text": SCAM, "sender_id": "shop", **fields})
    assert decision["verdict"] != "allow"
    return decision


def appeal(service: Service, decision: Any, **fields: Any) -> Any:
    return service.post("/v1/appeals", {"decision_id": decision["decision_id"], **fields})


def resolve(service: Service, appealed: Any, outcome: str, **fields: Any) -> Any:
    path = f"/v1/appeals/{appealed.json()['appeal_id']}/resolution"
    return service.post(path, {"outcome": outcome, **fields})


def listed(service: Service, status: str = "") -> list[str]:
    query = f"?status={status}" if status else ""
    answer = service.client.get(f"/v1/appeals{query}").json()
    return [entry["decision_id"] for entry in answer["appeals"]]


def test_an_appeal_is_open_and_durable_when_answered(service: Service) -> None:
    answer = appeal(service, refused(service), note="we are the shop")
    assert (answer.status_code, answer.json()["status"]) == (201, "open")
    assert service.log.committed == service.log.appended


def test_a_decision_has_one_appeal(service: Service) -> None:
    decision = refused(service)
    assert appeal(service, decision).json() == appeal(service, decision, note="again").json()
    assert len(listed(service)) == 1


def test_only_a_refusal_can_be_appealed(service: Service) -> None:
    assert appeal(service, service.score()).status_code == 422


def test_a_decision_nobody_knows_cannot_be_appealed(service: Service) -> None:
    assert appeal(service, {"decision_id": "dec_none"}).status_code == 404
    assert appeal(service, refused(service, dry_run=True)).status_code == 404


def test_appeals_are_listed_oldest_first_by_status(service: Service) -> None:
    decisions = [refused(service) for _ in range(3)]
    appeals = [appeal(service, decision) for decision in decisions]
    resolve(service, appeals[0], "upheld")
    resolve(service, appeals[2], "overturned")
    ids = [decision["decision_id"] for decision in decisions]
    assert listed(service) == ids
    assert [listed(service, status) for status in ("open", "upheld", "overturned")] == [
        [ids[1]],
        [ids[0]],
        [ids[2]],
    ]


def test_an_unknown_status_is_refused(service: Service) -> None:
    assert service.client.get("/v1/appeals?status=lost").status_code == 422


def test_resolving_twice_is_a_conflict(service: Service) -> None:
    appealed = appeal(service, refused(service))
    assert resolve(service, appealed, "upheld", note="right so").json()["status"] == "upheld"
    assert resolve(service, appealed, "overturned").status_code == 409
    assert listed(service, "overturned") == []


def test_an_unknown_appeal_cannot_be_resolved(service: Service) -> None:
    answer = service.post("/v1/appeals/app_none/resolution", {"outcome": "upheld"})
    assert answer.status_code == 404


def test_a_resolution_names_its_outcome_or_is_refused(service: Service) -> None:
    appealed = appeal(service, refused(service))
    assert resolve(service, appealed, "maybe").status_code == 422


def test_an_overturned_wording_is_trusted_with_its_sender_and_its_links(service: Service) -> None:
    resolve(service, appeal(service, refused(service)), "overturned")
    assert service.score(text=SCAM, sender_id="shop")["verdict"] == "allow"
    assert service.score(text=SCAM, sender_id="other")["verdict"] != "allow"
    assert service.score(text=SCAM.replace("shady", "worse"), sender_id="shop")["verdict"] != "allow"


def test_an_upheld_refusal_changes_nothing(service: Service) -> None:
    resolve(service, appeal(service, refused(service)), "upheld")
    assert service.score(text=SCAM, sender_id="shop")["verdict"] != "allow"


def test_a_held_message_is_decided_afresh_after_its_appeal(service: Service) -> None:
    held = service.message(text="big sale", sender_id="shop")
    decision = service.post("/v1/score", held).json()
    assert decision["verdict"] == "throttle"
    resolve(service, appeal(service, decision), "overturned")
    service.time.now += decision["retry_after_seconds"]
    assert service.post("/v1/score", held).json()["verdict"] == "allow"


def test_an_overturned_refusal_lifts_the_suspension_it_caused(service: Service) -> None:
    decisions = [refused(service) for _ in range(40)]
    assert service.client.get("/v1/senders/shop").json()["suspended"]
    resolve(service, appeal(service, decisions[0]), "overturned")
    assert not service.client.get("/v1/senders/shop").json()["suspended"]


def test_an_appeal_shows_no_weights(service: Service) -> None:
    assert "contribution" not in appeal(service, refused(service)).text


def reporter(service: Service, recipient: str) -> tuple[float, float]:
    """How often a reviewer has borne this person out, and how often not."""
    entrance = service.entrance
    row = entrance.gate.state.row(
        key(Bundle.REPORTER, entrance.pseudonyms.of(recipient)), now=service.time.now
    )
    values = REPORTER.values(row, now=service.time.now)
    return values.upheld_ever, values.rejected_ever


def complained_of(service: Service) -> Any:
    """A wording that went out, was reported by two and praised by one, and is refused since."""
    text = "big sale at the shop"
    for recipient in ("ann", "bob", "eve"):
        sent = service.score(text=text, recipient_id=recipient, category="marketing", opted_in=True)
        assert sent["verdict"] == "allow"
    said = {"ann": "spam", "bob": "fraud", "eve": "not_spam", "stranger": "spam"}
    for recipient, reason in said.items():
        report = {"sender_id": "shop", "recipient_id": recipient, "reason": reason, "report_id": recipient}
        service.post("/v1/reports", report)
    service.post("/v1/reports", report | {"recipient_id": "bob", "report_id": "bob", "retract": True})
    return refused(service, text=text)


@pytest.mark.parametrize(("outcome", "right"), [("upheld", (1.0, 0.0)), ("overturned", (0.0, 1.0))])
def test_a_review_says_whose_reports_were_right(
    service: Service, outcome: str, right: tuple[float, float]
) -> None:
    resolve(service, appeal(service, complained_of(service)), outcome)
    assert reporter(service, "ann") == right
    assert reporter(service, "eve") == right[::-1]  # praise is right where the refusal was wrong
    assert reporter(service, "bob") == reporter(service, "stranger") == (0.0, 0.0)


def test_a_report_is_credited_once(service: Service) -> None:
    decision = complained_of(service)
    other = refused(service, text="big sale at the shop")
    for contested in (decision, other):
        resolve(service, appeal(service, contested), "upheld")
    assert reporter(service, "ann") == (1.0, 0.0)


def test_whose_reports_were_wrong_weighs_less_from_then_on(service: Service) -> None:
    resolve(service, appeal(service, complained_of(service)), "overturned")
    for sender in ("bank", "post"):
        for recipient in ("ann", "new"):
            service.score(sender_id=sender, recipient_id=recipient)

    def weight(recipient: str, sender: str) -> float:
        service.post("/v1/reports", {"sender_id": sender, "recipient_id": recipient, "reason": "spam"})
        rate = service.client.get(f"/v1/senders/{sender}").json()["complaint_rate"]
        return float(rate["estimate"])

    assert weight("ann", "bank") < weight("new", "post")
