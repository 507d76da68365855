"""Erasing a person or a business from log and state, while every count stays as it was.

Records are not dropped but *unlinked*: the name gives way to a random token, texts and notes to
nothing. Replaying the log therefore gives the same counters, limits and bills as before. What
stays under the true name is what protects the recipient: opt-outs, and blocks.
"""

import secrets
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import replace
from sqlalchemy import ColumnElement, Engine, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from bawwab.core.errors import StoreError
from bawwab.core.events import OutcomeKind, ReportReason, SenderProfile, owner_of
from bawwab.core.records import (
    Appealed,
    Credit,
    Decided,
    Happened,
    Profiled,
    Raised,
    Record,
    Reported,
    Resolved,
    Surveyed,
)
from bawwab.core.state.bundles import Bundle
from bawwab.core.state.port import Key
from bawwab.stores.schema import decode, records, to_row, usage, writing

_AT_ONCE = 500  # records rewritten in one transaction: the log's writer waits some 20 ms at most
_CONSENT = {OutcomeKind.OPTED_IN, OutcomeKind.OPTED_OUT}
_OF_SENDER = {
    Bundle.PROFILE,
    Bundle.MESSAGED,
    Bundle.UNANSWERED,
    Bundle.PAIR_RATE,
    Bundle.MESSAGE,
    Bundle.INBOUND,
    Bundle.OUTCOME,
}
_OF_OWNER = {
    Bundle.OWNER,
    Bundle.TEMPLATE,
    Bundle.CONTACT,
    Bundle.HABIT,
    Bundle.TRUSTED,
    Bundle.PACED,
    Bundle.HEAD,
    Bundle.BAND,
    Bundle.THROUGHPUT,
    Bundle.REACHED,
    Bundle.TIER,
    Bundle.MEMBERS,
    Bundle.COHORT,
}
_OF_RECIPIENT = {Bundle.RECIPIENT, Bundle.REPORTER, Bundle.BUDGET, Bundle.REPORTED}
_OF_PAIR = {Bundle.MESSAGED, Bundle.UNANSWERED, Bundle.PAIR_RATE, Bundle.INBOUND}


class Erased(NamedTuple):
    """How much was unlinked."""

    records: int
    state: int


class Recipient:
    """Erases a person, known by pseudonym."""

    def __init__(self, pseudonym: str) -> None:
        self.name, self.token = pseudonym, f"erased:{secrets.token_hex(8)}"

    @property
    def where(self) -> ColumnElement[bool]:
        """Rows that name them."""
        return records.c.recipient == self.name

    def unlink(self, record: Record) -> Record:
        """Record without them; as it is where it protects them."""
        match record:
            case Decided(message=message):
                unlinked = replace(message, recipient=self.token, text="")
                return _blank(record, message=unlinked, contacts=None if record.contacts is None else ())
            case Reported(report=report) if report.reason is not ReportReason.BLOCK:
                return _blank(record, report=replace(report, recipient=self.token))
            case Surveyed(survey=survey):
                return _blank(record, survey=replace(survey, recipient=self.token))
            case Happened(outcome=outcome) if outcome.kind not in _CONSENT:
                return _blank(record, outcome=replace(outcome, recipient=self.token))
            case Resolved(credits=credits):
                return _blank(record, credits=tuple(self._unlink_credit(credit) for credit in credits))
            case _:
                return record

    def _unlink_credit(self, credit: Credit) -> Credit:
        return replace(credit, recipient=self.token) if credit.recipient == self.name else credit

    def owns(self, key: Key) -> bool:
        """Whether a key of the state is about them alone."""
        bundle, *ids = key
        return (bundle in _OF_RECIPIENT and ids[0] == self.name) or (
            bundle in _OF_PAIR and ids[1] == self.name
        )

    def unlink_fact(self, key: Key, value: Any) -> Any:  # noqa: ANN401 - each bundle has its own type
        """Fact without them."""
        if key[0] == Bundle.MESSAGE and value.recipient == self.name:
            return replace(value, recipient=self.token, payload=b"")
        return value

    @property
    def members(self) -> dict[str, str]:
        """What the members of windowed sets become."""
        return {self.name: self.token}


