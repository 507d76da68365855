"""Judging a model version: ``bawwab evaluate``.

Two kinds of figures. *Held out*: stored when the version was trained, every source scored by
models that had not seen it; these are what to believe. *As shipped*: the version itself on the
data at hand, which it may have been trained on; these only show that it does what it learned.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from bawwab.core.errors import ConfigurationError
from bawwab.core.policy import Policy
from bawwab.learning.fit import score_texts
from bawwab.learning.measure import figures, to_json
from bawwab.learning.prepare import prepare
from bawwab.learning.samples import Sources, read_samples
from bawwab.stores import models as shelf

_COLUMNS = ("service_refused", "promotional_refused", "fraud_refused", "chat_refused")
_HEADINGS = ("", "service refused", "promotional refused", "fraud refused", "chat refused", "AUC")


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
    samples = read_samples(Sources(tuple(data), None), seed=0)
    if not samples:
        raise ConfigurationError("no labelled messages found; give --data or BAWWAB_DATA")
    prepared = prepare(samples)
    shipped = figures(prepared, score_texts(model.text, prepared.masked), model.risk, policy)
    found = {"model": name, "held_out": held_out, "as_shipped": shipped}
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(to_json(found))
    shown = console or Console()
    for title, part in (
        ("Held out: no source was seen by the model that judges it", held_out["headline"]),
        ("Held out, by language", held_out["languages"]),
        ("As shipped, on the data at hand", shipped["headline"]),
    ):
        shown.print(table_of(title, part))
    shown.print(str(out))
    return found


def table_of(title: str, groups: Mapping[str, Any]) -> Table:
    """Table of refusals with their exact 95 % intervals."""
    table = Table(*_HEADINGS, title=title, title_justify="left")
    for name, group in groups.items():
        area = f"{group['auc']:.4f}" if "auc" in group else ""
        table.add_row(name, *(_cell(group.get(column)) for column in _COLUMNS), area)
    return table


def _cell(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return ""
    return f"{found['share']:.1%} ({found['low']:.1%}-{found['high']:.1%}) of {found['of']}"
