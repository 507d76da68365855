"""The gate itself: a message in, a decision out; feedback in, the state moved."""

import hashlib
from collections import defaultdict

import msgspec

from bawwab.core.decisions import (
    Advice,
    Decision,
    Limit,
    ModelName,
    Nature,
    Reason,
    ReasonCode,
    Standing,
    Verdict,
)
from bawwab.core.errors import PayloadMismatchError
from bawwab.core.events import Category, Feedback, Message, SenderProfile
from bawwab.core.journal import Journal
from bawwab.core.model.model import Model
from bawwab.core.policy import Policy
from bawwab.core.records import Decided, Profiled, Record
from bawwab.core.rules import Case, Ruling, is_new_owner, needs_pacing, rule
from bawwab.core.signals import CATALOGUE_DIGEST, Context, signals
from bawwab.core.standing import (
    evidence_step,
    is_suspended,
    quality,
    quota,
    raised,
    tier_name,
    wilson,
)
from bawwab.core.state.bundles import DAY, Answered, Bundle, Member, Tier, key
from bawwab.core.state.port import StateStore
from bawwab.core.text.analysis import TextAnalysis, analyse
from bawwab.gate.assess import Assessment, assess
from bawwab.gate.fold import fold
from bawwab.gate.lookup import Found, look_up
from bawwab.gate.observe import observe
from bawwab.gate.words import Reader

NO_MODEL = ModelName("none", "")
_HELD = {Nature.CONTENT, Nature.CONDUCT}
_PAYLOAD = msgspec.json.Encoder()


