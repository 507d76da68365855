"""From what is known to a verdict: the rules, in the order in which they speak.

1. *Recipient*: a closed pair or an opt-out ends it.
2. *Content*: the score against the thresholds; consent; declared category.
3. *Conduct*: a suspended owner, complaints about the owner or the wording, surveys.
4. *Pace*: rates, limits, budgets, and the canary of a new wording.

The first rule that speaks decides, and its reason comes first.
"""

import math
from collections.abc import Collection, Iterator

import msgspec

from bawwab.core.decisions import (
    NATURE,
    Advice,
    Nature,
    Quality,
    Reason,
    ReasonCode,
    RiskLevel,
    TextScores,
    Thresholds,
    Verdict,
)
from bawwab.core.events import Category
from bawwab.core.policy import Content, Policy
from bawwab.core.signals import Context
from bawwab.core.standing import beyond_doubt, unwanted_beyond_doubt
from bawwab.core.state.bundles import DAY
from bawwab.core.state.cell import CellAnswer

MENDABLE = frozenset([ReasonCode.UNSOLICITED_TEXT, ReasonCode.CATEGORY_MISUSE])
"""What speaks of an advert, its manner or its category: it holds a message, and never blocks one."""


_MOST_DOUBLINGS = 30.0  # a thousand million times as many: no limit


class Ruling(msgspec.Struct, frozen=True):
    """A verdict with the reason that decided it."""

    verdict: Verdict
    reason: Reason | None
    advice: Advice
    retry_after: float | None = None

    @property
    def nature(self) -> Nature | None:
        """Nature of the deciding reason."""
        return None if self.reason is None else NATURE[self.reason.code]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the rules look at."""

    context: Context
    policy: Policy
    score: float
    guarded_score: float
    risk_level: RiskLevel
    thresholds: Thresholds
    text_scores: TextScores
    names_nothing: bool
    reasons: tuple[Reason, ...]
    closed: bool
    opted_out: bool
    trusted: bool
    strange_contact: bool
    suspended: bool
    quality: Quality
    new_owner: bool
    business_initiated: bool
    reached_before: bool
    reached: int
    quota: int | None
    limit_frees_in: float
    throughput: CellAnswer
    pair: CellAnswer
    budget: CellAnswer
    unanswered: int
    unanswered_frees_in: float
    paced_now: int

    @property
    def consent(self) -> bool | None:
        """Consent on record, else what the caller states."""
        context = self.context
        return context.message.opted_in if context.consent is None else context.consent

    @property
    def counts_as_marketing(self) -> bool:
        """Declared as marketing, or not worded as a service message whatever was declared."""
        return self.context.message.category is Category.MARKETING or self.reads_unlike_service

    @property
    def reads_unlike_service(self) -> bool:
        """Not worded as a service message.

        Of a sender whom the platform vouches for, only what is plainly promotional: a bank's alert reads like
        the fraud that imitates it. So with a text that names nothing, which is how people talk.
        """
        if self.risk_level is RiskLevel.NOT_ASSESSED:
            return False
        plain = self.vouched or self.names_nothing
        return is_unlike_service(self.text_scores, self.score, self.policy.content, plainly=plain)

    @property
    def vouched(self) -> bool:
        """The platform vouches for the sender."""
        profile = self.context.profile
        return profile is not None and profile.verified

    @property
    def reads_as_code(self) -> bool:
        """By its words a one-time code, with nothing to open or to call."""
        text = self.context.text
        return (
            text.counts.code > 0
            and not text.links
            and not text.phones
            and not text.handles
            and self.text_scores.service >= self.policy.content.code_like
        )

    @property
    def leads_astray(self) -> bool:
        """Words that read as fraud and lead where the sender has never led, whoever vouches for it."""
        return self.strange_contact and self.text_scores.fraud >= self.policy.content.fraudulent

    @property
    def is_elevated(self) -> bool:
        """Score above the line from which a new wording is paced."""
        return self.score >= self.policy.content.elevated


def is_unlike_service(scores: TextScores, score: float, content: Content, *, plainly: bool) -> bool:
    """Words rather promotional than a fraud; rather a fraud, only where the score is elevated too.

    With ``plainly`` only what leaves no doubt that it is promotional.
    """
    if plainly:
        return scores.promotional >= content.plainly_promotional
    unlike = 1.0 - scores.service >= content.unlike_service
    return unlike and (scores.promotional >= scores.fraud or score >= content.elevated)


def rule(case: Case) -> Ruling:
    """Decide a message that is not being held from an earlier attempt."""
    for speak in (_recipient, _content, _conduct, _pace):
        ruling = next(speak(case), None)
        if ruling is not None:
            return ruling
    return _allow(case)


def _allow(case: Case) -> Ruling:
    misdeclared = case.reads_unlike_service and case.context.message.category is not Category.MARKETING
    return Ruling(Verdict.ALLOW, None, Advice.FIX_CATEGORY if misdeclared else Advice.NONE)


# --- recipient -------------------------------------------------------------------------------


def _recipient(case: Case) -> Iterator[Ruling]:
    if case.closed and case.context.message.category is not Category.AUTHENTICATION:
        yield _block(ReasonCode.RECIPIENT_BLOCKED, "the recipient blocked this sender", Advice.DO_NOT_RETRY)
    if case.opted_out:
        yield _block(
            ReasonCode.RECIPIENT_OPTED_OUT, "the recipient opted out of such messages", Advice.OBTAIN_OPT_IN
        )


# --- content ---------------------------------------------------------------------------------


def _content(case: Case) -> Iterator[Ruling]:
    if case.trusted:
        return
    if case.reads_unlike_service and case.text_scores.fraud < case.policy.content.fraudulent:
        yield from _consent(case)  # what an honest advertiser can mend comes before the score
    assessed = case.risk_level is not RiskLevel.NOT_ASSESSED
    block = case.thresholds.block
    if assessed and block is not None and case.guarded_score >= block:
        reason = _leading(case, apart_from=MENDABLE)
        yield Ruling(Verdict.BLOCK, reason, _content_advice(reason.code))
    if assessed and case.score >= case.thresholds.throttle:
        yield _held(case, _leading(case))
    yield from _consent(case)
    yield from _campaign(case)


def _consent(case: Case) -> Iterator[Ruling]:
    message = case.context.message
    if message.category is Category.MARKETING:
        if case.consent is False:
            detail = "marketing to a recipient who has not opted in"
            yield _held(case, Reason(ReasonCode.UNSOLICITED_TEXT, 0.0, detail))
        return
    conversation = message.category is Category.SERVICE and not case.business_initiated
    if case.reads_unlike_service and case.consent is not True and not conversation:
        detail = (
            f"words unlike a service message, declared as {message.category.value} without a known opt-in"
        )
        yield _held(case, Reason(ReasonCode.CATEGORY_MISUSE, 0.0, detail))


def _campaign(case: Case) -> Iterator[Ruling]:
    context, policy = case.context, case.policy
    risky = case.is_elevated and case.text_scores.fraud >= policy.content.fraudulent
    if risky and not case.vouched and context.campaign_owners >= policy.campaign.unrelated_owners:
        detail = f"risky words sent by {context.campaign_owners} senders within days"
        yield _held(case, Reason(ReasonCode.CAMPAIGN, 0.0, detail))


# --- conduct ---------------------------------------------------------------------------------


def _conduct(case: Case) -> Iterator[Ruling]:
    if case.trusted or case.reads_as_code:
        return
    if case.suspended and not _harmless(case):
        detail = "recent messages and complaints speak against the sender"
        yield _held(case, Reason(ReasonCode.SENDER_SUSPENDED, 0.0, detail))
    bar, row = case.policy.quality, case.context.template
    if beyond_doubt(row.complaints_month, row.allowed_month, bar) >= bar.hold:
        detail = "recipients complained about this wording"
        yield _held(case, Reason(ReasonCode.TEMPLATE_COMPLAINTS, 0.0, detail))
    code = _spoken_against(case)
    if code is not None and (case.counts_as_marketing or not case.vouched):
        yield _held(case, Reason(code, 0.0, "recipients speak against the sender"))


def _harmless(case: Case) -> bool:
    """A vouched-for sender's low risk: whoever took the account over does not write that."""
    strange = any(not trust.own for trust in case.context.links)
    return case.vouched and not case.is_elevated and not strange


