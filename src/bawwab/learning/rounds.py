"""All fits of the text model that a training run needs, as one round of work over the processes."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from bawwab.core.model.text import TextModel, TextScore
from bawwab.learning.fit import Settings, score_texts, untrained
from bawwab.learning.parallel import Tell, in_parallel, silent
from bawwab.learning.prepare import Prepared
from bawwab.learning.text_model import matrices


class TextRound(NamedTuple):
    """The models that are kept, and every text's score by models that had not seen its fold."""

    shipped: TextModel
    unseen: TextModel | None
    scores: dict[str, list[TextScore]]


def fit_texts(
    prepared: Prepared,
    schemes: Mapping[str, NDArray[np.int64]],
    settings: Settings,
    *,
    unseen: NDArray[np.bool_] | None = None,
    tell: Tell = silent,
) -> TextRound:
    """Fit on everything, on all but the ``unseen`` texts, and without every fold of every scheme."""
    nothing = np.zeros(len(prepared.samples), np.bool_)
    kept = [nothing] if unseen is None else [nothing, unseen]
    folds = [(name, int(fold)) for name, of_row in schemes.items() for fold in np.unique(of_row)]
    shown = matrices(prepared.masked, buckets=settings.buckets)
    tasks: list[tuple[Any, ...]] = [(shown, _learner(prepared, rows), (), settings) for rows in kept]
    for name, fold in folds:
        held_out = schemes[name] == fold
        tasks.append((shown, _learner(prepared, held_out), _masked(prepared, held_out), settings))
    done = in_parallel(_fit, tasks, jobs=settings.jobs, name="text models", tell=tell)
    models = [model for model, _ in done if model is not None]
    parts = [part for model, part in done if model is None]
    scores: dict[str, list[TextScore]] = {}
    for name, of_row in schemes.items():
        found = [part for (scheme, _), part in zip(folds, parts, strict=True) if scheme == name]
        scores[name] = _in_order(of_row, found)
    return TextRound(models[0], models[1] if len(models) > 1 else None, scores)


def _masked(prepared: Prepared, rows: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(prepared.analyses[row].masked for row in np.flatnonzero(rows))


class _Learner(NamedTuple):
    """Rows that are learned from, their classes, and what they weigh among themselves."""

    rows: NDArray[np.intp]
    labels: NDArray[np.int64]
    weight: NDArray[np.float64]


def _learner(prepared: Prepared, held_out: NDArray[np.bool_]) -> _Learner:
    rows = prepared.far_from(held_out)
    learner = prepared.take(rows)
    return _Learner(np.flatnonzero(rows), learner.labels, learner.weight)


def _fit(
    shown: Sequence[sp.csr_matrix], learner: _Learner, judged: Sequence[str], settings: Settings
) -> tuple[TextModel | None, list[TextScore]]:
    """Fit a model, and judge texts that it has not seen; where there are none, it is kept itself.

    What the views show of the texts is handed over whole: once made, the processes share it.
    """
    rows = [view[learner.rows] for view in shown]
    model = untrained(settings).fit_rows(rows, learner.labels, learner.weight).compiled()
    return (None, score_texts(model, judged)) if judged else (model, [])


def _in_order(folds: NDArray[np.int64], parts: list[list[TextScore]]) -> list[TextScore]:
    rows = np.concatenate([np.flatnonzero(folds == fold) for fold in np.unique(folds)])
    flat = [score for part in parts for score in part]
    return [flat[place] for place in np.argsort(rows)]
