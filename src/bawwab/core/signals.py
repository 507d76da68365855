"""The catalogue of signals: what the risk model looks at, each defined in one place.

A signal is a function of a `Context`. Its decorator says what it is: unit, direction (may risk
only rise with it, only fall, or neither), the reason code it speaks for, and its group. To add
one, write its function here; order of definition is the order in every model and log.

*Message* signals rest on the words, the request and the sender's profile; they are computed
once and logged. *State* signals rest on what was known when the message arrived; replaying the
log computes them again, to the bit.
"""

import hashlib
import math
from collections.abc import Callable, Sequence
from enum import IntEnum, StrEnum

import msgspec

from bawwab.core.decisions import ReasonCode
from bawwab.core.events import Category, Message, SenderProfile
from bawwab.core.habit import Contact, past_of, surprise
from bawwab.core.model.text import TextScore
from bawwab.core.state.bundles import (
    DAY,
    HOUR,
    HabitRow,
    Messaged,
    OwnerRow,
    RecipientRow,
    SharedRow,
    TemplateRow,
)
from bawwab.core.text import concepts
from bawwab.core.text.analysis import TextAnalysis
from bawwab.core.text.entities import NO_COUNTS
from bawwab.core.text.trust import Kinship, LinkTrust

UNKNOWN = math.nan
_CODES = ReasonCode


class Direction(IntEnum):
    """How risk may move when the signal rises (scikit-learn's ``monotonic_cst``)."""

    RISES = 1
    FALLS = -1
    FREE = 0


class Group(StrEnum):
    """What a signal rests on; the ablation adds groups in this order."""

    TEXT = "text"
    MESSAGE = "message"
    SENDER = "sender"
    REPORTS = "reports"


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known when one message is judged."""

    message: Message
    now: float
    text: TextAnalysis
    score: TextScore | None
    links: tuple[LinkTrust, ...] = ()
    profile: SenderProfile | None = None
    known_since: float | None = None
    owner: OwnerRow = OwnerRow()
    template: TemplateRow = TemplateRow()
    template_since: float | None = None
    trusted: bool = False
    campaign: SharedRow = SharedRow()
    campaign_owners: int = 0
    domain: SharedRow = SharedRow()
    domain_owners: int = 0
    contacts: tuple[Contact, ...] = ()
    habit: HabitRow = HabitRow()
    habit_since: float | None = None
    recipient: RecipientRow = RecipientRow()
    messaged: Messaged | None = None
    consent: bool | None = None
    unanswered: int = 0

    @property
    def surprise(self) -> float:
        """How unusual it is for the owner to lead people where the message leads (`habit.surprise`)."""
        return surprise(self.contacts, past_of(self.habit, self.habit_since), now=self.now)


class Signal(msgspec.Struct, frozen=True):
    """One entry of the catalogue."""

    name: str
    meaning: str
    unit: str
    direction: Direction
    reason: ReasonCode
    group: Group
    against: str
    compute: Callable[[Context], float]


CATALOGUE: list[Signal] = []


def signal(
    unit: str, direction: Direction, reason: ReasonCode, group: Group, *, against: str = ""
) -> Callable[[Callable[[Context], float]], Callable[[Context], float]]:
    """Enter the decorated function into the catalogue.

    ``against`` is what a reader is told when the signal speaks against a message, where that is
    not its meaning but the lack of it.
    """

    def enter(compute: Callable[[Context], float]) -> Callable[[Context], float]:
        meaning = (compute.__doc__ or "").strip().splitlines()[0]
        said = against or meaning.rstrip(".")
        CATALOGUE.append(Signal(compute.__name__, meaning, unit, direction, reason, group, said, compute))
        return compute

    return enter


def signals(context: Context) -> list[float]:
    """Every signal's value, in the catalogue's order."""
    return [compute(context) for compute in _COMPUTES]


# --- text: what the words alone say ----------------------------------------------------------


@signal("log-odds", Direction.RISES, _CODES.FRAUD_TEXT, Group.TEXT)
def text_fraud(c: Context) -> float:
    """Words read as fraud rather than service, all of them or the most fraudulent stretch."""
    return UNKNOWN if c.score is None else _fraudulent(c.score)


@signal("log-odds", Direction.FREE, _CODES.UNSOLICITED_TEXT, Group.TEXT)
def text_promotional(c: Context) -> float:
    """Words read as promotional rather than service."""
    return UNKNOWN if c.score is None else c.score.promotional


@signal(
    "share", Direction.FREE, _CODES.FRAUD_TEXT, Group.TEXT, against="much of the text is unknown to the model"
)
def text_known(c: Context) -> float:
    """Share of the text's n-grams that the model has met."""
    return UNKNOWN if c.score is None else c.score.known


