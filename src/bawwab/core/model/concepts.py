"""What ideas and their pairs speak for: the part of the text model that languages share.

A text of ``m`` different concepts has ``m (m + 1) / 2`` features, its concepts and their pairs, each
counting one over the root of how many there are. Pairs are what makes it more than a list of words: a
link is harmless, a fee is harmless, and a link to pay a parcel's fee is not.
"""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bawwab.core.text.concepts import NAMES

WIDTH = len(NAMES)
SERVICE, FRAUD = 0, 2  # places among the classes
PAIRS = WIDTH * WIDTH
"""Cells of the square of concepts; those below its diagonal stay empty."""


class ConceptWeights:
    """Weights of concepts and their pairs, for each class.

    Parameters
    ----------
    weights : int8 array of shape (`PAIRS`, 3)
        Row ``i * WIDTH + j`` is the pair of concepts ``i <= j``; ``i == j`` is the concept itself.
    scale : float64 array of shape (3,)
        What one unit of a weight is worth.
    """

    def __init__(self, weights: NDArray[np.int8], scale: NDArray[np.float64]) -> None:
        self.weights = weights
        self.scale = scale
        self._worth = weights * scale

    def worth(self, ids: Sequence[int]) -> NDArray[np.float64]:
        """Weights among the concepts ``ids``, which rise, and themselves.

        Returns
        -------
        array of shape (m, m, 3)
            Nothing below the diagonal.
        """
        rising = np.array(ids, dtype=np.intp)
        return np.asarray(self._worth[rising[:, None] * WIDTH + rising])

    def logits(self, worth: NDArray[np.float64]) -> list[float]:
        """Logits of a text whose concepts are worth this among themselves."""
        count = len(worth)
        root = math.sqrt(max(count * (count + 1) / 2, 1.0))
        return [total / root for total in (np.ones(count * count) @ worth.reshape(-1, 3)).tolist()]

    def foremost(self, ids: Sequence[int], *, count: int = 3) -> tuple[str, ...]:
        """Names of the concepts that push a text most towards fraud, each with its pairs."""
        worth = self.worth(ids)
        among = worth[:, :, FRAUD] - worth[:, :, SERVICE]
        pushes = (among.sum(axis=0) + among.sum(axis=1)).tolist()
        loudest = sorted(zip(pushes, ids, strict=True), reverse=True)[:count]
        return tuple(NAMES[concept].replace("_", " ") for push, concept in loudest if push > 0.0)

    def odds(self, worth: NDArray[np.float64], presence: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-odds of fraud against service of several stretches of one text.

        Parameters
        ----------
        worth : array of shape (m, m, 3)
            Of the concepts of the text.
        presence : array of shape (stretches, m)
            1 where a stretch has a concept.
        """
        among = worth[:, :, FRAUD] - worth[:, :, SERVICE]
        sums = (presence @ among * presence).sum(axis=1)
        count = presence.sum(axis=1)
        return np.asarray(sums / np.sqrt(np.maximum(count * (count + 1.0) / 2.0, 1.0)))


def cells(ids: Sequence[int]) -> NDArray[np.intp]:
    """Rows of `ConceptWeights.weights` that a text with these concepts has.

    Examples
    --------
    >>> [divmod(int(cell), WIDTH) for cell in cells([4, 2, 4])]
    [(2, 2), (2, 4), (4, 4)]
    """
    rising = np.array(sorted(set(ids)), dtype=np.intp)
    low, high = _triangle(len(rising))
    return np.asarray(rising[low] * WIDTH + rising[high])


@cache
def _triangle(size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Positions of the upper triangle of a square, its diagonal with it."""
    low, high = np.triu_indices(size)
    return low, high
