"""Doors: whatever may be asked whether a message goes out."""
# ruff: noqa: ARG002 - every door takes what a Door takes

import datetime as dt
import math
from typing import NamedTuple, Protocol

import msgspec

from bawwab.core.decisions import Advice, Decision, Verdict
from bawwab.core.events import Feedback, Message, Outcome, Report, SenderProfile, Survey
from bawwab.core.journal import NoJournal
from bawwab.core.records import Decided, Record
from bawwab.core.standing import Rate
from bawwab.gate import Gate


class Answer(NamedTuple):
    """As much of a decision as a sender acts on."""

    verdict: Verdict
    retry_after: float | None = None
    reason: str = ""
    advice: Advice = Advice.NONE
    score: float = 0.0
    propensity: float = 1.0

    @property
    def allowed(self) -> bool:
        """Whether the message goes out."""
        return self.verdict is Verdict.ALLOW


class Door(Protocol):
    """What the world asks of whoever guards it."""

    def put_profile(self, profile: SenderProfile, *, now: float) -> None:
        """Take what the platform states about a sender."""

    def score(self, message: Message, *, now: float) -> Answer:
        """Decide one message."""

    def observe(self, item: Feedback, *, now: float) -> None:
        """Take what a recipient did or said."""

    def unwanted_rate(self, sender_id: str, *, now: float) -> Rate | None:
        """Estimate the share of a sender's messages that nobody wanted; None if it cannot."""


def answer_of(decision: Decision) -> Answer:
    """Reduce a decision to what a sender acts on."""
    reason = decision.reasons[0].code.value if decision.reasons else ""
    return Answer(decision.verdict, decision.retry_after_seconds, reason, decision.advice, decision.score)


class EventClock:
    """Time as the events say it: the latest that any of them carried (the contract's event clock)."""

    def __init__(self) -> None:
        self.now = -math.inf

    def take(self, carried: float | None) -> float:
        """Move to the time an item carries, if that is later; an item without one arrives now."""
        if carried is not None:
            self.now = max(self.now, carried)
        return self.now


def carried_time(item: Feedback) -> float | None:
    """Time that an item of feedback carries."""
    if isinstance(item, Report):
        return item.reported_at
    return item.answered_at if isinstance(item, Survey) else item.occurred_at


class LastAnswers(NoJournal):
    """A journal that remembers what may be asked for again: the latest refusal of each message."""

    def __init__(self) -> None:
        self._refusals: dict[str, Decided] = {}
        self._latest: dict[tuple[str, str], str] = {}

    def append(self, record: Record) -> None:
        """Take ``record``; only the latest refusal of a message is kept."""
        if not isinstance(record, Decided):
            return
        of = (record.message.sender_id, record.message.message_id)
        former = self._latest.pop(of, None)
        if former is not None:
            del self._refusals[former]
        if record.decision.verdict is Verdict.THROTTLE:
            self._latest[of] = record.decision.decision_id
            self._refusals[record.decision.decision_id] = msgspec.structs.replace(record, signals=())

    def find_decision(self, decision_id: str) -> Decided | None:
        """Refusal of that id, while it is the message's latest."""
        return self._refusals.get(decision_id)


class GateDoor:
    """The production gate, in this process, on event time."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.clock = EventClock()

    def put_profile(self, profile: SenderProfile, *, now: float) -> None:
        """Put it; while the clock is unset it counts as known from the start."""
        self.gate.put_profile(profile, now=max(0.0, self.clock.now))

    def score(self, message: Message, *, now: float) -> Answer:
        """Decide one message."""
        return answer_of(self.gate.score(message, now=self.clock.take(message.occurred_at)))

    def observe(self, item: Feedback, *, now: float) -> None:
        """Take feedback; an item older than the clock arrives now."""
        self.gate.observe(item, now=self.clock.take(carried_time(item)))

    def unwanted_rate(self, sender_id: str, *, now: float) -> Rate | None:
        """Take the gate's own estimate."""
        view = self.gate.sender(sender_id, now=self.clock.now)
        return None if view is None else view.unwanted_rate


def to_rfc3339(seconds: float) -> str:
    """Write a time as the HTTP interface takes it.

    Examples
    --------
    >>> to_rfc3339(1772409600.5)
    '2026-03-02T00:00:00.500000+00:00'
    """
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="microseconds")


__all__ = [
    "Answer",
    "Door",
    "EventClock",
    "GateDoor",
    "LastAnswers",
    "Outcome",
    "answer_of",
    "carried_time",
    "to_rfc3339",
]