def _spoken_against(case: Case) -> ReasonCode | None:
    """By which means recipients speak against the owner beyond doubt, if they do."""
    owner, bar = case.context.owner, case.policy.quality
    if beyond_doubt(owner.complaints_month, owner.allowed_month, bar) >= bar.hold:
        blocked = owner.blocks_week * 2.0 > owner.complaints_week
        return ReasonCode.SENDER_BLOCKED if blocked else ReasonCode.SENDER_COMPLAINTS
    if unwanted_beyond_doubt(owner, bar) >= bar.survey_red:
        return ReasonCode.SENDER_SURVEY
    return None


# --- pace ------------------------------------------------------------------------------------


def _pace(case: Case) -> Iterator[Ruling]:
    if case.throughput.limited:
        yield _later(ReasonCode.RATE_LIMIT, "more messages a second than agreed", case.throughput.retry_after)
    if case.pair.limited:
        detail = "too many messages to this recipient in a short time"
        yield _later(ReasonCode.PAIR_LIMIT, detail, case.pair.retry_after)
    full = case.quota is not None and case.reached >= case.quota
    if case.business_initiated and full and not case.reached_before:
        detail = f"{case.quota} recipients reached within the window"
        yield _later(ReasonCode.MESSAGING_LIMIT, detail, case.limit_frees_in)
    if case.counts_as_marketing and case.budget.limited:
        detail = "the recipient has had enough marketing for now"
        yield _later(ReasonCode.RECIPIENT_BUDGET, detail, case.budget.retry_after)
    if case.counts_as_marketing and case.unanswered >= case.policy.pace.unanswered.limit:
        detail = f"{case.unanswered} messages without an answer"
        yield _later(ReasonCode.RECIPIENT_UNANSWERED, detail, case.unanswered_frees_in, Advice.DO_NOT_RETRY)
    yield from _canary(case)


