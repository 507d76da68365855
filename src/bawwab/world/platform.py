"""A whole world: everybody in it, ready to run against one door."""

from collections.abc import Callable
from typing import Protocol

from bawwab.world.abuse import Launderer, Operation, Takeover
from bawwab.world.adaptive import AdaptiveAttacker
from bawwab.world.author import Cast
from bawwab.world.brigade import BrigadeAttack
from bawwab.world.doors import Door
from bawwab.world.engine import Engine, Progress, Witness
from bawwab.world.feedback import Crowd
from bawwab.world.honest import HonestSender
from bawwab.world.people import Relations, draw_culture, draw_people
from bawwab.world.register import Register
from bawwab.world.scenario import Abuse, Scenario, Strategy
from bawwab.world.wording import Phrasebook


class _Agent(Protocol):
    """Whoever acts in the world."""

    def enter(self) -> None:
        """Schedule what it will do."""


class World:
    """Everybody, at the first moment of a scenario.

    Parameters
    ----------
    scenario : Scenario
    seed : int
    phrasebook : Phrasebook
    door_for : callable
        Makes the door, given the world: the oracle looks into it.
    witness : Witness, optional
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int,
        phrasebook: Phrasebook,
        door_for: Callable[["World"], Door],
        witness: Witness | None = None,
    ) -> None:
        self.scenario = scenario
        self.seed = seed
        people = draw_people(scenario, seed=seed)
        self.crowd = Crowd(people, draw_culture(scenario, seed=seed), Relations())
        self.engine = Engine(self.crowd, ends=scenario.ends, witness=witness)
        cast = Cast(scenario, seed, self.engine, people, phrasebook, Register(seed, phrasebook))
        self.honest = [
            HonestSender(kind, number, cast) for kind in scenario.honest for number in range(kind.count)
        ]
        self.operations = [
            self._operation(kind, number, cast) for kind in scenario.abusive for number in range(kind.count)
        ]
        self.brigades = [BrigadeAttack(plan, cast, self._first(plan.victim)) for plan in scenario.brigade]
        self.engine.door = door_for(self)

    def run(self, progress: Progress | None = None) -> None:
        """Let everybody in and run to the end."""
        agents: list[_Agent] = [*self.honest, *self.operations, *self.brigades]
        for agent in agents:
            agent.enter()
        self.engine.run(begins=self.scenario.begins, progress=progress)

    def _operation(self, kind: Abuse, number: int, cast: Cast) -> Operation:
        match kind.strategy:
            case Strategy.TAKEOVER:
                return Takeover(kind, number, cast, self._first(kind.victim or "", number))
            case Strategy.LAUNDER:
                return Launderer(kind, number, cast)
            case Strategy.ADAPTIVE:
                return AdaptiveAttacker(kind, number, cast)
            case Strategy.CAMPAIGN:
                return Operation(kind, number, cast)

    def _first(self, name: str, number: int = 0) -> HonestSender:
        of_kind = [sender for sender in self.honest if sender.kind.name == name]
        return of_kind[number % len(of_kind)]
