"""For notebooks: load a model or an event stream, take a decision apart, draw.

The public face of bawwab to analysts; `import bawwab` offers these names.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bawwab.core.decisions import Decision
from bawwab.core.events import Category, Message, SenderProfile
from bawwab.core.journal import NoJournal
from bawwab.core.model.model import Model
from bawwab.core.policy import Policy, default_policy
from bawwab.core.signals import CATALOGUE
from bawwab.gate import Gate
from bawwab.gate.recording import Attempt, payload_digest
from bawwab.learning.behaviour import DelayCurve
from bawwab.learning.drawing import AGAINST, BETWEEN, FOR, INK, Drawing, sheet, titled
from bawwab.learning.pictures import draw_ablation, draw_precision_recall, draw_reliability, draw_shapes
from bawwab.stores.memory import MemoryState
from bawwab.stores.models import load_champion, load_version, read_champion

NOW = 1_764_000_000.0


class Explanation(NamedTuple):
    """A decision, and what every signal had to do with it."""

    decision: Decision
    signals: pd.DataFrame


def load_model(version: str | None = None, *, models: Path | str = "models") -> Model:
    """Load a model version; the champion by default."""
    folder = Path(models)
    return load_champion(folder) if version is None else load_version(folder, version)


def load_metrics(version: str | None = None, *, models: Path | str = "models") -> dict[str, Any]:
    """Load the figures that were stored when a version was trained; the champion's by default."""
    folder = Path(models)
    name = version or read_champion(folder).version
    found: dict[str, Any] = msgspec.json.decode((folder / name / "metrics.json").read_bytes())
    return found


def load_log(path: Path | str) -> pd.DataFrame:
    """Load an event stream (Parquet) with its times as UTC timestamps."""
    found = pd.read_parquet(path)
    for column in ("occurred_at", "known_at"):
        found[column] = pd.to_datetime(found[column], unit="s", utc=True)
    return found


def explain(
    text: str,
    *,
    model: Model,
    category: str = "utility",
    profile: SenderProfile | None = None,
    opted_in: bool | None = None,
    policy: Policy | None = None,
) -> Explanation:
    """Decide one message of a sender of whom nothing else is known, and take the decision apart.

    Returns
    -------
    Explanation
        The decision, and a table with a row a signal: ``signal``, ``meaning``, ``unit``,
        ``value``, ``contribution`` (push on the log-odds; they and the intercept add up to the
        score exactly), largest push first.
    """
    state = MemoryState()
    gate = Gate(state=state, journal=NoJournal(), policy=policy or default_policy(), model=model)
    if profile is not None:
        gate.put_profile(profile, now=NOW)
    message = Message(
        message_id="m",
        sender_id=profile.sender_id if profile else "unknown",
        recipient="r",
        category=Category(category),
        text=text,
        opted_in=opted_in,
    )
    decided = gate.decide(Attempt(message, payload_digest(message), None, NOW))
    values = [float("nan") if value is None else value for value in decided.signals]
    parts = model.risk.contributions(values)
    table = pd.DataFrame(
        {
            "signal": [entry.name for entry in CATALOGUE],
            "meaning": [entry.meaning for entry in CATALOGUE],
            "unit": [entry.unit for entry in CATALOGUE],
            "value": values,
            "contribution": parts,
        }
    )
    order = table["contribution"].abs().sort_values(ascending=False).index
    return Explanation(decided.decision, table.loc[order].reset_index(drop=True))


def plot_contributions(explained: Explanation, *, most: int = 12) -> Drawing:
    """Draw the largest pushes of a decision, those against the message to the right."""
    figure, axes = sheet(7.5, 0.32 * most + 1.4)
    top = explained.signals.head(most).iloc[::-1]
    colors = [AGAINST if push > 0 else FOR for push in top["contribution"]]
    axes.barh(top["signal"], top["contribution"], color=colors)
    axes.axvline(0.0, color=INK, linewidth=0.8)
    axes.set_xlabel("push on the log-odds of abuse")
    decision = explained.decision
    axes.set_title(f"{decision.verdict.value}, score {decision.score:.3f}", loc="left")
    return figure


def plot_shapes(model: Model) -> Drawing:
    """Draw every signal's table: what each value of it adds to the log-odds."""
    return draw_shapes(model.risk)


