"""``/v1/appeals``: refusals contested, and what reviewers say of them."""

import asyncio

from bawwab.core.records import Appealed, Resolved
from bawwab.gate.appeals import OPEN
from bawwab.service.entrance import Entrance
from bawwab.service.operation import ANYONE, READ, Access, Call, Operation, Reply
from bawwab.service.problems import invalid
from bawwab.service.schemas import (
    AppealAnswer,
    AppealList,
    AppealRequest,
    AppealStatus,
    ResolutionRequest,
)
from bawwab.service.times import from_unix

_STATUSES = tuple(status.value for status in AppealStatus)


def operations(entrance: Entrance) -> list[Operation]:
    """List the operations."""

    async def appeal(call: Call) -> Reply:
        made, status = await entrance.appeal(call.body.decision_id, call.body.note)
        await entrance.durable()
        return Reply(appeal_answer(made, None, status), status=201)

    async def list_appeals(call: Call) -> Reply:
        wanted = call.query.get("status")
        if wanted is not None and wanted not in _STATUSES:
            raise invalid("status", "not one of the allowed values", f"one of: {', '.join(_STATUSES)}")
        return Reply(AppealList(appeals=await find_appeals(entrance, wanted)))

    async def resolve(call: Call) -> Reply:
        made = await entrance.resolve(call.id, call.body.outcome, call.body.note, by=call.by)
        await entrance.durable()
        found = entrance.log.find_appeal(made.appeal_id)
        return Reply(appeal_answer(made if found is None else found[0], made))

    return [
        Operation(
            method="POST",
            path="/v1/appeals",
            summary="Contest a refusal",
            handle=appeal,
            takes=AppealRequest,
            gives={201: AppealAnswer},
            access=ANYONE,
            refuses=(400, 404, 413, 415, 422, 503),
        ),
        Operation(
            method="GET",
            path="/v1/appeals",
            summary="Appeals, oldest first",
            handle=list_appeals,
            gives={200: AppealList},
            access=READ,
            refuses=(422, 503),
            query={"status": {"type": "string", "enum": list(_STATUSES)}},
        ),
        Operation(
            method="POST",
            path="/v1/appeals/{id:path}/resolution",
            summary="Say whether a refusal was right (upheld) or wrong (overturned)",
            handle=resolve,
            takes=ResolutionRequest,
            gives={200: AppealAnswer},
            access=(Access.OPERATE,),
            refuses=(400, 404, 409, 413, 415, 422, 503),
        ),
    ]


async def find_appeals(entrance: Entrance, status: str | None) -> tuple[AppealAnswer, ...]:
    """Appeals of a status, or all, oldest first."""
    found = await asyncio.to_thread(entrance.log.appeals)
    answers = (appeal_answer(made, resolution) for made, resolution in found)
    return tuple(answer for answer in answers if status is None or answer.status == status)


def appeal_answer(
    made: Appealed | Resolved, resolution: Resolved | None, status: str | None = None
) -> AppealAnswer:
    """Show an appeal."""
    known = OPEN if resolution is None else resolution.outcome.value
    return AppealAnswer(
        appeal_id=made.appeal_id,
        decision_id=made.decision_id,
        status=AppealStatus(status or known),
        appealed_at=from_unix(made.now),
        note=made.note if isinstance(made, Appealed) else None,
        resolved_at=None if resolution is None else from_unix(resolution.now),
        resolution_note=None if resolution is None else resolution.note,
        resolved_by=None if resolution is None else resolution.by,
    )
