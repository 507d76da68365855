"""What callers send and get. These types check requests and write the OpenAPI document."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from bawwab.core.decisions import (
    Advice,
    Limit,
    ModelName,
    Quality,
    Reason,
    ReasonCode,
    RiskLevel,
    Standing,
    TextScores,
    Thresholds,
    Verdict,
)
from bawwab.core.events import Category, OutcomeKind, ReportReason, Resolution
from bawwab.core.model.model import Certificate
from bawwab.core.standing import Rate
from bawwab.service.times import Time

# Databases cannot hold NUL, so that no id may.
_NO_NUL = r"^[^\x00]*$"
MOST_ITEMS = 1_000

Id = Annotated[str, Meta(min_length=1, max_length=128, pattern=_NO_NUL)]
Label = Annotated[str, Meta(max_length=256, pattern=_NO_NUL)]
Text = Annotated[str, Meta(min_length=1, max_length=4096)]
Language = Annotated[
    str, Meta(pattern=r"^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$", max_length=64, description="BCP 47")
]
Region = Annotated[str, Meta(pattern="^[A-Za-z]{2}$", description="ISO 3166-1 alpha-2")]
Domain = Annotated[str, Meta(max_length=253, pattern=r"^[^\s\x00/:@.]+(\.[^\s\x00/:@.]+)+\.?$")]
SamplingProbability = Annotated[float, Meta(gt=0.0, le=1.0)]


def _refer(*names: str) -> Any:  # noqa: ANN401 - an annotation
    """JSON left as it is, documented as any of the named types."""
    choices = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    schema = choices[0] if len(choices) == 1 else {"anyOf": choices}
    return Annotated[msgspec.Raw, Meta(extra_json_schema=schema)]


class _Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Strict: no field that is not known, no string for a number or a boolean."""


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What is answered."""


# --- scoring ---------------------------------------------------------------------------------


class ScoreRequest(_Request, frozen=True):
    """A message that a business wants to send."""

    message_id: Id
    sender_id: Id
    recipient_id: Id
    category: Category
    text: Text
    language: Language | None = None
    template_id: Label | None = None
    campaign_id: Label | None = None
    opted_in: bool | None = None
    recipient_region: Region | None = None
    last_inbound_at: Time | None = None
    occurred_at: Time | None = None
    dry_run: bool = False


class BatchRequest(_Request, frozen=True):
    """Messages to be decided in order; each is checked by itself."""

    messages: Annotated[list[_refer("ScoreRequest")], Meta(max_length=MOST_ITEMS)]  # type: ignore[valid-type]


class DecisionAnswer(_Answer, frozen=True):
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


class BatchAnswer(_Answer, frozen=True):
    """A decision, or a problem in its place, for each message."""

    decisions: list[_refer("DecisionAnswer", "Problem")]  # type: ignore[valid-type]


# --- feedback --------------------------------------------------------------------------------


class ReportRequest(_Request, frozen=True):
    """What a recipient complained about."""

    reason: ReportReason
    recipient_id: Id
    sender_id: Id
    report_id: Id | None = None
    message_id: Id | None = None
    reported_at: Time | None = None
    retract: bool = False


class SurveyRequest(_Request, frozen=True):
    """What a recipient answered who was asked at random."""

    recipient_id: Id
    sender_id: Id
    sampling_probability: SamplingProbability
    wanted: bool | None = None
    annoying: bool | None = None
    survey_id: Id | None = None
    message_id: Id | None = None
    answered_at: Time | None = None


class EventRequest(_Request, frozen=True):
    """What became of a message, or of a recipient's consent."""

    kind: OutcomeKind
    sender_id: Id
    recipient_id: Id
    message_id: Id | None = None
    category: Category | None = None
    occurred_at: Time | None = None


class Accepted(_Answer, frozen=True):
    """So many items are stored, durably."""

    accepted: int


# --- senders and decisions -------------------------------------------------------------------


class ProfileRequest(_Request, frozen=True):
    """What the platform states about a sender."""

    name: Label | None = None
    verified: bool = False
    domains: Annotated[list[Domain], Meta(max_length=100)] = []
    vertical: Label | None = None
    country: Region | None = None
    portfolio_id: Id | None = None
    registered_at: Time | None = None


