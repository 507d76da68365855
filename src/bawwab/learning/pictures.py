"""The pictures of a model version, drawn from its figures and its tables and from nothing else."""

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from bawwab.core.model.risk import RiskModel, Table
from bawwab.core.signals import CATALOGUE, Group, Signal
from bawwab.learning.drawing import (
    AGAINST,
    BETWEEN,
    FOR,
    INK,
    QUIET,
    Drawing,
    blank,
    panel,
    sheet,
    titled,
    to_svg,
)

GROUND_COLOURS = (FOR, AGAINST, BETWEEN)
CLASS_COLOURS = {"service": FOR, "promotional": BETWEEN, "fraud": AGAINST, "honest": FOR, "abusive": AGAINST}
GROUP_COLOURS = {Group.TEXT: INK, Group.MESSAGE: FOR, Group.SENDER: "#4d8c57", Group.REPORTS: AGAINST}
PERCENT = 100.0
_MEAN = "average precision (95 %), abuse of messages"
_AREA = "area of a dot: share of messages"
_WHOLE = ("0 or 1", "-1, 0, 1", "count")  # units of whole numbers
_LEAST_RANGE = 0.02  # nats; a table that moves the log-odds by less is called flat


def pictures_of(metrics: Mapping[str, Any], risk: RiskModel) -> dict[str, bytes]:
    """Every picture of a version by the name of its file."""
    drawn = {
        "precision-recall.svg": draw_precision_recall(metrics),
        "reliability.svg": draw_reliability(metrics),
        "scores.svg": draw_scores(metrics),
        "ablation.svg": draw_ablation(metrics),
        "shapes.svg": draw_shapes(risk),
    }
    return {name: to_svg(picture) for name, picture in drawn.items()}


def draw_precision_recall(metrics: Mapping[str, Any]) -> Drawing:
    """Draw precision against recall on every ground that was held out."""
    figure, axes = sheet(7.0, 4.8)
    for (name, found), colour in zip(metrics["curves"].items(), GROUND_COLOURS, strict=False):
        curve, mean = found["curve"], found["average_precision"]
        span = f"{mean['value']:.2f} ({mean['low']:.2f}-{mean['high']:.2f})"
        label = f"{name}: {span}, {found['abuse']:,} of {found['rows']:,}"
        recall, precision = curve["recall"], curve["precision"]
        axes.step(recall, precision, where="post", color=colour, label=label, linewidth=1.6)
    rate = metrics["base_rate"]
    axes.axhline(rate, color=QUIET, linewidth=0.8, linestyle=":")
    axes.text(1.0, rate + 0.015, "refusing at random", ha="right", fontsize=7, color=QUIET)
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.0, 1.02)
    titled(
        axes,
        f"What is refused is abuse, and how much of it (base rate {rate:.0%})",
        x="recall: share of abuse refused",
        y="precision: share of the refused that is abuse",
    )
    axes.legend(
        frameon=False,
        fontsize=7,
        loc="lower left",
        title="average precision (95 %), abuse of messages",
        title_fontsize=7,
    )
    return figure


def draw_reliability(metrics: Mapping[str, Any]) -> Drawing:
    """Draw the share that was abuse against the score that was given."""
    figure, axes = sheet(5.6, 5.0)
    axes.plot([0.003, 0.997], [0.003, 0.997], color=QUIET, linewidth=0.8, linestyle=":")
    for (name, found), colour in zip(metrics["curves"].items(), GROUND_COLOURS, strict=False):
        bins = [spot for spot in found["reliability"] if 0.0 < spot["true"] < 1.0]
        brier = found["brier"]["value"]
        sizes = [8.0 + 120.0 * spot["share"] for spot in bins]
        predicted, true = [spot["predicted"] for spot in bins], [spot["true"] for spot in bins]
        axes.plot(predicted, true, color=colour, linewidth=1.0)
        axes.scatter(predicted, true, s=sizes, color=colour, label=f"{name}: Brier {brier:.3f}", zorder=3)
    axes.set_xscale("logit")
    axes.set_yscale("logit")
    ticks = [0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99]
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(ticks, [f"{tick:.0%}" for tick in ticks])
        axis.set_ticks([], minor=True)
    axes.set_xlim(0.003, 0.997)
    axes.set_ylim(0.003, 0.997)
    titled(axes, "Is a score the probability it says it is?", x="score", y="share that was abuse")
    axes.legend(
        frameon=False,
        fontsize=7,
        loc="upper left",
        title="area: share of messages in the bin",
        title_fontsize=7,
    )
    return figure


