"""``/v1/senders/{id}``: what the platform states about a sender, and how it stands."""

from bawwab.core.events import SenderProfile
from bawwab.service.answers import sender_answer
from bawwab.service.entrance import Entrance
from bawwab.service.operation import READ, Access, Call, Operation, Reply
from bawwab.service.problems import invalid, problem
from bawwab.service.schemas import ProfileRequest, SenderAnswer
from bawwab.service.times import to_unix

_PATH = "/v1/senders/{id:path}"
_LONGEST = 128
_LATEST = 200  # decisions over which recent reasons are counted


def operations(entrance: Entrance) -> list[Operation]:
    """List the operations."""

    async def put(call: Call) -> Reply:
        profile = _profile(_sender_id(call.id), call.body)
        is_new = await entrance.put_profile(profile, by=call.by)
        await entrance.durable()
        return Reply(await _view(entrance, profile.sender_id), status=201 if is_new else 200)

    async def get(call: Call) -> Reply:
        return Reply(await _view(entrance, call.id))

    return [
        Operation(
            method="PUT",
            path=_PATH,
            summary="State what is known about a sender",
            handle=put,
            takes=ProfileRequest,
            gives={200: SenderAnswer, 201: SenderAnswer},
            access=(Access.OPERATE,),
            refuses=(400, 413, 415, 422, 503),
        ),
        Operation(
            method="GET",
            path=_PATH,
            summary="How a sender stands",
            handle=get,
            gives={200: SenderAnswer},
            access=READ,
            refuses=(404, 422, 503),
        ),
    ]


async def _view(entrance: Entrance, sender_id: str) -> SenderAnswer:
    view = await entrance.sender(sender_id)
    if view is None:
        raise problem(404, "no sender of this id was ever seen")
    return sender_answer(view, entrance.log.decisions_of(sender_id, limit=_LATEST))


def _sender_id(sender_id: str) -> str:
    if not 0 < len(sender_id) <= _LONGEST or "\0" in sender_id:
        raise invalid("id", f"not 1 to {_LONGEST} characters without NUL")
    return sender_id


def _profile(sender_id: str, body: ProfileRequest) -> SenderProfile:
    return SenderProfile(
        sender_id=sender_id,
        name=body.name,
        verified=body.verified,
        domains=tuple(domain.lower().rstrip(".") for domain in body.domains),
        vertical=body.vertical,
        country=body.country,
        portfolio_id=body.portfolio_id,
        registered_at=to_unix(body.registered_at, "registered_at"),
    )
