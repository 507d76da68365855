"""What is answered when the model or the state fails: open or closed by category, as the policy says."""

import msgspec

from bawwab.core.decisions import (
    Advice,
    Decision,
    Limit,
    ModelName,
    Nature,
    Quality,
    Reason,
    ReasonCode,
    RiskLevel,
    Standing,
    TextScores,
    Thresholds,
    Verdict,
)
from bawwab.core.events import Category, Message
from bawwab.core.policy import Policy
from bawwab.core.rules import Case, Ruling
from bawwab.core.standing import tier_name
from bawwab.core.state.cell import Rate, hit
from bawwab.core.state.cell import test as ask
from bawwab.gate.recording import decision_id

NO_MODEL = ModelName("none", "")
_FAULTS = {
    ReasonCode.MODEL_UNAVAILABLE: "no model answers",
    ReasonCode.STATE_UNAVAILABLE: "the state or its log does not answer",
}


class Fallback:
    """Answers for what has failed. Failing open is capped, in this process alone.

    What still works still speaks: consent, limits, complaints and holds are kept as they are.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy.fail
        self._rate = Rate(policy.fail.open_burst, policy.fail.open_interval)
        self._tat: float | None = None

    def rule(self, ruling: Ruling, case: Case, fault: ReasonCode, *, now: float) -> Ruling:
        """Ruling of a message without what has failed."""
        waits_for_text = ruling.nature is Nature.PACE and not case.new_owner and _is_canary(ruling)
        if ruling.verdict is Verdict.ALLOW or waits_for_text:
            return self._answer(case.context.message.category, fault, now=now)
        return ruling

    def _answer(self, category: Category, fault: ReasonCode, *, now: float) -> Ruling:
        mode = self._policy.of(category)
        reason = Reason(fault, 0.0, f"{_FAULTS[fault]}: {category.value} fails {mode}")
        if mode == "closed":
            return Ruling(Verdict.THROTTLE, reason, Advice.RETRY_LATER, self._policy.retry_after)
        cap = ask(self._tat, self._rate, now=now)
        if cap.limited:
            capped = msgspec.structs.replace(reason, detail=f"{reason.detail}, at a limited rate")
            return Ruling(Verdict.THROTTLE, capped, Advice.RETRY_LATER, max(1.0, cap.retry_after))
        return Ruling(Verdict.ALLOW, reason, Advice.NONE)

    def spend(self, *, now: float) -> None:
        """Count a message that was let out."""
        self._tat, _ = hit(self._tat, self._rate, now=now)

    def decide(self, message: Message, policy: Policy, *, now: float) -> Decision:
        """Decide a message of which nothing can be known; it leaves no trace but the cap's."""
        ruling = self._answer(message.category, ReasonCode.STATE_UNAVAILABLE, now=now)
        if ruling.verdict is Verdict.ALLOW and not message.dry_run:
            self.spend(now=now)
        return Decision(
            decision_id=decision_id(message, now=now),
            message_id=message.message_id,
            verdict=ruling.verdict,
            score=0.0,
            text_scores=TextScores(0.0, 0.0, 1.0),
            risk_level=RiskLevel.NOT_ASSESSED,
            thresholds=Thresholds(policy.content.throttle.of(message.category), None),
            reasons=() if ruling.reason is None else (ruling.reason,),
            advice=ruling.advice,
            retry_after_seconds=ruling.retry_after,
            limit=Limit(None, None, 0.0),
            sender=Standing(Quality.UNKNOWN, tier_name(0, policy.limit)),
            model=NO_MODEL,
            policy_version=policy.version,
            degraded=True,
            evaluated_at=now,
        )


def _is_canary(ruling: Ruling) -> bool:
    return ruling.reason is not None and ruling.reason.code is ReasonCode.PACING


def told(reasons: tuple[Reason, ...], fault: ReasonCode) -> tuple[Reason, ...]:
    """Reasons, the fault among them: who was decided without a model or a log is told so."""
    if any(reason.code is fault for reason in reasons):
        return reasons
    return (*reasons, Reason(fault, 0.0, _FAULTS[fault]))
