"""``/v1/reports``, ``/v1/surveys``, ``/v1/events``: what recipients said and did."""

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

from msgspec import Meta

from bawwab.core.errors import ClockError
from bawwab.core.events import Feedback, Outcome, Report, Survey
from bawwab.service.body import MANY_ITEMS
from bawwab.service.entrance import Entrance
from bawwab.service.operation import Access, Call, Operation, Reply
from bawwab.service.problems import ProblemError, invalid
from bawwab.service.schemas import MOST_ITEMS, Accepted, EventRequest, ReportRequest, SurveyRequest
from bawwab.service.times import to_unix

_MANY = Meta(max_length=MOST_ITEMS)


class _Kind(NamedTuple):
    """What sets one endpoint of feedback apart from the others."""

    name: str
    takes: Any
    time_field: str
    convert: Callable[[Any, str], Feedback]


def operations(entrance: Entrance) -> list[Operation]:
    """List the operations."""
    reports = _Kind("reports", ReportRequest | Annotated[list[ReportRequest], _MANY], "reported_at", _report)
    surveys = _Kind("surveys", SurveyRequest | Annotated[list[SurveyRequest], _MANY], "answered_at", _survey)
    events = _Kind("events", EventRequest | Annotated[list[EventRequest], _MANY], "occurred_at", _outcome)
    return [_operation(entrance, kind) for kind in (reports, surveys, events)]


def _operation(entrance: Entrance, kind: _Kind) -> Operation:
    async def take(call: Call) -> Reply:
        taken = (
            await _take_list(call.body, kind, entrance)
            if isinstance(call.body, list)
            else await _take_one(call.body, kind, entrance)
        )
        await entrance.durable()
        entrance.metrics.took_feedback(kind.name, taken)
        return Reply(Accepted(accepted=taken), status=202)

    return Operation(
        method="POST",
        path=f"/v1/{kind.name}",
        summary=f"Take {kind.name}: one, or a list of up to {MOST_ITEMS:,}; all or none",
        handle=take,
        takes=kind.takes,
        gives={202: Accepted},
        largest=MANY_ITEMS,
        access=(Access.FEEDBACK,),
        refuses=(400, 413, 415, 422, 503),
    )


async def _take_one(request: Any, kind: _Kind, entrance: Entrance) -> int:  # noqa: ANN401 - one of three types
    at = to_unix(getattr(request, kind.time_field), kind.time_field)
    item = kind.convert(request, entrance.pseudonyms.of(request.recipient_id))
    try:
        await entrance.observe([item], [at])
    except ClockError as error:
        raise invalid(kind.time_field, str(error)) from error
    return 1


async def _take_list(requests: list[Any], kind: _Kind, entrance: Entrance) -> int:
    items, times = [], []
    for index, request in enumerate(requests):
        try:
            times.append(to_unix(getattr(request, kind.time_field), kind.time_field))
            items.append(kind.convert(request, entrance.pseudonyms.of(request.recipient_id)))
        except ProblemError as error:
            raise _at(index, kind, error.problem.errors[0].problem) from None
    try:
        await entrance.observe(items, times)
    except ClockError as error:
        raise _at(error.index, kind, str(error)) from error
    return len(items)


def _at(index: int, kind: _Kind, what: str) -> ProblemError:
    return invalid(f"[{index}].{kind.time_field}", what, index=index)


def _report(request: ReportRequest, recipient: str) -> Report:
    return Report(
        reason=request.reason,
        recipient=recipient,
        sender_id=request.sender_id,
        report_id=request.report_id,
        message_id=request.message_id,
        reported_at=to_unix(request.reported_at, "reported_at"),
        retract=request.retract,
    )


def _survey(request: SurveyRequest, recipient: str) -> Survey:
    return Survey(
        recipient=recipient,
        sender_id=request.sender_id,
        sampling_probability=request.sampling_probability,
        wanted=request.wanted,
        annoying=request.annoying,
        survey_id=request.survey_id,
        message_id=request.message_id,
        answered_at=to_unix(request.answered_at, "answered_at"),
    )


def _outcome(request: EventRequest, recipient: str) -> Outcome:
    return Outcome(
        kind=request.kind,
        sender_id=request.sender_id,
        recipient=recipient,
        message_id=request.message_id,
        category=request.category,
        occurred_at=to_unix(request.occurred_at, "occurred_at"),
    )