@signal("log characters", Direction.FREE, _CODES.FRAUD_TEXT, Group.TEXT)
def text_length(c: Context) -> float:
    """Length of the text."""
    return math.log1p(len(c.message.text))


_SPOKEN_OF = frozenset(concepts.NAMES.index(name) for name in ("chat_app", "code", "dictate", "password"))


@signal("0 or 1", Direction.FREE, _CODES.FRAUD_TEXT, Group.TEXT, against="whether the text names anything")
def names_nothing(c: Context) -> float:
    """The text names nothing: no link, contact, number, sum or date, and speaks of no code and no chat.

    A code that is to be told and a chat that is to be opened need no entity (decisions/0021).
    """
    spoken_of = () if c.score is None else c.score.ideas
    return float(c.text.counts == NO_COUNTS and _SPOKEN_OF.isdisjoint(spoken_of))


# --- message: links, what was hidden, what was declared --------------------------------------


@signal("count", Direction.FREE, _CODES.LINK_RISK, Group.MESSAGE)
def links(c: Context) -> float:
    """Links in the text."""
    return float(len(c.links))


@signal("count", Direction.RISES, _CODES.LINK_RISK, Group.MESSAGE)
def links_to_strangers(c: Context) -> float:
    """Links that do not lead to a verified domain of the sender."""
    return float(sum(not trust.own for trust in c.links))


@signal("0 or 1", Direction.RISES, _CODES.LINK_RISK, Group.MESSAGE)
def link_looks_alike(c: Context) -> float:
    """A link imitates a verified domain of the sender."""
    return float(any(trust.kinship is Kinship.LOOK_ALIKE for trust in c.links))


@signal("0 or 1", Direction.FREE, _CODES.LINK_RISK, Group.MESSAGE)
def link_shortened(c: Context) -> float:
    """A link goes through a shortener."""
    return float(any(trust.link.is_shortener for trust in c.links if not trust.own))


@signal("0 or 1", Direction.RISES, _CODES.LINK_RISK, Group.MESSAGE)
def link_disguised(c: Context) -> float:
    """A link's host is a bare address or punycode, is written apart, or hides behind user info."""
    return float(any(_disguised(trust) for trust in c.links if not trust.own))


@signal("0 or 1", Direction.FREE, _CODES.LINK_RISK, Group.MESSAGE)
def link_odd_host(c: Context) -> float:
    """A link's host has many hyphens or digits, or a suffix given away or cheap."""
    return float(any(trust.link.is_odd for trust in c.links if not trust.own))


@signal("count", Direction.FREE, _CODES.FRAUD_TEXT, Group.MESSAGE)
def phones(c: Context) -> float:
    """Telephone numbers and chat handles in the text."""
    return float(len(c.text.phones) + len(c.text.handles))


@signal("0 or 1", Direction.FREE, _CODES.LINK_RISK, Group.MESSAGE)
def code_with_link(c: Context) -> float:
    """A one-time code and a link together."""
    return float(bool(c.text.counts.code) and any(not trust.own for trust in c.links))


@signal("0 or 1", Direction.RISES, _CODES.FRAUD_TEXT, Group.MESSAGE)
def name_of_another(c: Context) -> float:
    """A well-known name in the text is neither the sender's nor that of a link's host."""
    if c.score is None or not c.score.brands:
        return 0.0
    hosts = [link.registered_domain for link in c.text.links]
    profile = c.profile
    own = () if profile is None else ((profile.name or "").casefold(), *profile.domains)
    known = " ".join((*own, *hosts))
    return float(any(brand not in known for brand in c.score.brands))


@signal("count", Direction.FREE, _CODES.FRAUD_TEXT, Group.MESSAGE)
def amounts(c: Context) -> float:
    """Sums of money in the text."""
    return float(c.text.counts.amount)


@signal("per 100 characters", Direction.RISES, _CODES.OBFUSCATED_TEXT, Group.MESSAGE)
def hidden_characters(c: Context) -> float:
    """Invisible and direction-turning characters."""
    return _per_hundred(c, c.text.undone.invisible + c.text.undone.bidi)


@signal("per 100 characters", Direction.RISES, _CODES.OBFUSCATED_TEXT, Group.MESSAGE)
def look_alike_letters(c: Context) -> float:
    """Letters of another script that look like the word's own."""
    return _per_hundred(c, c.text.undone.homoglyph + c.text.undone.combining)


