"""A gate with a model small enough to reason about by hand, and a platform that talks to it."""

from typing import Any

import numpy as np

from bawwab.core.decisions import Decision, ModelName, TextScores
from bawwab.core.events import (
    Category,
    Feedback,
    Message,
    Outcome,
    OutcomeKind,
    Report,
    ReportReason,
    SenderProfile,
)
from bawwab.core.model.model import Certificate, Model
from bawwab.core.model.risk import RiskModel, Table
from bawwab.core.model.text import TextModel, TextScore
from bawwab.core.records import Appealed, Decided, Record, Reported
from bawwab.core.signals import NAMES
from bawwab.core.text import ngrams
from bawwab.core.text.views import VIEWS, widths
from bawwab.gate import Gate

DAY = 86_400.0


class KeywordText(TextModel):
    """Reads `scam` as fraud, `sale` as promotional, `zzz` as unknown, all else as service.

    `torn` may be an advert or a fraud, rather an advert; `wary` rather a fraud.
    """

    def __init__(self) -> None:
        weights = np.zeros((sum(widths(16)), 3), np.int8)
        known = np.ones(16 * len(ngrams.VIEWS), np.bool_)
        super().__init__(weights, np.ones((len(VIEWS), 3)), np.zeros(3), known)

    def score(self, masked_text: str) -> TextScore:
        fraud, promotional = "scam" in masked_text, "sale" in masked_text
        known = 0.1 if "zzz" in masked_text else 1.0
        scores = TextScores(0.9, 0.05, 0.05) if fraud else TextScores(0.02, 0.03, 0.95)
        scores = TextScores(0.02, 0.85, 0.13) if promotional else scores
        scores = TextScores(0.38, 0.42, 0.2) if "torn" in masked_text else scores
        scores = TextScores(0.42, 0.38, 0.2) if "wary" in masked_text else scores
        return TextScore(
            4.0 if fraud else -4.0, 4.0 if promotional else -4.0, 4.0 if fraud else -4.0, known, scores
        )


def keyword_model(block: float | None = 0.95) -> Model:
    """A scam scores 0.98 from a stranger, and 0.27 from a verified sender; all else 0.0025."""
    pushing = {"text_fraud", "fraud_of_stranger"}
    tables = tuple(
        Table(name, (0.0,), (0.0, 5.0), 0.0) if name in pushing else Table(name, (), (0.0,), 0.0)
        for name in NAMES
    )
    certificates = {
        f"{category.value}/{standing}": Certificate(
            traffic=f"{category.value}/{standing}",
            block=block,
            max_false_block_rate=0.002,
            confidence=0.95,
            legitimate=3000,
            false_blocks=0,
            basis="corpus",
        )
        for category in Category
        for standing in ("new", "established")
    }
    return Model(
        name=ModelName("keyword", "0" * 12),
        text=KeywordText(),
        risk=RiskModel(-6.0, tables),
        certificates=certificates,
    )


class ListJournal:
    """A log that is a list."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def append(self, record: Record) -> None:
        self.records.append(record)

    def find_decision(self, decision_id: str) -> Decided | None:
        for record in self.records:
            if isinstance(record, Decided) and record.decision.decision_id == decision_id:
                return record
        return None

    def find_appeal(self, appeal_id: str) -> tuple[Appealed, str] | None:
        found = [r for r in self.records if isinstance(r, Appealed) and r.appeal_id == appeal_id]
        return (found[0], "open") if found else None

    def reports_on(self, sender_id: str, template: str, *, since: float) -> list[Reported]:
        return [
            r
            for r in self.records
            if isinstance(r, Reported)
            and r.effect is not None
            and (r.report.sender_id, r.effect.template) == (sender_id, template)
            and r.now >= since
        ]


class Platform:
    """Talks to a gate in few words, and keeps the time."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.now = 1_800_000_000.0
        self._count = 0

    def send(self, text: str = "your parcel has arrived", **fields: Any) -> Decision:
        self._count += 1
        given: dict[str, Any] = {
            "message_id": f"m{self._count}",
            "sender_id": "shop",
            "recipient": f"r{self._count}",
            "category": Category.UTILITY,
            **fields,
        }
        return self.gate.score(Message(text=text, **given), now=self.now)

    def verify(self, sender_id: str = "shop", **fields: Any) -> None:
        given: dict[str, Any] = {"verified": True, "registered_at": self.now - 100 * DAY, **fields}
        self.gate.put_profile(SenderProfile(sender_id=sender_id, **given), now=self.now)

    def tell(self, item: Feedback) -> None:
        self.gate.observe(item, now=self.now)

    def report(self, recipient: str, reason: str = "spam", **fields: Any) -> None:
        given: dict[str, Any] = {"sender_id": "shop", **fields}
        self.tell(Report(reason=ReportReason(reason), recipient=recipient, **given))

    def happen(self, kind: str, recipient: str, **fields: Any) -> None:
        given: dict[str, Any] = {"sender_id": "shop", **fields}
        self.tell(Outcome(kind=OutcomeKind(kind), recipient=recipient, **given))

    def wait(self, seconds: float | None) -> None:
        assert seconds is not None
        self.now += seconds

    @property
    def logged(self) -> list[Record]:
        assert isinstance(self.gate.journal, ListJournal)
        return self.gate.journal.records
