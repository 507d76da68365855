"""A training run small enough for a test: two languages of the library, one small world, seconds."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec

from bawwab.learning.fit import Settings
from bawwab.learning.samples import Sources
from bawwab.learning.train import Logs, train
from bawwab.stores.library import Half
from bawwab.world import simulate
from bawwab.world.scenario import load_scenario

LIBRARY = Path(__file__).parents[1] / "data" / "messages"
DAY = "2026-11-27"
SMALL = Settings(folds=2, buckets=2**12, iterations=5, draws=1, trees=15, resamples=5)


def library_slice(folder: Path, *varieties: str) -> Path:
    """Lay some varieties of the message library into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in varieties:
        shutil.copy(LIBRARY / f"{name}.toml", folder)
    return folder


def small_stream(folder: Path, seed: int = 5) -> Path:
    """Write the stream of a small world, of the half of the library that a trial draws."""
    scenario = msgspec.structs.replace(load_scenario("quick"), scale=0.02, days=6.0)
    return simulate(scenario, folder / f"{seed}.parquet", seed, half=Half.TRIAL).events


def train_small(work: Path, models: Path, *, jobs: int = 1, streams: tuple[Path, ...] = ()) -> str:
    """Train on two languages; the name of the version."""
    library = library_slice(work / "messages", "sw", "th")
    settings = msgspec.structs.replace(SMALL, jobs=jobs)
    return train(Sources((), library), models, day=DAY, settings=settings, logs=Logs(streams=streams))


def train_elsewhere(work: Path, models: Path, stream: Path, *, hash_seed: str) -> str:
    """Train in another process, on two of its own, where sets of words have another order."""
    command = [sys.executable, __file__, str(work), str(models), str(stream)]
    ours = {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, env=os.environ | ours, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    sys.stdout.write(train_small(given[0], given[1], jobs=2, streams=(given[2],)))
