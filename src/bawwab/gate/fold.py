"""How each record changes the state. Serving and recovery go through here, and nothing else does.

A record names the effects it has; folding the log in order therefore gives the same state as
having served, whatever has become of model and policy since.
"""

from collections.abc import Sequence
from functools import singledispatch

from bawwab.core.decisions import Nature, Verdict
from bawwab.core.events import Category, Outcome, OutcomeKind, ReportReason, Resolution
from bawwab.core.policy import Policy
from bawwab.core.records import (
    Appealed,
    Decided,
    Happened,
    Profiled,
    Raised,
    Reported,
    Resolved,
    Surveyed,
    Ticked,
)
from bawwab.core.state.bundles import (
    COHORT,
    CONTACT,
    DAY,
    HABIT,
    MONTH,
    OWNER,
    RECIPIENT,
    REPORTER,
    SHARED,
    TEMPLATE,
    Answered,
    Bundle,
    Closed,
    Consent,
    Counted,
    Messaged,
    Trust,
    key,
)
from bawwab.core.state.decay import FOREVER
from bawwab.core.state.port import Key, StateStore
from bawwab.core.state.window import Window
from bawwab.gate.wording import EVERYONE, remember_head

_HELD = {Nature.CONTENT.value, Nature.CONDUCT.value}

_RAREST = 1e-6  # sampling probability below which the square of its inverse would drown all else


@singledispatch
def fold(record: object, state: StateStore, policy: Policy) -> None:
    """Apply ``record`` to ``state``."""
    raise TypeError(f"no fold for {type(record).__name__}")


@fold.register
def _(record: Appealed, state: StateStore, policy: Policy) -> None:
    """An appeal changes nothing until it is resolved."""


@fold.register
def _(record: Ticked, state: StateStore, policy: Policy) -> None:
    """Only the service's clock moves."""


@fold.register
def _(record: Raised, state: StateStore, policy: Policy) -> None:
    state.put(key(Bundle.TIER, record.owner), record.tier, now=record.now, ttl=FOREVER)


# --- decisions -------------------------------------------------------------------------------


@fold.register
def _(record: Decided, state: StateStore, policy: Policy) -> None:
    if record.decision.verdict is Verdict.ALLOW:
        _spend(record, state, policy)
        _mark_messaged(record, state, policy)
        _remember_contacts(record, state)
    _count_attempt(record, state, policy)
    _remember_answer(record, state, policy)


def _spend(record: Decided, state: StateStore, policy: Policy) -> None:
    now, message, pace = record.now, record.message, policy.pace
    state.hit(key(Bundle.THROUGHPUT, record.owner), pace.throughput.rate, now=now)
    state.hit(key(Bundle.PAIR_RATE, message.sender_id, message.recipient), pace.pair.rate, now=now)
    if record.counts_towards_limit:
        state.see(key(Bundle.REACHED, record.owner), message.recipient, policy.reached, now=now)
    if record.tier is not None:
        state.put(key(Bundle.TIER, record.owner), record.tier, now=now, ttl=FOREVER)
    if record.paced:
        window = Window(pace.max_wait)
        state.see(key(Bundle.PACED, record.owner), record.decision.decision_id, window, now=now)
    if record.marketing:
        state.hit(key(Bundle.BUDGET, message.recipient), pace.recipient_budget.rate, now=now)
        deltas = RECIPIENT.deltas(marketing_day=1.0, marketing_week=1.0)
        state.count(key(Bundle.RECIPIENT, message.recipient), deltas, RECIPIENT.fields, now=now)
        pair = key(Bundle.UNANSWERED, message.sender_id, message.recipient)
        state.see(pair, message.message_id, Window(pace.unanswered.window), now=now)


def _mark_messaged(record: Decided, state: StateStore, policy: Policy) -> None:
    now, message = record.now, record.message
    pair = key(Bundle.MESSAGED, message.sender_id, message.recipient)
    earlier = state.fact(pair, now=now)
    messaged = Messaged(
        now if earlier is None else earlier.first_at,
        now,
        message.message_id,
        record.template,
        record.campaign,
        message.category.value,
        record.domains,
    )
    state.put(pair, messaged, now=now, ttl=policy.retention.messaged)
    if record.new_recipient:
        cohort = cohort_key(record.owner, messaged.first_at)
        state.count(cohort, COHORT.deltas(contacted_month=1.0), COHORT.fields, now=now)


