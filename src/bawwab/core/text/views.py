"""What the text model looks at: a text's letters, words, pairs of words, and pairs of ideas."""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from bawwab.core.text import ngrams
from bawwab.core.text.concepts import PAIRS, cells, find, find_in, pairs
from bawwab.core.text.ngrams import BUCKETS, Rows, hashed, hashed_batch

VIEWS: Final = (*ngrams.VIEWS, "ideas")


class Views(msgspec.Struct, frozen=True):
    """Features of a text, view after view, ``sizes`` of each.

    ``indices`` are their columns: those of a view follow those of the one before. ``words`` is the
    word that each begins in, ``n_words`` how many there are; ``ideas`` are the concepts of the text in
    their order, ``brands`` the well-known names in it.
    """

    indices: NDArray[np.intp]
    words: NDArray[np.intp]
    sizes: tuple[int, int, int, int]
    n_words: int
    ideas: tuple[int, ...]
    brands: tuple[str, ...]


def widths(buckets: int) -> tuple[int, ...]:
    """How many columns each view has."""
    return (*[buckets] * len(ngrams.VIEWS), PAIRS)


def views(masked_text: str, *, buckets: int = BUCKETS) -> Views:
    """Look at one masked text.

    Examples
    --------
    >>> from bawwab.core.text.concepts import NAMES, WIDTH
    >>> seen = views("pay the fee ⟨link⟩", buckets=2**10)
    >>> seen.sizes, seen.n_words, [NAMES[idea] for idea in seen.ideas]
    ((33, 4, 3, 6), 4, ['pay', 'fee', 'link'])
    >>> [tuple(NAMES[i] for i in divmod(cell - 3 * 2**10, WIDTH)) for cell in seen.indices[-6:-3].tolist()]
    [('pay', 'pay'), ('pay', 'fee'), ('pay', 'link')]
    """
    grams = hashed(masked_text, buckets=buckets)
    found = find_in(grams.plain)
    if not found.ids:
        return Views(grams.indices, grams.words, (*grams.sizes, 0), grams.n_words, (), ())
    ideas = cells(found.ids)
    first, _ = pairs(len(found.ids))
    return Views(
        np.concatenate([grams.indices, ideas + len(ngrams.VIEWS) * buckets]),
        np.concatenate([grams.words, grams.word_of[list(found.places)][first]]),
        (*grams.sizes, len(ideas)),
        grams.n_words,
        found.ids,
        found.brands,
    )


def views_of_batch(texts: Sequence[str], *, buckets: int = BUCKETS) -> tuple[Rows, ...]:
    """Features of many texts as the ``(indptr, indices)`` of CSR matrices, one a view, each from column 0."""
    ideas = [cells(find(text).ids) for text in texts]
    ends = np.cumsum([0, *map(len, ideas)], dtype=np.int64)
    found = np.concatenate([np.empty(0, np.intp), *ideas]).astype(np.uint32)
    return (*hashed_batch(texts, buckets=buckets), (ends, found))
