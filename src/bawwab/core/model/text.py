"""The text model: hashed n-grams of the masked words, a linear weight for each, three classes."""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from bawwab.core.decisions import TextScores
from bawwab.core.text.ngrams import Ngrams, hashed, window_sums

CLASSES = ("service", "promotional", "fraud")
SERVICE, PROMOTIONAL, FRAUD = range(3)
WINDOW = 12  # words; METHODS §2.2: the best defence against appended good words


class TextScore(msgspec.Struct, frozen=True):
    """What the words say: log-odds against `service`, and how much of the text is known."""

    fraud: float
    promotional: float
    fraud_window: float
    known: float
    scores: TextScores


class TextModel:
    """Weights of hashed n-grams.

    A text of ``n`` n-grams has the logits ``intercept + scale * sum(weights) / sqrt(n)``: the
    multinomial logistic model that scikit-learn fitted on rows of unit length.

    Parameters
    ----------
    weights : int8 array of shape (buckets, 3)
        Quantised coefficients in the order of `CLASSES`.
    scale : float64 array of shape (3,)
        What one unit of a weight is worth, per class.
    intercept : float64 array of shape (3,)
    known : bool array of shape (buckets,)
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
        self.buckets = len(weights)
        self._scales: list[float] = scale.tolist()
        self._intercepts: list[float] = intercept.tolist()

    def score(self, masked_text: str) -> TextScore:
        """Score one masked text."""
        return self.score_ngrams(hashed(masked_text, buckets=self.buckets))

    def score_ngrams(self, ngrams: Ngrams) -> TextScore:
        """Score a text of which the n-grams are known already."""
        indices = ngrams.indices
        size = len(indices)
        if size == 0:
            service, promotional, fraud = self._intercepts
            known, window = 0.0, fraud - service
        else:
            gathered = self.weights[indices]
            sums = gathered.sum(axis=0, dtype=np.int64).tolist()
            service, promotional, fraud = self._logits(sums, size)
            known = float(np.count_nonzero(self.known[indices])) / size
            window = self._window(ngrams, gathered)
        return TextScore(
            fraud - service,
            promotional - service,
            max(window, fraud - service),
            known,
            _softmax(service, promotional, fraud),
        )

    def _logits(self, sums: list[int], size: int) -> list[float]:
        root = math.sqrt(size)
        return [
            intercept + scale * total / root
            for intercept, scale, total in zip(self._intercepts, self._scales, sums, strict=True)
        ]

    def _window(self, ngrams: Ngrams, gathered: NDArray[np.int8]) -> float:
        """Log-odds of fraud against service in the most fraudulent window of words."""
        if ngrams.n_words <= WINDOW:
            return -math.inf
        columns = np.column_stack(
            (
                gathered[:, FRAUD] * self._scales[FRAUD] - gathered[:, SERVICE] * self._scales[SERVICE],
                np.ones(len(gathered)),
            )
        )
        sums = window_sums(ngrams, columns, words=WINDOW)
        odds = sums[:, 0] / np.sqrt(np.maximum(sums[:, 1], 1.0))
        return float(odds.max()) + self._intercepts[FRAUD] - self._intercepts[SERVICE]


def _softmax(service: float, promotional: float, fraud: float) -> TextScores:
    top = max(service, promotional, fraud)
    odds = [math.exp(logit - top) for logit in (fraud, promotional, service)]
    total = sum(odds)
    return TextScores(odds[0] / total, odds[1] / total, odds[2] / total)
