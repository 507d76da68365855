"""Hash a masked text into n-grams, vectorised: no Python loop over characters.

Characters 2-5 inside word boundaries (a word is seen with a space on either side) and words
1-2. Runs of Han and Kana, which have no spaces, give characters 1-3; Thai, Lao, Khmer and
Myanmar characters 1-5. A type token counts as one character and one word.

The hash of an n-gram is a polynomial over its code points, mixed by the finaliser of
MurmurHash3: integer arithmetic modulo 2**64, the same on every machine.
"""

from collections.abc import Sequence
from typing import Final

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
    """Buckets of a text's n-grams, the word each begins in, and how many words there are."""

    indices: Indices
    words: NDArray[np.intp]
    n_words: int


def _by_class(classes: bytes) -> NDArray[np.bool_]:
    table = np.zeros(256, np.bool_)
    table[list(classes)] = True
    return table


_IDEOGRAPHIC: Final = _by_class(b"zj")
_RUN_ON: Final = _by_class(UNSPACED)
_IN_WORD: Final = _by_class(LETTERS + b"0EI") & ~_RUN_ON
# Twelfths of a word that a character of a script without spaces makes up: two Han or Kana, or
# six Thai letters, to a word.
_SHARE: Final = np.zeros(256, np.int64)
_SHARE[list(b"zj")] = 6
_SHARE[list(b"tlkm")] = 2
_POWERS: Final = np.cumprod(np.full(_MAX_WORD, _WORD_BASE, np.uint64), dtype=np.uint64)


def hashed(masked_text: str, *, buckets: int = BUCKETS) -> Ngrams:
    """N-grams of one text; an n-gram that occurs twice is there twice.

    Examples
    --------
    >>> grams = hashed("pay ⟨amount⟩")
    >>> grams.n_words, len(grams.indices)
    (2, 16)
    """
    plain = " ".join(symbols(masked_text).split())
    if not plain:
        return Ngrams(np.empty(0, np.uint32), np.empty(0, np.intp), 0)
    codes = codes_of(f" {plain} ")
    hashes, places = _grams(codes, codes == _SPACE)
    words = _word_numbers(codes)
    return Ngrams(_bucket(hashes, buckets), words[places], int(words[-2]) + 1)


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
    text_numbers = np.cumsum(breaks) - 1
    codes = np.where(breaks, np.uint32(_SPACE), codes)
    hashes, places = _grams(codes, codes == _SPACE, text_numbers)
    owners = text_numbers[places]
    order = np.argsort(owners, kind="stable")
    sizes = np.bincount(owners, minlength=len(texts)).astype(np.int64)
    return sizes, _bucket(hashes[order], buckets)


def window_sums(
    ngrams: Ngrams, weights: NDArray[np.number], *, words: int = 12
) -> NDArray[np.float64]:
    """Sums of the n-grams' weights over every window of consecutive words.

    Parameters
    ----------
    ngrams : Ngrams
        The text.
    weights : array of shape (n,) or (n, k)
        One row for each n-gram: the model's weights, gathered. Ones give the windows' sizes.
    words : int
        Length of a window; a shorter text is one window.

    Returns
    -------
    float64 array of shape (windows, k), or (windows,)

    Examples
    --------
    >>> window_sums(hashed("a b c"), np.ones(len(hashed("a b c").indices)), words=2)
    array([10.,  9.])
    """
    columns = weights.reshape(len(weights), -1).T
    count = max(ngrams.n_words, 1)
    totals = np.zeros((len(columns), count + 1))
    for column, total in zip(columns, totals, strict=True):
        np.cumsum(np.bincount(ngrams.words, weights=column, minlength=count), out=total[1:])
    width = min(words, count)
    sums = (totals[:, width:] - totals[:, :-width]).T
    return sums if weights.ndim > 1 else sums[:, 0]


# --- hashing -------------------------------------------------------------------------------


def _grams(
    codes: Codes, spaces: NDArray[np.bool_], text_numbers: NDArray[np.intp] | None = None
) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """Hash of every n-gram, unmixed, and the place where it begins."""
    classes = CLASS[codes]
    wide = codes.astype(np.uint64)
    hashes, places = _characters(wide, classes, spaces)
    word_hashes, starts = _words(wide, classes)
    pairs = word_hashes[:-1] * _PAIR_SALT + word_hashes[1:]
    pair_starts = starts[:-1]
    if text_numbers is not None and len(starts):
        same = text_numbers[starts[:-1]] == text_numbers[starts[1:]]
        pairs, pair_starts = pairs[same], pair_starts[same]
    return (
        np.concatenate([*hashes, word_hashes, pairs]),
        np.concatenate([*places, starts, pair_starts]),
    )


def _characters(
    wide: NDArray[np.uint64], classes: NDArray[np.uint8], spaces: NDArray[np.bool_]
) -> tuple[list[NDArray[np.uint64]], list[NDArray[np.intp]]]:
    room = _room(spaces)
    ideographic = _IDEOGRAPHIC[classes]
    has_ideographs = bool(ideographic.any())
    hashes, places = [], []
    rolling = wide
    if has_ideographs or _RUN_ON[classes].any():
        alone = np.flatnonzero(_RUN_ON[classes])
        hashes.append(wide[alone])
        places.append(alone)
    for size in range(2, _LONGEST + 1):
        rolling = rolling[:-1] * _BASE + wide[size - 1 :]
        valid = room[: len(rolling)] >= size - 1
        if size > _LONGEST_IDEOGRAPHIC and has_ideographs:
            valid &= ~(ideographic[: len(rolling)] | ideographic[size - 1 :])
        found = np.flatnonzero(valid)
        hashes.append(rolling[found])
        places.append(found)
    return hashes, places


def _room(spaces: NDArray[np.bool_]) -> NDArray[np.intp]:
    """How far the next space is from each character; -1 where no n-gram may begin."""
    at = np.flatnonzero(spaces)
    gaps = np.diff(at)
    room = np.repeat(at[1:], gaps) - np.arange(at[-1])
    room[at[:-1][gaps == 1]] = -1  # an empty text of a batch
    return np.append(room, -1)


def _words(
    wide: NDArray[np.uint64], classes: NDArray[np.uint8]
) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """Hash of each word, without the punctuation around it, and where it begins."""
    inside = _IN_WORD[classes]
    begins = inside.copy()
    begins[1:] &= ~inside[:-1]
    starts = np.flatnonzero(begins)
    if not len(starts):
        return np.empty(0, np.uint64), starts
    at = np.flatnonzero(inside)
    firsts = np.flatnonzero(begins[at])
    offsets = at - np.repeat(starts, np.diff(firsts, append=len(at)))
    values = wide[at] * _POWERS[np.minimum(offsets, _MAX_WORD - 1)]
    return np.add.reduceat(values, firsts) + _WORD_SALT, starts


def _word_numbers(codes: Codes) -> NDArray[np.intp]:
    """Number of the word that each character belongs to, the space before it included."""
    numbers = np.cumsum(codes == _SPACE) - 1
    shares = _SHARE[CLASS[codes]]
    return numbers + np.cumsum(shares) // 12 if shares.any() else numbers


def _bucket(hashes: NDArray[np.uint64], buckets: int) -> Indices:
    """Finaliser of MurmurHash3, then the remainder."""
    hashes ^= hashes >> np.uint64(33)
    hashes *= np.uint64(0xFF51AFD7ED558CCD)
    hashes ^= hashes >> np.uint64(33)
    hashes *= np.uint64(0xC4CEB9FE1A85EC53)
    hashes ^= hashes >> np.uint64(33)
    return (hashes % np.uint64(buckets)).astype(np.uint32)
