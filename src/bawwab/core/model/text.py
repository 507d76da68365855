"""The text model: six views of a text, a linear weight for what each shows, three classes."""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

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
        self._scales: list[list[float]] = scale.tolist()
        self._intercepts: list[float] = intercept.tolist()
        # One 32-bit word a column: a gather of one costs a third of a gather of rows.
        marks = np.concatenate([known.view(np.int8), np.zeros(len(weights) - len(known), np.int8)])
        rows = np.concatenate([weights, marks[:, None]], axis=1)
        self._packed = np.ascontiguousarray(rows).view(np.int32).ravel()

    def score(self, masked_text: str) -> TextScore:
        """Score one masked text."""
        return self.score_views(views(masked_text, buckets=self.buckets))

    def score_views(self, seen: Views) -> TextScore:
        """Score a text that was looked at already."""
        gathered = self._packed[seen.indices].view(np.int8).reshape(-1, len(CLASSES) + 1)
        ends = (0, *np.cumsum(seen.sizes).tolist())
        # Running sums of whole numbers: one call for all views, and exact.
        running = np.zeros((len(gathered) + 1, len(CLASSES) + 1), np.int32)
        gathered.cumsum(axis=0, out=running[1:])
        sums = np.diff(running[list(ends)], axis=0).tolist()
        service, promotional, fraud = self._logits(sums, seen)
        whole = fraud - service
        return TextScore(
            whole,
            promotional - service,
            max(whole, self._worst_window(seen, gathered)),
            sum(found[_KNOWN] for found in sums) / max(ends[_WORDED], 1),
            _softmax(service, promotional, fraud),
            seen.ideas,
            seen.brands,
        )

    def _logits(self, sums: list[list[int]], seen: Views) -> list[float]:
        logits = list(self._intercepts)
        for totals, scales, size in zip(sums, self._scales, seen.sizes, strict=True):
            root = math.sqrt(max(size, 1))
            for place, scale in enumerate(scales):
                logits[place] += scale * totals[place] / root
        return logits

    def _worst_window(self, seen: Views, gathered: NDArray[np.int8]) -> float:
        """Log-odds of fraud against service in the most fraudulent stretch of words."""
        if seen.n_words <= STRETCH * STRETCHES:
            return -math.inf
        count = -(-seen.n_words // STRETCH)  # the last may be short
        view = np.arange(len(VIEWS)).repeat(seen.sizes)
        stretch = seen.words // STRETCH + view * count
        odds = gathered[:, FRAUD] * self.scale[view, FRAUD]
        odds -= gathered[:, SERVICE] * self.scale[view, SERVICE]
        found = np.empty((2, len(VIEWS) * count))
        found[0] = np.bincount(stretch, odds, len(VIEWS) * count)
        found[1] = np.bincount(stretch, minlength=len(VIEWS) * count)
        sums, sizes = _windows(found.reshape(2, len(VIEWS), count))
        worst = float((sums / np.sqrt(np.maximum(sizes, 1))).sum(axis=0).max())
        return worst + self._intercepts[FRAUD] - self._intercepts[SERVICE]

    def about(self, score: TextScore, *, count: int = 3) -> tuple[str, ...]:
        """Names of the ideas that push most towards fraud, each with its near pairs; the loudest first."""
        found = ideas.near_pairs(score.ideas)
        service, _, fraud = self.weights[found + len(self.known)].T * self.scale[_NEAR][:, None]
        odds = fraud - service
        first, second = np.divmod(found, WIDTH)
        pushes = np.bincount(first, odds, WIDTH)
        pushes += np.bincount(second, np.where(first == second, 0.0, odds), WIDTH)
        loudest = np.lexsort((np.arange(WIDTH), pushes))[: -count - 1 : -1].tolist()
        return tuple(NAMES[idea].replace("_", " ") for idea in loudest if pushes[idea] > 0.0)


def _windows(stretches: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of `STRETCHES` neighbours along the last axis."""
    sums = np.zeros((*stretches.shape[:-1], stretches.shape[-1] + 1))
    np.cumsum(stretches, axis=-1, out=sums[..., 1:])
    return np.asarray(sums[..., STRETCHES:] - sums[..., :-STRETCHES])


def _softmax(service: float, promotional: float, fraud: float) -> TextScores:
    top = max(service, promotional, fraud)
    odds = [math.exp(logit - top) for logit in (fraud, promotional, service)]
    total = sum(odds)
    return TextScores(odds[0] / total, odds[1] / total, odds[2] / total)
