"""What is remembered about whom: named bundles of the four primitives.

====================  ==================  =========================================
bundle                key                 holds
====================  ==================  =========================================
owner                 owner               counters of conduct and feedback, evidence
template              owner, template     counters of one wording of one owner
contact               owner, contact      how often the owner led people to it
habit                 owner               how often it led them anywhere, and to somebody new
campaign              campaign            counters, and the owners that use it
domain                registered domain   counters, and the owners that link to it
recipient             recipient           marketing load; the marketing budget's cell
reporter              recipient           how their past reports fared
pair                  sender, recipient   messaged, unanswered, consent, closed
message               sender, message_id  idempotency record, and the hold of a refusal
====================  ==================  =========================================
"""

from collections.abc import Sequence
from typing import Any, Final, Generic, NamedTuple, Self, TypeVar

import msgspec

from bawwab.core.events import SenderProfile
from bawwab.core.state.decay import FOREVER, Field, Row, read, withdraw
from bawwab.core.state.port import Key

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
WEEK, MONTH = 7 * DAY, 30 * DAY


class Bundle:
    """First parts of the keys; plain strings, since every key is hashed on every look-up."""

    OWNER: Final = "owner"
    TEMPLATE: Final = "template"
    CONTACT: Final = "contact"
    HABIT: Final = "habit"
    TRUSTED: Final = "trusted"
    PACED: Final = "paced"
    CAMPAIGN: Final = "campaign"
    HEAD: Final = "head"
    BAND: Final = "band"
    CAMPAIGN_OWNERS: Final = "campaign_owners"
    DOMAIN: Final = "domain"
    DOMAIN_OWNERS: Final = "domain_owners"
    RECIPIENT: Final = "recipient"
    REPORTER: Final = "reporter"
    BUDGET: Final = "budget"
    THROUGHPUT: Final = "throughput"
    PAIR_RATE: Final = "pair_rate"
    REACHED: Final = "reached"
    TIER: Final = "tier"
    PROFILE: Final = "profile"
    MEMBERS: Final = "members"
    MESSAGED: Final = "messaged"
    UNANSWERED: Final = "unanswered"
    CONSENT: Final = "consent"
    CLOSED: Final = "closed"
    MESSAGE: Final = "message"
    INBOUND: Final = "inbound"
    COHORT: Final = "cohort"
    REPORT: Final = "report"
    REPORTED: Final = "reported"
    REVIEWED: Final = "reviewed"
    SURVEY: Final = "survey"
    OUTCOME: Final = "outcome"


def key(bundle: str, *ids: str) -> Key:
    """Compose a key."""
    return (bundle, *ids)


class OwnerRow(NamedTuple):
    """Conduct of an owner, and what recipients say of it."""

    attempts_minute: float = 0.0
    attempts_hour: float = 0.0
    attempts_day: float = 0.0
    attempts_week: float = 0.0
    allowed_day: float = 0.0
    allowed_week: float = 0.0
    allowed_month: float = 0.0
    allowed_ever: float = 0.0
    refused_day: float = 0.0
    flagged_day: float = 0.0
    new_recipients_day: float = 0.0
    new_templates_day: float = 0.0
    delivered_week: float = 0.0
    read_week: float = 0.0
    replied_week: float = 0.0
    failed_week: float = 0.0
    complaints_hour: float = 0.0
    complaints_week: float = 0.0
    complaints_month: float = 0.0
    blocks_week: float = 0.0
    opt_outs_week: float = 0.0
    praise_week: float = 0.0
    survey_weight_month: float = 0.0
    survey_weight_squared_month: float = 0.0
    survey_unwanted_month: float = 0.0
    survey_annoying_month: float = 0.0
    evidence_week: float = 0.0
    feedback_ever: float = 0.0


class TemplateRow(NamedTuple):
    """One wording of one owner."""

    allowed_month: float = 0.0
    refused_month: float = 0.0
    read_month: float = 0.0
    replied_month: float = 0.0
    complaints_month: float = 0.0


class ContactRow(NamedTuple):
    """One contact that an owner leads people to."""

    led_month: float = 0.0


class HabitRow(NamedTuple):
    """Allowed messages of an owner since contacts are watched; those that led to one, and to a new one."""

    allowed_month: float = 0.0
    led_month: float = 0.0
    new_month: float = 0.0
    new_day: float = 0.0


class SharedRow(NamedTuple):
    """A campaign or a link's domain, over all owners that use it."""

    attempts_week: float = 0.0
    allowed_week: float = 0.0
    refused_week: float = 0.0
    complaints_week: float = 0.0


class CohortRow(NamedTuple):
    """People whom an owner first wrote to on the same day."""

    contacted_month: float = 0.0
    complaints_month: float = 0.0


class RecipientRow(NamedTuple):
    """How much marketing a person has been sent."""

    marketing_day: float = 0.0
    marketing_week: float = 0.0


class ReporterRow(NamedTuple):
    """How a person's reports fared."""

    reports_day: float = 0.0
    upheld_ever: float = 0.0
    rejected_ever: float = 0.0


_LIFETIMES = {"minute": MINUTE, "hour": HOUR, "day": DAY, "week": WEEK, "month": MONTH, "ever": FOREVER}


