"""Abusive operations: campaigns that obey, dodge or ignore the door, account takeovers, laundering.

An operation hides behind *masks*, identities that it registers and drops. What a refusal means
to it: try again a few times, go on with the next target, and after so many in a row take the
next mask, as long as it has any.
"""

import dataclasses
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bawwab.core.decisions import Verdict
from bawwab.core.events import Category
from bawwab.world.author import DAY, Author, Cast, Draft, carry_time, pick_variety, retry_at
from bawwab.world.chance import draw, draw_count, stream, to_milliseconds
from bawwab.world.disguise import Material, mutate
from bawwab.world.honest import HonestSender
from bawwab.world.intent import Fortune, Intent, Role
from bawwab.world.people import NOBODY
from bawwab.world.register import Business, Registration
from bawwab.world.scenario import Abuse
from bawwab.world.wording import Wording

_WHO = (
    "bank",
    "wallet",
    "merchant",
    "shop",
    "carrier",
    "airline",
    "telecom",
    "utility",
    "gov",
    "clinic",
    "school",
    "brand",
    "app",
)
_INNOCENT = ("support_reply", "appointment", "order_receipt")
_BAIT = ("link_bad", "phone_bad", "chat", "payid")
_SAYS_IT_WROTE = 0.5  # share of messages declared `service` that claim a conversation


@dataclass(slots=True)
class Mask:
    """An identity in use."""

    business: Business
    category: Category
    own: dict[str, str]
    refused_in_row: int = 0


