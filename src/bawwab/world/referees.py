"""Referees: doors that know nothing, everything, or very little; the floor and the ceiling."""
# ruff: noqa: ARG002 - every door takes what a Door takes

from collections import defaultdict, deque
from collections.abc import Mapping

from bawwab.core.decisions import Advice, Verdict
from bawwab.core.events import Category, Feedback, Message, Report, ReportReason, SenderProfile
from bawwab.core.standing import Rate
from bawwab.world.chance import stream
from bawwab.world.doors import Answer, Door
from bawwab.world.intent import Intent, Role

HOUR = 3600.0
ALLOW, BLOCK = Answer(Verdict.ALLOW), Answer(Verdict.BLOCK, advice=Advice.DO_NOT_RETRY)


class Deaf:
    """A door that takes no notice of profiles or feedback."""

    def put_profile(self, profile: SenderProfile, *, now: float) -> None:
        """Take no notice."""

    def observe(self, item: Feedback, *, now: float) -> None:
        """Take no notice."""

    def unwanted_rate(self, sender_id: str, *, now: float) -> Rate | None:
        """Have no estimate."""
        return None


class AllowAll(Deaf):
    """Lets everything out: the floor of protection."""

    def score(self, message: Message, *, now: float) -> Answer:
        """Allow."""
        return ALLOW


class BlockAll(Deaf):
    """Lets nothing out: the floor of service."""

    def score(self, message: Message, *, now: float) -> Answer:
        """Block."""
        return BLOCK


class Oracle(Deaf):
    """Knows the truth: the ceiling of both."""

    def __init__(self, intents: Mapping[str, Intent]) -> None:
        self._intents = intents

    def score(self, message: Message, *, now: float) -> Answer:
        """Allow what is honest and may still be sent."""
        intent = self._intents[message.message_id]
        is_fine = intent.is_honest or intent.truth.role is Role.STAGED
        return ALLOW if is_fine else BLOCK


class Heuristic(Deaf):
    """Keywords, a rate per hour and a count of complaints: what one writes on the first day."""

    WORDS = (
        "verify", "suspended", "urgent", "prize", "winner", "claim", "refund", "locked", "click", "bitcoin",
        "investment", "earn", "loan", "bit.ly", "tinyurl", "wa.me", "t.me", "http://", ".top", ".xyz",
        "عاجل", "جائزة", "تحديث", "تعليق", "موقوف", "اربح", "قرض",
        "premio", "ganador", "suspendida", "urgente", "verifique", "prêmio", "bloqueada", "bloqueado",
        "ödül", "kazandınız", "askıya", "acil", "bloke",
        "ब्लॉक", "इनाम", "तुरंत", "लोन",
    )  # fmt: skip
    PER_HOUR = 200
    COMPLAINTS = 3
    COMPLAINT_SHARE = 0.01

    def __init__(self) -> None:
        self._profiles: dict[str, SenderProfile] = {}
        self._hour: defaultdict[str, deque[float]] = defaultdict(deque)
        self._allowed: defaultdict[str, int] = defaultdict(int)
        self._complaints: defaultdict[str, set[str]] = defaultdict(set)
        self._closed: set[tuple[str, str]] = set()

    def put_profile(self, profile: SenderProfile, *, now: float) -> None:
        """Keep the profile."""
        self._profiles[profile.sender_id] = profile

    def observe(self, item: Feedback, *, now: float) -> None:
        """Count complaints, each person once."""
        if isinstance(item, Report) and item.reason is not ReportReason.NOT_SPAM and not item.retract:
            self._complaints[item.sender_id].add(item.recipient)
            if item.reason is ReportReason.BLOCK:
                self._closed.add((item.sender_id, item.recipient))

    def score(self, message: Message, *, now: float) -> Answer:
        """Count words, then complaints, then messages of the hour."""
        sender = message.sender_id
        profile = self._profiles.get(sender)
        if (sender, message.recipient) in self._closed and message.category is not Category.AUTHENTICATION:
            return Answer(Verdict.BLOCK, None, "RECIPIENT_BLOCKED")
        lowered = message.text.lower()
        vouched = profile is not None and profile.verified
        suspicions = sum(word in lowered for word in self.WORDS) + (not vouched and "://" in lowered)
        if suspicions >= 2:  # noqa: PLR2004 - two are one too many
            return Answer(Verdict.BLOCK, None, "FRAUD_TEXT")
        complaints = len(self._complaints[sender])
        if complaints >= max(self.COMPLAINTS, self.COMPLAINT_SHARE * self._allowed[sender]):
            return Answer(Verdict.BLOCK, None, "SENDER_COMPLAINTS")
        recent = self._hour[sender]
        while recent and recent[0] <= now - HOUR:
            recent.popleft()
        if len(recent) >= self.PER_HOUR and not vouched:
            return Answer(Verdict.THROTTLE, recent[0] + HOUR - now + 1.0, "RATE_LIMIT")
        recent.append(now)
        self._allowed[sender] += 1
        return ALLOW


class Exploring:
    """Another door that lets a random share of its refusals out, and says with what propensity.

    Parameters
    ----------
    door : Door
    share : float
        Probability with which a refusal is let out all the same.
    seed : int
    """

    def __init__(self, door: Door, share: float, seed: int) -> None:
        self._door = door
        self._share = share
        self._chance = stream(seed, "exploration")

    def put_profile(self, profile: SenderProfile, *, now: float) -> None:
        """Pass it on."""
        self._door.put_profile(profile, now=now)

    def observe(self, item: Feedback, *, now: float) -> None:
        """Pass it on."""
        self._door.observe(item, now=now)

    def unwanted_rate(self, sender_id: str, *, now: float) -> Rate | None:
        """Pass it on."""
        return self._door.unwanted_rate(sender_id, now=now)

    def score(self, message: Message, *, now: float) -> Answer:
        """Ask the other door; draw once, whatever it says."""
        spot = float(self._chance.random())
        answer = self._door.score(message, now=now)
        if answer.allowed:
            return answer
        if spot < self._share:
            return answer._replace(verdict=Verdict.ALLOW, retry_after=None, propensity=self._share)
        return answer._replace(propensity=1.0 - self._share)
