"""``/v1/score``: one message, or up to a thousand, decided in order."""

import asyncio

import msgspec

from bawwab.core.errors import BawwabError
from bawwab.service.answers import decision_answer
from bawwab.service.body import MANY_ITEMS
from bawwab.service.entrance import Entrance
from bawwab.service.operation import Access, Call, Operation, Reply
from bawwab.service.problems import Problem, ProblemError, from_decoding, from_error
from bawwab.service.schemas import BatchAnswer, BatchRequest, DecisionAnswer, ScoreRequest

_AT_ONCE = 16  # messages decided before other requests get their turn: some 3 ms
_decode = msgspec.json.Decoder(ScoreRequest).decode


def operations(entrance: Entrance) -> list[Operation]:
    """List the operations."""

    async def score(call: Call) -> Reply:
        return Reply(decision_answer(await entrance.score(call.body)))

    async def score_batch(call: Call) -> Reply:
        decisions = []
        for index, raw in enumerate(call.body.messages):
            if index % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)
            decisions.append(await _decide(entrance, raw))
        return Reply({"decisions": decisions})

    return [
        Operation(
            method="POST",
            path="/v1/score",
            summary="Decide one message",
            handle=score,
            takes=ScoreRequest,
            gives={200: DecisionAnswer},
            access=(Access.SCORE,),
            refuses=(400, 409, 413, 415, 422, 503),
        ),
        Operation(
            method="POST",
            path="/v1/score/batch",
            summary="Decide up to 1,000 messages, in order",
            handle=score_batch,
            takes=BatchRequest,
            gives={200: BatchAnswer},
            mentions=(ScoreRequest, DecisionAnswer, Problem),
            largest=MANY_ITEMS,
            access=(Access.SCORE,),
            refuses=(400, 413, 415, 422, 503),
        ),
    ]


async def _decide(entrance: Entrance, raw: msgspec.Raw) -> DecisionAnswer | Problem:
    try:
        return decision_answer(await entrance.score(_decode(raw)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return from_decoding(error).problem
    except BawwabError as error:
        return from_error(error).problem
    except ProblemError as error:
        return error.problem
