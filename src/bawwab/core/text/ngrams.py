"""Hash a masked text into n-grams, vectorised: no Python loop over characters.

Characters 2-5 inside word boundaries (a word is seen with a space on either side) and words
1-2. Runs of Han and Kana, which have no spaces, give characters 1-3; Thai, Lao, Khmer and
Myanmar characters 1-5. A type token counts as one character and one word.

The hash of an n-gram is a polynomial over its code points, mixed by the finaliser of
MurmurHash3: integer arithmetic modulo 2**64, the same on every machine.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bawwab.core.text.characters import CLASS, LETTERS, UNSPACED, Codes, codes_of
from bawwab.core.text.tokens import symbols

Indices = NDArray[np.uint32]

BUCKETS: Final = 2**18
_LONGEST: Final = 5
_LONGEST_IDEOGRAPHIC: Final = 3
_BASE: Final = np.uint64(0x100000001B3)  # the prime of 64-bit FNV
_WORD_BASE: Final = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio
_WORD_SALT: Final = np.uint64(0xD6E8FEB86659FD93)
_PAIR_SALT: Final = np.uint64(0xA5A3564E27F88659)
_SPACE: Final = 0x20
_BREAK: Final = 0x0A  # parts the texts of a batch; inside a text all white space is a space
_BATCH: Final = 1024  # texts hashed as one: enough to amortise, few enough for the cache
_MAX_WORD: Final = 256  # characters of a word that its hash tells apart


class Ngrams(msgspec.Struct, frozen=True):
    """Buckets of a text's n-grams, the word each begins in, and how many words there are.

    ``plain`` is the text that was hashed, ``word_of`` the word of each of its characters.
    """

    indices: Indices
    words: NDArray[np.intp]
    n_words: int
    plain: str
    word_of: NDArray[np.intp]


class _Layout(NamedTuple):
    """A text, or a batch, laid out for hashing; one entry per character but the last."""

    codes: NDArray[np.uint64]
    classes: NDArray[np.uint8]
    room: NDArray[np.intp]
    words: NDArray[np.intp]
    run_on: NDArray[np.bool_] | None


def _by_class(classes: bytes) -> NDArray[np.bool_]:
    table = np.zeros(256, np.bool_)
    table[list(classes)] = True
    return table


_IDEOGRAPHIC: Final = _by_class(b"zj")
_RUN_ON: Final = _by_class(UNSPACED)
_IN_WORD: Final = _by_class(LETTERS + b"0EI") & ~_RUN_ON
# Twelfths of a word that a character of a script without spaces makes up: two Han or Kana, or
# six Thai letters, to a word.
_SHARE: Final = np.zeros(256, np.intp)
_SHARE[list(b"zj")] = 6
_SHARE[list(b"tlkm")] = 2
_POWERS: Final = np.cumprod(np.full(_MAX_WORD, _WORD_BASE, np.uint64), dtype=np.uint64)


def hashed(masked_text: str, *, buckets: int = BUCKETS) -> Ngrams:
    """N-grams of one text; an n-gram that occurs twice is there twice.

    Parameters
    ----------
    masked_text : str
        As `entities.mask` leaves it.
    buckets : int
        A power of two.

    Examples
    --------
    >>> grams = hashed("pay ⟨amount⟩")
    >>> grams.n_words, len(grams.indices)
    (2, 16)
    """
    plain = " ".join(symbols(masked_text).split())
    if not plain:
        return Ngrams(np.empty(0, np.uint32), np.empty(0, np.intp), 0, "", np.empty(0, np.intp))
    codes = codes_of(f" {plain} ")
    layout = _lay_out(codes, codes == _SPACE)
    hashes, places = _grams(layout)
    return Ngrams(
        _bucket(hashes, buckets), layout.words[places], int(layout.words[-1]) + 1, plain, layout.words[1:]
    )


def hashed_batch(texts: Sequence[str], *, buckets: int = BUCKETS) -> tuple[NDArray[np.int64], Indices]:
    """N-grams of many texts as the ``(indptr, indices)`` of a CSR matrix; repeats are kept.

    Examples
    --------
    >>> indptr, indices = hashed_batch(["pay now", "", "hi"])
    >>> indptr.tolist(), bool(np.array_equal(np.sort(indices[:-7]), np.sort(hashed("pay now").indices)))
    ([0, 23, 23, 30], True)
    """
    parts = [_some(texts[i : i + _BATCH], buckets) for i in range(0, len(texts), _BATCH)]
    sizes = np.concatenate([np.zeros(1, np.int64), *(sizes for sizes, _ in parts)])
    return np.cumsum(sizes), np.concatenate([np.empty(0, np.uint32), *(found for _, found in parts)])


def _some(texts: Sequence[str], buckets: int) -> tuple[NDArray[np.int64], Indices]:
    """Sizes and buckets of a batch that is hashed as one long text."""
    plain = (" ".join(symbols(text).split()) for text in texts)
    codes = codes_of("\n" + "\n".join(plain) + "\n")
    breaks = codes == _BREAK
    numbers = breaks.cumsum() - 1
    codes = np.where(breaks, np.uint32(_SPACE), codes)
    hashes, places = _grams(_lay_out(codes, codes == _SPACE), numbers)
    owners = numbers[places]
    order = owners.argsort(kind="stable")
    return np.bincount(owners, minlength=len(texts)), _bucket(hashes[order], buckets)


def window_sums(
    ngrams: Ngrams, weights: NDArray[np.floating], *, words: int, stride: int = 1
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Sums of the n-grams' weights over windows of consecutive words, and how many n-grams they have.

    Parameters
    ----------
    ngrams : Ngrams
        The text.
    weights : array of shape (n,)
        One for each n-gram.
    words : int
        Length of a window; a shorter text is one window.
    stride : int
        Words from the beginning of one window to that of the next.

    Returns
    -------
    float64 and int64 arrays of shape (windows,)

    Examples
    --------
    >>> grams = hashed("a b c")
    >>> [part.tolist() for part in window_sums(grams, np.ones(len(grams.indices)), words=2)]
    [[10.0, 9.0], [10, 9]]
    """
    count = max(ngrams.n_words, 1)
    width = min(words, count)
    sums, sizes = np.zeros(count + 1), np.zeros(count + 1, np.int64)
    np.bincount(ngrams.words, weights, count).cumsum(out=sums[1:])
    np.bincount(ngrams.words, minlength=count).cumsum(out=sizes[1:])
    ends, begins = slice(width, None, stride), slice(None, count + 1 - width, stride)
    return sums[ends] - sums[begins], sizes[ends] - sizes[begins]


