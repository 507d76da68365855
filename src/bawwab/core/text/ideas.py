"""What the ideas of a text say together: pairs at most six apart, pairs at most fourteen apart, triples.

Combinations keep their order: "never share the code" and "the code, share it" are different
things. A triple is a plot (a parcel, a fee, a link), which a linear model cannot put together from
pairs.
"""

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bawwab.core.text.concepts import WIDTH

Places = NDArray[np.intp]

VIEWS: Final = ("near ideas", "far ideas", "triples of ideas")
PAIRS: Final = WIDTH * WIDTH
"""Ordered pairs of concepts; a concept by itself is the pair with itself."""
# How far apart two concepts may be to be a pair, and how far the second and the third of a triple may
# be from its first; decisions/0013 and 0015.
NEAR: Final = 6
FAR: Final = 14
SECOND: Final = 3
THIRD: Final = 5
_SPREAD: Final = 0x9E3779B1  # the golden ratio in 32 bits: Knuth's multiplicative hash
_WORD: Final = 32


class Combined(NamedTuple):
    """Columns of the three views, each from column 0, and which concept each begins with."""

    columns: tuple[Places, Places, Places]
    first: tuple[Places, Places, Places]


def combined(ideas: tuple[int, ...], *, buckets: int) -> Combined:
    """Combine the concepts of a text.

    Parameters
    ----------
    ideas : tuple of int
        Concepts in their order.
    buckets : int
        Of the triples, whose columns are hashes; a power of two.

    Examples
    --------
    >>> found = combined((4, 2, 7), buckets=2**10)
    >>> [divmod(cell, WIDTH) for cell in found.columns[0].tolist()]
    [(4, 4), (4, 2), (4, 7), (2, 2), (2, 7), (7, 7)]
    >>> [len(columns) for columns in found.columns]
    [6, 6, 1]
    """
    found = np.array(ideas, dtype=np.intp)
    near, far = pairs(len(ideas), NEAR), pairs(len(ideas), FAR)
    first, second, third = triples(len(ideas))
    plots = (found[first] * WIDTH + found[second]) * WIDTH + found[third]
    return Combined(
        (_cells(found, near), _cells(found, far), _bucket(plots, buckets)), (near[0], far[0], first)
    )


def near_pairs(ideas: tuple[int, ...]) -> Places:
    """Pairs that lie near, each as ``first * WIDTH + second``."""
    return _cells(np.array(ideas, dtype=np.intp), pairs(len(ideas), NEAR))


def pairs(count: int, reach: int) -> tuple[Places, Places]:
    """Which of ``count`` concepts make a pair: places of the first and of the second.

    Examples
    --------
    >>> [side.tolist() for side in pairs(3, 6)]
    [[0, 0, 0, 1, 1, 2], [0, 1, 2, 1, 2, 2]]
    """
    return (_remembered_pairs if count <= _REMEMBERED else _pairs)(count, reach)


def triples(count: int) -> tuple[Places, Places, Places]:
    """Which of ``count`` concepts make a triple: places of the first, the second and the third.

    Examples
    --------
    >>> [side.tolist() for side in triples(4)]
    [[0, 0, 0, 1], [1, 1, 2, 2], [2, 3, 3, 3]]
    """
    return (_remembered_triples if count <= _REMEMBERED else _triples)(count)


def _pairs(count: int, reach: int) -> tuple[Places, Places]:
    first, apart = np.indices((count, reach + 1))
    within = first + apart < count
    return first[within], (first + apart)[within]


def _triples(count: int) -> tuple[Places, Places, Places]:
    first, second, third = np.indices((count, SECOND, THIRD))
    second += first + 1
    third += first + 1
    within = (third > second) & (third < count)
    return first[within], second[within], third[within]


_REMEMBERED: Final = 128  # concepts: more are hardly ever met, and would be kept by the megabyte
_remembered_pairs = lru_cache(maxsize=2 * _REMEMBERED + 2)(_pairs)
_remembered_triples = lru_cache(maxsize=_REMEMBERED + 1)(_triples)


def _cells(ideas: Places, of: tuple[Places, Places]) -> Places:
    first, second = of
    return np.asarray(ideas[first] * WIDTH + ideas[second])


def _bucket(numbers: Places, buckets: int) -> Places:
    """Knuth's multiplicative hash: the highest bits of a product modulo 2**32."""
    return np.asarray((numbers * _SPREAD & (2**_WORD - 1)) >> (_WORD - buckets.bit_length() + 1))