class Sender:
    """Erases a business."""

    def __init__(self, sender_id: str) -> None:
        self.name, self.token = sender_id, f"erased:{secrets.token_hex(8)}"
        self.owner, self.new_owner = owner_of(sender_id, None), owner_of(self.token, None)

    @property
    def where(self) -> ColumnElement[bool]:
        """Rows that name it, or that may: profiles of its portfolio's other senders list its members."""
        return or_(records.c.sender_id == self.name, records.c.kind.in_(("profile", "raise")))

    def unlink(self, record: Record) -> Record:  # noqa: PLR0911 - one line a kind
        """Record without it; consent and blocks stay under its name, without weight."""
        match record:
            case Decided(message=message):
                anonymous = replace(message, sender_id=self.token, text="")
                return _blank(record, message=anonymous, owner=self.rename(record.owner))
            case Reported(report=report, effect=effect):
                if report.reason is ReportReason.BLOCK:
                    return _blank(record, effect=None)
                moved = None if effect is None else replace(effect, owner=self.rename(effect.owner))
                return _blank(record, report=replace(report, sender_id=self.token), effect=moved)
            case Surveyed(survey=survey):
                owner = self.rename(record.owner)
                return _blank(record, survey=replace(survey, sender_id=self.token), owner=owner)
            case Happened(outcome=outcome):
                owner = self.rename(record.owner)
                if outcome.kind in _CONSENT:
                    return _blank(record, owner=owner, counted=False)
                return _blank(record, outcome=replace(outcome, sender_id=self.token), owner=owner)
            case Profiled():
                return self._unlink_profile(record)
            case Raised() | Resolved():
                return replace(record, owner=self.rename(record.owner))
            case _:
                return record

    def owns(self, key: Key) -> bool:
        """Whether a key of the state is about it alone."""
        bundle, first, *rest = key
        if bundle == Bundle.REPORTED:
            return rest[0] == self.owner
        return (bundle in _OF_SENDER and first == self.name) or (bundle in _OF_OWNER and first == self.owner)

    def unlink_fact(self, key: Key, value: Any) -> Any:  # noqa: ANN401 - each bundle has its own type
        """Fact without it."""
        if key[0] == Bundle.MEMBERS:
            return tuple(member for member in value if member.sender_id != self.name)
        if key[0] == Bundle.REPORT and value.owner == self.owner:
            return replace(value, owner=self.new_owner)
        return value

    @property
    def members(self) -> dict[str, str]:
        """What the members of windowed sets become."""
        return {self.owner: self.new_owner}

    def rename(self, owner: str) -> str:
        """Owner under which its counters go on."""
        return self.new_owner if owner == self.owner else owner

    def _unlink_profile(self, record: Profiled) -> Profiled:
        members = tuple(
            (self.rename(owner), tuple(member for member in known if member.sender_id != self.name))
            for owner, known in record.members
        )
        if record.profile.sender_id != self.name:
            return replace(record, members=members)
        bare = SenderProfile(sender_id=self.token)
        return replace(record, profile=bare, previous=None, members=members)


Subject = Recipient | Sender
R = TypeVar("R", Decided, Reported, Surveyed, Happened, Profiled, Raised, Appealed, Resolved)


def erase_from_log(engine: Engine, subject: Subject, *, through: int) -> int:
    """Unlink every record up to a number, a few in one transaction; how many have changed.

    Raises
    ------
    StoreError
        The log could not be rewritten to its end; doing it again does the rest.
    """
    try:
        changed, decisions = _unlink(engine, subject.where, through, lambda record, _: subject.unlink(record))
        reviewed, _ = _unlink(
            engine, _is_review, through, lambda record, row: _of_review(record, subject, row in decisions)
        )
        if isinstance(subject, Sender):
            _rename_usage(engine, subject)
    except SQLAlchemyError as error:
        raise StoreError("the log could not be rewritten to its end; forget once more") from error
    return changed + reviewed


Change = Callable[[Record, str | None], Record]
_is_review = records.c.kind.in_(("appeal", "resolution"))


def _unlink(
    engine: Engine, where: ColumnElement[bool], through: int, change: Change
) -> tuple[int, set[str | None]]:
    """Change the records there are; how many have changed, and the ids of the decisions among all."""
    changed, decisions, after = 0, set[str | None](), 0
    found = select(records.c.seq, records.c.decision_id, records.c.kind, records.c.body).where(where)
    found = found.where(records.c.seq <= through).order_by(records.c.seq).limit(_AT_ONCE)
    while True:
        with writing(engine) as connection:
            rows = connection.execute(found.where(records.c.seq > after)).all()
            for row in rows:
                old = decode(row.body, seq=row.seq)
                new = change(old, row.decision_id)
                if new != old:
                    changed += 1
                    moved = to_row(row.seq, new)
                    connection.execute(update(records).where(records.c.seq == row.seq).values(moved))
        decisions |= {row.decision_id for row in rows if row.kind == "decision"}
        if len(rows) < _AT_ONCE:
            return changed, decisions
        after = rows[-1].seq


def _rename_usage(engine: Engine, sender: Sender) -> None:
    with writing(engine) as connection:
        moved = {"sender_id": sender.token}
        connection.execute(update(usage).where(usage.c.sender_id == sender.name).values(moved))
        own = {"owner": sender.new_owner}
        connection.execute(update(usage).where(usage.c.owner == sender.owner).values(own))


def _of_review(record: Record, subject: Subject, contested: bool) -> Record:  # noqa: FBT001 - of what is reviewed
    """Review without the subject; notes go where the decision was theirs, since they may name them."""
    record = subject.unlink(record)
    if contested and isinstance(record, Appealed | Resolved):
        return replace(record, note=None)
    return record


def _blank(record: R, **changes: Any) -> R:  # noqa: ANN401 - any field
    """Record with changes, and without the digest that a known text could be tried against."""
    if isinstance(record, Decided):
        changes["payload"] = b""
    return replace(record, **changes)