def _remember_contacts(record: Decided, state: StateStore) -> None:
    """Count where an allowed message led; nothing of one decided before contacts were watched."""
    if record.contacts is None:
        return
    now, owner, new = record.now, record.owner, float(record.new_contact)
    habit = HABIT.deltas(allowed_month=1.0, led_month=float(record.led), new_month=new, new_day=new)
    state.count(key(Bundle.HABIT, owner), habit, HABIT.fields, now=now)
    for contact in record.contacts:
        state.count(
            key(Bundle.CONTACT, owner, contact), CONTACT.deltas(led_month=1.0), CONTACT.fields, now=now
        )


def _count_attempt(record: Decided, state: StateStore, policy: Policy) -> None:
    now, owner = record.now, record.owner
    allowed = float(record.decision.verdict is Verdict.ALLOW)
    tried = float(record.first_attempt)
    refused = tried * (record.nature in _HELD)
    owner_deltas = OWNER.deltas(
        attempts_minute=tried,
        attempts_hour=tried,
        attempts_day=tried,
        attempts_week=tried,
        allowed_day=allowed,
        allowed_week=allowed,
        allowed_month=allowed,
        allowed_ever=allowed,
        refused_day=refused,
        flagged_day=tried * record.flagged,
        new_recipients_day=allowed * record.new_recipient,
        new_templates_day=float(record.new_wording),
        evidence_week=record.evidence,
    )
    state.count(key(Bundle.OWNER, owner), owner_deltas, OWNER.fields, now=now)
    deltas = TEMPLATE.deltas(allowed_month=allowed, refused_month=refused)
    state.count(key(Bundle.TEMPLATE, owner, record.template), deltas, TEMPLATE.fields, now=now)
    shared = SHARED.deltas(attempts_week=tried, allowed_week=allowed, refused_week=refused)
    _count_shared(record, shared, state, policy)


def _count_shared(
    record: Decided, deltas: list[tuple[int, float]], state: StateStore, policy: Policy
) -> None:
    now, window = record.now, Window(policy.campaign.window)
    state.count(key(Bundle.CAMPAIGN, record.campaign), deltas, SHARED.fields, now=now)
    state.see(key(Bundle.CAMPAIGN_OWNERS, record.campaign), record.owner, window, now=now)
    for domain in record.domains:
        state.count(key(Bundle.DOMAIN, domain), deltas, SHARED.fields, now=now)
        state.see(key(Bundle.DOMAIN_OWNERS, domain), record.owner, window, now=now)
    ttl = policy.campaign.window
    if record.new_wording:
        remember_head(state, record.owner, record.template, record.signature, now=now, ttl=MONTH)
    if record.new_campaign:
        remember_head(state, EVERYONE, record.campaign, record.signature, now=now, ttl=ttl)


def _remember_answer(record: Decided, state: StateStore, policy: Policy) -> None:
    decision, message = record.decision, record.message
    answered = Answered(
        record.payload,
        decision.decision_id,
        decision.verdict.value,
        record.now,
        record.now + (decision.retry_after_seconds or 0.0),
        record.first_refused_at,
        record.nature,
        record.feedback,
        record.template,
        record.campaign,
        message.recipient,
        record.domains,
    )
    entry = key(Bundle.MESSAGE, message.sender_id, message.message_id)
    state.put(entry, answered, now=record.now, ttl=policy.retention.message)


# --- feedback --------------------------------------------------------------------------------


@fold.register
def _(record: Reported, state: StateStore, policy: Policy) -> None:
    now, report = record.now, record.report
    if record.effect is not None:
        state.put(key(Bundle.REPORT, record.report_id), record.effect, now=now, ttl=policy.retention.report)
    if report.reason is ReportReason.BLOCK and (report.retract or not record.repeated):
        _close_or_open(record, state)
    if record.effect is None or record.repeated:
        return
    if record.effect.retracted:
        _take_back(record.effect, report.recipient, state, now=now)
    else:
        _count_report(record.effect, report.recipient, state, now=now)


def _close_or_open(record: Reported, state: StateStore) -> None:
    report = record.report
    pair = key(Bundle.CLOSED, report.sender_id, report.recipient)
    closed: Closed | None = state.fact(pair, now=record.now)
    blocks = [] if closed is None else [block for block in closed.blocks if block[0] != record.report_id]
    if not report.retract:
        blocks.append((record.report_id, record.now))
    _leave_standing(pair, closed, blocks, state, now=record.now)


def _leave_standing(
    pair: Key, closed: Closed | None, blocks: Sequence[tuple[str, float]], state: StateStore, *, now: float
) -> None:
    left = Closed.by(blocks)
    if left is not None and left != closed:
        state.put(pair, left, now=now, ttl=FOREVER)
    elif left is None and closed is not None:
        state.forget(pair)


