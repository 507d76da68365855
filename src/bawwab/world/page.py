"""The page of a trial: one picture that can be read at a glance.

Above, the doors side by side: how much abuse each lets out, and how much honest traffic it
harms. Below, a timeline for every kind of sender, in bins of six hours.
"""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bawwab.world.figures import BrigadeDamage, Share, Timeline, TrialResult
from bawwab.world.measure import BIN, DAY
from bawwab.world.show import percent

_BAD, _GOOD, _HARMED, _TRIED, _INK = "#c0392b", "#3f8f6b", "#e8a33d", "#d4d4d0", "#2b2b2b"
_COLUMNS = 4
_WIDTH, _LEFT = 15.0, 0.035
_ROW, _HEAD, _GAP = 1.55, 1.05, 0.5  # inches


def write_result(result: TrialResult, folder: Path) -> tuple[Path, Path]:
    """Write ``<scenario>-<seed>.json`` and the page beside it as PNG; give both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = folder / f"{result.scenario}-{result.seed}.json"
    figures.write_bytes(result.to_json())
    page = figures.with_suffix(".png")
    draw_page(result, page)
    return figures, page


def draw_page(result: TrialResult, path: Path) -> None:
    """Draw the page of a trial as PNG."""
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = _page(result)
        path.parent.mkdir(parents=True, exist_ok=True)
        FigureCanvasAgg(figure)
        figure.savefig(path)


def _page(result: TrialResult) -> Figure:
    opponents = [line for line in result.door.timelines if not line.honest]
    honest = [line for line in result.door.timelines if line.honest]
    bands = (2.3, _rows(opponents) * _ROW, _rows(honest) * _ROW)
    height = sum(bands) + _HEAD + 2 * _GAP
    figure = Figure(figsize=(_WIDTH, height), dpi=110)
    _head(figure, result)
    top = height - _HEAD
    _doors(figure, result, top=top, tall=bands[0])
    top -= bands[0] + _GAP
    _section(figure, "Opponents: red is what got out, grey what was tried", top)
    for spot, line in enumerate(opponents):
        _timeline(_panel(figure, spot, top), line, _fate(result, line.kind), (_TRIED, _BAD))
    top -= bands[1] + _GAP
    _section(figure, "Honest senders: green went out in time, amber was blocked, lost or late", top)
    for spot, line in enumerate(honest):
        harmed = result.door.service_by_kind[line.kind].harmed
        axes = _panel(figure, spot, top)
        _timeline(axes, line, f"{percent(harmed)} harmed", (_HARMED, _GOOD))
        _mark_brigades(axes, result.door.brigades, line.kind)
    return figure


def _head(figure: Figure, result: TrialResult) -> None:
    door, height = result.door, figure.get_figheight()
    figure.text(_LEFT, 1.0 - 0.4 / height, f"Trial: {result.about}", fontsize=15, weight="bold", color=_INK)
    line = (
        f"scenario {result.scenario}, seed {result.seed}, {result.days:g} days, {door.messages:,} messages, "
        f"wordings: {result.half}. {result.label}"
    )
    figure.text(_LEFT, 1.0 - 0.68 / height, line, fontsize=9.5, color=_INK)


def _section(figure: Figure, title: str, top: float) -> None:
    height = figure.get_figheight()
    figure.text(_LEFT, (top + 0.2) / height, title, fontsize=11.5, weight="bold", color=_INK)


def _doors(figure: Figure, result: TrialResult, *, top: float, tall: float) -> None:
    doors, height, wide = (result.door, *result.referees), figure.get_figheight(), (0.97 - _LEFT) / 3
    panels = (
        ("fraud let out", [door.leak_of_fraud for door in doors], _BAD),
        ("all abuse let out", [door.leak for door in doors], _BAD),
        ("honest messages blocked, lost or late", [door.service.harmed for door in doors], _HARMED),
    )
    for spot, (title, shares, color) in enumerate(panels):
        box = (_LEFT + 0.045 + spot * wide, (top - tall) / height, wide - 0.055, (tall - 0.35) / height)
        names = [door.door.replace("_", " ") for door in doors]
        _bars(figure.add_axes(box), names, shares, title, color)


def _bars(axes: Axes, names: Sequence[str], shares: Sequence[Share], title: str, color: str) -> None:
    values = [100.0 * (share.value or 0.0) for share in shares]
    bars = axes.barh(names, values, color=[color, *([_TRIED] * (len(names) - 1))], height=0.72)
    axes.bar_label(bars, labels=[percent(share) for share in shares], padding=4)
    axes.invert_yaxis()
    axes.set_xlim(0.0, 120.0)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(left=False)
    axes.get_yticklabels()[0].set_fontweight("bold")
    axes.set_title(title, loc="left", fontsize=11, weight="bold", color=_INK)


def _panel(figure: Figure, spot: int, top: float) -> Axes:
    """Axes of one timeline, in the row and column of its number."""
    row, column = divmod(spot, _COLUMNS)
    height, wide = figure.get_figheight(), (0.98 - _LEFT) / _COLUMNS
    bottom = top - (row + 1) * _ROW + 0.3
    return figure.add_axes((_LEFT + column * wide, bottom / height, wide - 0.03, (_ROW - 0.62) / height))


def _fate(result: TrialResult, kind: str) -> str:
    return f"{percent(result.door.opponents_by_kind[kind].leak)} got out"


def _timeline(axes: Axes, line: Timeline, title: str, colors: tuple[str, str]) -> None:
    days = np.arange(len(line.tried) + 1) * BIN / DAY
    for heights, color in zip((line.tried, line.passed), colors, strict=True):
        axes.stairs(heights, days, fill=True, color=color, linewidth=0)
    axes.set_title(line.kind.replace("_", " "), loc="left", fontsize=9.5, weight="bold", color=_INK)
    axes.set_title(title, loc="right", fontsize=8.5, color=_INK)
    axes.set_xlim(0.0, float(days[-1]))
    axes.set_xticks(list(range(0, int(days[-1]) + 1, 7)))
    axes.set_ylim(bottom=0.0)
    axes.locator_params(axis="y", nbins=3, integer=True)
    axes.tick_params(labelsize=7.5, length=2)


def _mark_brigades(axes: Axes, brigades: Sequence[BrigadeDamage], kind: str) -> None:
    for brigade in brigades:
        if brigade.victim == kind:
            axes.axvline(brigade.day, color=_BAD, linewidth=1.2, linestyle=":")
            axes.annotate(
                f"{brigade.reports} collude", (brigade.day, 0.9), xycoords=("data", "axes fraction"),
                xytext=(3, 0), textcoords="offset points", fontsize=7.5, color=_BAD,
            )  # fmt: skip


def _rows(lines: Sequence[Timeline]) -> int:
    return -(-len(lines) // _COLUMNS)
