"""What a report, an answer or an outcome is worth, given who says it and what went before.

Only people who were really messaged count, once per campaign, no more than so much per hour,
per cohort of first contact and per reporter; see docs/explanation/reports.md.
"""

import hashlib
from functools import singledispatch
from typing import NamedTuple

import msgspec

from bawwab.core.events import Feedback, Outcome, OutcomeKind, Report, ReportReason, Survey, owner_of
from bawwab.core.policy import Policy
from bawwab.core.records import Happened, Record, Reported, Surveyed
from bawwab.core.standing import evidence_step
from bawwab.core.state.bundles import COHORT, OWNER, REPORTER, Answered, Bundle, Counted, Messaged, key
from bawwab.core.state.port import StateStore
from bawwab.gate.fold import cohort_key


@singledispatch
def observe(item: Feedback, state: StateStore, policy: Policy, *, now: float) -> Record | None:
    """Make the record of one item of feedback; None where it changes nothing."""
    raise TypeError(f"no feedback: {type(item).__name__}")


@observe.register
def _(item: Report, state: StateStore, policy: Policy, *, now: float) -> Record | None:
    report_id = item.report_id or derived_id(
        item.sender_id, item.recipient, item.message_id, item.reason.value
    )
    known: Counted | None = state.fact(key(Bundle.REPORT, report_id), now=now)
    if item.retract:
        return _retract(item, report_id, known, now=now)
    if known is not None and not _is_made_anew(item, _ended_at(item, known, state, now=now)):
        return None
    effect = _weigh(item, state, policy, now=now)
    return Reported(now=now, report=item, report_id=report_id, effect=effect)


def _ended_at(item: Report, known: Counted, state: StateStore, *, now: float) -> float | None:
    """When a report ended: as it was taken back, or at the earliest where an opt-in has lifted a block."""
    if known.retracted:
        return known.retracted_at
    closed = key(Bundle.CLOSED, item.sender_id, item.recipient)
    return known.at if known.block and state.fact(closed, now=now) is None else None


def _is_made_anew(item: Report, ended_at: float | None) -> bool:
    """Whether someone reports again what has ended: without an id of its own, that is a new report.

    Only a report that says it was made before the other ended has merely come late.
    """
    if item.report_id is not None or ended_at is None:
        return False
    return item.reported_at is None or item.reported_at > ended_at


def _retract(item: Report, report_id: str, known: Counted | None, *, now: float) -> Record | None:
    if known is None:
        nothing = _counts_for_nothing("", block=False, now=now, retracted=True)
        return Reported(now=now, report=item, report_id=report_id, effect=nothing, repeated=True)
    if known.retracted:
        return None
    taken = msgspec.structs.replace(known, retracted=True, retracted_at=now)
    if known.block:  # it opens the pair, whatever reason is given now
        item = msgspec.structs.replace(item, reason=ReportReason.BLOCK)
    return Reported(now=now, report=item, report_id=report_id, effect=taken)


def _weigh(item: Report, state: StateStore, policy: Policy, *, now: float) -> Counted:
    owner = _owner(item.sender_id, state, now=now)
    block = item.reason is ReportReason.BLOCK
    about = _about(item, state, now=now)
    if about is None:
        return _counts_for_nothing(owner, block=block, now=now)
    weight = _weight(item, owner, about, state, policy, now=now)
    praise = item.reason is ReportReason.NOT_SPAM
    test = policy.sequential
    step = evidence_step(test.complaint_h0, test.complaint_h1, happened=True, largest=test.largest_step)
    return Counted(
        owner=owner,
        template=about.template,
        campaign=about.campaign,
        domains=about.domains,
        weight=0.0 if praise else weight,
        block=block,
        praise=weight if praise else 0.0,
        evidence=0.0 if praise else step * weight,
        at=now,
        cohort_at=about.first_at,
    )


def _counts_for_nothing(owner: str, *, block: bool, now: float, retracted: bool = False) -> Counted:
    return Counted(
        owner=owner,
        template="",
        campaign="",
        domains=(),
        weight=0.0,
        block=block,
        praise=0.0,
        evidence=0.0,
        at=now,
        retracted=retracted,
        retracted_at=now if retracted else 0.0,
    )


class About(NamedTuple):
    """Wording, campaign and domains a report is about, and when the two first met."""

    template: str
    campaign: str
    domains: tuple[str, ...]
    first_at: float