def _count_report(effect: Counted, recipient: str, state: StateStore, *, now: float) -> None:
    block = float(effect.block) * (effect.weight > 0.0)
    owner = OWNER.deltas(
        complaints_hour=effect.weight,
        complaints_week=effect.weight,
        complaints_month=effect.weight,
        blocks_week=block,
        praise_week=effect.praise,
        evidence_week=effect.evidence,
        feedback_ever=1.0,
    )
    state.count(key(Bundle.OWNER, effect.owner), owner, OWNER.fields, now=now)
    template = TEMPLATE.deltas(complaints_month=effect.weight)
    state.count(key(Bundle.TEMPLATE, effect.owner, effect.template), template, TEMPLATE.fields, now=now)
    shared = SHARED.deltas(complaints_week=effect.weight)
    state.count(key(Bundle.CAMPAIGN, effect.campaign), shared, SHARED.fields, now=now)
    for domain in effect.domains:
        state.count(key(Bundle.DOMAIN, domain), shared, SHARED.fields, now=now)
    if effect.cohort_at is not None:
        cohort = COHORT.deltas(complaints_month=effect.weight)
        state.count(cohort_key(effect.owner, effect.cohort_at), cohort, COHORT.fields, now=now)
    state.count(key(Bundle.REPORTER, recipient), REPORTER.deltas(reports_day=1.0), REPORTER.fields, now=now)
    once = key(Bundle.REPORTED, recipient, effect.owner, effect.campaign)
    state.put(once, True, now=now, ttl=MONTH)  # noqa: FBT003 - the value stored


def _take_back(effect: Counted, recipient: str, state: StateStore, *, now: float) -> None:
    at = effect.at
    block = float(effect.block) * (effect.weight > 0.0)
    owner = OWNER.withdrawals(
        counted_at=at,
        now=now,
        complaints_hour=effect.weight,
        complaints_week=effect.weight,
        complaints_month=effect.weight,
        blocks_week=block,
        praise_week=effect.praise,
        evidence_week=effect.evidence,
    )
    owner += OWNER.deltas(feedback_ever=1.0)
    state.count(key(Bundle.OWNER, effect.owner), owner, OWNER.fields, now=now)
    template = TEMPLATE.withdrawals(counted_at=at, now=now, complaints_month=effect.weight)
    state.count(key(Bundle.TEMPLATE, effect.owner, effect.template), template, TEMPLATE.fields, now=now)
    shared = SHARED.withdrawals(counted_at=at, now=now, complaints_week=effect.weight)
    state.count(key(Bundle.CAMPAIGN, effect.campaign), shared, SHARED.fields, now=now)
    for domain in effect.domains:
        state.count(key(Bundle.DOMAIN, domain), shared, SHARED.fields, now=now)
    if effect.cohort_at is not None:
        cohort = COHORT.withdrawals(counted_at=at, now=now, complaints_month=effect.weight)
        state.count(cohort_key(effect.owner, effect.cohort_at), cohort, COHORT.fields, now=now)
    state.forget(key(Bundle.REPORTED, recipient, effect.owner, effect.campaign))


@fold.register
def _(record: Surveyed, state: StateStore, policy: Policy) -> None:
    survey, now = record.survey, record.now
    state.put(key(Bundle.SURVEY, record.survey_id), True, now=now, ttl=MONTH)  # noqa: FBT003
    if not record.counted:
        return
    weight = 1.0 / max(_RAREST, survey.sampling_probability)
    unwanted = survey.wanted is False or (survey.wanted is None and survey.annoying is True)
    deltas = OWNER.deltas(
        survey_weight_month=weight,
        survey_weight_squared_month=weight * weight,
        survey_unwanted_month=weight * unwanted,
        survey_annoying_month=weight * (survey.annoying is True),
        evidence_week=record.evidence,
        feedback_ever=1.0,
    )
    state.count(key(Bundle.OWNER, record.owner), deltas, OWNER.fields, now=now)


_OWNER_COUNTERS = {
    OutcomeKind.DELIVERED: "delivered_week",
    OutcomeKind.READ: "read_week",
    OutcomeKind.REPLIED: "replied_week",
    OutcomeKind.FAILED: "failed_week",
    OutcomeKind.OPTED_OUT: "opt_outs_week",
}
_TEMPLATE_COUNTERS = {OutcomeKind.READ: "read_month", OutcomeKind.REPLIED: "replied_month"}


