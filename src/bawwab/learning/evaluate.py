"""Judging a model version: ``bawwab evaluate``.

Two kinds of figures. *Held out*: stored when the version was trained, by models that had not seen
what they are judged on (its source, sender, time, language, kind of abuse), and by models that had
fewer signals; these are what to believe. *As shipped*: the version itself on the
data at hand, which it may have been trained on; these only show that it does what it learned.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from bawwab.core.model.model import Model
from bawwab.core.policy import Policy
from bawwab.learning.card import FIGURES, folded, gain, share, spread
from bawwab.learning.fit import score_texts
from bawwab.learning.measure import figures, to_json
from bawwab.learning.prepare import prepare
from bawwab.learning.samples import Sources, read_samples
from bawwab.stores import models as shelf

_HEADINGS = {
    "service refused": "service",
    "promotional refused": "promotional",
    "fraud refused": "fraud",
    "chat refused": "chat",
}


def evaluate(
    models: Path,
    version: str | None,
    *,
    data: Sequence[Path],
    policy: Policy,
    out: Path,
    console: Console | None = None,
) -> dict[str, Any]:
    """Print and store the figures of a version; the champion's by default."""
    name = version or shelf.read_champion(models).version
    model = shelf.load_version(models, name)
    held_out = msgspec.json.decode((models / name / "metrics.json").read_bytes())
    shipped = _as_shipped(model, tuple(data), policy)
    found = {"model": name, "held_out": held_out, "as_shipped": shipped}
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(to_json(found))
    shown = console or Console()
    for table in stored_tables(held_out):
        shown.print(table)
    if shipped is None:
        shown.print("No labelled messages are at hand (--data, BAWWAB_DATA): nothing was scored anew.")
    else:
        shown.print(_refused("As shipped, on the data at hand", shipped["headline"]))
    shown.print(str(out))
    return found


def _as_shipped(model: Model, data: tuple[Path, ...], policy: Policy) -> dict[str, Any] | None:
    samples = read_samples(Sources(data, None), seed=0)
    if not samples:
        return None
    prepared = prepare(samples)
    return figures(prepared, score_texts(model.text, prepared.masked), model.risk, policy)


def stored_tables(metrics: Mapping[str, Any]) -> Iterator[Table]:
    """Tables of what was measured when the version was trained."""
    yield _refused("Held out: no source was seen by the model that judges it", metrics["headline"])
    yield _refused("Held out, by language", folded(metrics["languages"]))
    if "curves" not in metrics:
        return  # a version of before these were stored
    yield _table("What it was not shown: sources, senders, time to come", metrics["curves"].items(), _CURVES)
    for name, rungs in metrics["ablation"].items():
        rows = ((rung["signals"], rung) for rung in rungs)
        yield _table(f"What each group of signals adds: {name}", rows, {**_CURVES, **_GAIN})
    for name, groups in metrics["left_out"].items():
        yield _table(f"Words of {name} never seen (known / left out)", groups.items(), _LEFT_OUT)
    if "kinds_of_abuse" in metrics:
        title = "Kinds of abuse in streams, at 1 % false positives, by signals"
        by_rung = metrics["ablation_by_kind"]
        rungs = {rung: _part(rung) for rung in next(iter(by_rung.values()))}
        yield _table(title, by_rung.items(), rungs)
        sides = {"known": _part("known"), "left out": _part("left_out")}
        yield _table("Kinds of abuse left out one by one", metrics["kinds_of_abuse"].items(), sides)
    for ground, keys in metrics["slices"].items():
        rows = ((f"{key}: {name}", found) for key, groups in keys.items() for name, found in groups.items())
        title = f"Honest messages that the score alone refuses, or blocks: {ground}"
        yield _table(title, rows, {"refused": _part("refused"), "blocked": _part("blocked")})


Cell = Callable[[Mapping[str, Any]], str]


def _spread(key: str) -> Cell:
    return lambda found: spread(found, key)


def _part(key: str) -> Cell:
    return lambda found: share(found.get(key))


def _sides(key: str) -> Cell:
    return lambda found: (
        f"{share(found['known'].get(key)) or '-'} / {share(found['left_out'].get(key)) or '-'}"
    )


_CURVES: dict[str, Cell] = {heading: _spread(key) for key, heading in FIGURES.items()}
_GAIN: dict[str, Cell] = {"gain": lambda found: gain(found, "average_precision")}
_LEFT_OUT: dict[str, Cell] = {
    "service refused": _sides("service_refused"),
    "fraud refused": _sides("fraud_refused"),
}


def _table(title: str, rows: Iterable[tuple[str, Mapping[str, Any]]], columns: Mapping[str, Cell]) -> Table:
    table = Table("", *columns, title=title, title_justify="left")
    for name, found in rows:
        table.add_row(name, *(cell(found) for cell in columns.values()))
    return table


def _refused(title: str, groups: Mapping[str, Any]) -> Table:
    cells = {heading: _part(f"{kind}_refused") for heading, kind in _HEADINGS.items()}
    area: dict[str, Cell] = {"AUC": lambda found: f"{found['auc']:.4f}" if "auc" in found else ""}
    return _table(title, groups.items(), {**cells, **area})
