"""The gate itself: a message in, a decision out; feedback in, the state moved."""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Literal

import msgspec

from bawwab.core.decisions import (
    Advice,
    Decision,
    Nature,
    Reason,
    ReasonCode,
    Verdict,
)
from bawwab.core.errors import PayloadMismatchError, StoreError
from bawwab.core.events import Feedback, Message, Resolution, SenderProfile
from bawwab.core.journal import Journal
from bawwab.core.model.model import Model
from bawwab.core.policy import Policy
from bawwab.core.records import Appealed, Decided, Record, Resolved
from bawwab.core.rules import Case, Ruling, is_new_owner, rule
from bawwab.core.signals import Context, signals
from bawwab.core.standing import is_suspended, quality, quota, wilson
from bawwab.core.state.bundles import DAY, Answered, Bundle, key
from bawwab.core.state.port import StateStore
from bawwab.core.text.analysis import analyse
from bawwab.gate.again import text_of, values_of, words_of
from bawwab.gate.appeals import OPEN, appealed, resolved
from bawwab.gate.assess import Assessment, assess
from bawwab.gate.fail import NO_MODEL, Fallback, told
from bawwab.gate.fold import fold
from bawwab.gate.lookup import Found, look_up
from bawwab.gate.observe import observe
from bawwab.gate.profiles import profiled
from bawwab.gate.recording import Attempt, Judged, kept_text, payload_digest, record
from bawwab.gate.sender import SenderView, view_sender
from bawwab.gate.words import Reader, Words

KeepText = Literal["none", "masked", "full"]
_HELD = {Nature.CONTENT, Nature.CONDUCT}