@fold.register
def _(record: Happened, state: StateStore, policy: Policy) -> None:
    outcome, now = record.outcome, record.now
    sender, recipient = outcome.sender_id, outcome.recipient
    if outcome.kind in {OutcomeKind.OPTED_IN, OutcomeKind.OPTED_OUT}:
        _change_consent(record, state)
    elif outcome.message_id is not None:
        once = key(Bundle.OUTCOME, sender, outcome.message_id, outcome.kind.value)
        state.put(once, True, now=now, ttl=policy.retention.messaged)  # noqa: FBT003
    if outcome.kind is OutcomeKind.REPLIED:
        state.unsee(key(Bundle.UNANSWERED, sender, recipient))
        state.put(key(Bundle.INBOUND, sender, recipient), now, now=now, ttl=DAY)
    if not record.counted:
        if outcome.kind is OutcomeKind.OPTED_IN:
            state.count(
                key(Bundle.OWNER, record.owner), OWNER.deltas(feedback_ever=1.0), OWNER.fields, now=now
            )
        return
    name = _OWNER_COUNTERS.get(outcome.kind)
    deltas = OWNER.deltas(feedback_ever=1.0) + (OWNER.deltas(**{name: 1.0}) if name else [])
    state.count(key(Bundle.OWNER, record.owner), deltas, OWNER.fields, now=now)
    column = _TEMPLATE_COUNTERS.get(outcome.kind)
    if column:
        wording = key(Bundle.TEMPLATE, record.owner, record.template)
        state.count(wording, TEMPLATE.deltas(**{column: 1.0}), TEMPLATE.fields, now=now)


def _change_consent(record: Happened, state: StateStore) -> None:
    outcome, now = record.outcome, record.now
    at = now if outcome.occurred_at is None else outcome.occurred_at
    opted_in = outcome.kind is OutcomeKind.OPTED_IN
    for category in _categories(outcome):
        consent = Consent(opted_in, category.value, at)
        entry = key(Bundle.CONSENT, outcome.sender_id, outcome.recipient, category.value)
        state.put(entry, consent, now=now, ttl=FOREVER, stamp=at)
    pair = key(Bundle.CLOSED, outcome.sender_id, outcome.recipient)
    closed: Closed | None = state.fact(pair, now=now) if opted_in else None
    if closed is not None:
        since = [block for block in closed.blocks if block[1] > at]
        _leave_standing(pair, closed, since, state, now=now)


def _categories(outcome: Outcome) -> tuple[Category, ...]:
    """Categories that a change of consent speaks of; an opt-in without one lifts all opt-outs."""
    if outcome.category is not None:
        return (outcome.category,)
    if outcome.kind is OutcomeKind.OPTED_IN:
        return (Category.MARKETING, Category.UTILITY)
    return (Category.MARKETING,)


# --- statements of the platform --------------------------------------------------------------


@fold.register
def _(record: Profiled, state: StateStore, policy: Policy) -> None:
    profile, now = record.profile, record.now
    state.put(key(Bundle.PROFILE, profile.sender_id), profile, now=now, ttl=FOREVER)
    for owner, members in record.members:
        state.put(key(Bundle.MEMBERS, owner), members, now=now, ttl=FOREVER)
    previous = record.previous
    if previous is not None and previous.verified and not profile.verified:
        state.forget(key(Bundle.TIER, profile.owner))


@fold.register
def _(record: Resolved, state: StateStore, policy: Policy) -> None:
    owner, now = key(Bundle.OWNER, record.owner), record.now
    state.count(owner, OWNER.deltas(feedback_ever=1.0), OWNER.fields, now=now)
    for credit in record.credits:
        fared = REPORTER.deltas(upheld_ever=float(credit.upheld), rejected_ever=float(not credit.upheld))
        state.count(key(Bundle.REPORTER, credit.recipient), fared, REPORTER.fields, now=now)
        state.put(key(Bundle.REVIEWED, credit.report_id), True, now=now, ttl=policy.retention.report)  # noqa: FBT003
    if record.outcome is not Resolution.OVERTURNED:
        return
    trust = Trust(record.domains, now)
    state.put(key(Bundle.TRUSTED, record.owner, record.template), trust, now=now, ttl=FOREVER)
    if record.lifts_suspension:
        state.count(owner, OWNER.deltas(evidence_week=-1e9), OWNER.fields, now=now)


def cohort_key(owner: str, first_at: float) -> tuple[str, ...]:
    """Key of the people an owner first wrote to on the same day."""
    return key(Bundle.COHORT, owner, str(int(first_at // DAY)))
