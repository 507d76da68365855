"""Composing messages: what every agent does alike, so that nothing tells them apart."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import msgspec
import numpy as np
from numpy.typing import NDArray

from bawwab.core.decisions import Verdict
from bawwab.core.events import Category, Message
from bawwab.world.chance import draw, stream, to_milliseconds, token, words_stream
from bawwab.world.doors import Answer
from bawwab.world.engine import Engine
from bawwab.world.intent import FATE_SIZE, Fate, Fortune, Intent, Role, Taking, Truth, draw_fate, is_unwanted
from bawwab.world.people import NOBODY, People
from bawwab.world.register import Business, Register
from bawwab.world.scenario import Reception, Scenario
from bawwab.world.wording import Phrasebook, Wording

DAY = 86_400.0
PATIENCE = DAY  # seconds after which an honest sender gives a message up
# Share of a day's messages by hour: people are written to while they are awake.
_BY_HOUR = np.array(
    [2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 9, 9, 9, 9, 9, 10, 10, 10, 9, 8, 6, 4, 3], dtype=float
)
_BY_NOW = np.cumsum(_BY_HOUR / _BY_HOUR.sum())


@dataclass(frozen=True, slots=True)
class Cast:
    """What every agent is given."""

    scenario: Scenario
    seed: int
    engine: Engine
    people: People
    phrasebook: Phrasebook
    register: Register


@dataclass(frozen=True, slots=True)
class Draft:
    """What an agent decides about one message; the rest is the author's habit."""

    category: Category
    wording: Wording
    taking: Taking
    person: int
    fate: Fate
    opted_in: bool | None = None
    last_inbound_at: float | None = None
    campaign: str | None = None
    text: str | None = None
    is_friend: bool = False
    burst: bool = False


class Author:
    """Composes the messages of one agent.

    Parameters
    ----------
    cast : Cast
    agent : str
        Name of the agent and of its streams of chance.
    kind : str
    role : Role
    fraud : bool
    """

    def __init__(self, cast: Cast, agent: str, *, kind: str, role: Role, fraud: bool = False) -> None:
        self.cast = cast
        self.agent = agent
        self.kind = kind
        self.role = role
        self.fraud = fraud
        self.chance = stream(cast.seed, agent)
        self._fates = stream(cast.seed, agent + "/fates")
        self._words = words_stream(cast.seed, agent)
        self._written = 0
        habits = self.chance.random(4)
        self._names_templates = habits[0] < 0.7  # noqa: PLR2004 - habits of integrators, alike for all
        self._names_campaigns = habits[1] < 0.5  # noqa: PLR2004
        self._names_languages = habits[2] < 0.8  # noqa: PLR2004
        self._names_regions = habits[3] < 0.8  # noqa: PLR2004

    @property
    def now(self) -> float:
        """Time of the world."""
        return self.cast.engine.now

    def fates(self, count: int) -> list[Fate]:
        """Draw the fates of ``count`` messages."""
        return [draw_fate(row) for row in self._fates.random((count, FATE_SIZE)).tolist()]

    def taking(self, reception: Reception) -> Taking:
        """Draw how a flow's messages are taken."""
        return Taking(
            unwanted=draw(self.chance, reception.unwanted),
            complaint=draw(self.chance, reception.complaint),
            opt_out=draw(self.chance, reception.opt_out),
            reply=draw(self.chance, reception.reply),
        )

    def write(self, wording: Wording) -> str:
        """Write one message's words."""
        return wording.write(self._words, now=max(self.now, self.cast.scenario.begins))

    def compose(self, draft: Draft, business: Business, *, role: Role | None = None) -> Intent:
        """Make the message, and the truth about it."""
        self._written += 1
        people, now = self.cast.people, self.now
        known = draft.person != NOBODY
        sensitivity = float(people.sensitivity[draft.person]) if known else 1.0
        text = draft.text or self.write(draft.wording)
        message = Message(
            message_id="m_" + token(self.cast.seed, f"{self.agent}/{self._written}", 16),
            sender_id=business.sender_id,
            recipient=people.ids[draft.person] if known else self._dead_number(),
            category=draft.category,
            text=text,
            language=draft.wording.language if self._names_languages else None,
            template_id=draft.wording.name if self._names_templates else None,
            campaign_id=self._campaign_id(draft.campaign),
            opted_in=draft.opted_in,
            recipient_region=self._region(draft.person) if self._names_regions else None,
            last_inbound_at=draft.last_inbound_at,
            occurred_at=now,
        )
        truth = Truth(
            role=role or self.role,
            kind=self.kind,
            agent=self.agent,
            label=draft.wording.form.label,
            form=draft.wording.form.text,
            wanted=not is_unwanted(draft.taking, sensitivity, draft.fate),
            fraud=self.fraud,
            burst=draft.burst,
        )
        return Intent(message, truth, draft.taking, draft.person, draft.fate, now, is_friend=draft.is_friend)

    def _campaign_id(self, campaign: str | None) -> str | None:
        if campaign is None or not self._names_campaigns:
            return None
        return "k_" + token(self.cast.seed, f"{self.agent}/{campaign}")

    def _region(self, person: int) -> str:
        people = self.cast.people
        number = 0 if person == NOBODY else int(people.region[person])
        return people.regions[number].code

    def _dead_number(self) -> str:
        return "r_" + token(self.cast.seed, f"{self.agent}/dead/{self._written}")


def retry_at(answer: Answer, *, now: float) -> float:
    """Moment at which a throttled message may be asked for again, not a millisecond too early."""
    wait = 60.0 if answer.retry_after is None else answer.retry_after
    return to_milliseconds(math.ceil((now + wait) * 1000.0 + 1.0) / 1000.0)


def send_patiently(engine: Engine, intent: Intent) -> None:
    """Send as an honest sender does: ask again when told, for a day."""
    answer = engine.knock(intent)
    if answer.verdict is not Verdict.THROTTLE:
        return
    again = retry_at(answer, now=engine.now)
    if again - intent.first_at > PATIENCE:
        engine.settle(intent, Fortune.LOST)
    else:
        engine.at(again, intent.truth.agent, partial(_ask_again, engine, intent))


def _ask_again(engine: Engine, intent: Intent) -> None:
    carry_time(intent, engine.now)
    send_patiently(engine, intent)


def carry_time(intent: Intent, now: float) -> None:
    """Let a message that is asked for again carry the time of asking."""
    intent.message = msgspec.structs.replace(intent.message, occurred_at=now)


def times_of_day(chance: np.random.Generator, count: int, *, round_the_clock: bool) -> NDArray[np.float64]:
    """Seconds after midnight, most of them while people are awake."""
    spots: NDArray[np.float64] = chance.random((2, count))
    hours = spots[0] * 24.0 if round_the_clock else np.searchsorted(_BY_NOW, spots[0]) + spots[1]
    times: NDArray[np.float64] = np.minimum(hours * 3600.0, DAY - 0.001)
    return times


def pick_variety(chance: np.random.Generator, varieties: Sequence[str]) -> str:
    """Draw one of a region's varieties; the first is the most usual."""
    return varieties[min(int(chance.random() ** 2 * len(varieties)), len(varieties) - 1)]
