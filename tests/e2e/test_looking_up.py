"""Senders and decisions by id, whatever is in the id; the model, health and documents."""

from urllib.parse import quote

import pytest

from bawwab.core.signals import NAMES
from engines_kit import LOG_ENGINES
from service_kit import Service

pytestmark = pytest.mark.parametrize("log_engine", LOG_ENGINES)

ODD_IDS = [
    "a/b",
    "..",
    "../..",
    "a b",
    " ",
    "%2F",
    "%",
    "a%b",
    "ش",
    "a?b#c",
    "a\nb",
    "/",
    "//",
    "a/",
    ".",
    "+",
    "é" * 128,
]


@pytest.mark.parametrize("sender_id", ODD_IDS)
def test_any_sender_id_that_can_be_scored_can_be_looked_up(service: Service, sender_id: str) -> None:
    service.score(sender_id=sender_id)
    answer = service.client.get(f"/v1/senders/{quote(sender_id, safe='')}".replace("/.", "/%2E"))
    assert (answer.status_code, answer.json()["sender_id"]) == (200, sender_id)


@pytest.mark.parametrize("sender_id", ODD_IDS)
def test_any_sender_id_can_be_put(service: Service, sender_id: str) -> None:
    path = f"/v1/senders/{quote(sender_id, safe='')}".replace("/.", "/%2E")
    assert service.client.put(path, json={"verified": True}).status_code == 201
    assert service.client.put(path, json={"verified": False}).status_code == 200


@pytest.mark.parametrize("path", ["/v1/senders/%ff", "/v1/senders/" + "x" * 129, "/v1/senders/%00"])
def test_an_id_that_cannot_be_is_refused(service: Service, path: str) -> None:
    assert service.client.put(path, json={}).status_code == 422


def test_a_profile_takes_effect_at_once(service: Service) -> None:
    assert service.score()["limit"]["quota"] == 250
    profile = {"verified": True, "registered_at": "2020-01-01T00:00:00Z", "domains": ["Shop.Example."]}
    answer = service.client.put("/v1/senders/shop", json=profile)
    assert answer.json()["profile"]["domains"] == ["shop.example"]
    assert service.score()["limit"]["quota"] == 10_000


@pytest.mark.parametrize(
    "profile",
    [
        {"verified": "yes"},
        {"domains": ["https://shop.example"]},
        {"domains": ["localhost"]},
        {"domains": "shop.example"},
        {"country": "Germany"},
        {"portfolio_id": ""},
        {"rating": 5},
    ],
)
def test_a_bad_profile_is_refused(service: Service, profile: dict[str, object]) -> None:
    assert service.client.put("/v1/senders/shop", json=profile).status_code == 422


def test_a_sender_shows_what_its_messages_were_refused_for(service: Service) -> None:
    for _ in range(2):
        service.score(text="a scam")
    [reason] = service.client.get("/v1/senders/shop").json()["recent_reasons"]
    assert (reason["code"], reason["decisions"]) == ("FRAUD_TEXT", 2)


def test_a_sender_never_seen_is_404(service: Service) -> None:
    assert service.client.get("/v1/senders/nobody").status_code == 404


def test_a_decision_is_stored_with_every_signal(service: Service) -> None:
    scored = service.score(text="a scam")
    for _ in range(2):  # once from the queue, once from the table
        stored = service.client.get(f"/v1/decisions/{scored['decision_id']}").json()
        assert stored["decision"] == scored
        assert [signal["name"] for signal in stored["signals"]] == list(NAMES)
        service.log.flush()


def test_contributions_add_up_to_the_score(service: Service) -> None:
    scored = service.score(text="a scam")
    stored = service.client.get(f"/v1/decisions/{scored['decision_id']}").json()
    total = stored["intercept"] + sum(signal["contribution"] for signal in stored["signals"])
    assert total == pytest.approx(4.0)  # -6 + 5 + 5: logit of 0.982


def test_a_stored_decision_shows_no_recipient(service: Service) -> None:
    scored = service.score(recipient_id="+4915100000000")
    pseudonym = service.entrance.pseudonyms.of("+4915100000000")
    stored = service.client.get(f"/v1/decisions/{scored['decision_id']}").text
    assert "+4915100000000" not in stored
    assert pseudonym not in stored


def test_the_model_is_named_with_its_certificates(service: Service) -> None:
    model = service.client.get("/v1/model").json()
    assert model["champion"]["version"] == "keyword"
    assert model["certificates"][0]["basis"] == "corpus"


def test_head_is_answered_as_get(service: Service) -> None:
    assert service.client.head("/healthz").status_code == 200


def test_a_ready_server_says_so(service: Service) -> None:
    assert service.client.get("/readyz").json() == {"status": "ready"}


def test_metrics_count_decisions_by_reason(service: Service) -> None:
    service.score(text="a scam")
    line = 'bawwab_decisions_total{category="utility",reason="FRAUD_TEXT",verdict="block"} 1.0'
    assert line in service.client.get("/metrics").text


def test_the_document_lists_every_endpoint(service: Service) -> None:
    paths = service.client.get("/openapi.json").json()["paths"]
    assert {"/v1/score", "/v1/score/batch", "/v1/senders/{id}", "/healthz"} <= set(paths)
