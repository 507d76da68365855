"""The policy: every number by which the gate acts, read from one TOML file, checked loudly."""

import hashlib
import tomllib
from decimal import Decimal
from importlib import resources
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from bawwab.core.errors import PolicyError
from bawwab.core.events import Category, ReportReason
from bawwab.core.state.cell import Rate
from bawwab.core.state.window import Window

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Positive = Annotated[float, Meta(gt=0.0)]
Count = Annotated[int, Meta(ge=1)]
FailMode = Literal["open", "closed"]


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the policy file: frozen, and without keys nobody knows."""


class ByCategory(_Section, frozen=True):
    """One share for each declared category."""

    authentication: Share
    utility: Share
    marketing: Share
    service: Share

    def of(self, category: Category) -> float:
        """Share of ``category``."""
        return float(getattr(self, category.value))


class Content(_Section, frozen=True):
    """Where a score becomes a verdict."""

    elevated: Share
    high: Share
    block: Share
    max_false_block_rate: Annotated[float, Meta(gt=0.0, le=0.1)]
    confidence: Annotated[float, Meta(ge=0.5, lt=1.0)]
    unlike_service: Share
    plainly_promotional: Share
    fraudulent: Share
    code_like: Share
    nothing_named: Share
    known_share: Share
    throttle: ByCategory

    def held_from(self, category: Category, *, names_nothing: bool) -> float:
        """Score from which a message is held: later where its text names nothing."""
        return self.nothing_named if names_nothing else self.throttle.of(category)


class Hold(_Section, frozen=True):
    """What a refusal for content or conduct means."""

    retry_after: Annotated[float, Meta(ge=900.0)]
    becomes_block_after: Positive


class LimitPolicy(_Section, frozen=True):
    """The messaging limit: unique recipients per moving window."""

    ladder: Annotated[tuple[Count, ...], Meta(min_length=1)]
    window: Positive
    established_after: Positive
    verified_step: Annotated[int, Meta(ge=0)]
    established_step: Annotated[int, Meta(ge=0)]
    raise_share: Annotated[float, Meta(gt=0.0, le=1.0)]
    raise_interval: Positive


class RatePolicy(_Section, frozen=True):
    """``burst`` at once, then one every ``interval`` seconds."""

    burst: Count
    interval: Positive

    @property
    def rate(self) -> Rate:
        """As the cell wants it."""
        return Rate(self.burst, self.interval)


class Unanswered(_Section, frozen=True):
    """How much marketing someone gets who never replies."""

    limit: Count
    window: Positive


class Pace(_Section, frozen=True):
    """How fast anything may go out, and how much before feedback is in."""

    first: Count
    new_owner_first: Count
    max_wait: Positive
    new_owner_days: Positive
    proven: Count
    trusted_after: Count
    trusted_days: Positive
    strange_contact: Positive
    strange_doubles: Positive
    retry_after: Positive
    throughput: RatePolicy
    pair: RatePolicy
    recipient_budget: RatePolicy
    unanswered: Unanswered


class QualityPolicy(_Section, frozen=True):
    """When an owner is green, yellow or red."""

    yellow: Share
    red: Share
    allowance: Annotated[float, Meta(ge=0.0)]
    praise_share: Share
    hold: Share
    green_messages: Count
    interval_z: Positive
    prior_rate: Share
    prior_messages: Positive
    survey_yellow: Share
    survey_red: Share
    survey_answers: Positive


Probability = Annotated[float, Meta(gt=0.0, lt=1.0)]


class Sequential(_Section, frozen=True):
    """The sequential test of an owner."""

    alpha: Probability
    flag_score: Share
    flag_h0: Probability
    flag_h1: Probability
    complaint_h0: Probability
    complaint_h1: Probability
    survey_h0: Probability
    survey_h1: Probability
    largest_step: Positive


class Reports(_Section, frozen=True):
    """What a report weighs."""

    spam: Share
    fraud: Share
    block: Share
    not_interested: Share
    not_spam: Share
    prior_upheld: Positive
    prior_rejected: Positive
    largest_weight: Positive
    per_reporter_day: Count
    hourly_base: Positive
    hourly_share: Share
    cohort_share: Share

    def of(self, reason: ReportReason) -> float:
        """Weight of a report for ``reason`` by a reporter without a record."""
        return float(getattr(self, reason.value))


class CampaignPolicy(_Section, frozen=True):
    """When wordings of several owners are one campaign."""

    similarity: Share
    window: Positive
    unrelated_owners: Count


class ClockPolicy(_Section, frozen=True):
    """What the wall clock tolerates."""

    max_ahead: Positive


class Retention(_Section, frozen=True):
    """How long things are remembered."""

    message: Positive
    messaged: Positive
    state: Positive
    decisions: Positive
    report: Positive


class Fail(_Section, frozen=True):
    """What is answered when the model or the state fails."""

    authentication: FailMode
    utility: FailMode
    service: FailMode
    marketing: FailMode
    open_burst: Count
    open_interval: Positive
    retry_after: Positive
    log_lag: Positive
    state_keys: Count

    def of(self, category: Category) -> FailMode:
        """Fail mode of ``category``."""
        mode: FailMode = getattr(self, category.value)
        return mode


Price = Annotated[float, Meta(ge=0.0)]
MICRO = 1_000_000


class Fee(msgspec.Struct, frozen=True, order=True):
    """What one message costs: a whole number of millionths, so that sums are exact."""

    currency: str
    micros: int


class RegionFees(_Section, frozen=True):
    """Prices of a region that differ from the list."""

    authentication: Price | None = None
    utility: Price | None = None
    marketing: Price | None = None
    service: Price | None = None


class Fees(_Section, frozen=True):
    """The price list, per allowed message."""

    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    authentication: Price
    utility: Price
    marketing: Price
    service: Price
    region: dict[Annotated[str, Meta(pattern="^[A-Z]{2}$")], RegionFees] = {}

    def of(self, category: Category, region: str | None) -> Fee:
        """Fee of one allowed message.

        Examples
        --------
        >>> default_policy().fees.of(Category.MARKETING, "sa")
        Fee(currency='USD', micros=45500)
        """
        special = self.region.get((region or "").upper())
        price = None if special is None else getattr(special, category.value)
        price = getattr(self, category.value) if price is None else price
        return Fee(self.currency, int((Decimal(repr(price)) * MICRO).to_integral_value()))


class Policy(_Section, frozen=True):
    """All of it."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    content: Content
    hold: Hold
    limit: LimitPolicy
    pace: Pace
    quality: QualityPolicy
    sequential: Sequential
    reports: Reports
    campaign: CampaignPolicy
    clock: ClockPolicy
    retention: Retention
    fail: Fail
    fees: Fees
    version: str = ""

    @property
    def reached(self) -> Window:
        """Window of the messaging limit; exact up to the third step of the default ladder."""
        return Window(self.limit.window)


