"""``/console``: the operators' pages."""

import asyncio
import hmac

from bawwab.core.errors import AlreadyResolvedError
from bawwab.core.events import Resolution
from bawwab.core.records import Decided
from bawwab.service.answers import sender_answer
from bawwab.service.entrance import Entrance
from bawwab.service.operation import Access, Call, Operation, Reply
from bawwab.service.pages import HEADERS, HTML, page
from bawwab.service.problems import invalid, problem
from bawwab.service.routes.appeals import find_appeals
from bawwab.service.routes.decisions import LoadVersion, take_apart
from bawwab.service.schemas import AppealAnswer, SignalAnswer

_SENDERS = 100
_DECISIONS = 50
_APPEALS = 50
_LONGEST_NOTE = 2_000


class Console:
    """What the pages show, and the one thing that can be done there."""

    def __init__(self, entrance: Entrance, load_version: LoadVersion) -> None:
        self._entrance, self._load_version = entrance, load_version
        # Not chance: every worker must know it. No recipient's id has a NUL.
        self._secret = entrance.pseudonyms.of("\0console").encode()

    async def senders(self, _: Call) -> Reply:
        """List the senders of the latest decisions."""
        ids = await asyncio.to_thread(self._entrance.log.latest_senders, limit=_SENDERS)
        views = [await self._entrance.sender(sender_id) for sender_id in ids]
        return page("senders", views=[view for view in views if view is not None])

    async def find(self, call: Call) -> Reply:
        """Lead to a sender or a decision, whichever has the id."""
        wanted = call.query.get("id", "").strip()
        if self._entrance.log.find_decision(wanted) is not None:
            return await self.decision(call._replace(id=wanted))
        return await self.sender(call._replace(id=wanted))

    async def sender(self, call: Call) -> Reply:
        """Show one sender."""
        view = await self._entrance.sender(call.id)
        if view is None:
            raise problem(404, "no sender or decision of this id was ever seen")
        found = self._entrance.log.decisions_of(call.id, limit=_DECISIONS)
        latest = [take_apart(record, self._load_version) for record in found]
        return page("sender", view=sender_answer(view, found), latest=latest)

    async def decision(self, call: Call) -> Reply:
        """Take one decision apart."""
        record = self._entrance.log.find_decision(call.id)
        if record is None:
            raise problem(404, "no decision of this id is stored")
        shown = take_apart(record, self._load_version)
        signals = sorted(shown.signals, key=lambda signal: -_push(signal))
        strongest = max(map(_push, signals), default=0.0)
        return page("decision", record=shown, decision=shown.decision, signals=signals, strongest=strongest)

    async def appeals(self, call: Call) -> Reply:
        """Show what waits for a reviewer, oldest first."""
        found = await find_appeals(self._entrance, "open")
        shown = [(appeal, self._contested(appeal)) for appeal in found[:_APPEALS]]
        more = max(0, len(found) - _APPEALS)
        return page("appeals", appeals=shown, more=more, token=self._token(call.by))

    async def resolve(self, call: Call) -> Reply:
        """Take a reviewer's word, if the form is one that this server gave this reviewer."""
        if not hmac.compare_digest(call.body.get("token", "").encode(), self._token(call.by).encode()):
            raise problem(403, "this form is too old, or not from this server: load the page again")
        note = call.body.get("note", "").replace("\0", "").strip()[:_LONGEST_NOTE] or None
        try:
            outcome = Resolution(call.body.get("outcome", ""))
        except ValueError:
            raise invalid("outcome", "not one of the allowed values", "one of: upheld, overturned") from None
        try:
            await self._entrance.resolve(call.id, outcome, note, by=call.by)
        except AlreadyResolvedError as error:
            raise problem(409, str(error), name="already-resolved") from error
        await self._entrance.durable()
        return Reply(b"", status=303, headers=(("location", "/console/appeals"), *HEADERS), media_type=HTML)

    def _contested(self, appeal: AppealAnswer) -> Decided | None:
        return self._entrance.log.find_decision(appeal.decision_id)

    def _token(self, by: str) -> str:
        """What proves that a form was ours: another site's page cannot read it."""
        return hmac.digest(self._secret, by.encode(), "sha256").hex()


def operations(entrance: Entrance, load_version: LoadVersion) -> list[Operation]:
    """List the operations; all of them want an operator."""
    console = Console(entrance, load_version)
    pages = {
        "/console": ("Senders", console.senders),
        "/console/find": ("A sender or a decision by its id", console.find),
        "/console/appeals": ("Open appeals", console.appeals),
        "/console/senders/{id:path}": ("One sender", console.sender),
        "/console/decisions/{id:path}": ("A decision taken apart", console.decision),
    }
    shown = [
        Operation(
            method="GET",
            path=path,
            summary=summary,
            handle=handle,
            gives={200: str},
            access=(Access.OPERATE,),
            media_type=HTML,
            is_page=True,
        )
        for path, (summary, handle) in pages.items()
    ]
    resolve = Operation(
        method="POST",
        path="/console/appeals/{id:path}",
        summary="Resolve an appeal",
        handle=console.resolve,
        takes=dict,
        gives={303: str},
        access=(Access.OPERATE,),
        is_page=True,
    )
    return [*shown, resolve]


def _push(signal: SignalAnswer) -> float:
    return abs(signal.contribution or 0.0)