class Gate:
    """Decides and learns; time is an argument everywhere."""

    def __init__(
        self,
        *,
        state: StateStore,
        journal: Journal,
        policy: Policy,
        model: Model | None,
        keep_text: str = "masked",
    ) -> None:
        self.state = state
        self.journal = journal
        self.policy = policy
        self.keep_text = keep_text
        self.serve(model)

    def serve(self, model: Model | None) -> None:
        """Answer from ``model`` from now on; None: as the policy's fail modes say."""
        self.model = model
        self._reader = Reader(None if model is None else model.text)

    # --- messages ----------------------------------------------------------------------------

    def score(self, message: Message, *, now: float) -> Decision:
        """Decide one message.

        Raises
        ------
        PayloadMismatchError
            The message id was used before with another payload.
        """
        payload = payload_digest(message)
        earlier = None if message.dry_run else self._earlier(message, payload, now=now)
        if earlier is not None:
            again = self._answer_again(earlier, now=now)
            if again is not None:
                return again
        record = self._decide(message, payload, earlier, now=now)
        if not message.dry_run:
            self.commit(record)
        return record.decision

    def commit(self, record: Record) -> None:
        """Change the state by ``record`` and log it."""
        fold(record, self.state, self.policy)
        self.journal.append(record)

    def restore(self, record: Record) -> None:
        """Change the state by a record that is in the log already."""
        fold(record, self.state, self.policy)

    def _earlier(self, message: Message, payload: bytes, *, now: float) -> Answered | None:
        entry = key(Bundle.MESSAGE, message.sender_id, message.message_id)
        answered: Answered | None = self.state.fact(entry, now=now)
        if answered is not None and answered.payload != payload:
            raise PayloadMismatchError(
                "message_id was used before with another payload; send a new message under a new id"
            )
        return answered

    def _answer_again(self, answered: Answered, *, now: float) -> Decision | None:
        """Earlier answer, where it still stands as it was given."""
        if answered.verdict == Verdict.THROTTLE and now >= answered.retry_at:
            return None
        record = self.journal.find_decision(answered.decision_id)
        if record is None:
            return None
        if answered.verdict != Verdict.THROTTLE:
            return record.decision
        left = answered.retry_at - now
        return msgspec.structs.replace(record.decision, retry_after_seconds=left)

    def _decide(self, message: Message, payload: bytes, earlier: Answered | None, *, now: float) -> Decided:
        text = analyse(message.text)
        words = self._reader.read(text.masked)
        found = look_up(self.state, message, text, words, self.policy, now=now)
        trusted = self._is_trusted(found)
        context = msgspec.structs.replace(found.context, trusted=trusted)
        values = signals(context)
        assessment = assess(self.model, values, context, self.policy)
        case = self._case(found, context, assessment, trusted=trusted)
        ruling = self._hold(rule(case), case, earlier, now=now)
        return self._record(message, payload, earlier, found, case, ruling, values, now=now)

    def _is_trusted(self, found: Found) -> bool:
        """A reviewer vouches for the wording, or it has earned it; links must be known too."""
        if found.vouched_wording:
            return True
        if found.domains:
            return False
        context, pace, bands = found.context, self.policy.pace, self.policy.quality
        since = context.template_since
        if since is None or context.now - since < pace.trusted_days * DAY:
            return False
        row = context.template
        if row.allowed_month < pace.trusted_after:
            return False
        return wilson(row.complaints_month, row.allowed_month, bands.interval_z)[0] < bands.yellow

    def _case(self, found: Found, context: Context, assessed: Assessment, *, trusted: bool) -> Case:
        message, pace = context.message, self.policy.pace
        budget_key = key(Bundle.BUDGET, message.recipient)
        promotional = assessed.text_scores.promotional >= self.policy.content.promotional
        marketing = message.category is Category.MARKETING or promotional
        return Case(
            context=context,
            policy=self.policy,
            score=assessed.score,
            guarded_score=assessed.guarded_score,
            risk_level=assessed.risk_level,
            thresholds=assessed.thresholds,
            text_scores=assessed.text_scores,
            reasons=assessed.reasons,
            closed=found.closed,
            opted_out=found.opted_out,
            trusted=trusted,
            suspended=is_suspended(context.owner, self.policy.sequential),
            quality=quality(context.owner, self.policy.quality),
            new_owner=is_new_owner(context, self.policy),
            business_initiated=found.business_initiated,
            reached_before=found.reached_before,
            reached=found.reached,
            quota=quota(found.step, self.policy.limit),
            limit_frees_in=found.limit_frees_in,
            throughput=found.throughput,
            pair=found.pair,
            budget=(
                self.state.test(budget_key, pace.recipient_budget.rate, now=context.now)
                if marketing
                else None
            ),
            unanswered=context.unanswered,
            unanswered_frees_in=found.unanswered_frees_in,
            paced_now=found.paced_now,
        )

    # --- holds -------------------------------------------------------------------------------

    def _hold(self, ruling: Ruling, case: Case, earlier: Answered | None, *, now: float) -> Ruling:
        """What an earlier refusal makes of this ruling."""
        if earlier is None:
            return ruling
        policy = self.policy.hold
        held_before = earlier.nature in {nature.value for nature in _HELD}
        unchanged = held_before and earlier.feedback == case.context.owner.feedback_ever
        if unchanged and ruling.nature not in _HELD and ruling.verdict is not Verdict.BLOCK:
            ruling = self._held_again(earlier)
        overdue = now - earlier.first_refused_at >= policy.becomes_block_after
        if overdue and ruling.verdict is Verdict.THROTTLE and ruling.nature in _HELD:
            return Ruling(Verdict.BLOCK, ruling.reason, ruling.advice)
        return ruling

    def _held_again(self, earlier: Answered) -> Ruling:
        record = self.journal.find_decision(earlier.decision_id)
        detail = "held; nothing new is known since the last attempt"
        if record is None or not record.decision.reasons:
            reason = Reason(ReasonCode.FRAUD_TEXT, 0.0, detail)
            return Ruling(Verdict.THROTTLE, reason, Advice.CONTACT_SUPPORT, self.policy.hold.retry_after)
        return Ruling(
            Verdict.THROTTLE,
            record.decision.reasons[0],
            record.decision.advice,
            self.policy.hold.retry_after,
        )

    # --- the record --------------------------------------------------------------------------

    def _record(
        self,
        message: Message,
        payload: bytes,
        earlier: Answered | None,
        found: Found,
        case: Case,
        ruling: Ruling,
        values: list[float],
        *,
        now: float,
    ) -> Decided:
        allowed = ruling.verdict is Verdict.ALLOW
        flagged = case.score >= self.policy.sequential.flag_score and not case.trusted
        nature = ruling.nature
        return Decided(
            now=now,
            decision=self._decision(message, found, case, ruling, now=now),
            owner=found.owner,
            message=msgspec.structs.replace(message, text=self._kept(case.context.text, message)),
            payload=payload,
            template=found.wording.template,
            campaign=found.campaign.template,
            first_attempt=earlier is None,
            new_wording=found.wording.is_new,
            new_campaign=found.campaign.is_new,
            signature=(
                self._reader.read(case.context.text.masked).signature
                if found.wording.is_new or found.campaign.is_new
                else b""
            ),
            domains=found.domains,
            catalogue=CATALOGUE_DIGEST,
            signals=tuple(values),
            nature="" if nature is None else nature.value,
            first_refused_at=now if earlier is None else earlier.first_refused_at,
            feedback=case.context.owner.feedback_ever,
            flagged=flagged,
            marketing=case.counts_as_marketing,
            new_recipient=case.context.messaged is None,
            counts_towards_limit=case.business_initiated,
            paced=allowed and needs_pacing(case),
            evidence=self._evidence(earlier, flagged=flagged, allowed=allowed),
            tier=self._raised(found, case, now=now) if allowed else None,
        )

    def _evidence(self, earlier: Answered | None, *, flagged: bool, allowed: bool) -> float:
        test, step = self.policy.sequential, 0.0
        if earlier is None:
            step += evidence_step(test.flag_h0, test.flag_h1, happened=flagged, largest=test.largest_step)
        if allowed:
            step += evidence_step(
                test.complaint_h0, test.complaint_h1, happened=False, largest=test.largest_step
            )
        return step

    def _raised(self, found: Found, case: Case, *, now: float) -> Tier | None:
        reached = found.reached + (case.business_initiated and not case.reached_before)
        return raised(found.tier, found.step, reached, case.quality, self.policy.limit, now=now)

    def _decision(
        self, message: Message, found: Found, case: Case, ruling: Ruling, *, now: float
    ) -> Decision:
        others = tuple(r for r in case.reasons if ruling.reason is None or r.code is not ruling.reason.code)
        reasons = others if ruling.reason is None else (ruling.reason, *others)
        return Decision(
            decision_id=decision_id(message, now=now),
            message_id=message.message_id,
            verdict=ruling.verdict,
            score=case.score,
            text_scores=case.text_scores,
            risk_level=case.risk_level,
            thresholds=case.thresholds,
            reasons=reasons,
            advice=ruling.advice,
            retry_after_seconds=ruling.retry_after,
            limit=self._limit(found, case, ruling),
            sender=Standing(case.quality, tier_name(found.step, self.policy.limit)),
            model=NO_MODEL if self.model is None else self.model.name,
            policy_version=self.policy.version,
            degraded=self.model is None,
            evaluated_at=now,
        )

    def _limit(self, found: Found, case: Case, ruling: Ruling) -> Limit:
        spends = ruling.verdict is Verdict.ALLOW and case.business_initiated and not case.reached_before
        used = case.reached + spends
        left = None if case.quota is None else max(0, case.quota - used)
        empty = found.limit_frees_in == 0.0
        reset = (self.policy.limit.window if used else 0.0) if empty else found.limit_frees_in
        return Limit(case.quota, left, reset)

    def _kept(self, text: TextAnalysis, message: Message) -> str:
        return {"none": "", "masked": text.masked, "full": message.text}[self.keep_text]

    # --- feedback and statements -------------------------------------------------------------

    def observe(self, item: Feedback, *, now: float) -> None:
        """Take what a recipient did or said."""
        record = observe(item, self.state, self.policy, now=now)
        if record is not None:
            self.commit(record)

    def put_profile(self, profile: SenderProfile, *, now: float, by: str = "") -> bool:
        """Take what the platform states about a sender; whether it was unknown before."""
        previous: SenderProfile | None = self.state.fact(key(Bundle.PROFILE, profile.sender_id), now=now)
        members = self._members(profile, previous, now=now)
        self.commit(Profiled(now=now, profile=profile, previous=previous, members=members, by=by))
        return previous is None

    def _members(
        self, profile: SenderProfile, previous: SenderProfile | None, *, now: float
    ) -> tuple[tuple[str, tuple[Member, ...]], ...]:
        owners = {profile.owner} | ({previous.owner} if previous else set())
        changed: dict[str, list[Member]] = defaultdict(list)
        for owner in sorted(owners):
            known: tuple[Member, ...] = self.state.fact(key(Bundle.MEMBERS, owner), now=now) or ()
            changed[owner] = [member for member in known if member.sender_id != profile.sender_id]
        changed[profile.owner].append(Member(profile.sender_id, profile.verified, profile.registered_at))
        return tuple((owner, tuple(members)) for owner, members in changed.items())


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
