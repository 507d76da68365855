"""What the log holds: one record for everything that changed the state.

A record carries the *effects* that were decided when it was made, so that folding the log
rebuilds the state without deciding anything again, whatever model or policy is in force.
A signal that was unknown is NaN when made and None when read back: JSON knows no NaN.
"""

import msgspec

from bawwab.core.decisions import Decision
from bawwab.core.events import Message, Outcome, Report, Resolution, SenderProfile, Survey
from bawwab.core.policy import Fee
from bawwab.core.state.bundles import Counted, Member, Tier


class Decided(msgspec.Struct, frozen=True, kw_only=True, tag="decision"):
    """One message decided.

    ``contacts`` are those that are remembered if it was allowed; None where none were watched yet.
    """

    now: float
    decision: Decision
    owner: str
    message: Message
    payload: bytes
    template: str
    campaign: str
    first_attempt: bool
    new_wording: bool
    new_campaign: bool
    signature: bytes
    domains: tuple[str, ...]
    catalogue: str
    signals: tuple[float | None, ...]
    nature: str
    first_refused_at: float
    feedback: float
    flagged: bool
    marketing: bool
    new_recipient: bool
    counts_towards_limit: bool
    paced: bool
    evidence: float
    tier: Tier | None
    propensity: float = 1.0
    fee: Fee | None = None
    contacts: tuple[str, ...] | None = None
    led: bool = False
    new_contact: bool = False


class Reported(msgspec.Struct, frozen=True, kw_only=True, tag="report"):
    """One report, counted or not."""

    now: float
    report: Report
    report_id: str
    effect: Counted | None
    repeated: bool = False


class Surveyed(msgspec.Struct, frozen=True, kw_only=True, tag="survey"):
    """One survey answer."""

    now: float
    survey: Survey
    survey_id: str
    owner: str
    counted: bool
    evidence: float


class Happened(msgspec.Struct, frozen=True, kw_only=True, tag="outcome"):
    """One outcome or change of consent."""

    now: float
    outcome: Outcome
    owner: str
    template: str
    counted: bool


class Profiled(msgspec.Struct, frozen=True, kw_only=True, tag="profile"):
    """A sender's profile put."""

    now: float
    profile: SenderProfile
    previous: SenderProfile | None = None
    members: tuple[tuple[str, tuple[Member, ...]], ...] = ()
    by: str = ""


class Appealed(msgspec.Struct, frozen=True, kw_only=True, tag="appeal"):
    """A refusal contested."""

    now: float
    appeal_id: str
    decision_id: str
    note: str | None = None


class Credit(msgspec.Struct, frozen=True, array_like=True):
    """A reviewer's word bears a report out, or does not."""

    report_id: str
    recipient: str
    upheld: bool


class Resolved(msgspec.Struct, frozen=True, kw_only=True, tag="resolution"):
    """An appeal resolved by a reviewer."""

    now: float
    appeal_id: str
    decision_id: str
    outcome: Resolution
    owner: str
    template: str
    domains: tuple[str, ...]
    lifts_suspension: bool
    note: str | None = None
    by: str = ""
    credits: tuple[Credit, ...] = ()


class Raised(msgspec.Struct, frozen=True, kw_only=True, tag="raise"):
    """What stays of a decision that raised its owner's limit, once the decision is too old to keep."""

    now: float
    owner: str
    tier: Tier


class Ticked(msgspec.Struct, frozen=True, kw_only=True, tag="tick"):
    """An accepted item that moved the event clock and changed nothing else."""

    now: float


Record = Decided | Reported | Surveyed | Happened | Profiled | Appealed | Resolved | Raised | Ticked
