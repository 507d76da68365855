"""``/v1/forget``: the right to be forgotten, while the server runs."""

from collections.abc import Awaitable, Callable

from bawwab.service.entrance import Entrance
from bawwab.service.operation import Access, Call, Operation, Reply
from bawwab.service.problems import invalid
from bawwab.service.schemas import ForgetRequest, Forgotten
from bawwab.stores.erasure import Erased, Recipient, Sender, Subject

Forget = Callable[[Subject], Awaitable[Erased]]


def operations(forget: Forget, entrance: Entrance) -> list[Operation]:
    """List the operations."""

    async def erase(call: Call) -> Reply:
        erased = await forget(_subject(call.body, entrance))
        return Reply(Forgotten(records=erased.records, state=erased.state))

    return [
        Operation(
            method="POST",
            path="/v1/forget",
            summary="Erase a recipient or a sender; counts, opt-outs and blocks stay",
            handle=erase,
            takes=ForgetRequest,
            gives={200: Forgotten},
            access=(Access.OPERATE,),
            refuses=(400, 413, 415, 422, 503),
        )
    ]


def _subject(body: ForgetRequest, entrance: Entrance) -> Subject:
    if body.sender_id is not None and body.recipient_id is None:
        return Sender(body.sender_id)
    if body.recipient_id is not None and body.sender_id is None:
        return Recipient(entrance.pseudonyms.of(body.recipient_id))
    raise invalid("recipient_id", "not exactly one of recipient_id and sender_id", "name one")
