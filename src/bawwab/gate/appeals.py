"""Refusals contested, and what a reviewer's word on them does."""

import hashlib

from bawwab.core.decisions import ReasonCode, Verdict
from bawwab.core.errors import AlreadyResolvedError, RefusedInputError, UnknownItemError
from bawwab.core.events import ReportReason, Resolution
from bawwab.core.journal import Journal
from bawwab.core.policy import Policy
from bawwab.core.records import Appealed, Credit, Decided, Reported, Resolved
from bawwab.core.state.bundles import Bundle, Trust, key
from bawwab.core.state.port import StateStore

OPEN = "open"


def appealed(decision_id: str, note: str | None, journal: Journal, *, now: float) -> tuple[Appealed, str]:
    """Make the record of an appeal with its status; the one there is, if the decision has one.

    Raises
    ------
    UnknownItemError
        No such decision is stored.
    RefusedInputError
        It refused nothing.
    """
    decided = _decision(decision_id, journal)
    if decided.decision.verdict is Verdict.ALLOW:
        raise RefusedInputError("this decision allowed its message; only a refusal can be appealed")
    appeal_id = name_of(decision_id)
    earlier = journal.find_appeal(appeal_id)
    made = Appealed(now=now, appeal_id=appeal_id, decision_id=decision_id, note=note)
    return (made, "") if earlier is None else earlier


def resolved(
    appeal_id: str,
    outcome: Resolution,
    journal: Journal,
    state: StateStore,
    *,
    policy: Policy,
    now: float,
    note: str | None,
    by: str,
) -> Resolved:
    """Make the record of a reviewer's word, with what it does.

    Raises
    ------
    UnknownItemError
        No such appeal, or its decision is gone.
    AlreadyResolvedError
        It has been resolved.
    """
    found = journal.find_appeal(appeal_id)
    if found is None:
        raise UnknownItemError("no appeal of this id is stored")
    appeal, status = found
    if status != OPEN:
        raise AlreadyResolvedError(f"this appeal was resolved before, as {status}")
    decided = _decision(appeal.decision_id, journal)
    overturned = outcome is Resolution.OVERTURNED
    return Resolved(
        now=now,
        appeal_id=appeal_id,
        decision_id=appeal.decision_id,
        outcome=outcome,
        owner=decided.owner,
        template=decided.template,
        domains=_trusted_domains(decided, state, now=now) if overturned else (),
        lifts_suspension=overturned and _led_to_suspension(decided),
        note=note,
        by=by,
        credits=_credits(decided, outcome, journal, state, since=now - policy.retention.report, now=now),
    )


def name_of(decision_id: str) -> str:
    """Name the appeal against a decision; there is one at most."""
    return "app_" + hashlib.blake2b(decision_id.encode(), digest_size=12).hexdigest()


def _credits(
    decided: Decided, outcome: Resolution, journal: Journal, state: StateStore, *, since: float, now: float
) -> tuple[Credit, ...]:
    """Whose reports about the wording the review bears out: complaints if it upholds, praise if not.

    A report is credited once, whatever else is reviewed about its wording.
    """
    found = journal.reports_on(decided.message.sender_id, decided.template, since=since)
    latest = {report.report_id: report for report in found}
    return tuple(
        Credit(report_id, made.report.recipient, _complains(made) == (outcome is Resolution.UPHELD))
        for report_id, made in latest.items()
        if _weighs(made) and state.fact(key(Bundle.REVIEWED, report_id), now=now) is None
    )


def _complains(made: Reported) -> bool:
    return made.report.reason is not ReportReason.NOT_SPAM


def _weighs(made: Reported) -> bool:
    effect = made.effect
    return effect is not None and not effect.retracted and effect.weight + effect.praise > 0.0


def _led_to_suspension(decided: Decided) -> bool:
    """Whether it was refused for the suspension, or was counted as evidence for one."""
    return decided.flagged or decided.decision.reasons[0].code is ReasonCode.SENDER_SUSPENDED


def _trusted_domains(decided: Decided, state: StateStore, *, now: float) -> tuple[str, ...]:
    """Link domains that the wording is trusted with: its own, and those of earlier reviews."""
    earlier: Trust | None = state.fact(key(Bundle.TRUSTED, decided.owner, decided.template), now=now)
    known = () if earlier is None else earlier.domains
    return tuple(dict.fromkeys((*known, *decided.domains)))


def _decision(decision_id: str, journal: Journal) -> Decided:
    found = journal.find_decision(decision_id)
    if found is None:
        raise UnknownItemError("no decision of this id is stored")
    return found
