"""What the ideas of a text say together: pairs at most six apart, pairs at most fourteen apart, triples.

Combinations keep their order: "never share the code" and "the code, share it" are different
things. A triple is a plot (a parcel, a fee, a link), which a linear model cannot put together from
pairs.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bawwab.core.compiled import compiled
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
    """Columns of the three views, ``sizes`` of each, and the place of the concept each begins with.

    The views follow one another, and so do their columns: near pairs from 0, far pairs from `PAIRS`,
    triples from twice `PAIRS`.
    """

    columns: Places
    first: Places
    sizes: tuple[int, int, int]


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
    >>> [divmod(cell, WIDTH) for cell in found.columns[:6].tolist()]
    [(4, 4), (4, 2), (4, 7), (2, 2), (2, 7), (7, 7)]
    >>> found.sizes
    (6, 6, 1)
    """
    return Combined(*_combine(np.array(ideas, np.intp), buckets))


@compiled("Tuple((intp[::1], intp[::1], UniTuple(intp, 3)))(intp[::1], intp)")
def _combine(ideas: Places, buckets: int) -> tuple[Places, Places, tuple[int, int, int]]:
    count = len(ideas)
    columns = np.empty(count * (NEAR + 1 + FAR + 1 + SECOND * THIRD), np.intp)
    first = np.empty(len(columns), np.intp)
    end = 0
    for one in range(count):
        for two in range(one, min(one + NEAR + 1, count)):
            columns[end], first[end] = ideas[one] * WIDTH + ideas[two], one
            end += 1
    near = end
    for one in range(count):
        for two in range(one, min(one + FAR + 1, count)):
            columns[end], first[end] = PAIRS + ideas[one] * WIDTH + ideas[two], one
            end += 1
    far = end - near
    shift = _WORD
    while buckets > 1:
        buckets >>= 1
        shift -= 1
    for one in range(count):
        for two in range(one + 1, min(one + SECOND + 1, count)):
            for three in range(two + 1, min(one + THIRD + 1, count)):
                plot = (ideas[one] * WIDTH + ideas[two]) * WIDTH + ideas[three]
                # Knuth's multiplicative hash: the highest bits of a product modulo 2**32.
                columns[end] = 2 * PAIRS + ((plot * _SPREAD & (2**_WORD - 1)) >> shift)
                first[end] = one
                end += 1
    return columns[:end], first[:end], (near, far, end - near - far)
