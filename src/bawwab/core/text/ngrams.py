"""Hash a masked text into n-grams, vectorised: no Python loop over characters.

There are three views of a text: its letters, its words, its pairs of neighbouring words.

Characters 2-5 inside word boundaries (a word is seen with a space on either side) and words
1-2. Runs of Han and Kana, which have no spaces, give characters 1-3; Thai, Lao, Khmer and
Myanmar characters 1-5. A type token counts as one character and one word.

The hash of an n-gram is a polynomial over its code points, mixed by the finaliser of
MurmurHash3: integer arithmetic modulo 2**64, the same on every machine. The polynomial of any
stretch is the difference of two running sums, shifted back by a power of the base's inverse, so
that all n-grams of a text cost a handful of array operations.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bawwab.core.text.characters import CLASS, LETTERS, UNSPACED, Codes, codes_of
from bawwab.core.text.tokens import symbols

Indices = NDArray[np.uint32]

VIEWS: Final = ("letters", "words", "pairs")
BUCKETS: Final = 2**18  # of each view
_LONGEST: Final = 5
_LONGEST_IDEOGRAPHIC: Final = 3
_BASE: Final = 0x100000001B3  # the prime of 64-bit FNV
_WORD_SALT: Final = np.uint64(0xD6E8FEB86659FD93)
_PAIR_SALT: Final = np.uint64(0xA5A3564E27F88659)
_SPACE: Final = 0x20
_BREAK: Final = 0x0A  # parts the texts of a batch; inside a text all white space is a space
_BATCH: Final = 1024  # texts hashed as one: enough to amortise, few enough for the cache
_LENGTH: Final = 2**17  # characters hashed as one: more than 4,096 that expand 18-fold (U+FDFA)


class Ngrams(msgspec.Struct, frozen=True):
    """Buckets of a text's n-grams, the word each begins in, and how many words there are.

    The n-grams of the views follow one another, ``sizes`` of each; the buckets of a view follow those
    of the one before. ``plain`` is the text that was hashed, ``word_of`` the word of each character.
    """

    indices: NDArray[np.intp]
    words: NDArray[np.intp]
    sizes: tuple[int, int, int]
    n_words: int
    plain: str
    word_of: NDArray[np.intp]


class _Layout(NamedTuple):
    """A text, or a batch, laid out for hashing; ``room`` and ``words`` leave out the last character.

    ``sums`` holds the polynomial of the characters before each place.
    """

    sums: NDArray[np.uint64]
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


def _powers(base: int) -> NDArray[np.uint64]:
    factors = np.full(_LENGTH, base, np.uint64)
    factors[0] = 1
    return factors.cumprod(dtype=np.uint64)


_POWERS: Final = _powers(_BASE)
_BACK: Final = _powers(pow(_BASE, -1, 2**64))
_SIZES: Final = np.arange(1, _LONGEST)  # how far the last character of an n-gram is from its first


def hashed(masked_text: str, *, buckets: int = BUCKETS) -> Ngrams:
    """N-grams of one text; an n-gram that occurs twice is there twice.

    Parameters
    ----------
    masked_text : str
        As `entities.mask` leaves it.
    buckets : int
        Of a view; a power of two.

    Examples
    --------
    >>> grams = hashed("pay ⟨amount⟩")
    >>> grams.n_words, grams.sizes
    (2, (13, 2, 1))
    """
    plain = " ".join(symbols(masked_text).split())
    if not plain:
        none = np.empty(0, np.intp)
        return Ngrams(none, none, (0, 0, 0), 0, "", none)
    codes = codes_of(f" {plain} ")
    layout = _lay_out(codes, codes == _SPACE)
    letters, words, pairs = _grams(layout)
    indices = _bucket(np.concatenate([letters.hashes, words.hashes, pairs.hashes]), buckets)
    sizes = len(letters.places), len(words.places), len(pairs.places)
    first = sizes[0]
    indices[first:] += np.uint64(buckets)
    indices[first + sizes[1] :] += np.uint64(buckets)
    places = np.concatenate([letters.places, words.places, pairs.places])
    number = layout.words
    return Ngrams(indices.view(np.intp), number[places], sizes, int(number[-1]) + 1, plain, number[1:])


Rows = tuple[NDArray[np.int64], Indices]


def hashed_batch(texts: Sequence[str], *, buckets: int = BUCKETS) -> tuple[Rows, Rows, Rows]:
    """N-grams of many texts as the ``(indptr, indices)`` of a CSR matrix, one a view; repeats are kept.

    Examples
    --------
    >>> letters, words, pairs = hashed_batch(["pay now", "", "hi"])
    >>> [rows[0].tolist() for rows in (letters, words, pairs)]
    [[0, 20, 20, 26], [0, 2, 2, 3], [0, 1, 1, 1]]
    """
    batches = [_some(batch, buckets) for batch in _batches(texts)]
    return _joined(batches, 0), _joined(batches, 1), _joined(batches, 2)


def _joined(batches: Sequence[Sequence[Rows]], view: int) -> Rows:
    sizes = np.concatenate([np.zeros(1, np.int64), *(batch[view][0] for batch in batches)])
    return np.cumsum(sizes), np.concatenate([np.empty(0, np.uint32), *(batch[view][1] for batch in batches)])


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Texts laid out, as many at a time as are hashed as one."""
    batch: list[str] = []
    length = 1
    for text in texts:
        plain = " ".join(symbols(text).split())
        if len(batch) == _BATCH or length + len(plain) + 1 > _LENGTH:
            yield batch
            batch, length = [], 1
        batch.append(plain)
        length += len(plain) + 1
    if batch:
        yield batch


