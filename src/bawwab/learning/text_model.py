"""Fitting the text model: multinomial logistic regression over hashed n-grams and concepts."""

import math
import warnings
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from bawwab.core.model.concepts import PAIRS, ConceptWeights, cells
from bawwab.core.model.text import CLASSES, TextModel
from bawwab.core.text.concepts import find
from bawwab.core.text.ngrams import hashed_batch

LEVELS = 127  # steps of a signed byte on either side of zero


class HashedTextClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # sklearn ships no types
    """Multinomial logistic regression over hashed n-grams and concepts of masked texts.

    A text of ``n`` n-grams is a row in which each of them counts ``1 / sqrt(n)``; its concepts and
    their pairs count alike among themselves. The fitted coefficients are rounded to signed bytes, one
    scale a class for either part, and the rounded ones *are* the model: what `predict_proba` answers
    is what the compiled `TextModel` answers.

    Parameters
    ----------
    buckets : int
        Number of hash buckets, a power of two.
    strength : float
        Inverse of the penalty on squared coefficients (scikit-learn's ``C``).
    least_rows : int
        Buckets that occur in fewer training rows get no coefficient.
    tolerance : float
        Stopping tolerance of the optimiser.
    iterations : int
        Most iterations of the optimiser.

    Attributes
    ----------
    classes_ : array of shape (3,)
        `0, 1, 2`, in the order of `CLASSES`.
    weights_, concept_weights_ : int8 arrays of shape (buckets, 3) and (`PAIRS`, 3)
    scale_, concept_scale_, intercept_ : float64 arrays of shape (3,)
    known_ : bool array of shape (buckets,)
    coef_ : float64 array of shape (3, buckets + `PAIRS`)
        The rounded coefficients, as numbers.
    """

    def __init__(
        self,
        *,
        buckets: int = 2**18,
        strength: float = 3.0,
        least_rows: int = 3,
        tolerance: float = 1e-4,
        iterations: int = 200,
    ) -> None:
        self.buckets = buckets
        self.strength = strength
        self.least_rows = least_rows
        self.tolerance = tolerance
        self.iterations = iterations

    def fit(
        self, X: Sequence[str], y: NDArray[np.int64], sample_weight: NDArray[np.float64] | None = None
    ) -> Self:
        """Fit on masked texts ``X`` and classes ``y`` (positions in `CLASSES`)."""
        rows = matrix(X, buckets=self.buckets)
        return self.fit_matrix(rows, y, sample_weight)

    def fit_matrix(
        self, rows: sp.csr_matrix, y: NDArray[np.int64], sample_weight: NDArray[np.float64] | None = None
    ) -> Self:
        """Fit on rows that `matrix` made."""
        found = np.bincount(rows.indices, minlength=self.buckets + PAIRS)
        used = np.flatnonzero(found >= self.least_rows)
        weight = np.ones(len(y)) if sample_weight is None else sample_weight
        regression = LogisticRegression(C=self.strength, tol=self.tolerance, max_iter=self.iterations)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early is part of the penalty
            regression.fit(rows[:, used], y, sample_weight=weight / weight.mean())
        if tuple(regression.classes_) != tuple(range(len(CLASSES))):
            raise ValueError(f"classes {regression.classes_} in training, all of {CLASSES} are needed")
        self._round(regression, used)
        self.known_ = found[: self.buckets] >= self.least_rows
        self.classes_ = regression.classes_
        self.n_iter_ = int(regression.n_iter_[0])
        return self

    def _round(self, regression: LogisticRegression, used: NDArray[np.int64]) -> None:
        coefficients = np.zeros((len(CLASSES), self.buckets + PAIRS))
        coefficients[:, used] = regression.coef_
        self.weights_, self.scale_ = _rounded(coefficients[:, : self.buckets])
        self.concept_weights_, self.concept_scale_ = _rounded(coefficients[:, self.buckets :])
        self.intercept_ = regression.intercept_.astype(np.float64)

    @property
    def coef_(self) -> NDArray[np.float64]:
        """Rounded coefficients as numbers."""
        parts = (self.weights_ * self.scale_, self.concept_weights_ * self.concept_scale_)
        return np.concatenate(parts).T

    def decision_function(self, X: Sequence[str]) -> NDArray[np.float64]:
        """Logits of masked texts, one column a class."""
        return self.logits(matrix(X, buckets=self.buckets))

    def logits(self, rows: sp.csr_matrix) -> NDArray[np.float64]:
        """Logits of rows that `matrix` made."""
        return np.asarray(rows @ self.coef_.T + self.intercept_)

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        """Probabilities of masked texts, one column a class."""
        return softmax(self.decision_function(X))

    def predict(self, X: Sequence[str]) -> NDArray[np.int64]:
        """Likeliest class of masked texts."""
        return np.asarray(self.decision_function(X).argmax(axis=1))

    def compiled(self) -> TextModel:
        """Return the model as the gate uses it."""
        concepts = ConceptWeights(self.concept_weights_, self.concept_scale_)
        return TextModel(self.weights_, self.scale_, self.intercept_, self.known_, concepts)


def matrix(texts: Sequence[str], *, buckets: int) -> sp.csr_matrix:
    """Hashed n-grams of masked texts, then their concepts and pairs of concepts.

    Of ``n`` n-grams each counts ``1 / sqrt(n)``; so do concepts and pairs among themselves.
    """
    indptr, indices = hashed_batch(texts, buckets=buckets)
    ideas = [cells(find(text).ids) for text in texts]
    ends = np.cumsum([0, *map(len, ideas)])
    parts = (
        _rows(indptr, indices.astype(np.int64), buckets),
        _rows(ends, np.concatenate([np.empty(0, np.int64), *ideas]), PAIRS),
    )
    return sp.hstack(parts, format="csr")


def _rows(indptr: NDArray[np.int64], indices: NDArray[np.int64], width: int) -> sp.csr_matrix:
    """Rows in which each of ``n`` entries counts ``1 / sqrt(n)``."""
    sizes = np.diff(indptr)
    data = np.repeat(1.0 / np.sqrt(np.maximum(sizes, 1)), sizes)
    rows = sp.csr_matrix((data, indices, indptr), shape=(len(sizes), width))
    rows.sum_duplicates()
    return rows


def _rounded(coefficients: NDArray[np.float64]) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Coefficients of shape (classes, n) as signed bytes of shape (n, classes), and each class's scale."""
    largest = np.abs(coefficients).max(axis=1)
    scale = np.where(largest > 0, largest, 1.0) / LEVELS
    return np.rint(coefficients / scale[:, None]).T.astype(np.int8), scale


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of rows of logits."""
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def entropy_bits(weights: NDArray[Any]) -> float:
    """Bits a weight that an ideal packer would need; what the file size is judged by."""
    share = np.bincount(weights.view(np.uint8).ravel(), minlength=256) / weights.size
    return float(-sum(p * math.log2(p) for p in share if p > 0))
