"""The answer to a message: verdict, reasons, advice, and what they rest on."""

from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """What the platform should do with the message."""

    ALLOW = "allow"
    THROTTLE = "throttle"
    BLOCK = "block"


class RiskLevel(StrEnum):
    """Band of the score, or that the words could not be judged."""

    LOW = "low"
    ELEVATED = "elevated"
    HIGH = "high"
    NOT_ASSESSED = "not_assessed"


class Advice(StrEnum):
    """What the caller should do next."""

    NONE = "none"
    RETRY_LATER = "retry_later"
    DO_NOT_RETRY = "do_not_retry"
    FIX_CONTENT = "fix_content"
    FIX_CATEGORY = "fix_category"
    OBTAIN_OPT_IN = "obtain_opt_in"
    STOP_CAMPAIGN = "stop_campaign"
    CONTACT_SUPPORT = "contact_support"


class Quality(StrEnum):
    """A sender's rating from what recipients say; unknown is a state of its own."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    UNKNOWN = "unknown"


class ReasonCode(StrEnum):
    """Stable names of causes; docs/reference/reason-codes.md explains each."""

    PACING = "PACING"
    MESSAGING_LIMIT = "MESSAGING_LIMIT"
    RATE_LIMIT = "RATE_LIMIT"
    PAIR_LIMIT = "PAIR_LIMIT"
    RECIPIENT_BUDGET = "RECIPIENT_BUDGET"
    SENDER_NEW = "SENDER_NEW"
    FRAUD_TEXT = "FRAUD_TEXT"
    UNSOLICITED_TEXT = "UNSOLICITED_TEXT"
    CATEGORY_MISUSE = "CATEGORY_MISUSE"
    LINK_RISK = "LINK_RISK"
    OBFUSCATED_TEXT = "OBFUSCATED_TEXT"
    CAMPAIGN = "CAMPAIGN"
    SENDER_COMPLAINTS = "SENDER_COMPLAINTS"
    SENDER_BLOCKED = "SENDER_BLOCKED"
    SENDER_SURVEY = "SENDER_SURVEY"
    SENDER_BURST = "SENDER_BURST"
    SENDER_SUSPENDED = "SENDER_SUSPENDED"
    TEMPLATE_COMPLAINTS = "TEMPLATE_COMPLAINTS"
    RECIPIENT_OPTED_OUT = "RECIPIENT_OPTED_OUT"
    RECIPIENT_BLOCKED = "RECIPIENT_BLOCKED"
    RECIPIENT_UNANSWERED = "RECIPIENT_UNANSWERED"
    MODEL_UNAVAILABLE = "MODEL_UNAVAILABLE"
    STATE_UNAVAILABLE = "STATE_UNAVAILABLE"


class Nature(StrEnum):
    """What kind of cause a reason is; it decides what a refusal means."""

    PACE = "pace"
    CONTENT = "content"
    CONDUCT = "conduct"
    RECIPIENT = "recipient"
    SERVICE = "service"


_R = ReasonCode
NATURE: dict[ReasonCode, Nature] = {
    **dict.fromkeys(
        (_R.PACING, _R.MESSAGING_LIMIT, _R.RATE_LIMIT, _R.PAIR_LIMIT, _R.RECIPIENT_BUDGET, _R.SENDER_NEW),
        Nature.PACE,
    ),
    **dict.fromkeys(
        (
            _R.FRAUD_TEXT,
            _R.UNSOLICITED_TEXT,
            _R.CATEGORY_MISUSE,
            _R.LINK_RISK,
            _R.OBFUSCATED_TEXT,
            _R.CAMPAIGN,
        ),
        Nature.CONTENT,
    ),
    **dict.fromkeys(
        (
            _R.SENDER_COMPLAINTS,
            _R.SENDER_BLOCKED,
            _R.SENDER_SURVEY,
            _R.SENDER_BURST,
            _R.SENDER_SUSPENDED,
            _R.TEMPLATE_COMPLAINTS,
        ),
        Nature.CONDUCT,
    ),
    **dict.fromkeys(
        (_R.RECIPIENT_OPTED_OUT, _R.RECIPIENT_BLOCKED, _R.RECIPIENT_UNANSWERED), Nature.RECIPIENT
    ),
    **dict.fromkeys((_R.MODEL_UNAVAILABLE, _R.STATE_UNAVAILABLE), Nature.SERVICE),
}


class Reason(msgspec.Struct, frozen=True):
    """One cause; ``weight`` is its push on the log-odds of abuse, 0 for a rule."""

    code: ReasonCode
    weight: float
    detail: str


class TextScores(msgspec.Struct, frozen=True):
    """What the words alone say; sums to 1."""

    fraud: float
    promotional: float
    service: float


class Thresholds(msgspec.Struct, frozen=True):
    """Scores from which this message would be throttled or blocked."""

    throttle: float
    block: float | None


class Limit(msgspec.Struct, frozen=True):
    """The sender's messaging limit after this decision; null where unlimited."""

    quota: int | None
    remaining: int | None
    reset_seconds: float


class Standing(msgspec.Struct, frozen=True):
    """How the sender stands."""

    quality: Quality
    tier: str


class ModelName(msgspec.Struct, frozen=True):
    """Which model spoke."""

    version: str
    digest: str


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer; the service renders it as it is, times apart."""

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
    evaluated_at: float