R = TypeVar("R", bound=tuple[float, ...])


class Counters(Generic[R]):
    """One kind of row: its named counters, each with the lifetime that ends its name.

    Examples
    --------
    >>> RECIPIENT.fields[0]
    Field(name='marketing_day', lifetime=86400.0)
    >>> RECIPIENT.deltas(marketing_week=1.0)
    [(1, 1.0)]
    """

    def __init__(self, row: type[R]) -> None:
        named: Any = row  # a NamedTuple class, for which typing has no bound
        self._make = named._make
        names: tuple[str, ...] = named._fields
        self.fields = tuple(Field(name, _LIFETIMES[name.rsplit("_", 1)[1]]) for name in names)
        self._columns = {name: index for index, name in enumerate(names)}
        self._empty = row()

    def values(self, stored: Row | None, *, now: float) -> R:
        """Named values of a stored row at ``now``."""
        if stored is None:
            return self._empty
        made: R = self._make(read(stored, self.fields, now=now))
        return made

    def deltas(self, **amounts: float) -> list[tuple[int, float]]:
        """Changes by name, as a store takes them."""
        return [(self._columns[name], amount) for name, amount in amounts.items() if amount]

    def withdrawals(self, *, counted_at: float, now: float, **amounts: float) -> list[tuple[int, float]]:
        """Changes that take earlier ones back."""
        return [
            (column, withdraw(amount, self.fields[column].lifetime, counted_at=counted_at, now=now))
            for column, amount in self.deltas(**amounts)
        ]


OWNER = Counters(OwnerRow)
TEMPLATE = Counters(TemplateRow)
CONTACT = Counters(ContactRow)
HABIT = Counters(HabitRow)
SHARED = Counters(SharedRow)
COHORT = Counters(CohortRow)
RECIPIENT = Counters(RecipientRow)
REPORTER = Counters(ReporterRow)


class Messaged(msgspec.Struct, frozen=True, array_like=True):
    """The last allowed message of a pair, to which feedback without an id is attributed."""

    first_at: float
    at: float
    message_id: str
    template: str
    campaign: str
    category: str
    domains: tuple[str, ...] = ()


class Consent(msgspec.Struct, frozen=True, array_like=True):
    """What a recipient said about marketing, or the categories they refused."""

    opted_in: bool
    category: str | None
    at: float


class Closed(msgspec.Struct, frozen=True, array_like=True):
    """A recipient blocked a sender: the last block that stands, and those before it that stand too."""

    report_id: str
    at: float
    earlier: tuple[tuple[str, float], ...] = ()

    @property
    def blocks(self) -> tuple[tuple[str, float], ...]:
        """Report and time of every block that stands, the last one last."""
        return (*self.earlier, (self.report_id, self.at))

    @classmethod
    def by(cls, blocks: Sequence[tuple[str, float]]) -> Self | None:
        """Closed by these blocks; None by none."""
        if not blocks:
            return None
        *earlier, (report_id, at) = blocks
        return cls(report_id, at, tuple(earlier))


class Answered(msgspec.Struct, frozen=True, array_like=True):
    """What a message id was answered, and since when it has been held."""

    payload: bytes
    decision_id: str
    verdict: str
    at: float
    retry_at: float
    first_refused_at: float
    nature: str
    feedback: float
    template: str
    campaign: str
    recipient: str
    domains: tuple[str, ...] = ()


class Counted(msgspec.Struct, frozen=True, array_like=True):
    """What a report did, so that it can be taken back exactly."""

    owner: str
    template: str
    campaign: str
    domains: tuple[str, ...]
    weight: float
    block: bool
    praise: float
    evidence: float
    at: float
    cohort_at: float | None = None
    retracted: bool = False
    retracted_at: float = 0.0


class Tier(msgspec.Struct, frozen=True, array_like=True):
    """Step an owner has reached by use, and when it was last raised."""

    step: int
    raised_at: float


class Trust(msgspec.Struct, frozen=True, array_like=True):
    """A reviewer vouches for a wording of an owner, with these link domains."""

    domains: tuple[str, ...]
    at: float


class Member(msgspec.Struct, frozen=True, array_like=True):
    """What the platform states about one sender of a portfolio."""

    sender_id: str
    verified: bool
    registered_at: float | None


FACT_TYPES: dict[str, Any] = {
    Bundle.TRUSTED: Trust,
    Bundle.HEAD: bytes,
    Bundle.BAND: str,
    Bundle.TIER: Tier,
    Bundle.PROFILE: SenderProfile,
    Bundle.MEMBERS: tuple[Member, ...],
    Bundle.MESSAGED: Messaged,
    Bundle.CONSENT: Consent,
    Bundle.CLOSED: Closed,
    Bundle.MESSAGE: Answered,
    Bundle.INBOUND: float,
    Bundle.REPORT: Counted,
    Bundle.REPORTED: bool,
    Bundle.REVIEWED: bool,
    Bundle.SURVEY: bool,
    Bundle.OUTCOME: bool,
}
"""What the facts of a bundle are; stores that write bytes read them back as such."""
