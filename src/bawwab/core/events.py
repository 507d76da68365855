"""Everything that can happen, as immutable values.

Times are Unix seconds. ``recipient`` is always the pseudonym under which a person is
stored, never the platform's own id: the service replaces it before an event is made.
"""

from enum import StrEnum

import msgspec


class Category(StrEnum):
    """What a sender declares its message to be."""

    AUTHENTICATION = "authentication"
    UTILITY = "utility"
    MARKETING = "marketing"
    SERVICE = "service"


class ReportReason(StrEnum):
    """Why a recipient reported a sender."""

    SPAM = "spam"
    FRAUD = "fraud"
    BLOCK = "block"
    NOT_INTERESTED = "not_interested"
    NOT_SPAM = "not_spam"


class OutcomeKind(StrEnum):
    """What became of a message, or of a recipient's consent."""

    DELIVERED = "delivered"
    READ = "read"
    REPLIED = "replied"
    OPTED_IN = "opted_in"
    OPTED_OUT = "opted_out"
    FAILED = "failed"


class Resolution(StrEnum):
    """What a reviewer found about a refusal."""

    UPHELD = "upheld"
    OVERTURNED = "overturned"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A business's wish to write to one person."""

    message_id: str
    sender_id: str
    recipient: str
    category: Category
    text: str
    language: str | None = None
    template_id: str | None = None
    campaign_id: str | None = None
    opted_in: bool | None = None
    recipient_region: str | None = None
    last_inbound_at: float | None = None
    occurred_at: float | None = None
    dry_run: bool = False


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A recipient's complaint about, or praise of, a sender."""

    reason: ReportReason
    recipient: str
    sender_id: str
    report_id: str | None = None
    message_id: str | None = None
    reported_at: float | None = None
    retract: bool = False


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of a randomly asked recipient, with the probability of having been asked."""

    recipient: str
    sender_id: str
    sampling_probability: float
    wanted: bool | None = None
    annoying: bool | None = None
    survey_id: str | None = None
    message_id: str | None = None
    answered_at: float | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message, or of a recipient's consent."""

    kind: OutcomeKind
    sender_id: str
    recipient: str
    message_id: str | None = None
    category: Category | None = None
    occurred_at: float | None = None


class SenderProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What the platform states about a sender; never the sender's own word."""

    sender_id: str
    name: str | None = None
    verified: bool = False
    domains: tuple[str, ...] = ()
    vertical: str | None = None
    country: str | None = None
    portfolio_id: str | None = None
    registered_at: float | None = None

    @property
    def owner(self) -> str:
        """Key under which limits and standing are shared: the portfolio, or the sender."""
        return owner_of(self.sender_id, self.portfolio_id)


def owner_of(sender_id: str, portfolio_id: str | None) -> str:
    """Name the owner of a sender; the prefix keeps portfolios and senders apart.

    Examples
    --------
    >>> owner_of("shop-1", None), owner_of("shop-1", "group-9")
    ('s:shop-1', 'p:group-9')
    """
    return f"s:{sender_id}" if portfolio_id is None else f"p:{portfolio_id}"


Feedback = Report | Survey | Outcome
