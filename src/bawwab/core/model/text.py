"""The text model: how a text is worded and what it speaks of, a linear weight for each, three classes."""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from bawwab.core.decisions import TextScores
from bawwab.core.model.concepts import ConceptWeights
from bawwab.core.text.concepts import Concepts, find_in
from bawwab.core.text.ngrams import Ngrams, hashed

CLASSES = ("service", "promotional", "fraud")
SERVICE, PROMOTIONAL, FRAUD = range(3)
STRETCH = 4  # words; a window moves on by one
STRETCHES = 4  # to a window of 16 words; decisions/0011
_KNOWN = 3  # place of a bucket's mark behind its weights


class TextScore(msgspec.Struct, frozen=True):
    """What the words say: log-odds against `service`, and how much of the text is known.

    ``fraud_window`` is that of its most fraudulent stretch; ``concepts`` are the ideas in it, rising,
    and ``brands`` the well-known names.
    """

    fraud: float
    promotional: float
    fraud_window: float
    known: float
    scores: TextScores
    concepts: tuple[int, ...] = ()
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
        # One 32-bit word a bucket: a gather of one costs a third of a gather of rows.
        rows = np.concatenate([weights, known[:, None].view(np.int8)], axis=1)
        self._packed = np.ascontiguousarray(rows).view(np.int32).ravel()
        self._odds = np.array([-scale[SERVICE], 0.0, scale[FRAUD], 0.0])

    def score(self, masked_text: str) -> TextScore:
        """Score one masked text."""
        return self.score_ngrams(hashed(masked_text, buckets=self.buckets))

    def score_ngrams(self, ngrams: Ngrams) -> TextScore:
        """Score a text of which the n-grams are known already."""
        size = len(ngrams.indices)
        gathered = self._packed[ngrams.indices].view(np.int8).reshape(size, 4).astype(np.float64)
        sums = (np.ones(size) @ gathered).tolist()  # a fifth of what `sum` takes, and exact
        found = find_in(ngrams.plain)
        ids = sorted(set(found.ids))
        worth = self.concepts.worth(ids)
        root = math.sqrt(max(size, 1))
        service, promotional, fraud = (
            intercept + scale * total / root + asked
            for intercept, scale, total, asked in zip(
                self._intercepts, self._scales, sums, self.concepts.logits(worth), strict=False
            )
        )
        whole = fraud - service
        return TextScore(
            whole,
            promotional - service,
            max(whole, self._worst_window(ngrams, gathered, found, worth)),
            sums[_KNOWN] / max(size, 1),
            _softmax(service, promotional, fraud),
            tuple(ids),
            found.brands,
        )

    def _worst_window(
        self,
        ngrams: Ngrams,
        gathered: NDArray[np.float64],
        found: Concepts,
        worth: NDArray[np.float64],
    ) -> float:
        """Log-odds of fraud against service in the most fraudulent stretch of words."""
        if ngrams.n_words <= STRETCH * STRETCHES:
            return -math.inf
        stretch = ngrams.words // STRETCH
        count = -(-ngrams.n_words // STRETCH)  # the last may be short
        sums = _windows(np.bincount(stretch, gathered @ self._odds, count))
        odds = sums / np.sqrt(np.maximum(_windows(np.bincount(stretch, minlength=count)), 1))
        odds += self.concepts.odds(worth, _presence(found, ngrams.word_of, count))
        return float(odds.max()) + self._intercepts[FRAUD] - self._intercepts[SERVICE]

    def about(self, score: TextScore) -> tuple[str, ...]:
        """Names of the ideas that push a text towards fraud, the loudest first."""
        return self.concepts.foremost(score.concepts)


def _windows(stretches: NDArray[np.floating] | NDArray[np.integer]) -> NDArray[np.float64]:
    """Sums of `STRETCHES` neighbours."""
    sums = np.zeros(len(stretches) + 1)
    np.cumsum(stretches, out=sums[1:])
    return np.asarray(sums[STRETCHES:] - sums[:-STRETCHES])


def _presence(found: Concepts, word_of: NDArray[np.intp], count: int) -> NDArray[np.float64]:
    """1 where a window (row) of a text of ``count`` stretches has one of its concepts (column, rising)."""
    column = {concept: at for at, concept in enumerate(sorted(set(found.ids)))}
    within = np.zeros((count, len(column)))
    within[word_of[list(found.places)] // STRETCH, [column[concept] for concept in found.ids]] = 1.0
    last = count - STRETCHES + 1
    return np.asarray(np.maximum.reduce([within[at : at + last] for at in range(STRETCHES)]))


def _softmax(service: float, promotional: float, fraud: float) -> TextScores:
    top = max(service, promotional, fraud)
    odds = [math.exp(logit - top) for logit in (fraud, promotional, service)]
    total = sum(odds)
    return TextScores(odds[0] / total, odds[1] / total, odds[2] / total)
