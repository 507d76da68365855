"""Fitting the risk model: boosted trees without interactions, compiled exactly to tables."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from bawwab.core.model.risk import RiskModel, Table
from bawwab.core.signals import CATALOGUE, NAMES

PARAMETERS: dict[str, Any] = {
    "learning_rate": 0.08,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 60,
    "l2_regularization": 5.0,
    "max_bins": 128,
    "early_stopping": False,
}
STEPS = 128  # distinct values of a signal that trees can tell apart


class Fitted(NamedTuple):
    """Fitted trees, the columns of the frame that they were shown, and the steps values were raised to."""

    trees: HistGradientBoostingClassifier
    columns: NDArray[np.int64]
    steps: tuple[NDArray[np.float64], ...]

    def decision_function(self, frame: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-odds that the trees give, by scikit-learn."""
        return np.asarray(self.trees.decision_function(_raised(frame, self.columns, self.steps)))


def fit_trees(
    frame: NDArray[np.float64],
    abuse: NDArray[np.int64],
    weight: NDArray[np.float64],
    *,
    seed: int,
    trees: int = 400,
) -> Fitted:
    """Fit the trees: one signal each, monotone where the catalogue says so.

    A signal with fewer than two known values teaches nothing and is left out: its table is flat.
    Every value is raised to the next of at most `STEPS` steps of its signal before scikit-learn
    sees it; left to itself it would take weighted percentiles, one sort of all rows for each
    (70 s of a fit on 180,000 rows).
    """
    columns = np.flatnonzero([_varies(frame[:, column]) for column in range(frame.shape[1])])
    steps = tuple(_steps(frame[:, column]) for column in columns)
    boosted = HistGradientBoostingClassifier(
        interaction_cst="no_interactions",
        monotonic_cst=[int(CATALOGUE[column].direction) for column in columns],
        random_state=seed,
        max_iter=trees,
        **PARAMETERS,
    )
    # One thread: sums are taken in one order, and threads that wait for a busy core cost 30 times the work.
    with threadpool_limits(limits=1):
        boosted.fit(_raised(frame, columns, steps), abuse, sample_weight=weight)
    return Fitted(boosted, columns, steps)


def _steps(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distinct values of a signal, or so many quantiles of them; the last is the largest."""
    known = values[~np.isnan(values)]
    distinct = np.unique(known)
    if len(distinct) <= STEPS:
        return distinct
    ranks = np.linspace(0.0, 1.0, STEPS)
    return np.unique(np.append(np.quantile(known, ranks, method="inverted_cdf"), distinct[-1]))


def _raised(
    frame: NDArray[np.float64], columns: NDArray[np.int64], steps: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64]:
    raised = frame[:, columns]
    for place, edges in enumerate(steps):
        values = raised[:, place]
        at = np.minimum(np.searchsorted(edges, values, side="left"), len(edges) - 1)
        raised[:, place] = np.where(np.isnan(values), np.nan, edges[at])
    return raised


def _varies(values: NDArray[np.float64]) -> bool:
    known = values[~np.isnan(values)]
    return len(known) > 0 and bool((known != known[0]).any())


def compile_trees(fitted: Fitted) -> RiskModel:
    """Turn fitted trees into the tables that they are.

    A tree that may split on one signal only is a step function of it; the sum of all trees is
    one step function a signal. Its edges lie where any tree splits, and on the interval up to and
    including an edge every tree is constant, so its value there is its value at the edge.
    """
    by_signal: dict[int, list[NDArray[Any]]] = {}
    steps: dict[int, NDArray[np.float64]] = {}
    intercept = float(np.ravel(fitted.trees._baseline_prediction)[0])  # noqa: SLF001 - no public way
    for (predictor,) in fitted.trees._predictors:  # noqa: SLF001 - no public way
        nodes = predictor.nodes
        if nodes[0]["is_leaf"]:
            intercept += float(nodes[0]["value"])
        else:
            place = int(nodes[0]["feature_idx"])
            column = int(fitted.columns[place])
            steps[column] = fitted.steps[place]
            by_signal.setdefault(column, []).append(nodes)
    tables = tuple(
        _table(name, by_signal.get(column, []), steps.get(column)) for column, name in enumerate(NAMES)
    )
    return RiskModel(intercept, tables)


def _table(name: str, trees: Sequence[NDArray[Any]], steps: NDArray[np.float64] | None) -> Table:
    """Sum of a signal's trees.

    A split lies between two steps; a value goes left of it if the step that it is raised to
    does, which is the case up to and including the lower of the two.
    """
    splits = {float(node["num_threshold"]) for nodes in trees for node in nodes if not node["is_leaf"]}
    finite = sorted(split for split in splits if np.isfinite(split))
    edges = [] if steps is None else steps[np.searchsorted(steps, finite, side="right") - 1].tolist()
    values = [sum(_leaf(nodes, point) for nodes in trees) for point in (*finite, np.inf)]
    missing = sum(_leaf(nodes, np.nan) for nodes in trees)
    return Table(name, tuple(edges), tuple(float(v) for v in values), float(missing))


def _leaf(nodes: NDArray[Any], x: float) -> float:
    node = nodes[0]
    while not node["is_leaf"]:
        left = bool(node["missing_go_to_left"]) if np.isnan(x) else x <= node["num_threshold"]
        node = nodes[node["left" if left else "right"]]
    return float(node["value"])


def sum_to(weight: NDArray[np.float64], total: float) -> NDArray[np.float64]:
    """Weights that add up to ``total``; of nothing, nothing."""
    return weight * (total / weight.sum()) if len(weight) else weight


def platt(
    logits: NDArray[np.float64], abuse: NDArray[np.int64], weight: NDArray[np.float64]
) -> tuple[float, float]:
    """Fit slope and intercept that turn out-of-fold logits into calibrated log-odds."""
    fitted = LogisticRegression(C=1e6, max_iter=1000)
    fitted.fit(logits.reshape(-1, 1), abuse, sample_weight=weight / weight.mean())
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def calibrated(model: RiskModel, slope: float, intercept: float) -> RiskModel:
    """Fold a calibration into the tables: the logit becomes ``slope * logit + intercept``."""
    tables = tuple(
        Table(table.name, table.edges, tuple(slope * v for v in table.values), slope * table.missing)
        for table in model.tables
    )
    return RiskModel(slope * model.intercept + intercept, tables)


def centred(model: RiskModel, frame: NDArray[np.float64]) -> RiskModel:
    """Shift every table so that its contribution averages zero over ``frame``; the sum is unchanged."""
    tables, intercept = [], model.intercept
    for column, table in enumerate(model.tables):
        mean = float(np.mean([table.at(float(x)) for x in frame[:, column]]))
        intercept += mean
        values = tuple(value - mean for value in table.values)
        tables.append(Table(table.name, table.edges, values, table.missing - mean))
    return RiskModel(intercept, tuple(tables))
