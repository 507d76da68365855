"""What the text model looks at: a text's letters, words and pairs of words, and its ideas together."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from bawwab.core.compiled import compiled
from bawwab.core.text import ideas, ngrams
from bawwab.core.text.concepts import find_in
from bawwab.core.text.ideas import PAIRS, combined
from bawwab.core.text.ngrams import BUCKETS, hashed

VIEWS: Final = (*ngrams.VIEWS, *ideas.VIEWS)
_NOTHING: Final = (0,) * len(ideas.VIEWS)


class Views(msgspec.Struct, frozen=True):
    """Features of a text, view after view, ``sizes`` of each.

    ``indices`` are their columns: those of a view follow those of the one before. ``words`` is the
    word that each begins in, ``n_words`` how many there are; ``ideas`` are the concepts of the text in
    their order, ``brands`` the well-known names in it.
    """

    indices: NDArray[np.intp]
    words: NDArray[np.intp]
    sizes: tuple[int, ...]
    n_words: int
    ideas: tuple[int, ...]
    brands: tuple[str, ...]


def widths(buckets: int) -> tuple[int, ...]:
    """How many columns each view has."""
    return (*[buckets] * len(ngrams.VIEWS), PAIRS, PAIRS, buckets)


def buckets_of(columns: int) -> int:
    """How many buckets a view has when all views together have so many columns.

    Examples
    --------
    >>> buckets_of(sum(widths(2**12)))
    4096
    """
    fixed = sum(widths(0))
    return (columns - fixed) // (sum(widths(1)) - fixed)


def views(masked_text: str, *, buckets: int = BUCKETS) -> Views:
    """Look at one masked text.

    Examples
    --------
    >>> from bawwab.core.text.concepts import NAMES, WIDTH
    >>> seen = views("pay the fee ⟨link⟩", buckets=2**10)
    >>> seen.sizes, seen.n_words, [NAMES[idea] for idea in seen.ideas]
    ((33, 4, 3, 6, 6, 1), 4, ['pay', 'fee', 'link'])
    >>> near = seen.indices[40:43] - 3 * 2**10
    >>> [tuple(NAMES[i] for i in divmod(cell, WIDTH)) for cell in near.tolist()]
    [('pay', 'pay'), ('pay', 'fee'), ('pay', 'link')]
    """
    grams = hashed(masked_text, buckets=buckets)
    found = find_in(grams.plain)
    if not found.ids:
        return Views(grams.indices, grams.words, (*grams.sizes, *_NOTHING), grams.n_words, (), ())
    together = combined(found.ids, buckets=buckets)
    words = grams.word_of[np.array(found.places, np.intp)]
    return Views(
        *_joined(
            (grams.indices, grams.words),
            (together.columns, together.first),
            words,
            len(ngrams.VIEWS) * buckets,
        ),
        (*grams.sizes, *together.sizes),
        grams.n_words,
        found.ids,
        found.brands,
    )


Places = NDArray[np.intp]


@compiled("UniTuple(intp[::1], 2)(UniTuple(intp[::1], 2), UniTuple(intp[::1], 2), intp[::1], intp)")
def _joined(
    grams: tuple[Places, Places], together: tuple[Places, Places], words: Places, first_column: int
) -> tuple[Places, Places]:
    """Columns and words of the n-grams, then those of the combined ideas; ``words`` is that of each idea."""
    count = len(grams[0])
    indices = np.empty(count + len(together[0]), np.intp)
    begins = np.empty(len(indices), np.intp)
    indices[:count], begins[:count] = grams
    for feature in range(len(together[0])):
        indices[count + feature] = together[0][feature] + first_column
        begins[count + feature] = words[together[1][feature]]
    return indices, begins


Rows = tuple[NDArray[np.int64], NDArray[np.uint32]]


def views_of_batch(texts: Sequence[str], *, buckets: int = BUCKETS) -> tuple[Rows, ...]:
    """Features of many texts as the ``(indptr, indices)`` of CSR matrices, one a view, each from column 0.

    Examples
    --------
    >>> letters, _, _, near, *_ = views_of_batch(["pay the fee", "", "hi"])
    >>> letters[0].tolist(), near[0].tolist()
    ([0, 30, 30, 36], [0, 3, 3, 4])
    """
    sizes = np.zeros((len(texts), len(VIEWS)), np.int64)
    columns = [np.empty(0, np.uint32)]
    for number, text in enumerate(texts):
        seen = views(text, buckets=buckets)
        sizes[number] = seen.sizes
        columns.append(seen.indices.astype(np.uint32))
    found = np.concatenate(columns)
    view_of = np.tile(np.arange(len(VIEWS), dtype=np.uint8), len(texts)).repeat(sizes.ravel())
    starts = (0, *accumulate(widths(buckets)))
    return tuple(
        (np.append(0, sizes[:, view].cumsum()), found[view_of == view] - np.uint32(starts[view]))
        for view in range(len(VIEWS))
    )
