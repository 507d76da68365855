"""Time and memory of training the risk model from decision logs of 0.5, 1 and 5 million decisions.

The logs are drawn, vectorised, straight into the schema of `bawwab export`. Each size is read,
labelled and fitted in a process of its own, whose peak resident memory is printed. Budget: 2 GB,
and time that grows no faster than the log.

::

    nice -n 10 python benchmarks/bench_training.py 500000 1000000 5000000
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bawwab.core.signals import CATALOGUE_DIGEST, NAMES
from bawwab.stores.export import MANIFEST
from bawwab.stores.tables import PREFIX, TABLES

START, DAY = 1_764_201_600.0, 86_400.0  # 2025-11-27T00:00:00Z
A_DAY = 100_000  # decisions
REFUSED, ABUSE, REPORTED_OF_ABUSE, REPORTED_OF_REST, ASKED = 0.05, 0.03, 0.15, 0.002, 0.01
SCHEMAS = {table.name: table.schema for table in TABLES}


def write_log(folder: Path, rows: int) -> None:
    """Draw a log of so many decisions, day by day."""
    chance = np.random.default_rng(rows)
    for day in range(-(-rows // A_DAY)):
        first = day * A_DAY
        write_day(folder, day, np.arange(first, min(rows, first + A_DAY)), chance)
    (folder / MANIFEST).write_text("{}")


def write_day(folder: Path, day: int, number: np.ndarray, chance: np.random.Generator) -> None:
    count = len(number)
    at = START + DAY * (day + np.sort(chance.random(count)))
    abuse = chance.random(count) < ABUSE
    signals = chance.gamma(1.0, size=(count, len(NAMES))).round(2)
    signals[abuse, :8] += chance.gamma(1.5, size=(int(abuse.sum()), 8)).round(2)
    signals[chance.random(signals.shape) < 0.05] = np.nan
    refused = chance.random(count) < np.where(abuse, 0.5, REFUSED)
    ids = {
        "sender_id": np.char.add("sender-", (number % 5_000).astype(str)),
        "recipient": np.char.add("person-", (number * 7919 % 1_000_003).astype(str)),
        "message_id": np.char.add("m-", number.astype(str)),
    }
    write(
        folder,
        "decisions",
        day,
        seq=4 * number,
        known_at=at,
        occurred_at=at,
        **ids,
        decision_id=np.char.add("dec_", number.astype(str)),
        category=np.where(number % 3 == 0, "marketing", "utility"),
        verdict=np.where(refused, "throttle", "allow"),
        degraded=np.zeros(count, bool),
        propensity=np.ones(count),
        catalogue=np.full(count, CATALOGUE_DIGEST),
        text=np.full(count, "your parcel ⟨ref⟩ has arrived. see ⟨link⟩"),
        **{PREFIX + name: signals[:, column] for column, name in enumerate(NAMES)},
    )
    reported = ~refused & (chance.random(count) < np.where(abuse, REPORTED_OF_ABUSE, REPORTED_OF_REST))
    named = np.where(chance.random(count) < 0.9, ids["message_id"].astype(object), np.array(None))
    late = at + chance.exponential(DAY / 2, size=count)
    write(
        folder,
        "reports",
        day,
        seq=4 * number[reported] + 1,
        known_at=late[reported],
        occurred_at=late[reported],
        **{**{name: values[reported] for name, values in ids.items()}, "message_id": named[reported]},
        report_id=np.char.add("r-", number[reported].astype(str)),
        report_reason=np.full(int(reported.sum()), "spam"),
        retract=np.zeros(int(reported.sum()), bool),
        weight=np.ones(int(reported.sum())),
    )
    asked = ~refused & (chance.random(count) < ASKED)
    write(
        folder,
        "surveys",
        day,
        seq=4 * number[asked] + 2,
        known_at=late[asked],
        occurred_at=late[asked],
        **{name: values[asked] for name, values in ids.items()},
        wanted=~abuse[asked],
        sampling_probability=np.full(int(asked.sum()), ASKED),
    )


def write(folder: Path, table: str, day: int, **columns: np.ndarray) -> None:
    """Write one file of an export; columns that are not given are null."""
    schema, count = SCHEMAS[table], len(next(iter(columns.values())))
    arrays = [
        pa.array(columns[field.name], field.type, from_pandas=True)
        if field.name in columns
        else pa.nulls(count, field.type)
        for field in schema
    ]
    date = np.datetime64(int(START + DAY * day), "s").astype("datetime64[D]")
    file = folder / table / f"date={date}" / "part-0.parquet"
    file.parent.mkdir(parents=True)
    pq.write_table(
        pa.Table.from_arrays(arrays, schema=schema), file, compression="zstd", row_group_size=20_000
    )


def train(folder: Path) -> dict[str, float]:
    """Read, label and fit, as `bawwab train --log` does; seconds of each, and peak memory."""
    from bawwab.learning.fit import Circumstances, Settings, fit_risk  # noqa: PLC0415 - its memory counts
    from bawwab.learning.lived import read_logs  # noqa: PLC0415

    settings = Settings(jobs=2)
    started = time.perf_counter()
    past = read_logs([folder], cutoff=None, base_rate=settings.base_rate, seed=settings.seed)
    read = time.perf_counter()
    few = np.arange(2_000)
    made = Circumstances(
        drawn=(), origin=few, frame=past.frame[few], abuse=past.abuse[few], weight=np.ones(len(few))
    )
    risk = fit_risk(made, few % settings.folds, settings, lived=past)
    done = time.perf_counter()
    assert len(risk.model.tables) == len(NAMES)
    return {
        "kept": len(past.abuse),
        "positive": int(past.abuse.sum()),
        "read_seconds": round(read - started, 1),
        "fit_seconds": round(done - read, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def main() -> None:
    if sys.argv[1] == "--train":
        print(json.dumps(train(Path(sys.argv[2]))))
        return
    print(
        f"{'decisions':>10} {'on disk':>9} {'kept':>8} {'positive':>8} {'read s':>7} {'fit s':>6} {'peak MB':>8}"
    )
    for rows in map(int, sys.argv[1:]):
        with tempfile.TemporaryDirectory(prefix="bawwab-bench-") as named:
            folder = Path(named)
            write_log(folder, rows)
            size = sum(file.stat().st_size for file in folder.rglob("*.parquet")) / 2**20
            command = [sys.executable, __file__, "--train", named]
            answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=os.environ)  # noqa: S603
        found = json.loads(answer.stdout)
        print(
            f"{rows:>10,} {size:>6.0f} MB {found['kept']:>8,} {found['positive']:>8,}"
            f" {found['read_seconds']:>7} {found['fit_seconds']:>6} {found['peak_mb']:>8,}",
            flush=True,
        )


if __name__ == "__main__":
    main()