def draw_scores(metrics: Mapping[str, Any]) -> Drawing:
    """Draw how scores of each class of message are spread."""
    grounds = metrics["scores"]
    figure = blank(7.0, 2.5 * len(grounds))
    for place, (name, found) in enumerate(grounds.items(), start=1):
        axes = panel(figure, len(grounds), 1, place)
        edges = np.array(found["edges"])
        for kind, counts in found["classes"].items():
            total = max(1, sum(counts))
            shares = PERCENT * np.array(counts) / total
            axes.stairs(shares, edges, color=CLASS_COLOURS[kind], linewidth=1.6, label=f"{kind}, {total:,}")
        ticks = [0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999]
        axes.set_xticks([float(np.log(tick / (1 - tick))) for tick in ticks], [f"{tick:g}" for tick in ticks])
        axes.axvline(0.0, color=QUIET, linewidth=0.8, linestyle=":")
        titled(axes, name, x="score (on the scale of log-odds)", y="% of the class")
        axes.legend(frameon=False, fontsize=8)
    return figure


def draw_ablation(metrics: Mapping[str, Any]) -> Drawing:
    """Draw what each group of signals adds, on every ground."""
    grounds = metrics["ablation"]
    figure = blank(3.1 * len(grounds), 3.0)
    for place, (name, rungs) in enumerate(grounds.items(), start=1):
        axes = panel(figure, 1, len(grounds), place)
        values = np.array(
            [[rung["average_precision"][key] for key in ("value", "low", "high")] for rung in rungs]
        )
        spots = np.arange(len(rungs))
        reach = np.abs(values[:, 1:] - values[:, :1]).T
        axes.errorbar(
            spots, values[:, 0], yerr=reach, fmt="o", color=INK, ecolor=QUIET, capsize=3, markersize=5
        )
        for spot, value in zip(spots, values[:, 0], strict=True):
            axes.annotate(
                f"{value:.3f}", (spot, value), xytext=(6, 4), textcoords="offset points", fontsize=7
            )
        axes.set_xticks(spots, [rung["signals"] for rung in rungs], fontsize=8)
        axes.set_xlim(-0.4, len(rungs) - 0.3)
        axes.set_ylim(0.0, 1.0)
        titled(axes, name.replace(", ", ",\n"), x="", y="average precision (95 %)" if place == 1 else "")
    return figure


# --- shapes ----------------------------------------------------------------------------------


def draw_shapes(risk: RiskModel, *, columns: int = 5) -> Drawing:
    """Draw every signal's table: what each value adds to the log-odds, all on one scale."""
    speaking = [
        (table, entry)
        for table, entry in zip(risk.tables, CATALOGUE, strict=True)
        if reach_of(table) >= _LEAST_RANGE
    ]
    flat = [table.name for table in risk.tables if reach_of(table) < _LEAST_RANGE]
    rows = max(1, -(-len(speaking) // columns))
    figure = blank(2.5 * columns, 1.75 * rows + 0.6)
    values = np.array([value for table, _ in speaking for value in (*table.values, table.missing)] or [0.0])
    low, high = float(values.min()) - 0.3, float(values.max()) + 0.3
    for place, (table, entry) in enumerate(speaking, start=1):
        axes = panel(figure, rows, columns, place)
        axes.set_ylim(low, high)
        _draw_table(axes, table, entry)
        if (place - 1) % columns:
            axes.set_yticklabels([])
    title = "What each value of a signal adds to the log-odds of abuse (circle: value unknown)"
    figure.suptitle(title, x=0.01, ha="left", fontsize=10, color=INK)
    groups = [Line2D([], [], color=colour, label=group.value) for group, colour in GROUP_COLOURS.items()]
    figure.legend(handles=groups, loc="outside upper right", ncols=len(groups), frameon=False, fontsize=8)
    if flat:
        flat_ones = "\n".join(wrap(f"flat: {', '.join(flat)}", 32 * columns))
        figure.supxlabel(flat_ones, x=0.01, ha="left", fontsize=7, color=QUIET)
    return figure


def reach_of(table: Table) -> float:
    """How far a table can move the log-odds."""
    return max(*table.values, table.missing) - min(*table.values, table.missing)


def _draw_table(axes: Axes, table: Table, entry: Signal) -> None:
    colour = GROUP_COLOURS[entry.group]
    whole = entry.unit in _WHOLE
    edges = np.array(table.edges or (0.0,))
    edges = np.floor(edges) + 0.5 if whole else edges  # drawn between two whole numbers
    span = 1.0 if whole else 0.12 * (float(edges[-1] - edges[0]) or max(1.0, abs(float(edges[0]))))
    x = np.concatenate(([edges[0] - span], edges, [edges[-1] + span]))
    values = table.values if table.edges else table.values * 2
    axes.step(x, (values[0], *values), where="pre", color=colour, linewidth=1.5)
    axes.axhline(0.0, color=QUIET, linewidth=0.6)
    axes.plot([x[0]], [table.missing], "o", color=colour, markersize=3, fillstyle="none")
    axes.set_title(table.name, fontsize=8, loc="left", color=colour)
    axes.set_xlabel(entry.unit, fontsize=6, color=INK, labelpad=1)
    axes.tick_params(labelsize=6)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=whole))
