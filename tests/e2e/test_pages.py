"""The pages for people: complete, escaped, self-contained, and safe from other sites."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from bawwab.service.guard import KeyGuard
from bawwab.service.keys import KeyRing, KnownKeys
from bawwab.service.operation import Access
from service_kit import Service, Time, run_service

EVIL = "<script>alert(1)</script>"
ODD = "a/b?c#d%2F<b>"


def appeal(service: Service) -> Any:
    decision = service.score(text="a scam", sender_id=ODD)
    return service.post("/v1/appeals", {"decision_id": decision["decision_id"], "note": EVIL}).json()


def form_of(text: str) -> tuple[str, str]:
    action, token = (
        re.search(r'action="(/console/appeals/[^"]+)"', text),
        re.search(r'value="(\w{64})"', text),
    )
    assert action
    assert token
    return unescape(action[1]), token[1]


def pages_of(service: Service) -> list[str]:
    appealed = appeal(service)
    service.log.flush()
    links = ["/docs", "/console", "/console/appeals", f"/console/decisions/{appealed['decision_id']}"]
    return links + re.findall(r'href="(/console/senders/[^"]+)"', service.client.get("/console").text)


def test_every_page_is_whole_and_fetches_nothing(service: Service) -> None:
    pages = pages_of(service)
    assert len(pages) == 5
    for path in pages:
        answer = service.client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert not re.search(r'(src|href)="(https?:)?//', answer.text)
        assert "<script" not in answer.text
        assert "style=" not in answer.text


def test_what_others_wrote_is_escaped(service: Service) -> None:
    service.client.put("/v1/senders/evil", json={"name": EVIL})
    service.score(sender_id="evil", template_id=EVIL)
    appeal(service)
    service.log.flush()
    for path in ("/console", "/console/senders/evil", "/console/appeals"):
        assert EVIL not in service.client.get(path).text


def test_an_id_of_any_kind_leads_to_its_sender(service: Service) -> None:
    service.score(sender_id=ODD)
    service.log.flush()
    [link] = re.findall(r'href="(/console/senders/[^"]+)"', service.client.get("/console").text)
    assert "a/b?c#d%2F&lt;b&gt;" in service.client.get(link).text
    assert service.client.get("/console/find", params={"id": ODD}).status_code == 200
    assert service.client.get("/console/find", params={"id": "nobody"}).status_code == 404


def test_a_decision_is_found_by_its_id(service: Service) -> None:
    decision = service.score(text="a scam")
    shown = service.client.get("/console/find", params={"id": decision["decision_id"]}).text
    assert "text_fraud" in shown
    assert "+5.000" in shown


def test_an_appeal_is_resolved_by_its_form(service: Service) -> None:
    appeal(service)
    action, token = form_of(service.client.get("/console/appeals").text)
    form = {"token": token, "outcome": "overturned", "note": "ours"}
    answer = service.client.post(action, data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/appeals")
    [resolved] = service.client.get("/v1/appeals?status=overturned").json()["appeals"]
    assert (resolved["resolution_note"], resolved["resolved_by"]) == ("ours", "local")
    assert service.client.post(action, data=form).status_code == 409


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_a_form_from_elsewhere_does_nothing(service: Service, token: str) -> None:
    appeal(service)
    action, _ = form_of(service.client.get("/console/appeals").text)
    assert service.client.post(action, data={"token": token, "outcome": "upheld"}).status_code == 403
    assert len(service.client.get("/v1/appeals?status=open").json()["appeals"]) == 1


def test_a_form_names_its_outcome(service: Service) -> None:
    appeal(service)
    action, token = form_of(service.client.get("/console/appeals").text)
    assert service.client.post(action, data={"token": token}).status_code == 422


def test_pages_want_an_operators_key_as_a_password(tmp_path: Path) -> None:
    ring, time = KeyRing(tmp_path), Time()
    keys = {scope: ring.create((scope,), name="", now=1.0) for scope in Access}
    guard = KeyGuard(KnownKeys(ring, read=time), required=True, quota=None, read=time)
    with run_service(tmp_path, guard=guard) as service:
        asked = service.client.get("/console")
        assert (asked.status_code, asked.headers["www-authenticate"][:6]) == (401, "Basic ")
        found = {s: service.client.get("/console", auth=("me", key)).status_code for s, key in keys.items()}
    assert found == {Access.SCORE: 403, Access.FEEDBACK: 403, Access.OPERATE: 200}


def test_the_reference_lists_every_operation(service: Service) -> None:
    shown = service.client.get("/docs").text
    document = service.client.get("/openapi.json").json()
    assert [path for path in document["paths"] if path not in shown] == []
    assert [name for name in document["components"]["schemas"] if f'id="{name}"' not in shown] == []
