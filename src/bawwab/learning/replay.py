"""Recomputing what was known: an event stream through the production gate, verdicts as they were.

The stream is Parquet (``bawwab simulate``), in the order in which the platform learned of things.
Each message is looked at by the gate that serves, on the state that the events before it left
behind; its signals are therefore those of serving, to the bit, and nothing that became known later
can be among them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bawwab.core.decisions import Verdict
from bawwab.core.errors import ModelError
from bawwab.core.events import (
    Category,
    Feedback,
    Message,
    Outcome,
    OutcomeKind,
    Report,
    ReportReason,
    SenderProfile,
    Survey,
)
from bawwab.core.journal import NoJournal
from bawwab.core.model.model import Model
from bawwab.core.policy import Policy
from bawwab.core.records import Decided
from bawwab.core.signals import NAMES
from bawwab.gate import Gate
from bawwab.gate.recording import Attempt, payload_digest
from bawwab.stores.memory import MemoryState

_BATCH = 20_000


class Replayed(NamedTuple):
    """First attempts of a stream, in order: who, when, the signals then, and what was answered."""

    message_ids: list[str]
    sender_ids: list[str]
    recipients: list[str]
    at: NDArray[np.float64]
    frame: NDArray[np.float64]
    allowed: NDArray[np.bool_]
    propensity: NDArray[np.float64]


def replay(stream: Path, *, model: Model, policy: Policy) -> Replayed:
    """Replay a stream; one row for the first attempt of every message."""
    gate = Gate(
        state=MemoryState(row_retention=policy.retention.state),
        journal=NoJournal(),
        policy=policy,
        model=model,
    )
    rows: list[tuple[str, str, str, float, tuple[float | None, ...], bool, float]] = []
    for row in events_of(stream):
        now = row["known_at"]
        if row["type"] == "profile":
            gate.put_profile(profile_of(row), now=now)
        elif row["type"] == "message":
            record = _as_logged(gate, row, now=now)
            gate.commit(record)
            if record.first_attempt:
                rows.append(
                    (
                        row["message_id"],
                        row["sender_id"],
                        row["recipient"],
                        now,
                        record.signals,
                        record.decision.verdict is Verdict.ALLOW,
                        1.0 if row["propensity"] is None else row["propensity"],
                    )
                )
        else:
            gate.observe(feedback_of(row), now=now)
    frame = np.array([row[4] for row in rows], dtype=np.float64).reshape(-1, len(NAMES))
    return Replayed(
        message_ids=[row[0] for row in rows],
        sender_ids=[row[1] for row in rows],
        recipients=[row[2] for row in rows],
        at=np.array([row[3] for row in rows]),
        frame=frame,
        allowed=np.array([row[5] for row in rows], dtype=bool),
        propensity=np.array([row[6] for row in rows]),
    )


def events_of(stream: Path) -> Iterator[dict[str, Any]]:
    """Rows of a stream, a batch in memory at a time."""
    with pq.ParquetFile(stream) as opened:
        for batch in opened.iter_batches(_BATCH):
            yield from batch.to_pylist()


def _as_logged(gate: Gate, row: dict[str, Any], *, now: float) -> Decided:
    """What the gate knows of the message now, with the verdict that was given then."""
    message = message_of(row)
    attempt = gate.attempt(message, now=now)
    decided = gate.decide(Attempt(message, payload_digest(message), attempt.earlier, now))
    if decided.decision.degraded:
        raise ModelError(f"the model does not judge message {message.message_id!r} of the stream")
    verdict = Verdict(row["verdict"])
    if decided.decision.verdict is verdict:
        return decided
    decision = msgspec.structs.replace(
        decided.decision, verdict=verdict, retry_after_seconds=row["retry_after"]
    )
    return msgspec.structs.replace(
        decided, decision=decision, nature="" if verdict is Verdict.ALLOW else decided.nature, paced=False
    )


def message_of(row: dict[str, Any]) -> Message:
    """Message of a row."""
    return Message(
        message_id=row["message_id"],
        sender_id=row["sender_id"],
        recipient=row["recipient"],
        category=Category(row["category"]),
        text=row["text"],
        language=row["language"],
        template_id=row["template_id"],
        campaign_id=row["campaign_id"],
        opted_in=row["opted_in"],
        recipient_region=row["recipient_region"],
        last_inbound_at=row["last_inbound_at"],
        occurred_at=row["occurred_at"],
    )


def profile_of(row: dict[str, Any]) -> SenderProfile:
    """Sender's profile of a row."""
    return SenderProfile(
        sender_id=row["sender_id"],
        name=row["name"],
        verified=bool(row["verified"]),
        domains=tuple(row["domains"] or ()),
        vertical=row["vertical"],
        country=row["country"],
        portfolio_id=row["portfolio_id"],
        registered_at=row["registered_at"],
    )


def feedback_of(row: dict[str, Any]) -> Feedback:
    """Report, survey answer or outcome of a row."""
    shared = {name: row[name] for name in ("sender_id", "recipient", "message_id")}
    if row["type"] == "report":
        return Report(
            reason=ReportReason(row["report_reason"]),
            report_id=row["report_id"],
            reported_at=row["occurred_at"],
            retract=bool(row["retract"]),
            **shared,
        )
    if row["type"] == "survey":
        return Survey(
            survey_id=row["survey_id"],
            wanted=row["wanted"],
            annoying=row["annoying"],
            sampling_probability=row["sampling_probability"],
            answered_at=row["occurred_at"],
            **shared,
        )
    category = None if row["category"] is None else Category(row["category"])
    return Outcome(
        kind=OutcomeKind(row["outcome"]), category=category, occurred_at=row["occurred_at"], **shared
    )
