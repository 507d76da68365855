"""Fitting the text model: a multinomial logistic regression for each view of a text, and their mean."""

import warnings
from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from bawwab.core.model.text import CLASSES, TextModel
from bawwab.core.text import ngrams
from bawwab.core.text.views import VIEWS, Rows, views_of_batch, widths

# For each of `VIEWS`: scikit-learn's ``C``, and the training rows that a column must occur in.
STRENGTHS = (3.0, 3.0, 3.0, 1.0, 1.0, 1.0)
LEAST_ROWS = (3, 2, 2, 3, 3, 3)
LEVELS = 127  # steps of a signed byte on either side of zero


class HashedTextClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # sklearn ships no types
    """Mean of six multinomial logistic regressions over the views of masked texts.

    A text of ``n`` features in a view is a row there in which each of them counts ``1 / sqrt(n)``. The
    views are fitted apart and their logits averaged: fitted together they lean on one another, and carry
    less far beyond the sources they have seen (decisions/0013). The fitted coefficients are rounded to
    signed bytes, one scale a class and view, and the rounded ones *are* the model: what `predict_proba`
    answers is what the compiled `TextModel` answers.

    Parameters
    ----------
    buckets : int
        Number of hash buckets of a view of n-grams, a power of two.
    strengths : tuple of float
        Inverse of the penalty on squared coefficients (scikit-learn's ``C``), for each of `VIEWS`.
    least_rows : tuple of int
        Columns that occur in fewer training rows get no coefficient, for each of `VIEWS`.
    tolerance : float
        Stopping tolerance of the optimiser.
    iterations : int
        Most iterations of the optimiser.

    Attributes
    ----------
    classes_ : array of shape (3,)
        `0, 1, 2`, in the order of `CLASSES`.
    weights_ : int8 array of shape (columns, 3)
    scale_ : float64 array of shape (views, 3)
    intercept_ : float64 array of shape (3,)
    known_ : bool array of shape (columns of n-grams,)
    coef_ : float64 array of shape (3, columns)
        The rounded coefficients, as numbers.
    """

    def __init__(
        self,
        *,
        buckets: int = 2**18,
        strengths: tuple[float, ...] = STRENGTHS,
        least_rows: tuple[int, ...] = LEAST_ROWS,
        tolerance: float = 1e-4,
        iterations: int = 200,
    ) -> None:
        self.buckets = buckets
        self.strengths = strengths
        self.least_rows = least_rows
        self.tolerance = tolerance
        self.iterations = iterations

    def fit(
        self, X: Sequence[str], y: NDArray[np.int64], sample_weight: NDArray[np.float64] | None = None
    ) -> Self:
        """Fit on masked texts ``X`` and classes ``y`` (positions in `CLASSES`)."""
        return self.fit_rows(matrices(X, buckets=self.buckets), y, sample_weight)

    def fit_rows(
        self,
        shown: Sequence[sp.csr_matrix],
        y: NDArray[np.int64],
        sample_weight: NDArray[np.float64] | None = None,
    ) -> Self:
        """Fit on what `matrices` made of texts."""
        weight = np.ones(len(y)) if sample_weight is None else sample_weight
        fitted = [self._fit_view(rows, y, weight / weight.mean(), view) for view, rows in enumerate(shown)]
        self.weights_ = np.concatenate([view.weights for view in fitted])
        self.scale_ = np.array([view.scale for view in fitted]) / len(VIEWS)
        self.intercept_ = np.mean([view.intercept for view in fitted], axis=0)
        self.known_ = np.concatenate([view.known for view in fitted[: len(ngrams.VIEWS)]])
        self.classes_ = np.arange(len(CLASSES))
        return self

    def _fit_view(
        self, rows: sp.csr_matrix, y: NDArray[np.int64], weight: NDArray[np.float64], view: int
    ) -> "_View":
        known = np.bincount(rows.indices, minlength=rows.shape[1]) >= self.least_rows[view]
        regression = LogisticRegression(C=self.strengths[view], tol=self.tolerance, max_iter=self.iterations)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early is part of the penalty
            regression.fit(rows[:, np.flatnonzero(known)], y, sample_weight=weight)
        if tuple(regression.classes_) != tuple(range(len(CLASSES))):
            raise ValueError(f"classes {regression.classes_} in training, all of {CLASSES} are needed")
        coefficients = np.zeros((len(CLASSES), rows.shape[1]))
        coefficients[:, known] = regression.coef_
        return _View(*_rounded(coefficients), regression.intercept_.astype(np.float64), known)

    @property
    def coef_(self) -> NDArray[np.float64]:
        """Rounded coefficients as numbers."""
        return np.asarray(self.weights_ * np.repeat(self.scale_, widths(self.buckets), axis=0)).T

    def decision_function(self, X: Sequence[str]) -> NDArray[np.float64]:
        """Logits of masked texts, one column a class."""
        rows = sp.hstack(matrices(X, buckets=self.buckets, kind=np.float64), format="csr")
        return np.asarray(rows @ self.coef_.T + self.intercept_)

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        """Probabilities of masked texts, one column a class."""
        return softmax(self.decision_function(X))

    def predict(self, X: Sequence[str]) -> NDArray[np.int64]:
        """Likeliest class of masked texts."""
        return np.asarray(self.decision_function(X).argmax(axis=1))

    def compiled(self) -> TextModel:
        """Return the model as the gate uses it."""
        return TextModel(self.weights_, self.scale_, self.intercept_, self.known_)


class _View(NamedTuple):
    """One view's model, its coefficients rounded."""

    weights: NDArray[np.int8]
    scale: NDArray[np.float64]
    intercept: NDArray[np.float64]
    known: NDArray[np.bool_]


def matrices(
    texts: Sequence[str], *, buckets: int, kind: type[np.floating] = np.float32
) -> list[sp.csr_matrix]:
    """Rows of masked texts, a matrix for each view; of ``n`` features each counts ``1 / sqrt(n)``."""
    shown = zip(views_of_batch(texts, buckets=buckets), widths(buckets), strict=True)
    return [_rows(rows, width, kind) for rows, width in shown]


def _rows(rows: Rows, width: int, kind: type[np.floating]) -> sp.csr_matrix:
    indptr, indices = rows
    sizes = np.diff(indptr)
    data = np.repeat(1.0 / np.sqrt(np.maximum(sizes, 1)), sizes).astype(kind)
    found = sp.csr_matrix(
        (data, indices.astype(np.int32), indptr.astype(np.int32)), shape=(len(sizes), width)
    )
    found.sum_duplicates()
    return found


def _rounded(coefficients: NDArray[np.float64]) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Coefficients of shape (classes, n) as signed bytes of shape (n, classes), and each class's scale."""
    largest = np.abs(coefficients).max(axis=1)
    scale = np.where(largest > 0, largest, 1.0) / LEVELS
    return np.rint(coefficients / scale[:, None]).T.astype(np.int8), scale


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of rows of logits."""
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))
