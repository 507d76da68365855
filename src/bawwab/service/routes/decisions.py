"""``/v1/decisions/{id}``: a stored decision, taken apart signal by signal."""

import math
from collections.abc import Callable

from bawwab.core.errors import ModelError
from bawwab.core.model.model import Model
from bawwab.core.records import Decided
from bawwab.core.signals import CATALOGUE, CATALOGUE_DIGEST
from bawwab.service.answers import decision_answer, message_answer
from bawwab.service.entrance import Entrance
from bawwab.service.operation import READ, Call, Operation, Reply
from bawwab.service.problems import problem
from bawwab.service.schemas import DecisionRecord, SignalAnswer

LoadVersion = Callable[[str], Model]


def operations(entrance: Entrance, load_version: LoadVersion) -> list[Operation]:
    """List the operations."""

    async def get(call: Call) -> Reply:
        record = entrance.log.find_decision(call.id)
        if record is None:
            raise problem(404, "no decision of this id is stored")
        return Reply(take_apart(record, load_version))

    return [
        Operation(
            method="GET",
            path="/v1/decisions/{id:path}",
            summary="A stored decision, with every signal's value and contribution",
            handle=get,
            gives={200: DecisionRecord},
            access=READ,
            refuses=(404, 422, 503),
        )
    ]


def take_apart(record: Decided, load_version: LoadVersion) -> DecisionRecord:
    """Show a decision with what each signal did, recomputed with the model that decided."""
    values = [math.nan if value is None else value for value in record.signals]
    model = _model(record, load_version)
    parts = [None] * len(values) if model is None else model.risk.contributions(values)
    known = CATALOGUE if record.catalogue == CATALOGUE_DIGEST else []
    return DecisionRecord(
        decision=decision_answer(record.decision),
        message=message_answer(record.message),
        signals=tuple(
            SignalAnswer(
                name=entry.name,
                meaning=entry.meaning,
                unit=entry.unit,
                value=None if math.isnan(value) else value,
                contribution=part,
            )
            for entry, value, part in zip(known, values, parts, strict=False)
        ),
        intercept=None if model is None else model.risk.intercept,
    )


def _model(record: Decided, load_version: LoadVersion) -> Model | None:
    """Model that decided; None if it is gone, or looked at other signals."""
    try:
        model = load_version(record.decision.model.version)
    except ModelError:
        return None
    same = model.name == record.decision.model and model.catalogue == record.catalogue
    return model if same else None
