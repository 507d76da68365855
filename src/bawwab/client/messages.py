"""What the gate is asked and what it says, as types; docs/reference/http.md explains each field.

Answers are read leniently: a field or a reason code that a newer gate adds is no error.
"""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from bawwab.core.decisions import (
    Advice,
    Limit,
    ModelName,
    Quality,
    RiskLevel,
    Standing,
    TextScores,
    Thresholds,
    Verdict,
)
from bawwab.core.events import Category, OutcomeKind, ReportReason


class _Asked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sent; what is left at its default is left out. Times need a zone."""


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """What comes back."""


# --- asked -----------------------------------------------------------------------------------


class Message(_Asked, frozen=True):
    """A message that a business wants to send."""

    message_id: str
    sender_id: str
    recipient_id: str
    category: Category
    text: str
    language: str | None = None
    template_id: str | None = None
    campaign_id: str | None = None
    opted_in: bool | None = None
    recipient_region: str | None = None
    last_inbound_at: datetime | None = None
    occurred_at: datetime | None = None
    dry_run: bool = False


class Report(_Asked, frozen=True):
    """What a recipient complained about, or praised."""

    reason: ReportReason
    recipient_id: str
    sender_id: str
    report_id: str | None = None
    message_id: str | None = None
    reported_at: datetime | None = None
    retract: bool = False


class Survey(_Asked, frozen=True):
    """What a recipient answered who was asked at random."""

    recipient_id: str
    sender_id: str
    sampling_probability: float
    wanted: bool | None = None
    annoying: bool | None = None
    survey_id: str | None = None
    message_id: str | None = None
    answered_at: datetime | None = None


class Event(_Asked, frozen=True):
    """What became of a message, or of a recipient's consent."""

    kind: OutcomeKind
    sender_id: str
    recipient_id: str
    message_id: str | None = None
    category: Category | None = None
    occurred_at: datetime | None = None


class Profile(_Asked, frozen=True):
    """What the platform states about a sender; it replaces what was stated before."""

    name: str | None = None
    verified: bool = False
    domains: tuple[str, ...] = ()
    vertical: str | None = None
    country: str | None = None
    portfolio_id: str | None = None
    registered_at: datetime | None = None


# --- told: decisions -------------------------------------------------------------------------


class Reason(_Told, frozen=True):
    """One cause; compare ``code`` with `ReasonCode`, and expect codes that it does not have yet."""

    code: str
    weight: float
    detail: str


class Decision(_Told, frozen=True):
    """What to do with the message, and why."""

    decision_id: str
    message_id: str
    verdict: Verdict
    score: float
    text_scores: TextScores
    risk_level: RiskLevel
    thresholds: Thresholds
    reasons: tuple[Reason, ...]
    advice: Advice
    retry_after_seconds: float | None
    limit: Limit
    sender: Standing
    model: ModelName
    policy_version: str
    degraded: bool
    evaluated_at: datetime


class LocalAnswer(_Told, frozen=True):
    """What the client says itself while the gate does not answer: allow or throttle, never block.

    The gate knows nothing of it: there is no ``decision_id`` and no reason code. ``why`` says what
    was met. Ask again later with the same ``message_id``, so that the gate has it on record.
    """

    message_id: str
    verdict: Verdict
    advice: Advice
    retry_after_seconds: float | None
    why: str
    reasons: tuple[Reason, ...] = ()
    degraded: bool = True


class FieldError(_Told, frozen=True):
    """One thing wrong with a request."""

    field: str
    problem: str
    remedy: str = ""


class Problem(_Told, frozen=True):
    """Why something was not taken (RFC 9457)."""

    title: str
    status: int
    detail: str = ""
    type: str = "about:blank"
    errors: tuple[FieldError, ...] = ()
    index: int | None = None
    request_id: str | None = None


Answer = Decision | LocalAnswer


# --- told: senders and records ---------------------------------------------------------------


class Rate(_Told, frozen=True):
    """A rate with its interval, and the messages or answers it rests on."""

    estimate: float
    low: float
    high: float
    messages: float


class RecentReason(_Told, frozen=True):
    """How often, among the latest decisions, a reason decided."""

    code: str
    decisions: int
    last_at: datetime
    last_decision_id: str


class Sender(_Told, frozen=True):
    """Who a sender is and how it stands; ``profile`` is None where none was put."""

    sender_id: str
    profile: Profile | None
    quality: Quality
    suspended: bool
    tier: str
    limit: Limit
    complaint_rate: Rate
    unwanted_rate: Rate | None
    brigade_budget: int
    recent_reasons: tuple[RecentReason, ...]


class Signal(_Told, frozen=True):
    """One signal of a decision; ``value`` is None where it was unknown."""

    name: str
    meaning: str
    unit: str
    value: float | None
    contribution: float | None


class DecidedMessage(_Told, frozen=True):
    """The message as it is stored: its text masked, its recipient left out."""

    sender_id: str
    category: Category
    text: str
    language: str | None = None
    template_id: str | None = None
    campaign_id: str | None = None
    recipient_region: str | None = None
    occurred_at: datetime | None = None


class DecisionRecord(_Told, frozen=True):
    """A stored decision, taken apart."""

    decision: Decision
    message: DecidedMessage
    signals: tuple[Signal, ...]
    intercept: float | None


class AppealStatus(StrEnum):
    """Where an appeal stands."""

    OPEN = "open"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class Appeal(_Told, frozen=True):
    """A refusal contested, and what became of it."""

    appeal_id: str
    decision_id: str
    status: AppealStatus
    appealed_at: datetime
    note: str | None = None
    resolved_at: datetime | None = None
    resolution_note: str | None = None
    resolved_by: str | None = None


class UsageLine(_Told, frozen=True):
    """Allowed messages of one category, and what they cost."""

    category: Category
    messages: int
    fee: float
    currency: str = ""


class UsageDay(_Told, frozen=True):
    """One day (UTC) of one sender in one category."""

    day: date
    sender_id: str
    portfolio_id: str | None
    category: Category
    messages: int
    fee: float
    currency: str = ""


class Usage(_Told, frozen=True, rename={"start": "from", "end": "to"}):
    """What was sent, and what is to be paid; ``start`` is inclusive, ``end`` is not."""

    sender_id: str | None
    portfolio_id: str | None
    start: datetime
    end: datetime
    currency: str
    categories: tuple[UsageLine, ...]
    days: tuple[UsageDay, ...]


class Certificate(_Told, frozen=True):
    """From which score a class of traffic may be blocked, and on what evidence."""

    traffic: str
    block: float | None
    max_false_block_rate: float
    confidence: float
    legitimate: int
    false_blocks: int
    basis: str


class ModelCard(_Told, frozen=True):
    """Which model answers, and what is certified about it."""

    champion: ModelName
    challenger: ModelName | None
    training_data_digest: str
    certificates: tuple[Certificate, ...]
    policy_version: str
