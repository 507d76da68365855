"""How well scores rank and how true they are: curves, recalls, reliability, with intervals.

A curve is a step function of the score: scores that are equal are let through or refused
together, so that no figure depends on the order of equals. Rows carry weights; under
`to_rate` abuse has the base rate that a precision is stated for.

Intervals come from resampling *groups* of rows (senders, wordings): rows of one group are no
independent evidence. Two models are compared on the same resamples, so that the interval of
their difference is that of a paired comparison.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

RATES = (0.001, 0.005, 0.01)  # false positives at which recall is told
INTERVAL = (2.5, 97.5)  # percentiles
BINS = 10
POINTS = 60  # of a curve as it is stored

Floats = NDArray[np.float64]


class Steps(NamedTuple):
    """Weight of abuse and of the rest that is refused at each distinct score, the highest first."""

    scores: Floats
    hits: Floats
    alarms: Floats

    @property
    def recall(self) -> Floats:
        """Share of abuse refused."""
        return np.asarray(self.hits / self.hits[-1])

    @property
    def false_positive_rate(self) -> Floats:
        """Share of the rest refused."""
        return np.asarray(self.alarms / self.alarms[-1])

    @property
    def precision(self) -> Floats:
        """Share of abuse among what is refused."""
        return np.asarray(self.hits / np.maximum(self.hits + self.alarms, 1e-300))

    def average_precision(self) -> float:
        """Mean precision, weighed by the recall that each step adds."""
        return float(np.sum(np.diff(self.recall, prepend=0.0) * self.precision))

    def recall_at(self, rate: float) -> float:
        """Largest recall with a false-positive rate of at most ``rate``."""
        steps = int(np.searchsorted(self.false_positive_rate, rate, side="right"))
        return float(self.recall[steps - 1]) if steps else 0.0

    def score_at(self, rate: float) -> float:
        """Lowest score from which one may refuse with a false-positive rate of at most ``rate``."""
        steps = int(np.searchsorted(self.false_positive_rate, rate, side="right"))
        return float(self.scores[steps - 1]) if steps else np.inf


class Ranking:
    """Rows in the order of their scores, once and for all resamples.

    Parameters
    ----------
    logits : array of shape (n,)
    abuse : bool array of shape (n,)

    Examples
    --------
    >>> ranking = Ranking(np.array([2.0, 1.0, 1.0, 0.0]), np.array([True, True, False, False]))
    >>> steps = ranking.steps(np.ones(4))
    >>> steps.recall.tolist(), steps.recall_at(0.0), round(steps.average_precision(), 3)
    ([0.5, 1.0, 1.0], 0.5, 0.833)
    """

    def __init__(self, logits: Floats, abuse: NDArray[np.bool_]) -> None:
        self._order = np.argsort(-logits, kind="stable")
        ordered = logits[self._order]
        self._ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
        self._scores = ordered[self._ends]
        self._abuse = abuse[self._order]

    def steps(self, weight: Floats) -> Steps:
        """Accumulate weights, the highest score first."""
        ordered = weight[self._order]
        hits = np.cumsum(np.where(self._abuse, ordered, 0.0))[self._ends]
        alarms = np.cumsum(np.where(self._abuse, 0.0, ordered))[self._ends]
        return Steps(self._scores, hits, alarms)


def to_rate(abuse: NDArray[np.bool_], rate: float, weight: Floats | None = None) -> Floats:
    """Weights under which abuse has the share ``rate`` of the whole, which is 1."""
    given = np.ones(len(abuse)) if weight is None else weight
    shares = rate * given / given[abuse].sum(), (1.0 - rate) * given / given[~abuse].sum()
    return np.asarray(np.where(abuse, *shares))


class Chance(NamedTuple):
    """How often groups are drawn again, and from which seed."""

    seed: int
    resamples: int


class Evidence(NamedTuple):
    """What one model says of some rows, and what they are."""

    logits: Floats
    abuse: NDArray[np.bool_]
    weight: Floats
    group: NDArray[np.int64]

    @property
    def judgeable(self) -> bool:
        """Whether there is abuse and something else."""
        return bool(self.abuse.any() and not self.abuse.all())


def figures_of(evidence: Evidence, *, chance: Chance) -> dict[str, Any]:
    """All figures of one model on some rows, with their intervals."""
    drawn = resampled(evidence, chance=chance)
    ranking = Ranking(evidence.logits, evidence.abuse)
    whole = ranking.steps(evidence.weight)
    odds = 1.0 / (1.0 + np.exp(-evidence.logits))
    return {
        "rows": len(evidence.abuse),
        "abuse": int(evidence.abuse.sum()),
        "groups": len(np.unique(evidence.group)),
        **intervals(headline(evidence, whole), drawn),
        "curve": curve(whole),
        "reliability": reliability(odds, evidence.abuse, evidence.weight),
    }


def resampled(evidence: Evidence, *, chance: Chance) -> list[dict[str, float]]:
    """Headline figures of draws of groups with replacement; the same draws for a seed."""
    names, of_row = np.unique(evidence.group, return_inverse=True)
    drawn_by = np.random.default_rng(chance.seed)
    ranking = Ranking(evidence.logits, evidence.abuse)
    found = []
    for _ in range(chance.resamples):
        times = drawn_by.multinomial(len(names), np.full(len(names), 1.0 / len(names)))[of_row]
        drawn = evidence._replace(weight=evidence.weight * times)
        if (drawn.weight[evidence.abuse].sum() > 0) and (drawn.weight[~evidence.abuse].sum() > 0):
            found.append(headline(drawn, ranking.steps(drawn.weight)))
    return found


def headline(evidence: Evidence, steps: Steps) -> dict[str, float]:
    """Average precision, recalls, Brier score."""
    odds = 1.0 / (1.0 + np.exp(-evidence.logits))
    error = np.average((odds - evidence.abuse) ** 2, weights=evidence.weight)
    recalls = {f"recall_at_{rate:g}": steps.recall_at(rate) for rate in RATES}
    return {"average_precision": steps.average_precision(), **recalls, "brier": float(error)}


def intervals(value: dict[str, float], drawn: list[dict[str, float]]) -> dict[str, Any]:
    """Each figure with the interval that its resamples span."""
    return {name: _spanned(found, [draw[name] for draw in drawn]) for name, found in value.items()}


def differences(
    value: dict[str, Any],
    drawn: list[dict[str, float]],
    other: dict[str, Any],
    others: list[dict[str, float]],
) -> dict[str, Any]:
    """Figures less another model's on the same resamples."""
    names = [name for name, found in value.items() if isinstance(found, dict) and "value" in found]
    return {
        name: _spanned(
            value[name]["value"] - other[name]["value"],
            [one[name] - two[name] for one, two in zip(drawn, others, strict=True)],
        )
        for name in names
    }


