"""How an owner stands: rates with intervals, quality, suspension, limit, brigade budget."""

import math
from bisect import bisect_left

import msgspec

from bawwab.core.decisions import Quality
from bawwab.core.policy import LimitPolicy, QualityPolicy, Reports, Sequential
from bawwab.core.state.bundles import Member, OwnerRow, Tier


class Rate(msgspec.Struct, frozen=True):
    """A rate with its interval, and the messages (or answers) it rests on."""

    estimate: float
    low: float
    high: float
    messages: float


def wilson(hits: float, trials: float, z: float) -> tuple[float, float]:
    """Wilson score interval (Wilson 1927); fractional counts are fine.

    Examples
    --------
    >>> low, high = wilson(3.0, 1000.0, 1.645)
    >>> round(low, 5), round(high, 5)
    (0.0012, 0.00748)
    """
    if trials <= 0.0:
        return 0.0, 1.0
    hits = min(hits, trials)
    share = hits / trials
    spread = z * z / trials
    middle = (share + spread / 2.0) / (1.0 + spread)
    reach = z / (1.0 + spread) * math.sqrt(share * (1.0 - share) / trials + spread / trials / 4.0)
    low = 0.0 if hits == 0.0 else max(0.0, middle - reach)
    high = 1.0 if hits == trials else min(1.0, middle + reach)
    return low, high


def standing_complaints(row: OwnerRow, policy: QualityPolicy, *, added: float = 0.0) -> float:
    """Weighted reports of the week that are left after praise, and after ``added`` ones.

    Examples
    --------
    However much praise there is, it takes back a quarter:

    >>> from bawwab.core.policy import default_policy
    >>> policy = default_policy().quality
    >>> rows = (OwnerRow(complaints_week=8.0, praise_week=praise) for praise in (1.0, 50.0))
    >>> [standing_complaints(row, policy) for row in rows]
    [7.0, 6.0]
    """
    complaints = row.complaints_week + added
    return complaints - min(row.praise_week, policy.praise_share * complaints)


def complaint_rate(row: OwnerRow, policy: QualityPolicy) -> Rate:
    """Weighted reports of the week, less praise, over allowed messages; shrunk to the prior."""
    return _shrunk_rate(standing_complaints(row, policy), row.allowed_week, policy)


def beyond_doubt(reports: float, messages: float, policy: QualityPolicy) -> float:
    """Complaint rate that stays when the interval's lower end is taken, and a handful of colluders.

    Examples
    --------
    Five reports of a hundred messages may be a brigade; ten are not:

    >>> from bawwab.core.policy import default_policy
    >>> policy = default_policy().quality
    >>> [round(beyond_doubt(reports, 100.0, policy), 4) for reports in (5.0, 10.0)]
    [0.0022, 0.0313]
    """
    left = max(0.0, reports - policy.allowance)
    return wilson(left, max(messages, left), policy.interval_z)[0]


def _shrunk_rate(reports: float, messages: float, policy: QualityPolicy) -> Rate:
    trials = max(messages, reports)
    low, high = wilson(reports, trials, policy.interval_z)
    estimate = (reports + policy.prior_rate * policy.prior_messages) / (trials + policy.prior_messages)
    return Rate(min(high, max(low, estimate)), low, high, messages)


def unwanted_rate(row: OwnerRow, policy: QualityPolicy) -> Rate | None:
    """Share of recipients who did not want the messages; None where nobody was asked.

    Answers are weighted by the inverse of the probability of having been asked (Hajek's
    estimator); the interval uses Kish's effective number of answers.
    """
    weight = row.survey_weight_month
    if weight <= 0.0:
        return None
    effective = weight * weight / row.survey_weight_squared_month
    share = min(1.0, row.survey_unwanted_month / weight)
    low, high = wilson(share * effective, effective, policy.interval_z)
    return Rate(share, low, high, effective)


