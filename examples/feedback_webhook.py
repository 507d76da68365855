"""Turn a provider's webhook into events and reports.

    BAWWAB_URL=http://127.0.0.1:8000 WEBHOOK_SECRET=… uvicorn --factory examples.feedback_webhook:create

Change `read` to what your provider sends. Nothing is lost while the gate is away: the provider gets
503 and delivers again, and what the gate has had already changes nothing there.
"""

import hashlib
import hmac
import os
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Literal

import msgspec
from fastapi import FastAPI, Request, Response

from bawwab.client import AsyncClient, Event, OutcomeKind, Report, ReportReason, UnreachableError

# A whole answer, in any case, with or without accents and marks. "Please do not stop" is no opt-out.
STOP_WORDS = """
stop | stopall | unsubscribe | opt out | cancel | end | quit
إيقاف | توقف | قف | إلغاء | إلغاء الاشتراك | الغاء الاشتراك | ألغ | لا ترسل
arrêt | désabonner | désinscrire
baja | alto | parar | cancelar | sair
stopp | abmelden | abbestellen
dur | iptal | ret
berhenti
रोको | रोकें | बंद करो | बंद
بند | بند کریں
стоп | отписаться | отмена
退订 | 停止 | 取消订阅
acha | simama
"""
START_WORDS = "start | subscribe | اشتراك | ابدأ | تشغيل | alta | começar | mulai | शुरू | старт | 订阅"

OUTCOMES = {"delivered", "read", "failed"}


class Happening(msgspec.Struct, frozen=True):
    """One item of the webhook."""

    kind: Literal["delivered", "read", "failed", "inbound", "complaint", "blocked", "unblocked"]
    business: str
    person: str
    at: datetime
    message: str | None = None
    text: str = ""
    id: str | None = None


def plain(text: str) -> str:
    """Letters and digits as typed in a hurry: no case, accents, vowel marks or punctuation."""
    split = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(
        " " if unicodedata.category(c)[0] in "PSZC" else c
        for c in split
        if unicodedata.category(c) != "Mn" and c != "\N{ARABIC TATWEEL}"
    )
    return " ".join(letters.split())


STOP = {plain(word) for word in STOP_WORDS.replace("\n", "|").split("|")} - {""}
START = {plain(word) for word in START_WORDS.split("|")}


def read(item: Happening) -> tuple[list[Event], list[Report]]:
    """Events and reports that an item stands for."""
    if item.kind in OUTCOMES:
        return [_event(item, OutcomeKind(item.kind))], []
    if item.kind == "inbound":
        said = plain(item.text)
        consent = [OutcomeKind.OPTED_OUT] if said in STOP else []
        consent += [OutcomeKind.OPTED_IN] if said in START else []
        return [_event(item, kind) for kind in (OutcomeKind.REPLIED, *consent)], []
    return [], [_report(item)]


def _event(item: Happening, kind: OutcomeKind) -> Event:
    return Event(
        kind=kind,
        sender_id=item.business,
        recipient_id=item.person,
        message_id=item.message,
        occurred_at=item.at,
    )


def _report(item: Happening) -> Report:
    blocked = item.kind in {"blocked", "unblocked"}
    return Report(
        reason=ReportReason.BLOCK if blocked else ReportReason.SPAM,
        sender_id=item.business,
        recipient_id=item.person,
        message_id=item.message,
        report_id=item.id,  # the provider's own; an unblock carries that of the block
        reported_at=item.at,
        retract=item.kind == "unblocked",
    )


def create(gate: AsyncClient | None = None, secret: str | None = None) -> FastAPI:
    """Make the application."""
    asked = gate or AsyncClient(os.environ["BAWWAB_URL"], key=os.environ.get("BAWWAB_KEY"))
    key = (secret or os.environ["WEBHOOK_SECRET"]).encode()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with asked:
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/webhook")
    async def webhook(request: Request) -> Response:
        body = await request.body()
        signature = hmac.new(key, body, hashlib.sha256).hexdigest()
        given = request.headers.get("x-signature", "")
        if not hmac.compare_digest(signature.encode(), given.encode()):
            return Response(status_code=401)
        try:
            read_items = [read(item) for item in msgspec.json.decode(body, type=list[Happening])]
        except msgspec.DecodeError:
            return Response(status_code=422)
        try:
            await asked.event([event for events, _ in read_items for event in events])
            await asked.report([report for _, reports in read_items for report in reports])
        except UnreachableError:
            return Response(status_code=503, headers={"retry-after": "30"})
        return Response(status_code=204)

    return app
