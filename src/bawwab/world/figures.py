"""What a trial says about a door: plain numbers, as they are stored and printed.

Rates are of distinct messages: asking again does not count again. A message is *late* when it
went out more than five minutes after it was first asked for, *lost* when its sender gave up
after a day, *harmed* when it was blocked, lost or late.
"""

import msgspec


class Share(msgspec.Struct, frozen=True):
    """How many of how many."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        """The share; None of nothing."""
        return self.count / self.of if self.of else None


class Quantiles(msgspec.Struct, frozen=True):
    """Median and ninth decile; None where that many never came to it."""

    median: float | None
    p90: float | None
    of: int


class Opponents(msgspec.Struct, frozen=True, kw_only=True):
    """What abusive operations of one kind, or all of them, achieved.

    ``messages_until_stopped`` and ``minutes_until_stopped`` are per identity: what it got out,
    and when the door shut for good; ``never_stopped`` are identities it never shut for.
    """

    operations: int
    identities: int
    planned: int
    leak: Share
    people_reached: Share
    messages_until_stopped: Quantiles
    minutes_until_stopped: Quantiles
    never_stopped: Share
    identities_per_100_delivered: float | None


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """What became of honest messages."""

    blocked: Share
    lost: Share
    late: Share

    @property
    def stopped(self) -> Share:
        """Blocked or lost: the message never went out."""
        return Share(self.blocked.count + self.lost.count, self.blocked.of)

    @property
    def harmed(self) -> Share:
        """Blocked, lost or late."""
        return Share(self.stopped.count + self.late.count, self.blocked.of)


class BrigadeDamage(msgspec.Struct, frozen=True, kw_only=True):
    """Harmed share of a victim's messages, in the week before the brigade and in the week after."""

    name: str
    victim: str
    day: float
    reports: int
    before: Share
    after: Share


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """Honest senders that were stopped by mistake, and how long until a message passed at once."""

    false_stops: int
    recovered: int
    hours: Quantiles


class Unwanted(msgspec.Struct, frozen=True, kw_only=True):
    """Share of allowed messages that nobody wanted: the truth, and what the survey says.

    ``covered`` counts the senders whose truth lies in the interval that the door gives, of those
    for which it gives one.
    """

    truth: Share
    estimate: float | None
    low: float | None
    high: float | None
    answers: int
    covered: Share


class Reports(msgspec.Struct, frozen=True, kw_only=True):
    """Reports heard, by what they were about."""

    about_abuse: int
    about_honest: int
    by_brigades: int

    @property
    def noise(self) -> Share:
        """Reports on honest messages, of those that no brigade made."""
        return Share(self.about_honest, self.about_abuse + self.about_honest)


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """Messages of one kind by six-hour bin of their first attempt."""

    kind: str
    honest: bool
    tried: tuple[int, ...]
    passed: tuple[int, ...]


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one door in one world."""

    door: str
    leak: Share
    leak_of_fraud: Share
    opponents: Opponents
    opponents_by_kind: dict[str, Opponents]
    service: Service
    service_by_category: dict[str, Service]
    service_by_standing: dict[str, Service]
    service_by_kind: dict[str, Service]
    bursts_within_a_minute: Share
    brigades: tuple[BrigadeDamage, ...]
    recovery: Recovery
    unwanted: Unwanted
    reports: Reports
    refusals_of_honest: dict[str, int]
    timelines: tuple[Timeline, ...]
    messages: int
    attempts: int
    feedback: int
    wall_seconds: float


class TrialResult(msgspec.Struct, frozen=True, kw_only=True):
    """A trial: the door that was tried, and the referees in the same world.

    ``half`` of the message library the words are from, ``words`` the digest of its forms: figures
    compare only where scenario, seed and words agree.
    """

    scenario: str
    about: str
    seed: int
    days: float
    half: str
    words: str
    door: Figures
    referees: tuple[Figures, ...] = ()
    label: str = ""

    def to_json(self) -> bytes:
        """Write it as JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"

    @classmethod
    def from_json(cls, raw: bytes) -> "TrialResult":
        """Read what `to_json` wrote."""
        return msgspec.json.decode(raw, type=cls)