@signal("per 100 characters", Direction.RISES, _CODES.OBFUSCATED_TEXT, Group.MESSAGE)
def broken_words(c: Context) -> float:
    """Letters spaced apart, replaced by digits, or styled."""
    undone = c.text.undone
    return _per_hundred(c, undone.spaced + undone.leet + undone.styled)


@signal("share", Direction.FREE, _CODES.UNSOLICITED_TEXT, Group.MESSAGE)
def upper_case(c: Context) -> float:
    """Share of letters in upper case."""
    return c.text.upper_share


@signal("count", Direction.FREE, _CODES.UNSOLICITED_TEXT, Group.MESSAGE)
def emoji(c: Context) -> float:
    """Emoji in the text."""
    return float(min(c.text.emoji, 8))


@signal("0 or 1", Direction.FREE, _CODES.CATEGORY_MISUSE, Group.MESSAGE)
def declared_marketing(c: Context) -> float:
    """Declared as marketing."""
    return float(c.message.category is Category.MARKETING)


@signal("0 or 1", Direction.FREE, _CODES.CATEGORY_MISUSE, Group.MESSAGE)
def declared_authentication(c: Context) -> float:
    """Declared as a one-time code."""
    return float(c.message.category is Category.AUTHENTICATION)


@signal(
    "-1, 0, 1",
    Direction.FALLS,
    _CODES.UNSOLICITED_TEXT,
    Group.MESSAGE,
    against="the recipient is not known to have opted in",
)
def opt_in(c: Context) -> float:
    """Consent to marketing: refused, unknown, given."""
    consent = c.message.opted_in if c.consent is None else c.consent
    return 0.0 if consent is None else (1.0 if consent else -1.0)


@signal(
    "0 or 1",
    Direction.FALLS,
    _CODES.UNSOLICITED_TEXT,
    Group.MESSAGE,
    against="the recipient has not written to the sender lately",
)
def in_conversation(c: Context) -> float:
    """The recipient wrote to the sender within the last day."""
    last = c.message.last_inbound_at
    return float(last is not None and 0.0 <= c.now - last <= DAY)


@signal("log-odds", Direction.RISES, _CODES.FRAUD_TEXT, Group.MESSAGE)
def fraud_of_stranger(c: Context) -> float:
    """Fraudulent words from a sender nobody vouches for."""
    if c.score is None or (c.profile is not None and c.profile.verified):
        return 0.0
    return max(0.0, _fraudulent(c.score))


# --- sender: who writes, how much, to whom ---------------------------------------------------


@signal("0 or 1", Direction.FALLS, _CODES.SENDER_NEW, Group.SENDER, against="nobody vouches for the sender")
def verified(c: Context) -> float:
    """The platform vouches for the sender."""
    return float(c.profile is not None and c.profile.verified)


@signal("log days", Direction.FALLS, _CODES.SENDER_NEW, Group.SENDER, against="the sender is new")
def sender_age(c: Context) -> float:
    """Age of the sender: since it registered, or was first seen."""
    registered = None if c.profile is None else c.profile.registered_at
    starts = [since for since in (registered, c.known_since) if since is not None]
    return math.log1p(max(0.0, c.now - min(starts)) / DAY) if starts else 0.0


@signal(
    "log messages",
    Direction.FALLS,
    _CODES.SENDER_NEW,
    Group.SENDER,
    against="the sender has sent little so far",
)
def sent_before(c: Context) -> float:
    """Messages that this owner was allowed to send, ever."""
    return math.log1p(c.owner.allowed_ever)


@signal("ratio", Direction.RISES, _CODES.SENDER_BURST, Group.SENDER)
def minute_against_hour(c: Context) -> float:
    """Messages of the last minute, against the pace of the hour before."""
    return math.log1p(c.owner.attempts_minute) - math.log1p(c.owner.attempts_hour / 60.0)


@signal("ratio", Direction.RISES, _CODES.SENDER_BURST, Group.SENDER)
def hour_against_week(c: Context) -> float:
    """Messages of the last hour, against the pace of the week before."""
    return math.log1p(c.owner.attempts_hour) - math.log1p(c.owner.attempts_week / 168.0)


@signal("log messages", Direction.FREE, _CODES.SENDER_BURST, Group.SENDER)
def messages_of_day(c: Context) -> float:
    """Messages tried within a day."""
    return math.log1p(c.owner.attempts_day)