def _canary(case: Case) -> Iterator[Ruling]:
    if not needs_pacing(case):
        return
    pace, row, context = case.policy.pace, case.context.template, case.context
    since = context.now if context.template_since is None else context.template_since
    waited = context.now - since
    if row.allowed_month >= pace.first:
        if case.leads_astray or (case.is_elevated and not case.vouched):
            room = _room(case, waited)
            if row.allowed_month >= room:
                waits = "it leads where this sender never led" if case.leads_astray else "risky wording"
                detail = f"{waits}: the rest waits for recipients' reactions"
                yield _later(ReasonCode.PACING, detail, pace.max_wait)
        elif waited < pace.max_wait:
            detail = "new wording waits for early feedback"
            yield _later(ReasonCode.PACING, detail, max(1.0, pace.max_wait - waited))
    if case.new_owner and case.paced_now >= pace.new_owner_first:
        detail = "a new sender's messages go out a few at a time"
        yield _later(ReasonCode.SENDER_NEW, detail, pace.retry_after)


def _room(case: Case, waited: float) -> float:
    """How many messages of a risky wording may have gone out by now.

    Replies and reads buy room, message by message: praise alone never opens the gate. To a vouched-for
    sender's new contact hours do, and no reads: people read what a taken-over account writes.
    """
    pace, row = case.policy.pace, case.context.template
    earned = 4.0 * row.replied_month - 20.0 * row.complaints_month
    if not case.vouched:
        return pace.first + earned + row.read_month
    return pace.first * math.exp2(min(_MOST_DOUBLINGS, waited / pace.strange_doubles)) + earned


def needs_pacing(case: Case) -> bool:
    """Whether this message is part of a canary: new or risky, and nobody vouches for it."""
    if case.trusted or case.reads_as_code:
        return False
    risky = case.is_elevated or case.leads_astray
    return case.new_owner or risky or case.risk_level is RiskLevel.NOT_ASSESSED


# --- making rulings --------------------------------------------------------------------------


def _leading(case: Case, *, apart_from: Collection[ReasonCode] = ()) -> Reason:
    speaking = (
        reason
        for reason in case.reasons
        if reason.code not in apart_from and NATURE[reason.code] in {Nature.CONTENT, Nature.CONDUCT}
    )
    return next(speaking, Reason(ReasonCode.FRAUD_TEXT, 0.0, "all signals together"))


def _held(case: Case, reason: Reason) -> Ruling:
    advice = (
        Advice.STOP_CAMPAIGN
        if reason.code in _STOP
        else _content_advice(reason.code, marketing=case.context.message.category is Category.MARKETING)
    )
    return Ruling(Verdict.THROTTLE, reason, advice, case.policy.hold.retry_after)


_STOP = {
    ReasonCode.TEMPLATE_COMPLAINTS,
    ReasonCode.SENDER_COMPLAINTS,
    ReasonCode.SENDER_BLOCKED,
    ReasonCode.SENDER_SURVEY,
    ReasonCode.CAMPAIGN,
}
_ADVICE = {
    ReasonCode.FRAUD_TEXT: Advice.CONTACT_SUPPORT,
    ReasonCode.UNSOLICITED_TEXT: Advice.OBTAIN_OPT_IN,
    ReasonCode.CATEGORY_MISUSE: Advice.FIX_CATEGORY,
    ReasonCode.LINK_RISK: Advice.FIX_CONTENT,
    ReasonCode.OBFUSCATED_TEXT: Advice.FIX_CONTENT,
}


def _content_advice(code: ReasonCode, *, marketing: bool = False) -> Advice:
    if code is ReasonCode.CATEGORY_MISUSE and marketing:
        return Advice.OBTAIN_OPT_IN
    return _ADVICE.get(code, Advice.CONTACT_SUPPORT)


def _block(code: ReasonCode, detail: str, advice: Advice) -> Ruling:
    return Ruling(Verdict.BLOCK, Reason(code, 0.0, detail), advice)


def _later(code: ReasonCode, detail: str, seconds: float, advice: Advice = Advice.RETRY_LATER) -> Ruling:
    return Ruling(Verdict.THROTTLE, Reason(code, 0.0, detail), advice, max(1.0, seconds))


def is_new_owner(context: Context, policy: Policy) -> bool:
    """Whether nobody vouches for the owner and it has not proven itself by use."""
    if context.profile is not None and context.profile.verified:
        return False
    registered = None if context.profile is None else context.profile.registered_at
    starts = [at for at in (registered, context.known_since) if at is not None]
    age = context.now - min(starts) if starts else 0.0
    proven = context.owner.allowed_ever >= policy.pace.proven and age >= policy.pace.trusted_days * DAY
    return age < policy.pace.new_owner_days * DAY and not proven
