"""A message that somebody wants to send, with the truth about it that no gate sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from bawwab.core.events import Message, SenderProfile
from bawwab.stores.library import MessageClass


class Role(StrEnum):
    """What a message is to the trial."""

    HONEST = "honest"
    ABUSIVE = "abusive"
    STAGED = "staged"  # between an abuser and its friends: neither harm nor leak


class Fortune(StrEnum):
    """What became of a message."""

    PENDING = "pending"
    ALLOWED = "allowed"
    BLOCKED = "blocked"
    LOST = "lost"  # an honest sender gave up after a day
    ABANDONED = "abandoned"  # an abuser did not ask again


class Fate(msgspec.Struct, frozen=True, array_like=True):
    """Everything chance has to say about one message, drawn before anyone judges it.

    All are uniform on [0, 1). The same message therefore has the same fate whatever gate it
    passes, and two gates are compared on equal luck.
    """

    lost_on_the_way: float
    travel: float
    read: float
    read_after: float
    wanted: float
    complain: float
    complain_after: float
    reason: float
    opt_out: float
    reply: float
    reply_after: float
    asked: float
    answers: float
    answers_after: float
    annoyed: float
    silent: float
    retract: float
    late: float


FATE_SIZE = len(Fate.__struct_fields__)


class Taking(msgspec.Struct, frozen=True, kw_only=True):
    """How messages like this one are taken on average, as drawn for one sender's flow."""

    unwanted: float
    complaint: float
    opt_out: float
    reply: float


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """What only the world knows of a message."""

    role: Role
    kind: str
    agent: str
    label: MessageClass
    form: str
    wanted: bool
    fraud: bool = False
    burst: bool = False


@dataclass(slots=True, eq=False)
class Intent:
    """One message on its way.

    ``excused`` marks what an honest sender may not send any more (the person opted out or
    blocked it, and it has not heard yet): refusing it is no harm, allowing it is no leak.
    """

    message: Message
    truth: Truth
    taking: Taking
    person: int
    fate: Fate
    first_at: float
    is_friend: bool = False
    attempts: int = 0
    fortune: Fortune = Fortune.PENDING
    settled_at: float = 0.0
    reason: str = ""
    excused: bool = False

    @property
    def is_abusive(self) -> bool:
        """Whether letting it out is a leak."""
        return self.truth.role is Role.ABUSIVE

    @property
    def is_honest(self) -> bool:
        """Whether holding it back is harm."""
        return self.truth.role is Role.HONEST and not self.excused

    @property
    def waited(self) -> float:
        """Seconds from the first attempt until it was settled."""
        return self.settled_at - self.first_at


@dataclass(frozen=True, slots=True)
class Sender:
    """A sender, as the platform states it and as it is."""

    profile: SenderProfile
    kind: str
    agent: str
    role: Role
    joins_at: float

    @property
    def sender_id(self) -> str:
        """Its id."""
        return self.profile.sender_id

    def age_days(self, *, now: float) -> float:
        """Days since it registered."""
        registered = self.profile.registered_at
        return (now - (self.joins_at if registered is None else registered)) / 86_400.0


def draw_fate(row: Sequence[float]) -> Fate:
    """Make a fate of a row of uniform numbers."""
    return Fate(*row)


def is_unwanted(taking: Taking, sensitivity: float, fate: Fate) -> bool:
    """Whether this person does not want this message."""
    return fate.wanted < min(1.0, taking.unwanted * sensitivity)