@signal("share", Direction.FREE, _CODES.SENDER_BURST, Group.SENDER)
def new_recipient_share(c: Context) -> float:
    """Share of a day's messages that went to people not written to before."""
    return _share(c.owner.new_recipients_day, c.owner.allowed_day)


@signal("0 or 1", Direction.FREE, _CODES.SENDER_BURST, Group.SENDER)
def recipient_is_new(c: Context) -> float:
    """The sender has not written to this person within a month."""
    return float(c.messaged is None)


@signal("share", Direction.RISES, _CODES.SENDER_BURST, Group.SENDER)
def failed_share(c: Context) -> float:
    """Share of a week's messages that could not be delivered."""
    return _share(c.owner.failed_week, c.owner.allowed_week)


@signal(
    "share", Direction.FALLS, _CODES.SENDER_NEW, Group.SENDER, against="few of the sender's messages are read"
)
def read_share(c: Context) -> float:
    """Share of a week's messages that were read."""
    return _share(c.owner.read_week, c.owner.allowed_week)


@signal(
    "share",
    Direction.FALLS,
    _CODES.SENDER_NEW,
    Group.SENDER,
    against="few of the sender's messages are answered",
)
def reply_share(c: Context) -> float:
    """Share of a week's messages that were answered."""
    return _share(c.owner.replied_week, c.owner.allowed_week)


@signal("share", Direction.RISES, _CODES.FRAUD_TEXT, Group.SENDER)
def flagged_share(c: Context) -> float:
    """Share of a day's messages whose words or links were risky."""
    return _share(c.owner.flagged_day, c.owner.attempts_day)


@signal("log wordings", Direction.FREE, _CODES.SENDER_BURST, Group.SENDER)
def new_wordings(c: Context) -> float:
    """Wordings this owner used for the first time within a day."""
    return math.log1p(c.owner.new_templates_day)


@signal(
    "log messages",
    Direction.FALLS,
    _CODES.SENDER_NEW,
    Group.SENDER,
    against="the wording has hardly been sent before",
)
def wording_sent_before(c: Context) -> float:
    """Messages of this wording that this owner was allowed to send."""
    return math.log1p(c.template.allowed_month)


@signal("log hours", Direction.FALLS, _CODES.SENDER_NEW, Group.SENDER, against="the wording is new")
def wording_age(c: Context) -> float:
    """Time since this owner first used this wording."""
    if c.template_since is None:
        return 0.0
    return math.log1p(max(0.0, c.now - c.template_since) / HOUR)


@signal(
    "0 or 1", Direction.FALLS, _CODES.SENDER_NEW, Group.SENDER, against="the wording has not earned trust"
)
def wording_trusted(c: Context) -> float:
    """The wording has gone out long and often without complaint, or a reviewer vouches for it."""
    return float(c.trusted)


@signal(
    "nats",
    Direction.RISES,
    _CODES.LINK_RISK,
    Group.SENDER,
    against="it leads where this sender has never led anybody",
)
def fraud_out_of_habit(c: Context) -> float:
    """Words that read as fraud lead to a link, number or address that is unusual for this owner."""
    return 0.0 if c.score is None or not c.contacts else c.score.scores.fraud * c.surprise


@signal("log owners", Direction.FREE, _CODES.CAMPAIGN, Group.SENDER)
def campaign_owners(c: Context) -> float:
    """Owners that use nearly this wording within a week."""
    return math.log1p(c.campaign_owners)


@signal("share", Direction.RISES, _CODES.CAMPAIGN, Group.SENDER)
def campaign_refused_share(c: Context) -> float:
    """Share of nearly this wording, over all owners, that was refused."""
    return _share(c.campaign.refused_week, c.campaign.attempts_week)


@signal("log owners", Direction.FREE, _CODES.CAMPAIGN, Group.SENDER)
def link_domain_owners(c: Context) -> float:
    """Owners that link to the same domain within a week."""
    return math.log1p(c.domain_owners)


@signal("share", Direction.RISES, _CODES.LINK_RISK, Group.SENDER)
def link_domain_refused_share(c: Context) -> float:
    """Share of messages with a link to the same domain, over all owners, that was refused."""
    return _share(c.domain.refused_week, c.domain.attempts_week)


@signal("log messages", Direction.FREE, _CODES.RECIPIENT_BUDGET, Group.SENDER)
def marketing_load(c: Context) -> float:
    """Marketing this person was sent within a week, by anyone."""
    return math.log1p(c.recipient.marketing_week)