# --- hashing -------------------------------------------------------------------------------------


def _lay_out(codes: Codes, spaces: NDArray[np.bool_]) -> _Layout:
    """Find words and room; the first and the last character are spaces.

    A word's number is also that of the space before it. The room of a character is how far the
    next space is: an n-gram fits that ends there at the latest.
    """
    at = spaces.nonzero()[0]
    gaps = at[1:] - at[:-1]
    room = at[1:].repeat(gaps)
    room -= np.arange(len(room))
    words = np.arange(len(gaps)).repeat(gaps)
    if gaps.min() == 1:
        room[at[:-1][gaps == 1]] = -1  # an empty text of a batch
    classes = CLASS[codes]
    run_on = _RUN_ON[classes]
    if not run_on.any():
        return _Layout(codes.astype(np.uint64), classes, room, words, None)
    words += _SHARE[classes[:-1]].cumsum() // 12
    return _Layout(codes.astype(np.uint64), classes, room, words, run_on)


def _grams(
    layout: _Layout, numbers: NDArray[np.intp] | None = None
) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """Hash of every n-gram, unmixed, and the place where it begins; ``numbers`` part a batch."""
    hashes, places = _characters(layout)
    words, starts = _words(layout)
    pairs, first = words[:-1] * _PAIR_SALT, starts[:-1]
    pairs += words[1:]
    if numbers is not None:
        same = numbers[first] == numbers[starts[1:]]
        pairs, first = pairs[same], first[same]
    return np.concatenate([*hashes, words, pairs]), np.concatenate([*places, starts, first])


def _characters(layout: _Layout) -> tuple[list[NDArray[np.uint64]], list[NDArray[np.intp]]]:
    hashes, places = [], []
    ideographic = None
    if layout.run_on is not None:
        alone = layout.run_on.nonzero()[0]
        hashes.append(layout.codes[alone])
        places.append(alone)
        ideographic = _IDEOGRAPHIC[layout.classes]
    rolling = layout.codes
    for size in range(2, _LONGEST + 1):
        rolling = rolling[:-1] * _BASE
        rolling += layout.codes[size - 1 :]
        fits = layout.room[: len(rolling)] >= size - 1
        if ideographic is not None and size > _LONGEST_IDEOGRAPHIC:
            fits &= ~(
                ideographic[: len(rolling)] | ideographic[1 : len(rolling) + 1] | ideographic[size - 1 :]
            )
        found = fits.nonzero()[0]
        hashes.append(rolling[found])
        places.append(found)
    return hashes, places


def _words(layout: _Layout) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """Hash of each word, without the punctuation around it, and where it begins."""
    inside = _IN_WORD[layout.classes]
    begins = inside.copy()
    begins[1:] &= ~inside[:-1]
    starts = begins.nonzero()[0]
    if not len(starts):
        return np.empty(0, np.uint64), starts
    at = inside.nonzero()[0]
    firsts = begins[at].nonzero()[0]
    sizes = np.empty_like(firsts)
    sizes[:-1] = firsts[1:]
    sizes[-1] = len(at)
    sizes -= firsts
    offsets = at - starts.repeat(sizes)
    values = layout.codes[at] * _POWERS[np.minimum(offsets, _MAX_WORD - 1)]
    return np.add.reduceat(values, firsts) + _WORD_SALT, starts


def _bucket(hashes: NDArray[np.uint64], buckets: int) -> Indices:
    """Finaliser of MurmurHash3, then the lowest bits."""
    hashes ^= hashes >> _SHIFT
    hashes *= _MIX
    hashes ^= hashes >> _SHIFT
    hashes *= _MIX_AGAIN
    hashes ^= hashes >> _SHIFT
    hashes &= np.uint64(buckets - 1)
    return hashes.astype(np.uint32)


_SHIFT: Final = np.uint64(33)
_MIX: Final = np.uint64(0xFF51AFD7ED558CCD)
_MIX_AGAIN: Final = np.uint64(0xC4CEB9FE1A85EC53)
