"""Brigades: people who agree to report an honest sender."""

from collections.abc import Sequence

import numpy as np

from bawwab.core.events import Report, ReportReason
from bawwab.world.author import DAY, Cast
from bawwab.world.chance import draw, draw_count, stream, to_milliseconds, token
from bawwab.world.feedback import Timed
from bawwab.world.honest import HonestSender
from bawwab.world.intent import Fortune, Intent
from bawwab.world.scenario import Brigade

_FEWEST = 4  # colluders of a brigade in the smallest world


class BrigadeAttack:
    """One brigade against one victim.

    Colluders are customers to whom the victim has really written; strangers are anybody else.
    """

    def __init__(self, plan: Brigade, cast: Cast, victim: HonestSender) -> None:
        self.plan = plan
        self.cast = cast
        self.victim = victim
        self.agent = f"{plan.name}/0"
        self._chance = stream(cast.seed, self.agent)
        self.starts_at = to_milliseconds(cast.scenario.begins + DAY * draw(self._chance, plan.day))
        self._hours = draw(self._chance, plan.within_hours)
        wanted = draw_count(self._chance, plan.colluders)
        self.colluders = max(min(_FEWEST, wanted), round(wanted * cast.scenario.scale))
        self.reported = 0

    def enter(self) -> None:
        """Schedule the attack."""
        self.cast.engine.at(self.starts_at, self.agent, self._attack)

    def _attack(self) -> None:
        people = self._strangers() if self.plan.strangers else self._messaged()
        count = min(self.colluders, len(people))
        chosen = self._chance.permutation(np.array(people, dtype=np.int64))[:count]
        times = self.starts_at + 3600.0 * self._hours * self._chance.random(count)
        which = self._chance.integers(len(self.plan.reasons), size=count)
        for person, time, reason in zip(chosen.tolist(), times.tolist(), which.tolist(), strict=True):
            at = to_milliseconds(time)
            report = self._report(person, self.plan.reasons[reason], at)
            self.cast.engine.hear(Timed(at, to_milliseconds(at + 2.0), report), self.agent)
        self.reported = count

    def _report(self, person: int, reason: ReportReason, at: float) -> Report:
        sender_id, relations = self.victim.sender_id, self.cast.engine.crowd.relations
        if reason is ReportReason.BLOCK:
            relations.block(sender_id, person, since=at)
        relations.complained.setdefault((sender_id, person), at)
        return Report(
            reason=reason,
            recipient=self.cast.people.ids[person],
            sender_id=sender_id,
            report_id="c_" + token(self.cast.seed, f"{self.agent}/{person}", 16),
            reported_at=at,
        )

    def _messaged(self) -> Sequence[int]:
        return sorted({intent.person for intent in self._allowed()})

    def _strangers(self) -> Sequence[int]:
        known = np.union1d(self.victim.customers, np.array(self._messaged(), dtype=np.int64))
        return [int(person) for person in np.setdiff1d(np.arange(len(self.cast.people)), known)]

    def _allowed(self) -> list[Intent]:
        sender_id = self.victim.sender_id
        return [
            intent
            for intent in self.cast.engine.intents.values()
            if intent.message.sender_id == sender_id and intent.fortune is Fortune.ALLOWED
        ]
