"""The look of every picture, and pictures as the same bytes for the same figures.

Colours are told apart by the colour-blind, and by their lightness in print.
"""

from io import BytesIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, PAPER, QUIET = "#222222", "#fbfaf7", "#8a8a86"
AGAINST, FOR, BETWEEN = "#b5442e", "#2e6f8e", "#d9a441"
_SVG: dict[Any, str] = {"svg.hashsalt": "bawwab", "svg.fonttype": "none", "font.family": "DejaVu Sans"}


class Drawing(Figure):
    """A figure that a notebook shows as a picture."""

    def _repr_png_(self) -> bytes:
        shown = BytesIO()
        self.savefig(shown, format="png", dpi=110)
        return shown.getvalue()


def sheet(width: float, height: float) -> tuple[Drawing, Axes]:
    """Lay out a picture of one panel, inches wide and high."""
    figure = blank(width, height)
    return figure, panel(figure, 1, 1, 1)


def blank(width: float, height: float) -> Drawing:
    """Lay out a picture without panels."""
    return Drawing(figsize=(width, height), facecolor=PAPER, layout="constrained")


def panel(figure: Figure, rows: int, columns: int, place: int) -> Axes:
    """Add a panel."""
    axes = figure.add_subplot(rows, columns, place, facecolor=PAPER)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(QUIET)
    axes.tick_params(colors=INK, labelsize=8)
    return axes


def titled(axes: Axes, title: str, *, x: str, y: str) -> None:
    """Say what a panel shows, and in what units."""
    axes.set_title(title, loc="left", fontsize=10, color=INK)
    axes.set_xlabel(x, fontsize=9, color=INK)
    axes.set_ylabel(y, fontsize=9, color=INK)


def to_svg(figure: Figure) -> bytes:
    """Write a picture as SVG, without the time and without random names."""
    written = BytesIO()
    with mpl.rc_context(_SVG):
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    return written.getvalue()
