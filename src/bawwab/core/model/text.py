"""The text model: hashed n-grams of the masked words, a linear weight for each, three classes."""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from bawwab.core.decisions import TextScores
from bawwab.core.text.ngrams import Ngrams, hashed

CLASSES = ("service", "promotional", "fraud")
SERVICE, PROMOTIONAL, FRAUD = range(3)


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

    def score(self, masked_text: str) -> TextScore:
        """Score one masked text."""
        return self.score_ngrams(hashed(masked_text, buckets=self.buckets))

    def score_ngrams(self, ngrams: Ngrams) -> TextScore:
        """Score a text of which the n-grams are known already."""
        size = len(ngrams.indices)
        if size == 0:
            logits, window, known = self.intercept, -math.inf, 0.0
        else:
            gathered = self.weights[ngrams.indices]
            total = gathered.sum(axis=0, dtype=np.int64)
            logits = self.intercept + self.scale * total / math.sqrt(size)
            known = float(np.count_nonzero(self.known[ngrams.indices])) / size
            window = self._window_fraud(ngrams, gathered)
        service, promotional, fraud = (float(logit) for logit in logits)
        return TextScore(
            fraud - service,
            promotional - service,
            max(window, fraud - service),
            known,
            _softmax(service, promotional, fraud),
        )

    def _window_fraud(self, ngrams: Ngrams, gathered: NDArray[np.int8]) -> float:
        return -math.inf


def _softmax(service: float, promotional: float, fraud: float) -> TextScores:
    top = max(service, promotional, fraud)
    odds = [math.exp(logit - top) for logit in (fraud, promotional, service)]
    total = sum(odds)
    return TextScores(odds[0] / total, odds[1] / total, odds[2] / total)