def _some(plain: Sequence[str], buckets: int) -> list[Rows]:
    """Sizes and buckets of a batch that is hashed as one long text, for each view."""
    codes = codes_of("\n" + "\n".join(plain) + "\n")
    breaks = codes == _BREAK
    numbers = breaks.cumsum() - 1
    codes = np.where(breaks, np.uint32(_SPACE), codes)
    found = []
    for grams in _grams(_lay_out(codes, codes == _SPACE), numbers):
        owners = numbers[grams.places]
        order = owners.argsort(kind="stable")
        indices = _bucket(grams.hashes[order], buckets).astype(np.uint32)
        found.append((np.bincount(owners, minlength=len(plain)), indices))
    return found


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
    sums = np.zeros(len(codes) + 1, np.uint64)
    (codes * _POWERS[: len(codes)]).cumsum(out=sums[1:])
    run_on = _RUN_ON[classes]
    if not run_on.any():
        return _Layout(sums, classes, room, words, None)
    words += _SHARE[classes[:-1]].cumsum() // 12
    return _Layout(sums, classes, room, words, run_on)


class _Grams(NamedTuple):
    """Hashes of n-grams, unmixed, and the place where each begins."""

    hashes: NDArray[np.uint64]
    places: NDArray[np.intp]


def _grams(layout: _Layout, numbers: NDArray[np.intp] | None = None) -> tuple[_Grams, _Grams, _Grams]:
    """Every n-gram, by view; ``numbers`` part a batch."""
    places, ends = _characters(layout)
    starts, stops = _words(layout)
    letters = _stretches(layout, places, ends)
    words = _stretches(layout, starts, stops) + _WORD_SALT
    pairs, first = words[:-1] * _PAIR_SALT, starts[:-1]
    pairs += words[1:]
    if numbers is not None:
        same = numbers[first] == numbers[starts[1:]]
        pairs, first = pairs[same], first[same]
    return _Grams(letters, places), _Grams(words, starts), _Grams(pairs, first)


def _stretches(layout: _Layout, starts: NDArray[np.intp], ends: NDArray[np.intp]) -> NDArray[np.uint64]:
    """Polynomials over the characters from each start to before its end."""
    found = layout.sums[ends]
    found -= layout.sums[starts]
    found *= _BACK[starts]
    return found


def _characters(layout: _Layout) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where the n-grams of characters begin, and where the next character after each is."""
    fits = layout.room[:, None] >= _SIZES
    if layout.run_on is None:
        places, sizes = fits.nonzero()
        return places, places + sizes + 2
    ideographic = np.zeros(len(layout.room) + _LONGEST, np.bool_)
    ideographic[: len(layout.classes)] = _IDEOGRAPHIC[layout.classes]
    size = len(layout.room)
    for longer in range(_LONGEST_IDEOGRAPHIC, _LONGEST):
        fits[:, longer - 1] &= ~(
            ideographic[:size] | ideographic[1 : size + 1] | ideographic[longer : size + longer]
        )
    places, sizes = fits.nonzero()
    alone = layout.run_on.nonzero()[0]
    return np.concatenate([alone, places]), np.concatenate([alone + 1, places + sizes + 2])


def _words(layout: _Layout) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where words begin, without the punctuation around them, and where they have ended."""
    inside = _IN_WORD[layout.classes]  # not at either end, where spaces are
    edges = (inside[1:] != inside[:-1]).nonzero()[0] + 1
    return edges[::2], edges[1::2]


def _bucket(hashes: NDArray[np.uint64], buckets: int) -> NDArray[np.uint64]:
    """Finaliser of MurmurHash3, then the lowest bits."""
    hashes ^= hashes >> _SHIFT
    hashes *= _MIX
    hashes ^= hashes >> _SHIFT
    hashes *= _MIX_AGAIN
    hashes ^= hashes >> _SHIFT
    hashes &= np.uint64(buckets - 1)
    return hashes


_SHIFT: Final = np.uint64(33)
_MIX: Final = np.uint64(0xFF51AFD7ED558CCD)
_MIX_AGAIN: Final = np.uint64(0xC4CEB9FE1A85EC53)