def _about(item: Report, state: StateStore, *, now: float) -> About | None:
    messaged: Messaged | None = state.fact(key(Bundle.MESSAGED, item.sender_id, item.recipient), now=now)
    reported_at = now if item.reported_at is None else min(now, item.reported_at)
    if messaged is None or messaged.first_at > reported_at:
        return None
    if item.message_id is not None:
        answered: Answered | None = state.fact(key(Bundle.MESSAGE, item.sender_id, item.message_id), now=now)
        if answered is not None and answered.verdict == "allow" and answered.recipient == item.recipient:
            return About(answered.template, answered.campaign, answered.domains, messaged.first_at)
    return About(messaged.template, messaged.campaign, messaged.domains, messaged.first_at)


def _weight(
    item: Report, owner: str, about: About, state: StateStore, policy: Policy, *, now: float
) -> float:
    reports = policy.reports
    if state.fact(key(Bundle.REPORTED, item.recipient, owner, about.campaign), now=now):
        return 0.0
    record = REPORTER.values(state.row(key(Bundle.REPORTER, item.recipient), now=now), now=now)
    if record.reports_day >= reports.per_reporter_day:
        return 0.0
    prior = reports.prior_upheld / (reports.prior_upheld + reports.prior_rejected)
    upheld = reports.prior_upheld + record.upheld_ever
    share = upheld / (upheld + reports.prior_rejected + record.rejected_ever)
    weight = min(reports.largest_weight, reports.of(item.reason) * share / prior)
    row = OWNER.values(state.row(key(Bundle.OWNER, owner), now=now), now=now)
    hourly = reports.hourly_base + reports.hourly_share * row.allowed_day - row.complaints_hour
    cohort = COHORT.values(state.row(cohort_key(owner, about.first_at), now=now), now=now)
    cohort_room = (
        reports.hourly_base + reports.cohort_share * cohort.contacted_month - cohort.complaints_month
    )
    return max(0.0, min(weight, hourly, cohort_room))


@observe.register
def _(item: Survey, state: StateStore, policy: Policy, *, now: float) -> Record | None:
    survey_id = item.survey_id or derived_id(item.sender_id, item.recipient, item.message_id, "survey")
    if state.fact(key(Bundle.SURVEY, survey_id), now=now) is not None:
        return None
    messaged: Messaged | None = state.fact(key(Bundle.MESSAGED, item.sender_id, item.recipient), now=now)
    answered_at = now if item.answered_at is None else min(now, item.answered_at)
    said = item.wanted is not None or item.annoying is not None
    counted = messaged is not None and messaged.first_at <= answered_at and said
    return Surveyed(
        now=now,
        survey=item,
        survey_id=survey_id,
        owner=_owner(item.sender_id, state, now=now),
        counted=counted,
        evidence=_survey_evidence(item, policy) if counted else 0.0,
    )


def _survey_evidence(item: Survey, policy: Policy) -> float:
    test = policy.sequential
    unwanted = item.wanted is False or (item.wanted is None and item.annoying is True)
    return evidence_step(test.survey_h0, test.survey_h1, happened=unwanted, largest=test.largest_step)


_ONCE_A_MESSAGE = {
    OutcomeKind.DELIVERED,
    OutcomeKind.READ,
    OutcomeKind.REPLIED,
    OutcomeKind.FAILED,
}


@observe.register
def _(item: Outcome, state: StateStore, policy: Policy, *, now: float) -> Record | None:
    if item.kind in _ONCE_A_MESSAGE and item.message_id is not None:
        once = key(Bundle.OUTCOME, item.sender_id, item.message_id, item.kind.value)
        if state.fact(once, now=now) is not None:
            return None
    messaged: Messaged | None = state.fact(key(Bundle.MESSAGED, item.sender_id, item.recipient), now=now)
    template = "" if messaged is None else messaged.template
    if item.message_id is not None and messaged is not None:
        answered: Answered | None = state.fact(key(Bundle.MESSAGE, item.sender_id, item.message_id), now=now)
        template = answered.template if answered is not None else template
    counted = messaged is not None and item.kind is not OutcomeKind.OPTED_IN
    return Happened(
        now=now,
        outcome=item,
        owner=_owner(item.sender_id, state, now=now),
        template=template,
        counted=counted,
    )


def derived_id(*parts: str | None) -> str:
    """Name an item that came without an id, so that its repetition is recognised.

    Examples
    --------
    >>> derived_id("shop", "r1", None, "spam") == derived_id("shop", "r1", None, "spam")
    True
    """
    joined = "\0".join("" if part is None else part for part in parts)
    return "auto_" + hashlib.blake2b(joined.encode(errors="surrogatepass"), digest_size=12).hexdigest()


def _owner(sender_id: str, state: StateStore, *, now: float) -> str:
    profile = state.fact(key(Bundle.PROFILE, sender_id), now=now)
    return owner_of(sender_id, None) if profile is None else str(profile.owner)