def plot_precision_recall(metrics: Mapping[str, Any]) -> Drawing:
    """Draw precision against recall of a version on what it was not shown."""
    return draw_precision_recall(metrics)


def plot_reliability(metrics: Mapping[str, Any]) -> Drawing:
    """Draw the share that was abuse against the score that was given."""
    return draw_reliability(metrics)


def plot_ablation(metrics: Mapping[str, Any]) -> Drawing:
    """Draw what each group of signals adds."""
    return draw_ablation(metrics)


def plot_shares(shares: pd.DataFrame, *, x: str) -> Drawing:
    """Draw shares with their intervals, one row a name, one colour a column of ``who``.

    Parameters
    ----------
    shares : DataFrame
        Columns ``name``, ``who``, ``share``, ``low``, ``high``, ``of``; shares from 0 to 1.
    x : str
        What the shares are of.
    """
    names, voices = list(dict.fromkeys(shares["name"])), list(dict.fromkeys(shares["who"]))
    figure, axes = sheet(7.5, 0.42 * len(names) + 1.5)
    for shift, (who, colour) in enumerate(zip(voices, (AGAINST, FOR, BETWEEN, INK), strict=False)):
        part = shares[shares["who"] == who]
        spots = np.array([names.index(name) for name in part["name"]]) + 0.18 * (
            shift - (len(voices) - 1) / 2
        )
        value, low, high = (100.0 * part[column].to_numpy(float) for column in ("share", "low", "high"))
        reach = np.maximum(np.vstack([value - low, high - value]), 0.0)
        axes.errorbar(value, spots, xerr=reach, fmt="o", color=colour, capsize=2, markersize=5, label=who)
    counts = shares.groupby("name", sort=False)["of"].max()
    axes.set_yticks(range(len(names)), [f"{name} ({counts[name]:,})" for name in names])
    axes.invert_yaxis()
    axes.set_xlim(left=0.0)
    titled(axes, "", x=f"% of {x} (95 % interval)", y="")
    if len(voices) > 1:
        axes.legend(frameon=False, fontsize=8)
    return figure


def plot_delays(hours: NDArray[np.float64], ages: NDArray[np.float64]) -> Drawing:
    """Draw how late reports come, as counted and corrected for messages that are still young."""
    figure, axes = sheet(7.0, 3.6)
    grid = np.geomspace(0.05, 24.0 * 14, 200)
    counted = f"as counted, {len(hours):,} reports"
    axes.plot(grid, np.searchsorted(np.sort(hours), grid) / len(hours), color=FOR, label=counted)
    curve = DelayCurve(hours, ages)
    axes.plot(grid, curve.known_by(grid), color=AGAINST, label="corrected for young messages")
    axes.set_xscale("log")
    axes.set_xticks([1, 24, 24 * 7, 24 * 14], ["1 h", "1 day", "1 week", "2 weeks"])
    axes.set_ylabel("share of reports known")
    axes.legend(frameon=False)
    return figure


def plot_costs(
    scores: NDArray[np.float64], abuse: NDArray[np.bool_], *, ratios: tuple[float, ...] = (5.0, 20.0, 100.0)
) -> Drawing:
    """Draw the cost of every threshold, a false refusal costing so many times a missed abuse."""
    figure, axes = sheet(7.0, 3.8)
    grid = np.linspace(0.0, 1.0, 201)
    missed = np.array([(scores[abuse] < line).mean() for line in grid])
    harmed = np.array([(scores[~abuse] >= line).mean() for line in grid])
    rate = float(abuse.mean())
    for ratio, shade in zip(ratios, (0.35, 0.65, 1.0), strict=False):
        cost = rate * missed + ratio * (1.0 - rate) * harmed
        axes.plot(grid, cost, color=AGAINST, alpha=shade, label=f"{ratio:g} : 1")
        axes.plot(grid[cost.argmin()], cost.min(), "o", color=INK, markersize=4)
    axes.set_ylim(0.0, 1.5 * rate)
    axes.set_xlabel("score from which a message is refused")
    axes.set_ylabel("cost a message")
    axes.legend(frameon=False, title="a false refusal costs")
    return figure
