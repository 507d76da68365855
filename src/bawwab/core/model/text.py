"""The text model: six views of a text, a linear weight for what each shows, three classes."""

import math
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bawwab.core.compiled import compiled
from bawwab.core.decisions import TextScores
from bawwab.core.text import ideas, ngrams
from bawwab.core.text.concepts import NAMES, WIDTH
from bawwab.core.text.views import VIEWS, Views, views

CLASSES = ("service", "promotional", "fraud")
SERVICE, PROMOTIONAL, FRAUD = range(3)
STRETCH = 4  # words; a window moves on by one
STRETCHES = 4  # to a window of 16 words; decisions/0011
_KNOWN = len(CLASSES)  # place of a column's mark, behind its weights
_WORDED = len(ngrams.VIEWS)  # views whose columns are n-grams: they come first
_NEAR = VIEWS.index(ideas.VIEWS[0])


class TextScore(msgspec.Struct, frozen=True):
    """What the words say: log-odds against `service`, and how much of the text is known.

    ``fraud_window`` is that of its most fraudulent stretch; ``ideas`` are the concepts in it, in their
    order, and ``brands`` the well-known names.
    """

    fraud: float
    promotional: float
    fraud_window: float
    known: float
    scores: TextScores
    ideas: tuple[int, ...] = ()
    brands: tuple[str, ...] = ()


class TextModel:
    """Weights of what the views show.

    A text of ``n`` features in a view has there the logits ``scale * sum(weights) / sqrt(n)``; those of
    the views are added up, and the intercept upon them. Each view is a multinomial logistic model that
    scikit-learn fitted by itself, and their mean is what the text is judged by (decisions/0013).

    Parameters
    ----------
    weights : int8 array of shape (sum of `views.widths`, 3)
        Quantised coefficients in the order of `CLASSES`.
    scale : float64 array of shape (views, 3)
        What one unit of a weight is worth, per view and class.
    intercept : float64 array of shape (3,)
    known : bool array of shape (columns of n-grams,)
        Buckets that occurred in the training texts.
    """

    def __init__(
        self,
        weights: NDArray[np.int8],
        scale: NDArray[np.float64],
        intercept: NDArray[np.float64],
        known: NDArray[np.bool_],
    ) -> None:
        self.weights = weights
        self.scale = scale
        self.intercept = intercept
        self.known = known
        self.buckets = len(known) // _WORDED
        self._weighed = self._lay_out()

    def __getstate__(self) -> dict[str, Any]:
        """Everything but what is laid out anew."""
        return {name: value for name, value in vars(self).items() if name != "_weighed"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Arrays that another process hands over may be mapped and read-only."""
        vars(self).update(state)
        self._weighed = self._lay_out()

    def _lay_out(self) -> tuple[NDArray[np.int8], NDArray[np.float64], NDArray[np.float64]]:
        """Weights of a column and its mark side by side, one cache line instead of two; scales; intercepts.

        They are copies, for the compiled loop takes no array that is read-only.
        """
        marks = np.zeros((len(self.weights), 1), np.int8)
        marks[: len(self.known), 0] = self.known
        columns = np.concatenate([self.weights, marks], axis=1)
        return np.array(columns, order="C"), np.array(self.scale, order="C"), np.array(self.intercept)

    def score(self, masked_text: str) -> TextScore:
        """Score one masked text."""
        return self.score_views(views(masked_text, buckets=self.buckets))

    def score_views(self, seen: Views) -> TextScore:
        """Score a text that was looked at already."""
        logits, window, known = _weigh(self._weighed, seen.indices, seen.words, seen.sizes, seen.n_words)
        service, promotional, fraud = logits
        whole = fraud - service
        return TextScore(
            whole,
            promotional - service,
            max(whole, window),
            known / max(sum(seen.sizes[:_WORDED]), 1),
            _softmax(service, promotional, fraud),
            seen.ideas,
            seen.brands,
        )

    def about(self, score: TextScore, *, count: int = 3) -> tuple[str, ...]:
        """Names of the ideas that push most towards fraud, each with its near pairs; the loudest first."""
        together = ideas.combined(score.ideas, buckets=self.buckets)
        found = together.columns[: together.sizes[0]]
        service, _, fraud = self.weights[found + len(self.known)].T * self.scale[_NEAR][:, None]
        odds = fraud - service
        first, second = np.divmod(found, WIDTH)
        pushes = np.bincount(first, odds, WIDTH)
        pushes += np.bincount(second, np.where(first == second, 0.0, odds), WIDTH)
        loudest = np.lexsort((np.arange(WIDTH), pushes))[: -count - 1 : -1].tolist()
        return tuple(NAMES[idea].replace("_", " ") for idea in loudest if pushes[idea] > 0.0)


def _softmax(service: float, promotional: float, fraud: float) -> TextScores:
    top = max(service, promotional, fraud)
    odds = [math.exp(logit - top) for logit in (fraud, promotional, service)]
    total = sum(odds)
    return TextScores(odds[0] / total, odds[1] / total, odds[2] / total)


@compiled(
    "Tuple((UniTuple(f8, 3), f8, intp))"
    f"(Tuple((i1[:, ::1], f8[:, ::1], f8[::1])), intp[::1], intp[::1], UniTuple(intp, {len(VIEWS)}), intp)"
)
def _weigh(
    model: tuple[NDArray[np.int8], NDArray[np.float64], NDArray[np.float64]],
    indices: NDArray[np.intp],
    words: NDArray[np.intp],
    sizes: tuple[int, ...],
    n_words: int,
) -> tuple[tuple[float, float, float], float, int]:
    """Logits of the whole text, fraud against service in its worst window, and how many features are known.

    The odds and the sizes of the windows are differences of running sums over the stretches.
    """
    columns, scale, intercept = model
    logits = intercept.copy()
    known = 0
    stretches = -(-n_words // STRETCH)  # the last may be short
    windows = np.zeros(max(stretches - STRETCHES + 1, 0))
    odds = np.empty(stretches + 1)
    count = np.empty(stretches + 1, np.intp)
    place = 0
    for view in range(len(sizes)):
        totals = np.zeros(len(CLASSES), np.intp)
        odds[:] = 0.0
        count[:] = 0
        for feature in range(place, place + sizes[view]):
            column = columns[indices[feature]]
            for label in range(len(CLASSES)):
                totals[label] += column[label]
            known += column[_KNOWN]
            stretch = words[feature] // STRETCH + 1
            odds[stretch] += column[FRAUD] * scale[view, FRAUD] - column[SERVICE] * scale[view, SERVICE]
            count[stretch] += 1
        place += sizes[view]
        root = math.sqrt(max(sizes[view], 1))
        for label in range(len(CLASSES)):
            logits[label] += scale[view, label] * totals[label] / root
        for stretch in range(1, stretches + 1):
            odds[stretch] += odds[stretch - 1]
            count[stretch] += count[stretch - 1]
        for window in range(len(windows)):
            size = max(count[window + STRETCHES] - count[window], 1)
            windows[window] += (odds[window + STRETCHES] - odds[window]) / math.sqrt(size)
    worst = -math.inf
    if n_words > STRETCH * STRETCHES:
        worst = windows.max() + intercept[FRAUD] - intercept[SERVICE]
    return (logits[0], logits[1], logits[2]), worst, known
