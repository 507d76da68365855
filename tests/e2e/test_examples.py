"""The examples do what they say."""
# ruff: noqa: S603 - the command that is started is our own

import hashlib
import hmac
import subprocess
import sys
from pathlib import Path
from typing import Any

import feedback_webhook
import httpx
import msgspec
import pytest
import send_loop
from starlette.testclient import TestClient

from bawwab.client import AsyncClient, Client, Message
from client_kit import message
from server_kit import Wire, running
from service_kit import Service, write_model

ROOT = Path(__file__).parents[2]
SECRET = "between us"  # noqa: S105 - of a test


class Loop:
    """The send loop, on the service's own time."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.sent: list[str] = []
        self.kept: dict[str, str] = {}

    def run(self, *queue: Message) -> None:
        time = self.service.time
        with Client("http://gate.example", transport=Wire(self.service)) as gate:
            send_loop.run(gate, queue, self._send, tell=self._keep, clock=time, sleep=self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.service.time.now += seconds

    def _send(self, sent: Message) -> None:
        self.sent.append(sent.message_id)

    def _keep(self, kept: Message, told: str) -> None:
        self.kept[kept.message_id] = told


class TestSendLoop:
    def test_what_waits_for_pace_goes_out_in_the_end(self, service: Service) -> None:
        loop, start = Loop(service), service.time.now
        loop.run(*(message(n, recipient_id="+491") for n in range(14)))
        assert (len(loop.sent), loop.kept) == (14, {})
        assert service.time.now > start

    def test_what_a_person_must_mend_is_told(self, service: Service) -> None:
        loop = Loop(service)
        loop.run(message(1, text="a scam"), message(2), message(3, text=""))
        assert loop.sent == ["m2"]
        assert loop.kept["m1"] == "block: FRAUD_TEXT; contact_support"
        assert loop.kept["m3"].startswith("422 ")

    def test_it_runs_as_a_program(self, tmp_path: Path) -> None:
        write_model(tmp_path / "models")
        queue = tmp_path / "queue.jsonl"
        queue.write_bytes(b"\n".join(msgspec.json.encode(message(n)) for n in range(3)))
        with running(tmp_path / "var", tmp_path / "models") as url:
            command = [sys.executable, str(ROOT / "examples" / "send_loop.py"), str(queue), url]
            done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        assert done.stdout.splitlines() == ["sent m0", "sent m1", "sent m2"]


class Webhook:
    """The webhook before a service."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    def take(self, *items: dict[str, Any], secret: str = SECRET) -> int:
        told = {"business": "shop", "person": "+4912345", "at": "2027-01-15T08:00:00Z"}
        body = msgspec.json.encode([told | item for item in items])
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        gate = AsyncClient("http://gate.example", transport=self._transport, deadline=0.05)
        with TestClient(feedback_webhook.create(gate, SECRET)) as provider:
            answer = provider.post("/webhook", content=body, headers={"x-signature": signature})
        return int(answer.status_code)


@pytest.fixture
def webhook(service: Service) -> Webhook:
    return Webhook(httpx.ASGITransport(service.client.app))


class TestWebhook:
    @pytest.mark.parametrize(
        "said", ["STOP!", "إيقاف", "الغاء الاشتراك", "Arrêt", "İPTAL", "стоп", "रोकें", "退订。"]
    )
    def test_a_stop_word_is_an_opt_out(self, service: Service, webhook: Webhook, said: str) -> None:
        assert webhook.take({"kind": "inbound", "text": said}) == 204
        answer = service.score(recipient_id="+4912345", category="marketing", opted_in=True)
        assert answer["reasons"][0]["code"] == "RECIPIENT_OPTED_OUT"

    @pytest.mark.parametrize("said", ["Please do not stop", "لا توقفوا الرسائل", "the end of the month", ""])
    def test_other_words_are_none(self, service: Service, webhook: Webhook, said: str) -> None:
        webhook.take({"kind": "inbound", "text": said})
        answer = service.score(recipient_id="+4912345", category="marketing", opted_in=True)
        assert answer["verdict"] == "allow"

    def test_a_block_closes_the_pair_and_an_unblock_opens_it(
        self, service: Service, webhook: Webhook
    ) -> None:
        webhook.take({"kind": "blocked", "id": "b1"})
        assert service.score(recipient_id="+4912345")["reasons"][0]["code"] == "RECIPIENT_BLOCKED"
        webhook.take({"kind": "unblocked", "id": "b1"})
        assert service.score(recipient_id="+4912345")["verdict"] == "allow"

    def test_a_complaint_moves_the_sender(self, service: Service, webhook: Webhook) -> None:
        service.score(recipient_id="+4912345", message_id="m1")
        before = service.client.get("/v1/senders/shop").json()["complaint_rate"]["low"]
        webhook.take(
            {"kind": "delivered", "message": "m1"}, {"kind": "complaint", "message": "m1", "id": "c1"}
        )
        assert service.client.get("/v1/senders/shop").json()["complaint_rate"]["low"] > before

    def test_another_signature_is_refused(self, webhook: Webhook) -> None:
        assert webhook.take({"kind": "delivered"}, secret="a guess") == 401  # noqa: S106 - of a test

    def test_what_is_no_webhook_is_refused(self, webhook: Webhook) -> None:
        assert webhook.take({"kind": "moved house"}) == 422

    def test_while_the_gate_is_away_the_provider_keeps_it(self) -> None:
        def away(_: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("connection refused")

        assert Webhook(httpx.MockTransport(away)).take({"kind": "delivered"}) == 503