class Operation:
    """One campaign of one abuser.

    Parameters
    ----------
    kind : Abuse
    number : int
        Which of its kind it is.
    cast : Cast
    """

    def __init__(self, kind: Abuse, number: int, cast: Cast) -> None:
        self.kind = kind
        self.agent = f"{kind.name}/{number}"
        self.cast = cast
        self.author = Author(cast, self.agent, kind=kind.name, role=Role.ABUSIVE, fraud=kind.fraud)
        self.planned = 0
        self.victim: HonestSender | None = None
        self.masks_worn = 0
        self._chance = chance = self.author.chance
        self._draws = stream(cast.seed, f"{self.agent}/draws")
        scenario = cast.scenario
        self.starts_at = to_milliseconds(scenario.begins + DAY * draw(chance, kind.start_day))
        self.days = draw(chance, kind.days)
        self.daily = draw(chance, kind.per_day) * scenario.scale
        self._hours = draw(chance, kind.hours_a_day)
        self._slots = max(1, draw_count(chance, kind.parallel))
        self._masks_left = max(self._slots, draw_count(chance, kind.identities))
        self._rotate_after = max(2, draw_count(chance, kind.rotate_after))
        self._retries = draw_count(chance, kind.retries)
        self._mutated = draw(chance, kind.mutated)
        self._dead_share = draw(chance, kind.dead_share)
        self._link_life = max(1, draw_count(chance, kind.link_lives))
        self.taking = self.author.taking(kind.reception)
        self.region = scenario.region[int(chance.choice(len(scenario.region), p=self._shares()))]
        self.variety = pick_variety(chance, self.region.varieties)
        self.targets = self._draw_targets()
        self._masks: list[Mask | None] = [None] * self._slots
        self._spoken_as = {slot: cast.phrasebook.slot(self.variety, slot, chance) for slot in _WHO}
        self.wordings = self._draw_wordings(kind.kinds, draw_count(chance, kind.wordings))
        self._material = self._gather_material()
        self._sent = 0

    def enter(self) -> None:
        """Schedule every day of the campaign."""
        self._schedule_campaign(self.starts_at, self.days)

    # --- a campaign --------------------------------------------------------------------------

    def _schedule_campaign(self, starts_at: float, days: float) -> None:
        day = 0
        while day < days:
            share = min(1.0, days - day)
            begins = starts_at + day * DAY
            engine = self.cast.engine
            engine.at(begins, self.agent, partial(self._plan, begins, share))
            day += 1

    def _plan(self, begins: float, share: float) -> None:
        chance, engine = self._chance, self.cast.engine
        count = int(chance.poisson(self.daily * share))
        self.planned += count
        times = np.sort(begins + 3600.0 * self._hours * share * chance.random(count))
        slots = chance.integers(self._slots, size=count)
        people = self._next_targets(count)
        fates = self.author.fates(count)
        for time, slot, person, fate in zip(times.tolist(), slots.tolist(), people, fates, strict=True):
            draft = Draft(
                self.kind.categories[0], self.wordings[0], self.taking, person, fate, campaign="main"
            )
            at = to_milliseconds(time)
            engine.at(at, self.agent, partial(self._send, slot, draft))

    def _send(self, slot: int, draft: Draft) -> None:
        mask = self._mask(slot)
        if mask is None:
            return
        intent = self.author.compose(self._dressed(draft, mask), mask.business)
        self._sent += 1
        if self._sent % self._link_life == 0:
            self.wordings = self._with_new_bait(self.wordings)
        self._ask(slot, mask, intent)

    def _ask(self, slot: int, mask: Mask, intent: Intent) -> None:
        engine = self.cast.engine
        answer = engine.knock(intent)
        if answer.allowed:
            mask.refused_in_row = 0
            return
        if intent.attempts == 1:
            mask.refused_in_row += 1
        if mask.refused_in_row >= self._rotate_after and self._masks[slot] is mask:
            self._masks[slot] = None
        if answer.verdict is not Verdict.THROTTLE:
            return
        if intent.attempts > self._retries:
            engine.settle(intent, Fortune.ABANDONED)
            return
        again = retry_at(answer, now=engine.now)
        engine.settle(intent, Fortune.ABANDONED)
        engine.at(again, self.agent, partial(self._ask_again, slot, mask, intent))

    def _ask_again(self, slot: int, mask: Mask, intent: Intent) -> None:
        carry_time(intent, self.cast.engine.now)
        self._ask(slot, mask, intent)

    def _dressed(self, draft: Draft, mask: Mask) -> Draft:
        """Choose the words, and what to claim."""
        draws, now = self._draws.random(5), self.cast.engine.now
        wording = self.wordings[int(draws[0] * len(self.wordings))]
        if not self.kind.fraud:  # who advertises writes in its own name, with its own link
            wording = wording.rebound(**mask.own)
        service = mask.category is Category.SERVICE and draws[1] < _SAYS_IT_WROTE
        return Draft(
            category=mask.category,
            wording=wording,
            taking=draft.taking,
            person=draft.person,
            fate=draft.fate,
            opted_in=True if draws[2] < self.kind.claims_opt_in else None,
            last_inbound_at=to_milliseconds(now - 600.0) if service else None,
            campaign=draft.campaign,
            text=self._mutate(wording) if draws[3] < self._mutated else None,
        )

    def _mutate(self, wording: Wording) -> str:
        return mutate(self.author.write(wording), self._draws, self._material)

    # --- masks, words, targets ---------------------------------------------------------------

    def _mask(self, slot: int) -> Mask | None:
        """Identity of a slot; a new one if it has none and there are any left."""
        mask = self._masks[slot]
        if mask is None and self._masks_left > 0:
            mask = self._masks[slot] = self._new_mask()
        return mask

    def _new_mask(self) -> Mask:
        self._masks_left -= 1
        self.masks_worn += 1
        engine = self.cast.engine
        agent = f"{self.agent}/mask{self.masks_worn}"
        chance = stream(self.cast.seed, agent)
        who = Registration(
            agent=agent,
            kind=self.kind.name,
            role=Role.ABUSIVE,
            profile=self.kind.profile,
            country=self.region.code,
            variety=self.variety,
            joins_at=engine.now,
        )
        business = self.cast.register.enrol(who, chance)
        engine.register(business.sender)
        categories = self.kind.categories
        own = business.fixed(chance)
        return Mask(business, categories[int(chance.integers(len(categories)))], own)

    def _draw_wordings(self, kinds: tuple[str, ...], count: int) -> list[Wording]:
        cast = self.cast
        drawn = cast.phrasebook.draw(self.variety, kinds, self._chance, count=max(1, count), seed=cast.seed)
        return self._with_new_bait([wording.rebound(**self._spoken_as) for wording in drawn])

    def _with_new_bait(self, wordings: list[Wording]) -> list[Wording]:
        phrasebook, chance = self.cast.phrasebook, self._chance
        bait = {slot: phrasebook.slot(self.variety, slot, chance) for slot in _BAIT}
        return [wording.rebound(**bait, link_own=bait["link_bad"]) for wording in wordings]

    def _gather_material(self) -> Material:
        cast, chance = self.cast, self._chance
        innocent = cast.phrasebook.draw(self.variety, _INNOCENT, chance, count=4, seed=cast.seed)
        return Material(
            greetings=tuple(cast.phrasebook.slot(self.variety, "person", chance) for _ in range(12)),
            innocent=tuple(self.author.write(wording) for wording in innocent),
        )

    def _draw_targets(self) -> NDArray[np.int64]:
        """Strangers, most of them in the operation's region."""
        near = self.cast.people.living_in(self.region.code)
        everybody = np.arange(len(self.cast.people))
        far = self._chance.permutation(everybody)[: max(10, len(near) // 4)]
        return self._chance.permutation(np.union1d(near, far))

    def _next_targets(self, count: int) -> list[int]:
        chance = self._chance
        if self.kind.repeats:
            listed = self.targets[: max(20, round(4 * self.daily))]
            chosen = chance.choice(listed, size=count)
        else:
            chosen = chance.choice(self.targets, size=count)
        dead = chance.random(count) < self._dead_share
        return np.where(dead, NOBODY, chosen).tolist()  # type: ignore[no-any-return] # a list of int

    def _shares(self) -> list[float]:
        return [region.share for region in self.cast.scenario.region]


class Takeover(Operation):
    """A victim's account in other hands: its name, its age, its customers, a strange link."""

    def __init__(self, kind: Abuse, number: int, cast: Cast, victim: HonestSender) -> None:
        super().__init__(kind, number, cast)
        self.victim = victim
        self._business = victim.business
        self.variety = victim.business.variety
        self._spoken_as = dict.fromkeys(_WHO, victim.business.name)
        self.wordings = self._draw_wordings(kind.kinds, draw_count(self._chance, kind.wordings))
        self.targets = self._chance.permutation(victim.customers)

    def _mask(self, slot: int) -> Mask | None:
        if self._masks[slot] is None:
            self._masks[slot] = Mask(self._business, self.kind.categories[0], {})
        return self._masks[slot]


class Launderer(Operation):
    """Earns a good name from friends who answer and praise, then spends it."""

    def enter(self) -> None:
        """Schedule the warm-up, then the campaign."""
        chance, kind = self._chance, self.kind
        warm = DAY * draw(chance, kind.warm_up_days)
        friends = self.targets[: max(5, draw_count(chance, kind.colluders))]
        wordings = self._draw_wordings(kind.warm_up_kinds, 3)
        for day in range(int(warm // DAY)):
            begins = self.starts_at + day * DAY
            people = chance.permutation(friends)[: max(2, len(friends) // 2)]
            times = begins + DAY * 0.6 * chance.random(len(people))
            for person, time, fate in zip(
                people.tolist(), times.tolist(), self.author.fates(len(people)), strict=True
            ):
                wording = wordings[int(chance.integers(len(wordings)))]
                draft = Draft(kind.categories[0], wording, self.taking, person, fate, is_friend=True)
                at = to_milliseconds(time)
                self.cast.engine.at(at, self.agent, partial(self._stage, draft))
        self._schedule_campaign(self.starts_at + warm, max(0.5, self.days - warm / DAY))

    def _stage(self, draft: Draft) -> None:
        mask = self._mask(0)
        if mask is not None:
            own = dataclasses.replace(draft, wording=draft.wording.rebound(**mask.own))
            self._ask(0, mask, self.author.compose(own, mask.business, role=Role.STAGED))
