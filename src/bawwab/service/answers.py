"""What the gate says, as callers see it."""

from collections.abc import Iterable

from bawwab.core.decisions import Decision, Verdict
from bawwab.core.events import Message, SenderProfile
from bawwab.core.records import Decided
from bawwab.gate import SenderView
from bawwab.service.schemas import (
    DecidedMessage,
    DecisionAnswer,
    ProfileAnswer,
    RecentReason,
    SenderAnswer,
)
from bawwab.service.times import from_unix, from_unix_or_none


def decision_answer(decision: Decision) -> DecisionAnswer:
    """Show a decision."""
    return DecisionAnswer(
        decision_id=decision.decision_id,
        message_id=decision.message_id,
        verdict=decision.verdict,
        score=decision.score,
        text_scores=decision.text_scores,
        risk_level=decision.risk_level,
        thresholds=decision.thresholds,
        reasons=decision.reasons,
        advice=decision.advice,
        retry_after_seconds=decision.retry_after_seconds,
        limit=decision.limit,
        sender=decision.sender,
        model=decision.model,
        policy_version=decision.policy_version,
        degraded=decision.degraded,
        evaluated_at=from_unix(decision.evaluated_at),
    )


def message_answer(message: Message) -> DecidedMessage:
    """Show a message as it is stored, without its recipient."""
    return DecidedMessage(
        sender_id=message.sender_id,
        category=message.category,
        text=message.text,
        language=message.language,
        template_id=message.template_id,
        campaign_id=message.campaign_id,
        recipient_region=message.recipient_region,
        occurred_at=from_unix_or_none(message.occurred_at),
    )


def sender_answer(view: SenderView, decisions: Iterable[Decided]) -> SenderAnswer:
    """Show a sender, with what its latest decisions were refused for."""
    return SenderAnswer(
        sender_id=view.sender_id,
        profile=None if view.profile is None else _profile(view.profile),
        quality=view.quality,
        suspended=view.suspended,
        tier=view.tier,
        limit=view.limit,
        complaint_rate=view.complaint_rate,
        unwanted_rate=view.unwanted_rate,
        brigade_budget=view.brigade_budget,
        recent_reasons=_recent_reasons(decisions),
    )


def _profile(profile: SenderProfile) -> ProfileAnswer:
    return ProfileAnswer(
        name=profile.name,
        verified=profile.verified,
        domains=profile.domains,
        vertical=profile.vertical,
        country=profile.country,
        portfolio_id=profile.portfolio_id,
        registered_at=from_unix_or_none(profile.registered_at),
    )


def _recent_reasons(decisions: Iterable[Decided]) -> tuple[RecentReason, ...]:
    """Group refusals by the reason that decided; the latest first."""
    refusals: dict[str, list[Decision]] = {}
    for record in decisions:
        decision = record.decision
        if decision.verdict is not Verdict.ALLOW:
            refusals.setdefault(decision.reasons[0].code, []).append(decision)
    return tuple(
        RecentReason(
            code=latest.reasons[0].code,
            decisions=1 + len(others),
            last_at=from_unix(latest.evaluated_at),
            last_decision_id=latest.decision_id,
        )
        for latest, *others in refusals.values()
    )
