"""The people of the world: what each is inclined to do, and how each stands to each sender."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bawwab.world.chance import draw, stream, token
from bawwab.world.scenario import Habits, Region, Scenario

NOBODY = -1  # a number that nobody answers
_CONCENTRATION = 4.0  # of the beta distributions around a mean propensity
_UNEQUAL = 0.8  # sigma of the log-normal factors: a tenth of people do nearly half of it
_Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Culture:
    """What holds for everybody in one run, drawn from the scenario's ranges."""

    survey: float
    survey_of_new: float
    within_hour: float
    within_day: float
    tail_days: float
    retract: float


@dataclass(frozen=True, slots=True)
class People:
    """Everybody's propensities, an array each.

    ``read`` and ``answer`` are probabilities; ``reply``, ``report``, ``opt_out`` and
    ``sensitivity`` are factors on what a kind of message provokes on average.
    """

    ids: tuple[str, ...]
    region: NDArray[np.int64]
    read: _Array
    reply: _Array
    report: _Array
    opt_out: _Array
    answer: _Array
    sensitivity: _Array
    regions: tuple[Region, ...]
    late: _Array

    def __len__(self) -> int:
        return len(self.ids)

    def living_in(self, code: str) -> NDArray[np.int64]:
        """Numbers of the people of a region."""
        wanted = [number for number, region in enumerate(self.regions) if region.code == code]
        return np.flatnonzero(np.isin(self.region, wanted))


@dataclass(slots=True)
class Relations:
    """Since when a person has blocked a sender, opted out, or complained about it."""

    blocked: dict[tuple[str, int], tuple[float, float]] = field(default_factory=dict)
    opted_out: dict[tuple[str, int], float] = field(default_factory=dict)
    complained: dict[tuple[str, int], float] = field(default_factory=dict)

    def block(self, sender_id: str, person: int, *, since: float) -> None:
        """Let ``person`` block the sender, unless that is so already."""
        self.blocked.setdefault((sender_id, person), (since, np.inf))

    def unblock(self, sender_id: str, person: int, *, at: float) -> None:
        """End a block."""
        since, _ = self.blocked[sender_id, person]
        self.blocked[sender_id, person] = (since, at)

    def has_blocked(self, sender_id: str, person: int, *, now: float) -> bool:
        """Whether ``person`` keeps the sender blocked."""
        since, until = self.blocked.get((sender_id, person), (np.inf, np.inf))
        return since <= now < until

    def has_opted_out(self, sender_id: str, person: int, *, now: float) -> bool:
        """Whether ``person`` has opted out of the sender's marketing by now."""
        return self.opted_out.get((sender_id, person), np.inf) <= now


def draw_culture(scenario: Scenario, *, seed: int) -> Culture:
    """Draw what holds for everybody."""
    chance, habits = stream(seed, "culture"), scenario.people
    return Culture(
        survey=draw(chance, habits.survey),
        survey_of_new=draw(chance, habits.survey_of_new),
        within_hour=draw(chance, habits.reported_within_hour),
        within_day=draw(chance, habits.reported_within_day),
        tail_days=draw(chance, habits.report_tail_days),
        retract=draw(chance, habits.retract),
    )


def draw_people(scenario: Scenario, *, seed: int) -> People:
    """Draw everybody."""
    chance, habits, regions = stream(seed, "people"), scenario.people, scenario.region
    size = max(200, round(habits.count * scenario.scale))
    region = chance.choice(len(regions), size=size, p=[entry.share for entry in regions])
    late = np.array([draw(chance, entry.late_days) for entry in regions])
    return People(
        ids=tuple(f"r_{token(seed, f'person/{number}')}" for number in range(size)),
        region=region,
        read=_around(chance, draw(chance, habits.read), size),
        reply=_unequal(chance, draw(chance, habits.reply), size),
        report=_report_factors(chance, habits, size),
        opt_out=_unequal(chance, draw(chance, habits.opt_out), size),
        answer=_around(chance, draw(chance, habits.answer), size),
        sensitivity=_unequal(chance, 1.0, size, sigma=0.4),
        regions=regions,
        late=late,
    )


def _report_factors(chance: np.random.Generator, habits: Habits, size: int) -> _Array:
    """Zero for those who never report; the others make up for it, unequally."""
    never, culture = draw(chance, habits.never_report), draw(chance, habits.report_culture)
    factors = _unequal(chance, culture / (1.0 - never), size)
    return np.where(chance.random(size) < never, 0.0, factors)


def _unequal(chance: np.random.Generator, mean: float, size: int, *, sigma: float = _UNEQUAL) -> _Array:
    return mean * np.exp(sigma * chance.standard_normal(size) - sigma * sigma / 2.0)


def _around(chance: np.random.Generator, mean: float, size: int) -> _Array:
    return chance.beta(_CONCENTRATION * mean, _CONCENTRATION * (1.0 - mean), size)