class ProfileAnswer(_Answer, frozen=True):
    """What the platform stated about a sender."""

    name: str | None
    verified: bool
    domains: tuple[str, ...]
    vertical: str | None
    country: str | None
    portfolio_id: str | None
    registered_at: datetime | None


class RecentReason(_Answer, frozen=True):
    """How often, among the latest decisions, a reason decided."""

    code: ReasonCode
    decisions: int
    last_at: datetime
    last_decision_id: str


class SenderAnswer(_Answer, frozen=True):
    """Who a sender is and how it stands."""

    sender_id: str
    profile: ProfileAnswer | None
    quality: Quality
    suspended: bool
    tier: str
    limit: Limit
    complaint_rate: Rate
    unwanted_rate: Rate | None
    brigade_budget: int
    recent_reasons: tuple[RecentReason, ...]


class SignalAnswer(_Answer, frozen=True):
    """One signal of a decision; ``value`` null where it was unknown."""

    name: str
    meaning: str
    unit: str
    value: float | None
    contribution: float | None


class DecidedMessage(_Answer, frozen=True):
    """The message as it is stored: its text masked, its recipient left out."""

    sender_id: str
    category: Category
    text: str
    language: str | None
    template_id: str | None
    campaign_id: str | None
    recipient_region: str | None
    occurred_at: datetime | None


class DecisionRecord(_Answer, frozen=True):
    """A stored decision, taken apart."""

    decision: DecisionAnswer
    message: DecidedMessage
    signals: tuple[SignalAnswer, ...]
    intercept: float | None


# --- appeals ---------------------------------------------------------------------------------

Note = Annotated[str, Meta(max_length=2000, pattern=_NO_NUL)]


class AppealStatus(StrEnum):
    """How far an appeal has come."""

    OPEN = "open"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class AppealRequest(_Request, frozen=True):
    """A refusal contested."""

    decision_id: Id
    note: Note | None = None


class ResolutionRequest(_Request, frozen=True):
    """A reviewer's word: the refusal was right (upheld) or wrong (overturned)."""

    outcome: Resolution
    note: Note | None = None


class AppealAnswer(_Answer, frozen=True):
    """An appeal and what became of it; ``resolved_by`` names the reviewer's key."""

    appeal_id: str
    decision_id: str
    status: AppealStatus
    appealed_at: datetime
    note: str | None = None
    resolved_at: datetime | None = None
    resolution_note: str | None = None
    resolved_by: str | None = None


class AppealList(_Answer, frozen=True):
    """Appeals, oldest first."""

    appeals: tuple[AppealAnswer, ...]


# --- usage -----------------------------------------------------------------------------------


class UsageCategory(_Answer, frozen=True):
    """Allowed messages of a category, and their fee."""

    category: Category
    messages: int
    fee: float
    currency: str


class UsageRow(_Answer, frozen=True):
    """One day of one sender in one category."""

    day: date
    sender_id: str
    portfolio_id: str | None
    category: Category
    messages: int
    fee: float
    currency: str


class UsageAnswer(_Answer, frozen=True, rename={"start": "from", "end": "to"}):
    """What is to be paid, in total and by day; ``from`` is inclusive, ``to`` is not."""

    sender_id: str | None
    portfolio_id: str | None
    start: datetime
    end: datetime
    currency: str
    categories: tuple[UsageCategory, ...]
    days: tuple[UsageRow, ...]


# --- forgetting ------------------------------------------------------------------------------


class ForgetRequest(_Request, frozen=True):
    """Whom to forget: a recipient, or a sender."""

    recipient_id: Id | None = None
    sender_id: Id | None = None


class Forgotten(_Answer, frozen=True):
    """How many records were rewritten, and how many entries of the state went."""

    records: int
    state: int


# --- the service itself ----------------------------------------------------------------------


class ModelAnswer(_Answer, frozen=True):
    """Which model answers, and what is certified about it."""

    champion: ModelName
    challenger: ModelName | None
    trained_at: str
    training_data_digest: str
    signals: str
    certificates: tuple[Certificate, ...]
    policy_version: str


class Health(_Answer, frozen=True, omit_defaults=True):
    """Whether the process lives, or is ready; ``missing`` says what for."""

    status: str
    missing: tuple[str, ...] = ()
