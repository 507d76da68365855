"""What the text model looks at: a text's letters, words and pairs of words, and its ideas together."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from bawwab.core.text import ideas, ngrams
from bawwab.core.text.concepts import find, find_in
from bawwab.core.text.ideas import PAIRS, combined
from bawwab.core.text.ngrams import BUCKETS, Rows, hashed, hashed_batch

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
    starts = tuple(accumulate(widths(buckets)))[len(ngrams.VIEWS) - 1 :]
    shifted = [columns + start for columns, start in zip(together.columns, starts, strict=False)]
    word_of = grams.word_of[list(found.places)]
    return Views(
        np.concatenate([grams.indices, *shifted]),
        np.concatenate([grams.words, word_of[np.concatenate(together.first)]]),
        (*grams.sizes, *map(len, together.columns)),
        grams.n_words,
        found.ids,
        found.brands,
    )


def views_of_batch(texts: Sequence[str], *, buckets: int = BUCKETS) -> tuple[Rows, ...]:
    """Features of many texts as the ``(indptr, indices)`` of CSR matrices, one a view, each from column 0."""
    found = [combined(find(text).ids, buckets=buckets).columns for text in texts]
    together = (_rows([columns[view] for columns in found]) for view in range(len(ideas.VIEWS)))
    return (*hashed_batch(texts, buckets=buckets), *together)


def _rows(found: Sequence[NDArray[np.intp]]) -> Rows:
    ends = np.cumsum([0, *map(len, found)], dtype=np.int64)
    return ends, np.concatenate([np.empty(0, np.intp), *found]).astype(np.uint32)
