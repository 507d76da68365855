"""The risk model: one lookup table per signal, and their sum.

Trained as gradient-boosted trees without interactions, it *is* a sum of step functions: signal
``x`` adds the value of the step it falls on to the log-odds of abuse. Each addend is therefore
that signal's exact contribution, not an estimate of it.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray


class Table(msgspec.Struct, frozen=True):
    """Step function of one signal.

    ``values[i]`` holds for ``edges[i-1] < x <= edges[i]``, so there is one value more than
    edges; ``missing`` holds where the signal is unknown (NaN).
    """

    name: str
    edges: tuple[float, ...]
    values: tuple[float, ...]
    missing: float

    def at(self, x: float) -> float:
        """Contribution of the value ``x``.

        Examples
        --------
        >>> table = Table("links", (0.5,), (-0.1, 0.4), 0.0)
        >>> table.at(0.0), table.at(2.0), table.at(float("nan"))
        (-0.1, 0.4, 0.0)
        """
        if x != x:  # noqa: PLR0124 - NaN, in the cheapest way
            return self.missing
        return self.values[bisect_left(self.edges, x)]


class RiskModel(msgspec.Struct, frozen=True):
    """Intercept and tables; ``tables`` are in the order of the signals they were fitted on."""

    intercept: float
    tables: tuple[Table, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Signals in order."""
        return tuple(table.name for table in self.tables)

    def contributions(self, signals: Sequence[float]) -> tuple[float, ...]:
        """Push of each signal on the log-odds."""
        return tuple([table.at(x) for table, x in zip(self.tables, signals, strict=True)])

    def logit(self, contributions: Sequence[float]) -> float:
        """Log-odds of abuse."""
        return self.intercept + math.fsum(contributions)

    def logits(self, signals: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-odds of many messages; ``signals`` has a row a message, a column a signal."""
        total = np.full(len(signals), self.intercept)
        for column, table in enumerate(self.tables):
            x = signals[:, column]
            unknown = np.isnan(x)
            step = np.searchsorted(table.edges, np.where(unknown, 0.0, x), side="left")
            total += np.where(unknown, table.missing, np.asarray(table.values)[step])
        return total


def probability(logit: float) -> float:
    """Logistic function, without overflow.

    Examples
    --------
    >>> probability(0.0), probability(-800.0)
    (0.5, 0.0)
    """
    if logit >= 0:
        return 1.0 / (1.0 + math.exp(-logit))
    odds = math.exp(max(logit, -745.0))
    return odds / (1.0 + odds) if logit > -745.0 else 0.0  # noqa: PLR2004 - exp underflows
