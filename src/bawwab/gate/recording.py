"""From a ruling to the record that is logged and folded, and to the answer that is given."""

import hashlib
from typing import NamedTuple

import msgspec

from bawwab.core.decisions import Decision, Limit, ModelName, Standing, Verdict
from bawwab.core.events import Message
from bawwab.core.habit import is_usual
from bawwab.core.policy import Fee
from bawwab.core.records import Decided
from bawwab.core.rules import Case, Ruling, needs_pacing
from bawwab.core.signals import CATALOGUE_DIGEST
from bawwab.core.standing import evidence_step, raised, tier_name
from bawwab.core.state.bundles import Answered, Tier
from bawwab.gate.lookup import Found

_PAYLOAD = msgspec.json.Encoder()
_ONE_IN = 16  # of the contacts that are new by habit: a number that stays is kept after some sixteen messages


class Attempt(NamedTuple):
    """One asking about one message, and what the last asking was answered."""

    message: Message
    payload: bytes
    earlier: Answered | None
    now: float


class Judged(NamedTuple):
    """An attempt with all that was found and decided about it."""

    attempt: Attempt
    found: Found
    case: Case
    ruling: Ruling
    values: tuple[float, ...]
    signature: bytes
    kept_text: str
    model: ModelName
    degraded: bool

    @property
    def allowed(self) -> bool:
        """Whether the message goes out."""
        return self.ruling.verdict is Verdict.ALLOW

    @property
    def flagged(self) -> bool:
        """Whether it counts as risky in the sequential test of its owner.

        What names nothing and may go out is no evidence against its sender.
        """
        case = self.case
        line = case.policy.sequential.flag_score
        if case.names_nothing:
            line = max(line, case.thresholds.throttle)
        return case.score >= line and not case.trusted

    @property
    def starts_contact(self) -> bool:
        """Whether it is a new recipient for the messaging limit."""
        return self.case.business_initiated and not self.case.reached_before


def record(judged: Judged) -> Decided:
    """Make the record of a decision, its effects spelled out."""
    message, _, earlier, now = judged.attempt
    found, case = judged.found, judged.case
    new = found.wording.is_new or found.campaign.is_new
    nature = judged.ruling.nature
    return Decided(
        now=now,
        decision=_decision(judged),
        owner=found.owner,
        message=msgspec.structs.replace(message, text=judged.kept_text),
        payload=judged.attempt.payload,
        template=found.wording.template,
        campaign=found.campaign.template,
        first_attempt=earlier is None,
        new_wording=found.wording.is_new,
        new_campaign=found.campaign.is_new,
        signature=judged.signature if new else b"",
        domains=found.domains,
        catalogue=CATALOGUE_DIGEST,
        signals=judged.values,
        nature="" if nature is None else nature.value,
        first_refused_at=now if earlier is None else earlier.first_refused_at,
        feedback=case.context.owner.feedback_ever,
        flagged=judged.flagged,
        marketing=case.counts_as_marketing,
        new_recipient=case.context.messaged is None,
        counts_towards_limit=case.business_initiated,
        paced=judged.allowed and needs_pacing(case),
        evidence=_evidence(judged),
        tier=_raised(judged) if judged.allowed else None,
        fee=_fee(judged) if judged.allowed else None,
        contacts=_remembered(judged),
        led=bool(case.context.contacts),
        new_contact=any(contact.since is None for contact in case.context.contacts),
    )


def _remembered(judged: Judged) -> tuple[str, ...]:
    """Contacts worth a place in the state; of new ones, where they are the owner's habit, one in sixteen."""
    context = judged.case.context
    spares = is_usual(context.habit) and judged.attempt.payload[0] % _ONE_IN != 0
    return tuple(contact.name for contact in context.contacts if contact.since is not None or not spares)


def _evidence(judged: Judged) -> float:
    test, step = judged.case.policy.sequential, 0.0
    if judged.attempt.earlier is None:
        step += evidence_step(test.flag_h0, test.flag_h1, happened=judged.flagged, largest=test.largest_step)
    if judged.allowed:
        step += evidence_step(test.complaint_h0, test.complaint_h1, happened=False, largest=test.largest_step)
    return step


def _fee(judged: Judged) -> Fee:
    message = judged.attempt.message
    return judged.case.policy.fees.of(message.category, message.recipient_region)


def _raised(judged: Judged) -> Tier | None:
    found, case = judged.found, judged.case
    reached = found.reached + judged.starts_contact
    limit = case.policy.limit
    return raised(found.tier, found.step, reached, case.quality, limit, now=judged.attempt.now)


def _decision(judged: Judged) -> Decision:
    case, ruling = judged.case, judged.ruling
    leading = ruling.reason
    others = tuple(r for r in case.reasons if leading is None or r.code is not leading.code)
    message, now = judged.attempt.message, judged.attempt.now
    return Decision(
        decision_id=decision_id(message, now=now),
        message_id=message.message_id,
        verdict=ruling.verdict,
        score=case.score,
        text_scores=case.text_scores,
        risk_level=case.risk_level,
        thresholds=case.thresholds,
        reasons=others if leading is None else (leading, *others),
        advice=ruling.advice,
        retry_after_seconds=ruling.retry_after,
        limit=_limit(judged),
        sender=Standing(case.quality, tier_name(judged.found.step, case.policy.limit)),
        model=judged.model,
        policy_version=case.policy.version,
        degraded=judged.degraded,
        evaluated_at=now,
    )


def _limit(judged: Judged) -> Limit:
    case = judged.case
    used = case.reached + (judged.allowed and judged.starts_contact)
    left = None if case.quota is None else max(0, case.quota - used)
    first = judged.found.limit_frees_in == 0.0 and used > 0
    reset = case.policy.limit.window if first else judged.found.limit_frees_in
    return Limit(case.quota, left, reset)


def payload_digest(message: Message) -> bytes:
    """Digest of everything that a retry must repeat: all but its time and `dry_run`."""
    content = (
        message.recipient,
        message.category,
        message.text.encode(errors="surrogatepass"),
        message.language,
        message.template_id,
        message.campaign_id,
        message.opted_in,
        message.recipient_region,
        message.last_inbound_at,
    )
    return hashlib.blake2b(_PAYLOAD.encode(content), digest_size=16).digest()


def decision_id(message: Message, *, now: float) -> str:
    """Name a decision; the same attempt always gets the same name."""
    name = f"{message.sender_id}\0{message.message_id}\0{now!r}\0{message.dry_run}"
    return "dec_" + hashlib.blake2b(name.encode(errors="surrogatepass"), digest_size=12).hexdigest()


def kept_text(policy_mode: str, *, masked: str, full: str) -> str:
    """What of a text is stored: nothing, the masked form, or all of it."""
    return {"none": "", "masked": masked, "full": full}[policy_mode]
