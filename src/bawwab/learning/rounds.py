"""All fits of the text model that a training run needs, as one round of work over the processes."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bawwab.core.model.text import TextModel, TextScore
from bawwab.learning.fit import Settings, fit_text, score_texts
from bawwab.learning.parallel import Tell, in_parallel, silent
from bawwab.learning.prepare import Prepared


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
    tasks = [(prepared, settings, rows, True) for rows in kept]
    tasks += [(prepared, settings, schemes[name] == fold, False) for name, fold in folds]
    models, parts = [], []
    for model, part in in_parallel(_fit, tasks, jobs=settings.jobs, name="text models", tell=tell):
        if model is None:
            parts.append(part)
        else:
            models.append(model)
    scores: dict[str, list[TextScore]] = {}
    for name, of_row in schemes.items():
        found = [part for (scheme, _), part in zip(folds, parts, strict=True) if scheme == name]
        scores[name] = _in_order(of_row, found)
    return TextRound(models[0], models[1] if len(models) > 1 else None, scores)


def _fit(
    prepared: Prepared,
    settings: Settings,
    left_out: NDArray[np.bool_],
    kept: bool,  # noqa: FBT001 - a task is a tuple
) -> tuple[TextModel | None, list[TextScore]]:
    learner = prepared.without(left_out) if left_out.any() else prepared
    model = fit_text(learner, settings).compiled()
    if kept:
        return model, []
    return None, score_texts(model, [prepared.analyses[row].masked for row in np.flatnonzero(left_out)])


def _in_order(folds: NDArray[np.int64], parts: list[list[TextScore]]) -> list[TextScore]:
    rows = np.concatenate([np.flatnonzero(folds == fold) for fold in np.unique(folds)])
    flat = [score for part in parts for score in part]
    return [flat[place] for place in np.argsort(rows)]