class Gate:
    """Decides and learns; time is an argument everywhere.

    Parameters
    ----------
    state : StateStore
        Where everything known lives.
    journal : Journal
        Where every record goes.
    policy : Policy
        Numbers by which it acts.
    model : Model or None
        Without one it answers as the policy's fail modes say.
    keep_text : {"masked", "none", "full"}
        What of a message's text enters the journal.
    confirm : Callable, optional
        Asked before anything is committed; it raises where that must not be.
    """

    def __init__(
        self,
        *,
        state: StateStore,
        journal: Journal,
        policy: Policy,
        model: Model | None,
        keep_text: KeepText = "masked",
        confirm: Callable[[], None] = lambda: None,
    ) -> None:
        self.state = state
        self.journal = journal
        self.policy = policy
        self.keep_text = keep_text
        self.behind = deque[Record]()
        self._confirm = confirm
        self._fallback, self._mute = Fallback(policy), Reader(None)
        self.serve(model)

    def serve(self, model: Model | None) -> None:
        """Answer from ``model`` from now on."""
        self.model = model
        self._reader = Reader(None if model is None else model.text)

    def commit(self, made: Record) -> None:
        """Log a new record and change the state by it; a log that is full leaves the state alone.

        What is logged has happened: where the state fails just then, it catches up later.
        """
        self._confirm()
        self.journal.append(made)
        self.behind.append(made)
        with suppress(StoreError):
            self.catch_up()

    def catch_up(self) -> None:
        """Change the state by what is logged already and it has not taken.

        Raises
        ------
        StoreError
            It still does not answer.
        """
        while self.behind:
            made = self.behind.popleft()
            try:
                with self.state.together() as changes:
                    fold(made, changes, self.policy)
            except StoreError:
                self.behind.appendleft(made)
                raise

    def restore(self, logged: Record) -> None:
        """Change the state by a record that is in the log already."""
        fold(logged, self.state, self.policy)

    def observe(self, item: Feedback, *, now: float) -> None:
        """Take what a recipient did or said."""
        self.catch_up()
        made = observe(item, self.state, self.policy, now=now)
        if made is not None:
            self.commit(made)

    def put_profile(self, profile: SenderProfile, *, now: float, by: str = "") -> bool:
        """Take what the platform states about a sender; whether it was unknown before."""
        self.catch_up()
        made = profiled(profile, self.state, now=now, by=by)
        self.commit(made)
        return made.previous is None

    def appeal(self, decision_id: str, *, now: float, note: str | None = None) -> tuple[Appealed, str]:
        """Contest a refusal; its appeal with its status, the earlier one if there is one.

        Raises
        ------
        UnknownItemError, RefusedInputError
            No such decision, or it refused nothing.
        """
        made, status = appealed(decision_id, note, self.journal, now=now)
        if not status:
            self.commit(made)
        return made, status or OPEN

    def resolve(
        self, appeal_id: str, outcome: Resolution, *, now: float, note: str | None = None, by: str = ""
    ) -> Resolved:
        """Take a reviewer's word on an appeal.

        Raises
        ------
        UnknownItemError, AlreadyResolvedError
            No such appeal, or it has been resolved.
        """
        self.catch_up()
        made = resolved(
            appeal_id, outcome, self.journal, self.state, policy=self.policy, now=now, note=note, by=by
        )
        self.commit(made)
        return made

    def sender(self, sender_id: str, *, now: float) -> SenderView | None:
        """How a sender stands; None if nobody has heard of it."""
        return view_sender(self.state, sender_id, self.policy, now=now)

    def score(
        self, message: Message, *, now: float, fault: ReasonCode | None = None, keep: bool = True
    ) -> Decision:
        """Decide one message; ``fault`` names what has failed, ``keep`` whether there is a log to take it.

        Raises
        ------
        PayloadMismatchError
            The message id was used before with another payload.
        """
        self.catch_up()
        attempt = self.attempt(message, now=now)
        again = self._answer_again(attempt)
        if again is not None:
            return again
        decided = self.decide(attempt, fault=fault)
        if not message.dry_run:
            if keep:
                self.commit(decided)
            if decided.decision.degraded and decided.decision.verdict is Verdict.ALLOW:
                self._fallback.spend(now=now)
        return decided.decision

    def fall_back(self, message: Message, *, now: float) -> Decision:
        """Decide one message though the state or the log fails; nothing of it is kept."""
        return self._fallback.decide(message, self.policy, now=now)

    def decide(self, attempt: Attempt, *, fault: ReasonCode | None = None) -> Decided:
        """Decide an attempt without committing it."""
        text = analyse(attempt.message.text)
        words, model = self._read(text.masked)
        found = self.state.answer(
            lambda state: look_up(state, attempt.message, text, words, self.policy, now=attempt.now)
        )
        context = msgspec.structs.replace(found.context, trusted=self._is_trusted(found))
        values = signals(context)
        assessed, model = self._assess(model, values, context)
        fault = fault if model is not None else ReasonCode.MODEL_UNAVAILABLE
        case = self._case(found, context, assessed)
        ruling = self._hold(rule(case), case, attempt)
        if fault is not None:
            ruling = self._fallback.rule(ruling, case, fault, now=attempt.now)
            case = msgspec.structs.replace(case, reasons=told(case.reasons, fault))
        judged = Judged(
            attempt=attempt,
            found=found,
            case=case,
            ruling=ruling,
            values=tuple(values),
            signature=words.signature,
            kept_text=kept_text(self.keep_text, masked=text.masked, full=attempt.message.text),
            model=NO_MODEL if model is None else model.name,
            degraded=fault is not None,
        )
        return record(judged)

    def rule_again(self, logged: Decided) -> Ruling:
        """Rule a logged decision by this gate's policy, on this gate's state; nothing is committed.

        The words' scores and the signals are those that were logged; this gate's model must be the
        one that decided.
        """
        message, now = logged.message, logged.now
        profile = self.state.fact(key(Bundle.PROFILE, message.sender_id), now=now)
        text = text_of(logged, profile)
        found = look_up(self.state, message, text, words_of(logged, text), self.policy, now=now)
        context = msgspec.structs.replace(found.context, trusted=self._is_trusted(found))
        case = self._case(found, context, assess(self.model, values_of(logged), context, self.policy))
        earlier = self.state.fact(key(Bundle.MESSAGE, message.sender_id, message.message_id), now=now)
        return self._hold(rule(case), case, Attempt(message, logged.payload, earlier, now))

    def _read(self, masked_text: str) -> tuple[Words, Model | None]:
        """What the words say; without the model if it cannot read them."""
        try:
            return self._reader.read(masked_text), self.model
        except Exception:  # noqa: BLE001 - whatever a model does wrong, the policy answers for it
            return self._mute.read(masked_text), None

    def _assess(
        self, model: Model | None, values: Sequence[float], context: Context
    ) -> tuple[Assessment, Model | None]:
        """What the model makes of the signals, and the model; without it if it fails."""
        try:
            return assess(model, values, context, self.policy), model
        except Exception:  # noqa: BLE001 - as above
            return assess(None, values, context, self.policy), None

    def attempt(self, message: Message, *, now: float) -> Attempt:
        """One asking about ``message``, with what the last asking was answered."""
        payload = payload_digest(message)
        if message.dry_run:
            return Attempt(message, payload, None, now)
        entry = key(Bundle.MESSAGE, message.sender_id, message.message_id)
        earlier: Answered | None = self.state.fact(entry, now=now)
        if earlier is not None and earlier.payload != payload:
            raise PayloadMismatchError(
                "message_id was used before with another payload; send a new message under a new id"
            )
        return Attempt(message, payload, earlier, now)

    def _answer_again(self, attempt: Attempt) -> Decision | None:
        """Earlier answer, where it still stands as it was given."""
        earlier = attempt.earlier
        if earlier is None or (earlier.verdict == Verdict.THROTTLE and attempt.now >= earlier.retry_at):
            return None
        logged = self.journal.find_decision(earlier.decision_id)
        if logged is None:
            return None
        if earlier.verdict != Verdict.THROTTLE:
            return logged.decision
        return msgspec.structs.replace(logged.decision, retry_after_seconds=earlier.retry_at - attempt.now)

    def _is_trusted(self, found: Found) -> bool:
        """A reviewer vouches for the wording, or it has earned it; links must be known too."""
        if found.vouched_wording:
            return True
        context, pace, bands = found.context, self.policy.pace, self.policy.quality
        since, row = context.template_since, context.template
        if found.domains or since is None or context.now - since < pace.trusted_days * DAY:
            return False
        if row.allowed_month < pace.trusted_after:
            return False
        return wilson(row.complaints_month, row.allowed_month, bands.interval_z)[0] < bands.yellow

    def _case(self, found: Found, context: Context, assessed: Assessment) -> Case:
        policy = self.policy
        return Case(
            context=context,
            policy=policy,
            score=assessed.score,
            guarded_score=assessed.guarded_score,
            risk_level=assessed.risk_level,
            thresholds=assessed.thresholds,
            text_scores=assessed.text_scores,
            names_nothing=assessed.names_nothing,
            reasons=assessed.reasons,
            closed=found.closed,
            opted_out=found.opted_out,
            trusted=context.trusted,
            strange_contact=found.strange_contact,
            suspended=is_suspended(context.owner, policy.sequential),
            quality=quality(context.owner, policy.quality),
            new_owner=is_new_owner(context, policy),
            business_initiated=found.business_initiated,
            reached_before=found.reached_before,
            reached=found.reached,
            quota=quota(found.step, policy.limit),
            limit_frees_in=found.limit_frees_in,
            throughput=found.throughput,
            pair=found.pair,
            budget=found.budget,
            unanswered=context.unanswered,
            unanswered_frees_in=found.unanswered_frees_in,
            paced_now=found.paced_now,
        )

    # --- what an earlier refusal makes of a ruling -------------------------------------------

    def _hold(self, ruling: Ruling, case: Case, attempt: Attempt) -> Ruling:
        earlier = attempt.earlier
        if earlier is None:
            return ruling
        held_before = earlier.nature in {nature.value for nature in _HELD}
        unchanged = held_before and earlier.feedback == case.context.owner.feedback_ever
        if unchanged and ruling.nature not in _HELD and ruling.verdict is not Verdict.BLOCK:
            ruling = self._held_again(earlier)
        overdue = attempt.now - earlier.first_refused_at >= self.policy.hold.becomes_block_after
        if overdue and ruling.verdict is Verdict.THROTTLE and ruling.nature in _HELD:
            return Ruling(Verdict.BLOCK, ruling.reason, ruling.advice)
        return ruling

    def _held_again(self, earlier: Answered) -> Ruling:
        """Repeat an earlier hold: nothing new is known since."""
        wait = self.policy.hold.retry_after
        logged = self.journal.find_decision(earlier.decision_id)
        if logged is None or not logged.decision.reasons:
            reason = Reason(ReasonCode.FRAUD_TEXT, 0.0, "held; nothing new is known since")
            return Ruling(Verdict.THROTTLE, reason, Advice.CONTACT_SUPPORT, wait)
        decision = logged.decision
        return Ruling(Verdict.THROTTLE, decision.reasons[0], decision.advice, wait)
