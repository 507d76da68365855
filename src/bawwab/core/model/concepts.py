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

from bawwab.core.text.concepts import NAMES, Concepts

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
        worth = weights * scale
        self._worth = worth
        self._odds = np.ascontiguousarray(worth[:, FRAUD] - worth[:, SERVICE]).reshape(WIDTH, WIDTH)

    def logits(self, ids: NDArray[np.intp]) -> list[float]:
        """Logits of a text with the concepts ``ids``, which rise."""
        count = len(ids)
        if not count:
            return [0.0] * len(self.scale)
        low, high = _triangle(count)
        sums = self._worth[ids[low] * WIDTH + ids[high]].sum(axis=0)
        return [total / math.sqrt(len(low)) for total in sums.tolist()]

    def foremost(self, ids: NDArray[np.intp], *, count: int = 3) -> tuple[str, ...]:
        """Names of the concepts that push a text most towards fraud, each with its pairs."""
        among = self._odds[ids[:, None], ids]
        pushes = (among.sum(axis=0) + among.sum(axis=1)).tolist()
        loudest = sorted(zip(pushes, ids.tolist(), strict=True), reverse=True)[:count]
        return tuple(NAMES[concept].replace("_", " ") for push, concept in loudest if push > 0.0)

    def odds(self, ids: NDArray[np.intp], presence: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-odds of fraud against service of several stretches of one text.

        Parameters
        ----------
        ids : array of shape (m,)
            The concepts of the text, rising.
        presence : array of shape (stretches, m)
            1 where a stretch has a concept.
        """
        among = self._odds[ids[:, None], ids]
        sums = (presence @ among * presence).sum(axis=1)
        count = presence.sum(axis=1)
        return np.asarray(sums / np.sqrt(np.maximum(count * (count + 1.0) / 2.0, 1.0)))


def presence_of(
    found: Concepts, ids: NDArray[np.intp], words: NDArray[np.intp], starts: range, width: int
) -> NDArray[np.float64]:
    """Which windows of a text have which concepts.

    Parameters
    ----------
    found : Concepts
    ids : array of shape (m,)
        The concepts of the text, rising.
    words : array
        The word of every character of the text.
    starts : range
        First words of the windows, evenly spaced from 0.
    width : int
        Words of a window.

    Returns
    -------
    array of shape (len(starts), m)
    """
    presence = np.zeros((len(starts), len(ids)))
    column = {concept: at for at, concept in enumerate(ids.tolist())}
    last = len(starts)
    for concept, word in zip(found.ids, words[list(found.places)].tolist(), strict=True):
        first = max(0, (word - width) // starts.step + 1)
        presence[first : min(word // starts.step + 1, last), column[concept]] = 1.0
    return presence


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
