"""Scoring a table of messages without a server: ``bawwab score``.

Every row is decided by the production gate on an empty state, so that the answer is the one
`POST /v1/score` gives a sender's first message.
"""

import csv
from collections.abc import Iterator, Mapping
from typing import TextIO

from bawwab.core.decisions import Decision
from bawwab.core.errors import ConfigurationError
from bawwab.core.events import Category, Message
from bawwab.core.journal import NoJournal
from bawwab.core.model.model import Model
from bawwab.core.policy import Policy
from bawwab.gate import Gate
from bawwab.stores.memory import MemoryState

ANSWERS = ("verdict", "score", "risk_level", "fraud", "promotional", "service", "reasons", "advice")
NOW = 1_764_000_000.0  # any fixed moment: nothing is known, so nothing depends on it
LONGEST = 4096


def score_rows(rows: "csv.DictReader[str]", target: TextIO, *, model: Model, policy: Policy) -> None:
    """Write every row of a CSV with its answer.

    Raises
    ------
    ConfigurationError
        A column or a row cannot be used; it names the line.
    """
    fields = list(rows.fieldnames or ())
    if "text" not in fields:
        raise ConfigurationError(f"the CSV has no column `text`; it has {', '.join(fields) or 'none'}")
    writer = csv.DictWriter(target, [*fields, *(name for name in ANSWERS if name not in fields)])
    writer.writeheader()
    for row, decision in decide_rows(rows, model=model, policy=policy):
        writer.writerow({**row, **answer_of(decision)})


def decide_rows(
    rows: "csv.DictReader[str]", *, model: Model, policy: Policy
) -> Iterator[tuple[Mapping[str, str], Decision]]:
    """Decide every row on its own."""
    for number, row in enumerate(rows, start=2):
        message = message_of(row, number)
        gate = Gate(state=MemoryState(), journal=NoJournal(), policy=policy, model=model)
        yield row, gate.score(message, now=NOW)


def message_of(row: Mapping[str, str], line: int) -> Message:
    """Message of a row; an absent category is `utility`."""
    text, category = row.get("text") or "", row.get("category") or Category.UTILITY.value
    if not 1 <= len(text) <= LONGEST:
        raise ConfigurationError(f"line {line}: text has {len(text)} characters; it must have 1 to {LONGEST}")
    known = {item.value for item in Category}
    return Message(
        message_id=row.get("message_id") or f"line-{line}",
        sender_id=row.get("sender_id") or "unknown",
        recipient=row.get("recipient_id") or "unknown",
        category=Category(category if category in known else Category.UTILITY.value),
        text=text,
        opted_in={"true": True, "false": False}.get((row.get("opted_in") or "").lower()),
    )


def answer_of(decision: Decision) -> dict[str, str]:
    """Columns of one answer."""
    scores = decision.text_scores
    return {
        "verdict": decision.verdict.value,
        "score": f"{decision.score:.6f}",
        "risk_level": decision.risk_level.value,
        "fraud": f"{scores.fraud:.6f}",
        "promotional": f"{scores.promotional:.6f}",
        "service": f"{scores.service:.6f}",
        "reasons": " ".join(reason.code.value for reason in decision.reasons),
        "advice": decision.advice.value,
    }