@signal("log messages", Direction.FREE, _CODES.RECIPIENT_UNANSWERED, Group.SENDER)
def unanswered(c: Context) -> float:
    """Messages of this sender that this person has not answered."""
    return math.log1p(c.unanswered)


# --- reports: what recipients say ------------------------------------------------------------

# Shrinkage: a rate starts from the prior as if so many messages had been seen. 0.05 % is below
# Gmail's 0.1 % line; 200 messages make one report of 50 messages read as 0.44 %, not 2 %.
PRIOR_RATE, PRIOR_MESSAGES = 0.0005, 200.0


@signal("share", Direction.RISES, _CODES.SENDER_COMPLAINTS, Group.REPORTS)
def complaint_rate(c: Context) -> float:
    """Weighted reports of a week over allowed messages, shrunk."""
    return _rate(c.owner.complaints_week, c.owner.allowed_week)


@signal("share", Direction.RISES, _CODES.SENDER_BLOCKED, Group.REPORTS)
def block_rate(c: Context) -> float:
    """Recipients who blocked the sender in a week, over allowed messages, shrunk."""
    return _rate(c.owner.blocks_week, c.owner.allowed_week)


@signal("share", Direction.RISES, _CODES.SENDER_COMPLAINTS, Group.REPORTS)
def opt_out_rate(c: Context) -> float:
    """Opt-outs of a week, over allowed messages, shrunk."""
    return _rate(c.owner.opt_outs_week, c.owner.allowed_week)


@signal("share", Direction.RISES, _CODES.SENDER_SURVEY, Group.REPORTS)
def survey_unwanted(c: Context) -> float:
    """Recipients who told the survey that they did not want the messages, shrunk."""
    return _survey_share(c, c.owner.survey_unwanted_month)


@signal("share", Direction.RISES, _CODES.SENDER_SURVEY, Group.REPORTS)
def survey_annoying(c: Context) -> float:
    """Recipients who told the survey that the messages annoyed them, shrunk."""
    return _survey_share(c, c.owner.survey_annoying_month)


@signal("share", Direction.RISES, _CODES.TEMPLATE_COMPLAINTS, Group.REPORTS)
def wording_complaint_rate(c: Context) -> float:
    """Weighted reports on this wording of this owner, shrunk."""
    return _rate(c.template.complaints_month, c.template.allowed_month)


@signal("share", Direction.RISES, _CODES.CAMPAIGN, Group.REPORTS)
def campaign_complaint_rate(c: Context) -> float:
    """Weighted reports on nearly this wording, over all owners, shrunk."""
    return _rate(c.campaign.complaints_week, c.campaign.allowed_week)


@signal("share", Direction.RISES, _CODES.LINK_RISK, Group.REPORTS)
def link_domain_complaint_rate(c: Context) -> float:
    """Weighted reports on messages with a link to the same domain, over all owners, shrunk."""
    return _rate(c.domain.complaints_week, c.domain.allowed_week)


@signal("nats", Direction.RISES, _CODES.SENDER_SUSPENDED, Group.REPORTS)
def evidence(c: Context) -> float:
    """Evidence that the owner has turned, from the sequential test."""
    return c.owner.evidence_week


# Log-odds by which a stretch must be worse than its text: the worst of many is always bad by chance.
MARGIN = 0.5  # decisions/0011


def _fraudulent(score: TextScore) -> float:
    return max(score.fraud, score.fraud_window - MARGIN)


def _share(part: float, whole: float) -> float:
    return min(1.0, part / whole) if whole >= 1.0 else UNKNOWN


def _rate(part: float, whole: float) -> float:
    return min(1.0, (part + PRIOR_RATE * PRIOR_MESSAGES) / (max(part, whole) + PRIOR_MESSAGES))


def _survey_share(c: Context, part: float) -> float:
    weight = c.owner.survey_weight_month
    if weight <= 0.0:
        return UNKNOWN
    effective = weight * weight / c.owner.survey_weight_squared_month
    return (part / weight * effective + 0.2 * 5.0) / (effective + 5.0)


def _per_hundred(c: Context, found: int) -> float:
    return 100.0 * found / max(40, len(c.message.text))


def _disguised(trust: LinkTrust) -> bool:
    link = trust.link
    return link.is_ip or link.is_punycode or link.is_defanged or link.has_userinfo


_COMPUTES: Sequence[Callable[[Context], float]] = tuple(entry.compute for entry in CATALOGUE)
NAMES: tuple[str, ...] = tuple(entry.name for entry in CATALOGUE)
CATALOGUE_DIGEST = hashlib.sha256(",".join(NAMES).encode()).hexdigest()[:12]
