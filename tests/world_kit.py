"""Small worlds for tests: a few days, a few hundred messages, a tenth of a second."""

from collections.abc import Callable
from functools import cache

import msgspec

from bawwab.stores.library import Half
from bawwab.world.doors import Door
from bawwab.world.engine import Witness
from bawwab.world.platform import World
from bawwab.world.referees import AllowAll
from bawwab.world.scenario import Scenario, load_scenario
from bawwab.world.wording import Phrasebook, open_phrasebook


@cache
def phrasebook(half: Half | None = Half.TRIAL) -> Phrasebook:
    return open_phrasebook(half=half)


def small(name: str = "default", *, scale: float = 0.03, days: float = 21.0) -> Scenario:
    return msgspec.structs.replace(load_scenario(name), scale=scale, days=days)


def run_world(
    scenario: Scenario,
    *,
    seed: int = 1,
    door_for: Callable[[World], Door] | None = None,
    witness: Witness | None = None,
) -> World:
    world = World(
        scenario,
        seed=seed,
        phrasebook=phrasebook(),
        door_for=door_for or (lambda _: AllowAll()),
        witness=witness,
    )
    world.run()
    return world