def _spanned(value: float, drawn: list[float]) -> dict[str, float]:
    low, high = np.percentile(drawn, INTERVAL) if drawn else (value, value)
    return {"value": _short(value), "low": _short(low), "high": _short(high)}


def _short(value: float) -> float:
    return float(f"{value:.5g}")


def curve(steps: Steps) -> dict[str, list[float]]:
    """Precision and recall at about `POINTS` scores, evenly spread over recall."""
    wanted = np.linspace(0.0, 1.0, POINTS)
    spots = np.unique(np.minimum(np.searchsorted(steps.recall, wanted), len(steps.recall) - 1))
    return {
        "recall": [_short(x) for x in steps.recall[spots]],
        "precision": [_short(x) for x in steps.precision[spots]],
        "score": [_short(1.0 / (1.0 + np.exp(-x))) for x in steps.scores[spots]],
    }


def reliability(odds: Floats, abuse: NDArray[np.bool_], weight: Floats) -> list[dict[str, float]]:
    """Predicted and true share of abuse in bins of the score, even in log-odds from 0.5 to 99 %."""
    edges = 1.0 / (1.0 + np.exp(-np.linspace(-5.0, 5.0, BINS - 1)))
    place = np.searchsorted(edges, odds, side="right")
    found = []
    for spot in np.unique(place):
        rows = place == spot
        total = weight[rows].sum()
        if total > 0.0:
            predicted = float(np.average(odds[rows], weights=weight[rows]))
            true = float(weight[rows & abuse].sum() / total)
            found.append(
                {
                    "predicted": _short(predicted),
                    "true": _short(true),
                    "rows": int(rows.sum()),
                    "share": _short(total / weight.sum()),
                }
            )
    return found