def unwanted_beyond_doubt(row: OwnerRow, policy: QualityPolicy) -> float:
    """Lower end of the unwanted rate; 0 where too few have answered."""
    survey = unwanted_rate(row, policy)
    return survey.low if survey and survey.messages >= policy.survey_answers else 0.0


def quality(row: OwnerRow, policy: QualityPolicy) -> Quality:
    """Rate an owner; a band is reached when its complaints pass it `beyond_doubt`."""
    complaints = beyond_doubt(standing_complaints(row, policy), row.allowed_week, policy)
    unwanted = unwanted_beyond_doubt(row, policy)
    if complaints >= policy.red or unwanted >= policy.survey_red:
        return Quality.RED
    if complaints >= policy.yellow or unwanted >= policy.survey_yellow:
        return Quality.YELLOW
    return Quality.GREEN if row.allowed_week >= policy.green_messages else Quality.UNKNOWN


def brigade_budget(row: OwnerRow, policy: QualityPolicy, reports: Reports) -> int:
    """Fewest colluding reporters, all really messaged, that would turn this owner red.

    Each may weigh as much as a report ever may, and the hourly cap is taken as spread over.

    Examples
    --------
    An owner with a thousand messages a week and no complaint:

    >>> from bawwab.core.policy import default_policy
    >>> policy = default_policy()
    >>> brigade_budget(OwnerRow(allowed_week=1000.0), policy.quality, policy.reports)
    9
    """

    def is_red(colluders: int) -> bool:
        added = colluders * reports.largest_weight
        left = standing_complaints(row, policy, added=added)
        return beyond_doubt(left, row.allowed_week, policy) >= policy.red

    enough = 0 if is_red(0) else 1
    while not is_red(enough):
        enough *= 2
    return bisect_left(range(enough), 1, key=is_red)


def suspension_line(row: OwnerRow, policy: Sequential) -> float:
    """Evidence from which an owner is suspended.

    ``ln(1 / alpha)`` for the test, and ``ln(1 + n)`` for its restarts over the ``n`` messages of
    the week: an owner that sends a million needs as much more evidence.
    """
    return math.log(1.0 / policy.alpha) + math.log1p(row.allowed_week)


def is_suspended(row: OwnerRow, policy: Sequential) -> bool:
    """Whether the sequential test has spoken against this owner."""
    return row.evidence_week >= suspension_line(row, policy)


def evidence_step(h0: float, h1: float, *, happened: bool, largest: float) -> float:
    """Log likelihood ratio of one trial, cut to ``largest``.

    Examples
    --------
    >>> round(evidence_step(0.02, 0.2, happened=True, largest=9.0), 4)
    2.3026
    """
    step = math.log(h1 / h0) if happened else math.log((1.0 - h1) / (1.0 - h0))
    return max(-largest, min(largest, step))


def first_step(members: tuple[Member, ...], policy: LimitPolicy, *, now: float) -> int:
    """Step of the ladder an owner starts from; the best-vouched sender of a portfolio counts."""
    best = 0
    for member in members:
        registered = member.registered_at
        if registered is None or now - registered < policy.established_after:
            continue
        best = max(best, policy.verified_step if member.verified else policy.established_step)
    return best


def quota(step: int, policy: LimitPolicy) -> int | None:
    """Unique recipients of a step; None above the ladder: unlimited."""
    return policy.ladder[step] if step < len(policy.ladder) else None


def tier_name(step: int, policy: LimitPolicy) -> str:
    """Name of a step, as callers see it."""
    allowed = quota(step, policy)
    return "unlimited" if allowed is None else f"tier_{allowed}"


def raised(
    tier: Tier | None, step: int, reached: int, rated: Quality, policy: LimitPolicy, *, now: float
) -> Tier | None:
    """Next step, where use and quality have earned it; None where they have not."""
    allowed = quota(step, policy)
    if allowed is None or rated in {Quality.YELLOW, Quality.RED}:
        return None
    if reached < policy.raise_share * allowed:
        return None
    if tier is not None and now - tier.raised_at < policy.raise_interval:
        return None
    return Tier(step + 1, now)
