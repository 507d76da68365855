"""The trial: one world, one door in it, and the referees in the same world."""

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bawwab.core.errors import ConfigurationError
from bawwab.core.model.model import Model
from bawwab.core.policy import Policy
from bawwab.gate import Gate
from bawwab.stores.library import Half
from bawwab.stores.memory import MemoryState
from bawwab.world.doors import Door, GateDoor, LastAnswers
from bawwab.world.figures import Figures, TrialResult
from bawwab.world.measure import Notebook, measure
from bawwab.world.platform import World
from bawwab.world.referees import AllowAll, BlockAll, Heuristic, Oracle
from bawwab.world.scenario import DEFAULT, Scenario, load_scenario
from bawwab.world.wording import Phrasebook, open_phrasebook

Progress = Callable[[str, float], None]
REFEREES: dict[str, Callable[[World], Door]] = {
    "allow_all": lambda _: AllowAll(),
    "block_all": lambda _: BlockAll(),
    "heuristic": lambda _: Heuristic(),
    "oracle": lambda world: Oracle(world.engine.intents),
}


def run_trial(
    scenario: Scenario | str | Path = DEFAULT,
    gate: Gate | Door | None = None,
    seed: int = 1,
    *,
    referees: Sequence[str] = tuple(REFEREES),
    phrasebook: Phrasebook | None = None,
    half: Half | None = Half.TRIAL,
    corpora: Iterable[Path] = (),
    label: str = "",
    progress: Progress | None = None,
) -> TrialResult:
    """Run a scenario against a gate, and against the referees.

    Parameters
    ----------
    scenario : Scenario, str or Path
        Or the name of a packaged one, or the path of a TOML file.
    gate : Gate, Door or None
        A fresh production gate, or any other door (`HttpDoor`); without one the first referee
        takes its place.
    seed : int
        The same seed, scenario, words and gate give the same figures.
    referees : sequence of str
        Names out of `REFEREES`.
    phrasebook : Phrasebook, optional
        Words to use; by default the message library's ``half``, with ``corpora`` mixed in.
    half : Half or None
        Half of the library that the words are from; None for both.
    corpora : iterable of Path
        Labelled CSV files or folders of them.
    label : str
        What was tried, for the page: model and policy version.
    progress : callable, optional
        Called with the door's name and the fraction done.

    Returns
    -------
    TrialResult

    Raises
    ------
    ConfigurationError
        The scenario or the library cannot be used.
    """
    settled = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    words = phrasebook or open_phrasebook(half=half, corpora=corpora)
    unknown = sorted(set(referees) - set(REFEREES))
    if unknown:
        raise ConfigurationError(f"no referee {unknown[0]!r}; there are {', '.join(REFEREES)}")

    def run(name: str, door_for: Callable[[World], Door]) -> Figures:
        notes, started = Notebook(), time.perf_counter()
        world = World(settled, seed=seed, phrasebook=words, door_for=door_for, witness=notes)
        world.run(None if progress is None else lambda done: progress(name, done))
        return measure(world, notes, door=name, wall_seconds=time.perf_counter() - started)

    judged = {name: run(name, REFEREES[name]) for name in referees} if gate is None else {}
    door = None if gate is None else (GateDoor(gate) if isinstance(gate, Gate) else gate)
    first = next(iter(judged.values())) if door is None else run("gate", lambda _: door)
    others = judged or {name: run(name, REFEREES[name]) for name in referees}
    return TrialResult(
        scenario=settled.name,
        about=settled.about,
        seed=seed,
        days=settled.days,
        half="both" if words.half is None else words.half.value,
        words=words.digest,
        door=first,
        referees=tuple(others.values()),
        label=label,
    )


def fresh_gate(policy: Policy, model: Model | None) -> Gate:
    """Make a production gate on an empty state, with a journal just long enough for retries."""
    return Gate(
        state=MemoryState(row_retention=policy.retention.state),
        journal=LastAnswers(),
        policy=policy,
        model=model,
    )
