"""Honest senders: they write to their customers, ask again when told to, and give up after a day."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bawwab.core.events import Category, Outcome, OutcomeKind
from bawwab.world.author import DAY, Author, Cast, Draft, pick_variety, send_patiently, times_of_day
from bawwab.world.chance import draw, draw_count, stream, to_milliseconds
from bawwab.world.contacts import OwnContacts
from bawwab.world.feedback import Timed
from bawwab.world.intent import Role, Taking
from bawwab.world.register import Business, Registration
from bawwab.world.scenario import Burst, Flow, Honest, Region
from bawwab.world.wording import Wording

_AT_HOME = 0.85  # share of customers who live in the sender's own region
_FIRST_FEW = 3  # customers of a business on its first day
_TELLS_OPT_IN = 0.2  # share of customers whose opt-in is put on record as an event
_SAYS_CONSENT = 0.3  # share of businesses that state consent with every message
_CAMPAIGN_WORDINGS = 12


@dataclass(slots=True)
class Stream:
    """A flow as one sender has it."""

    flow: Flow
    taking: Taking
    wordings: list[Wording]
    number: int
    daily: float
    every: float
    next_campaign: float
    campaigns: int = 0


class HonestSender:
    """One honest business.

    Parameters
    ----------
    kind : Honest
    number : int
        Which of its kind it is.
    cast : Cast
    """

    def __init__(self, kind: Honest, number: int, cast: Cast) -> None:
        self.kind = kind
        self.agent = f"{kind.name}/{number}"
        self.cast = cast
        self.author = Author(cast, self.agent, kind=kind.name, role=Role.HONEST)
        chance, scenario = self.author.chance, cast.scenario
        region = self._home(chance)
        self.joins_at = scenario.begins
        if kind.joins_day is not None:
            self.joins_at = to_milliseconds(scenario.begins + DAY * draw(chance, kind.joins_day))
        self._ramp = DAY * draw(chance, kind.ramp_days)
        who = Registration(
            agent=self.agent,
            kind=kind.name,
            role=Role.HONEST,
            profile=kind.profile,
            country=region.code,
            variety=pick_variety(chance, region.varieties),
            joins_at=self.joins_at,
            portfolio=f"portfolio/{kind.name}" if kind.profile.shares_portfolio else None,
        )
        self.business: Business = cast.register.enrol(who, chance, host=kind.shared_host)
        self._contacts = OwnContacts(self.business, self.agent, cast)
        self.customers = self._draw_customers(region.code, chance)
        self._told: set[int] = set()
        self._says_consent = bool(chance.random() < _SAYS_CONSENT)
        fixed = self.business.fixed(self._wording_chance("links"))
        self.streams = [self._stream(flow, index, fixed) for index, flow in enumerate(kind.flow)]
        self._bursts = [
            (burst, self.author.taking(burst.reception), self._wording(burst, index, fixed))
            for index, burst in enumerate(kind.burst)
        ]

    @property
    def sender_id(self) -> str:
        """Id of the business."""
        return self.business.sender_id

    def enter(self) -> None:
        """Schedule everything."""
        engine, scenario = self.cast.engine, self.cast.scenario
        engine.at(self.joins_at, self.agent, partial(engine.register, self.business.sender))
        first = int((self.joins_at - scenario.begins) // DAY)
        for day in range(first, int(np.ceil(scenario.days))):
            midnight = scenario.begins + day * DAY
            engine.at(max(midnight, self.joins_at), self.agent, partial(self._plan, midnight))
        for burst, taking, wording in self._bursts:
            for day_of in burst.days:
                self._at_burst(scenario.begins + DAY * day_of, burst, taking, wording)

    # --- a day -------------------------------------------------------------------------------

    def _plan(self, midnight: float) -> None:
        for entry in self.streams:
            if entry.flow.every_days is None:
                self._plan_steady(entry, midnight)
            elif midnight >= entry.next_campaign:
                entry.next_campaign += entry.every * DAY
                self._plan_campaign(entry, midnight)

    def _plan_steady(self, entry: Stream, midnight: float) -> None:
        chance, customers = self.author.chance, self._active(midnight)
        mood = float(np.exp(0.15 * chance.standard_normal()))
        count = int(chance.poisson(entry.daily * len(customers) * mood))
        people = chance.choice(customers, size=count)
        times = times_of_day(chance, count, round_the_clock=entry.flow.round_the_clock)
        which = chance.integers(len(entry.wordings), size=count)
        self._schedule(entry, people, midnight + times, [entry.wordings[index] for index in which], None)

    def _plan_campaign(self, entry: Stream, midnight: float) -> None:
        chance, flow = self.author.chance, entry.flow
        entry.campaigns += 1
        people = self._without_opted_out(self._active(midnight), flow.category)
        share = draw(chance, flow.share_of_customers)
        people = chance.permutation(people)[: round(share * len(people))]
        begins = midnight + 3600.0 * float(chance.uniform(8.0, 18.0))
        times = begins + 3600.0 * draw(chance, flow.within_hours) * chance.random(len(people))
        wording = entry.wordings[entry.campaigns % len(entry.wordings)]
        if flow.category is Category.MARKETING:
            self._tell_opt_ins(people)
        self._schedule(entry, people, times, [wording] * len(people), f"{entry.number}/{entry.campaigns}")

    def _schedule(
        self,
        entry: Stream,
        people: NDArray[np.int64],
        times: NDArray[np.float64],
        wordings: list[Wording],
        campaign: str | None,
    ) -> None:
        flow, chance, engine = entry.flow, self.author.chance, self.cast.engine
        says = self._says_consent or flow.category is Category.MARKETING
        knows = says & (chance.random(len(people)) < flow.knows_consent)
        since = chance.uniform(30.0, 1800.0, size=len(people))
        fates = self.author.fates(len(people))
        for index, person in enumerate(people.tolist()):
            at = to_milliseconds(float(times[index]))
            if at <= self.joins_at:
                continue
            draft = Draft(
                category=flow.category,
                wording=wordings[index],
                taking=entry.taking,
                person=person,
                fate=fates[index],
                opted_in=True if knows[index] else None,
                last_inbound_at=to_milliseconds(at - float(since[index])) if flow.in_conversation else None,
                campaign=campaign,
            )
            engine.at(at, self.agent, partial(self._send, draft))

    def _at_burst(self, begins: float, burst: Burst, taking: Taking, wording: Wording) -> None:
        chance, engine, scale = self.author.chance, self.cast.engine, self.cast.scenario.scale
        count = min(len(self.customers), round(draw(chance, burst.messages) * scale))
        people = chance.permutation(self.customers)[:count]
        times = begins + burst.within_seconds * chance.random(count)
        fates = self.author.fates(count)
        for person, time, fate in zip(people.tolist(), times.tolist(), fates, strict=True):
            draft = Draft(
                burst.category, wording, taking, person, fate, campaign=f"burst/{begins}", burst=True
            )
            engine.at(to_milliseconds(time), self.agent, partial(self._send, draft))

    def _send(self, draft: Draft) -> None:
        wording = self._contacts.dress(draft.wording, now=self.cast.engine.now)
        intent = self.author.compose(replace(draft, wording=wording), self.business)
        send_patiently(self.cast.engine, intent)

    # --- who and what ------------------------------------------------------------------------

    def _home(self, chance: np.random.Generator) -> Region:
        regions = self.cast.scenario.region
        spot = int(chance.choice(len(regions), p=[region.share for region in regions]))
        named = [region for region in regions if region.code == self.kind.home]
        return named[0] if named else regions[spot]

    def _draw_customers(self, home: str, chance: np.random.Generator) -> NDArray[np.int64]:
        people = self.cast.people
        wanted = draw_count(chance, self.kind.customers)
        count = min(len(people), max(min(12, wanted), round(wanted * self.cast.scenario.scale)))
        neighbours = chance.permutation(people.living_in(home))[: round(count * _AT_HOME)]
        others = np.setdiff1d(np.arange(len(people)), neighbours)
        rest = chance.permutation(others)[: count - len(neighbours)]
        return chance.permutation(np.concatenate([neighbours, rest]))

    def _active(self, now: float) -> NDArray[np.int64]:
        """Customers by now: a new business has few."""
        if self._ramp <= 0.0:
            return self.customers
        share = min(1.0, (now - self.joins_at) / self._ramp)
        return self.customers[: max(_FIRST_FEW, round(share * len(self.customers)))]

    def _without_opted_out(self, people: NDArray[np.int64], category: Category) -> NDArray[np.int64]:
        if category is not Category.MARKETING:
            return people
        relations, now = self.cast.engine.crowd.relations, self.cast.engine.now
        kept = [p for p in people.tolist() if not relations.has_opted_out(self.sender_id, p, now=now)]
        return np.array(kept, dtype=np.int64)

    def _tell_opt_ins(self, people: NDArray[np.int64]) -> None:
        now, engine = self.cast.engine.now, self.cast.engine
        tells = self.author.chance.random(len(people)) < _TELLS_OPT_IN
        for person in people[tells].tolist():
            if person not in self._told:
                self._told.add(person)
                item = Outcome(
                    kind=OutcomeKind.OPTED_IN,
                    sender_id=self.sender_id,
                    recipient=self.cast.people.ids[person],
                    category=Category.MARKETING,
                    occurred_at=now,
                )
                engine.hear(Timed(now, now + 1.0, item), self.agent)

    def _stream(self, flow: Flow, number: int, fixed: dict[str, str]) -> Stream:
        author, begins = self.author, self.joins_at
        every = 0.0 if flow.every_days is None else draw(author.chance, flow.every_days)
        return Stream(
            flow=flow,
            taking=author.taking(flow.reception),
            wordings=self._wordings(flow, number, fixed),
            number=number,
            daily=draw(author.chance, flow.per_customer_day),
            every=every,
            next_campaign=begins + DAY * every * float(author.chance.random()),
        )

    def _wordings(self, flow: Flow, number: int, fixed: dict[str, str]) -> list[Wording]:
        chance = self._wording_chance(f"flow{number}")
        count = _CAMPAIGN_WORDINGS if flow.every_days is not None else draw_count(chance, flow.wordings)
        return self._bound(flow.kinds, chance, count, fixed)

    def _wording(self, burst: Burst, number: int, fixed: dict[str, str]) -> Wording:
        return self._bound(burst.kinds, self._wording_chance(f"burst{number}"), 1, fixed)[0]

    def _bound(
        self, kinds: tuple[str, ...], chance: np.random.Generator, count: int, fixed: dict[str, str]
    ) -> list[Wording]:
        cast = self.cast
        drawn = cast.phrasebook.draw(self.business.variety, kinds, chance, count=count, seed=cast.seed)
        return [wording.rebound(**fixed) for wording in drawn]

    def _wording_chance(self, what: str) -> np.random.Generator:
        """Own stream, or that of its kind where wordings are shared."""
        of = self.kind.name if self.kind.shares_wordings else self.agent
        return stream(self.cast.seed, f"{of}/{what}")
