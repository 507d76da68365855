"""The text model: how a text is worded and what it speaks of, a linear weight for each, three classes."""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from bawwab.core.decisions import TextScores
from bawwab.core.model.concepts import ConceptWeights, presence_of
from bawwab.core.text.concepts import Concepts, find_in
from bawwab.core.text.ngrams import Ngrams, hashed, window_sums

CLASSES = ("service", "promotional", "fraud")
SERVICE, PROMOTIONAL, FRAUD = range(3)
WINDOW = 16  # words; decisions/0011
STRIDE = 4  # words from one window to the next


class TextScore(msgspec.Struct, frozen=True):
    """What the words say: log-odds against `service`, and how much of the text is known.

    ``fraud_window`` is that of its most fraudulent stretch; ``about`` names the ideas that push the text
    towards fraud, the loudest first; ``brands`` are the well-known names in it.
    """

    fraud: float
    promotional: float
    fraud_window: float
    known: float
    scores: TextScores
    about: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()


class TextModel:
    """Weights of hashed n-grams, and of concepts.

    A text of ``n`` n-grams has the logits ``intercept + scale * sum(weights) / sqrt(n)``, and those of
    its concepts upon that: the multinomial logistic model that scikit-learn fitted.

    Parameters
    ----------
    weights : int8 array of shape (buckets, 3)
        Quantised coefficients in the order of `CLASSES`.
    scale : float64 array of shape (3,)
        What one unit of a weight is worth, per class.
    intercept : float64 array of shape (3,)
    known : bool array of shape (buckets,)
        Buckets that occurred in the training texts.
    concepts : ConceptWeights
    """

    def __init__(
        self,
        weights: NDArray[np.int8],
        scale: NDArray[np.float64],
        intercept: NDArray[np.float64],
        known: NDArray[np.bool_],
        concepts: ConceptWeights,
    ) -> None:
        self.weights = weights
        self.scale = scale
        self.intercept = intercept
        self.known = known
        self.concepts = concepts
        self.buckets = len(weights)
        self._scales: list[float] = scale.tolist()
        self._intercepts: list[float] = intercept.tolist()
        self._odds = (weights[:, FRAUD] * scale[FRAUD] - weights[:, SERVICE] * scale[SERVICE]).astype(
            np.float32
        )

    def score(self, masked_text: str) -> TextScore:
        """Score one masked text."""
        return self.score_ngrams(hashed(masked_text, buckets=self.buckets))

    def score_ngrams(self, ngrams: Ngrams) -> TextScore:
        """Score a text of which the n-grams are known already."""
        gathered = self.weights[ngrams.indices]
        size = len(ngrams.indices)
        found = find_in(ngrams.plain)
        ids = np.array(sorted(set(found.ids)), dtype=np.intp)
        asked = self.concepts.logits(ids)
        worded = self._logits(gathered.sum(axis=0, dtype=np.int64).tolist(), size)
        service, promotional, fraud = (one + other for one, other in zip(worded, asked, strict=True))
        return TextScore(
            fraud - service,
            promotional - service,
            max(fraud - service, self._worst_window(ngrams, found, ids)),
            float(np.count_nonzero(self.known[ngrams.indices])) / max(size, 1),
            _softmax(service, promotional, fraud),
            self.concepts.foremost(ids),
            found.brands,
        )

    def _logits(self, sums: list[int], size: int) -> list[float]:
        root = math.sqrt(max(size, 1))
        return [
            intercept + scale * total / root
            for intercept, scale, total in zip(self._intercepts, self._scales, sums, strict=True)
        ]

    def _worst_window(self, ngrams: Ngrams, found: Concepts, ids: NDArray[np.intp]) -> float:
        """Log-odds of fraud against service in the most fraudulent stretch of words."""
        if ngrams.n_words <= WINDOW:
            return -math.inf
        sums, sizes = window_sums(ngrams, self._odds[ngrams.indices], words=WINDOW, stride=STRIDE)
        odds = sums / np.sqrt(np.maximum(sizes, 1))
        starts = range(0, len(odds) * STRIDE, STRIDE)
        odds += self.concepts.odds(ids, presence_of(found, ids, ngrams.word_of, starts, WINDOW))
        return float(odds.max()) + self._intercepts[FRAUD] - self._intercepts[SERVICE]


def _softmax(service: float, promotional: float, fraud: float) -> TextScores:
    top = max(service, promotional, fraud)
    odds = [math.exp(logit - top) for logit in (fraud, promotional, service)]
    total = sum(odds)
    return TextScores(odds[0] / total, odds[1] / total, odds[2] / total)
