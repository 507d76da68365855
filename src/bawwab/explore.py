"""For notebooks: load a model or an event stream, take a decision apart, draw.

The public face of bawwab to analysts; `import bawwab` offers these names.
"""

from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
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
from bawwab.stores.memory import MemoryState
from bawwab.stores.models import load_champion, load_version

INK, PAPER, AGAINST, FOR = "#222222", "#fbfaf7", "#b5442e", "#2e6f8e"
NOW = 1_764_000_000.0


class Explanation(NamedTuple):
    """A decision, and what every signal had to do with it."""

    decision: Decision
    signals: pd.DataFrame


class Drawing(Figure):
    """A figure that a notebook shows as a picture."""

    def _repr_png_(self) -> bytes:
        shown = BytesIO()
        self.savefig(shown, format="png", dpi=110)
        return shown.getvalue()


def load_model(version: str | None = None, *, models: Path | str = "models") -> Model:
    """Load a model version; the champion by default."""
    folder = Path(models)
    return load_champion(folder) if version is None else load_version(folder, version)


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
    figure, axes = _sheet(7.5, 0.32 * most + 1.4)
    top = explained.signals.head(most).iloc[::-1]
    colors = [AGAINST if push > 0 else FOR for push in top["contribution"]]
    axes.barh(top["signal"], top["contribution"], color=colors)
    axes.axvline(0.0, color=INK, linewidth=0.8)
    axes.set_xlabel("push on the log-odds of abuse")
    decision = explained.decision
    axes.set_title(f"{decision.verdict.value}, score {decision.score:.3f}", loc="left")
    return figure


def plot_shapes(model: Model, *, columns: int = 4) -> Drawing:
    """Draw every signal's table: what each value of it adds to the log-odds."""
    speaking = [table for table in model.risk.tables if table.edges]
    rows = -(-len(speaking) // columns)
    figure = Drawing(figsize=(3.1 * columns, 1.9 * rows), facecolor=PAPER, layout="constrained")
    for spot, table in enumerate(speaking, start=1):
        axes = figure.add_subplot(rows, columns, spot, facecolor=PAPER)
        edges = np.array(table.edges)
        span = edges[-1] - edges[0] if len(edges) > 1 else 5.0
        x = np.concatenate(([edges[0] - 0.1 * span], edges, [edges[-1] + 0.1 * span]))
        axes.step(x, (table.values[0], *table.values), where="pre", color=INK, linewidth=1.2)
        axes.axhline(0.0, color=FOR, linewidth=0.6)
        axes.set_title(table.name, fontsize=8, loc="left")
        axes.tick_params(labelsize=6)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def plot_delays(hours: NDArray[np.float64], ages: NDArray[np.float64]) -> Drawing:
    """Draw how late reports come, as counted and corrected for messages that are still young."""
    figure, axes = _sheet(7.0, 3.6)
    grid = np.geomspace(0.05, 24.0 * 14, 200)
    axes.plot(grid, np.searchsorted(np.sort(hours), grid) / len(hours), color=FOR, label="as counted")
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
    figure, axes = _sheet(7.0, 3.8)
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


def _sheet(width: float, height: float) -> tuple[Drawing, Axes]:
    figure = Drawing(figsize=(width, height), facecolor=PAPER, layout="constrained")
    axes = figure.add_subplot(facecolor=PAPER)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes
