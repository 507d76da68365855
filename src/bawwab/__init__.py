"""bawwab: a doorkeeper for business messages.

For notebooks: `load_model`, `load_log`, `explain` and the plots of `bawwab.explore`, loaded when
first asked for, so that ``import bawwab`` costs nothing.
"""

from importlib import import_module
from typing import Any

__all__ = [
    "explain",
    "load_log",
    "load_metrics",
    "load_model",
    "plot_ablation",
    "plot_contributions",
    "plot_costs",
    "plot_delays",
    "plot_precision_recall",
    "plot_reliability",
    "plot_shapes",
    "plot_shares",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    if name not in __all__:
        raise AttributeError(f"bawwab has no {name!r}")
    return getattr(import_module("bawwab.explore"), name)