def parse_policy(text: str) -> Policy:
    """Read a policy file's text; its version is its name and the head of its SHA-256.

    Raises
    ------
    PolicyError
        Naming the key, what it holds and what it may hold.
    """
    try:
        raw = tomllib.loads(text)
        policy = msgspec.convert(raw, Policy)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"the policy file is not valid TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise PolicyError(f"the policy file: {error}") from error
    if "version" in raw:
        raise PolicyError("the policy file: version is made of the file's digest; leave it out")
    _check_order(policy)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return msgspec.structs.replace(policy, version=f"{policy.name}-{digest}")


def default_policy() -> Policy:
    """Read the packaged policy."""
    return parse_policy(resources.files("bawwab.core").joinpath("policy.toml").read_text("utf-8"))


def _check_order(policy: Policy) -> None:
    content, quality, limit = policy.content, policy.quality, policy.limit
    tests = policy.sequential
    lowest = min(content.throttle.of(category) for category in Category)
    highest = max(content.throttle.of(category) for category in Category)
    chains = {
        "content.elevated < content.throttle": content.elevated < lowest,
        "content.throttle <= content.nothing_named": highest <= content.nothing_named,
        "content.throttle < content.block": highest < content.block,
        "content.nothing_named <= content.block": content.nothing_named <= content.block,
        "content.elevated < content.high": content.elevated < content.high,
        "quality.yellow < quality.red": quality.yellow < quality.red,
        "quality.red < quality.hold": quality.red < quality.hold,
        "quality.survey_yellow < quality.survey_red": quality.survey_yellow < quality.survey_red,
        "sequential.flag_h0 < sequential.flag_h1": tests.flag_h0 < tests.flag_h1,
        "sequential.complaint_h0 < sequential.complaint_h1": tests.complaint_h0 < tests.complaint_h1,
        "sequential.survey_h0 < sequential.survey_h1": tests.survey_h0 < tests.survey_h1,
        "limit.ladder rising": list(limit.ladder) == sorted(set(limit.ladder)),
        "limit.verified_step within limit.ladder": limit.verified_step <= len(limit.ladder),
        "limit.established_step <= limit.verified_step": limit.established_step <= limit.verified_step,
        "hold.retry_after < hold.becomes_block_after": (
            policy.hold.retry_after < policy.hold.becomes_block_after
        ),
        "hold.becomes_block_after < retention.message": (
            policy.hold.becomes_block_after < policy.retention.message
        ),
        "retention.message <= retention.decisions": policy.retention.message <= policy.retention.decisions,
    }
    for rule, holds in chains.items():
        if not holds:
            raise PolicyError(f"the policy file: {rule} does not hold; put the values in that order")
