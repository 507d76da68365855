"""Hash a masked text into n-grams, in compiled loops.

There are three views of a text: its letters, its words, its pairs of neighbouring words.

Characters 2-5 inside word boundaries (a word is seen with a space on either side) and words
1-2. Runs of Han and Kana, which have no spaces, give characters 1-3; Thai, Lao, Khmer and
Myanmar characters 1-5. A type token counts as one character and one word.

The hash of an n-gram is a polynomial over its code points, mixed by the finaliser of
MurmurHash3: integer arithmetic modulo 2**64, the same on every machine.
"""

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from bawwab.core.compiled import compiled
from bawwab.core.text.characters import CLASS, LETTERS, UNSPACED, Codes, codes_of
from bawwab.core.text.tokens import symbols

Places = NDArray[np.intp]

VIEWS: Final = ("letters", "words", "pairs")
BUCKETS: Final = 2**18  # of each view
_LONGEST: Final = 5
_LONGEST_IDEOGRAPHIC: Final = 3
_SPACE: Final = 0x20
_BASE: Final = np.uint64(0x100000001B3)  # the prime of 64-bit FNV
_WORD_SALT: Final = np.uint64(0xD6E8FEB86659FD93)
_PAIR_SALT: Final = np.uint64(0xA5A3564E27F88659)
_SHIFT: Final = np.uint64(33)
_MIX: Final = np.uint64(0xFF51AFD7ED558CCD)
_MIX_AGAIN: Final = np.uint64(0xC4CEB9FE1A85EC53)


class Ngrams(msgspec.Struct, frozen=True):
    """Buckets of a text's n-grams, the word each begins in, and how many words there are.

    The n-grams of the views follow one another, ``sizes`` of each; the buckets of a view follow those
    of the one before. ``plain`` is the text that was hashed, ``word_of`` the word of each character.
    """

    indices: Places
    words: Places
    sizes: tuple[int, int, int]
    n_words: int
    plain: str
    word_of: Places


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
    indices, words, word_of, sizes = _look(codes, CLASS[codes], buckets)
    return Ngrams(indices, words, sizes, int(word_of[-1]) + 1, plain, word_of[1:])


# --- compiled ------------------------------------------------------------------------------------


def _by_class(classes: bytes) -> NDArray[np.bool_]:
    table = np.zeros(256, np.bool_)
    table[list(classes)] = True
    return table


_IDEOGRAPHIC: Final = _by_class(b"zj")
_RUN_ON: Final = _by_class(UNSPACED)
_IN_WORD: Final = _by_class(LETTERS + b"0EI") & ~_RUN_ON
# Twelfths of a word that a character of a script without spaces makes up: two Han or Kana, or
# six Thai letters, to a word.
_WHOLE: Final = 12
_SHARE: Final = np.zeros(256, np.intp)
_SHARE[list(b"zj")] = 6
_SHARE[list(b"tlkm")] = 2


_CODES: Final = "Array(uint32, 1, 'C', readonly=True), uint8[::1]"
Hashes = NDArray[np.uint64]
Classes = NDArray[np.uint8]


@compiled(f"intp[::1]({_CODES})")
def _numbered(codes: Codes, classes: Classes) -> Places:
    """Word of each character; a word's number is also that of the space before it."""
    word_of = np.empty(len(codes) - 1, np.intp)
    number, share = -1, 0
    for place in range(len(word_of)):
        number += codes[place] == _SPACE
        share += _SHARE[classes[place]]
        word_of[place] = number + share // _WHOLE
    return word_of


@compiled(f"intp({_CODES}, uint64[::1], intp[::1])")
def _letters(codes: Codes, classes: Classes, hashes: Hashes, places: Places) -> int:
    """Polynomials of the n-grams of characters, and where they begin; how many there are."""
    count, last = 0, len(codes) - 1
    for place in range(last):
        total, power = np.uint64(codes[place]), _BASE
        if _RUN_ON[classes[place]]:
            hashes[count], places[count] = total, place
            count += 1
        for further in range(1, min(_LONGEST, last - place + 1)):
            total += np.uint64(codes[place + further]) * power
            power *= _BASE
            if further < _LONGEST_IDEOGRAPHIC or not (
                _IDEOGRAPHIC[classes[place]]
                or _IDEOGRAPHIC[classes[place + 1]]
                or _IDEOGRAPHIC[classes[place + further]]
            ):
                hashes[count], places[count] = total, place
                count += 1
            if codes[place + further] == _SPACE:
                break
    return count


@compiled(f"intp({_CODES}, uint64[::1], intp[::1])")
def _words(codes: Codes, classes: Classes, hashes: Hashes, places: Places) -> int:
    """Polynomials of the words, without the punctuation around them; as `_letters`."""
    count = 0
    inside = False
    power = _BASE
    for place in range(len(codes)):
        if _IN_WORD[classes[place]]:
            if not inside:
                inside, hashes[count], places[count] = True, _WORD_SALT, place
                power = np.uint64(1)
            hashes[count] += np.uint64(codes[place]) * power
            power *= _BASE
        elif inside:
            inside = False
            count += 1
    return count


@compiled("uint64(uint64)")
def _mixed(total: np.uint64) -> np.uint64:
    """Finaliser of MurmurHash3."""
    total ^= total >> _SHIFT
    total *= _MIX
    total ^= total >> _SHIFT
    total *= _MIX_AGAIN
    return total ^ total >> _SHIFT


@compiled(f"Tuple((intp[::1], intp[::1], intp[::1], UniTuple(intp, 3)))({_CODES}, intp)")
def _look(
    codes: Codes, classes: Classes, buckets: int
) -> tuple[Places, Places, Places, tuple[int, int, int]]:
    """Buckets of every n-gram, the word it begins in, the word of each character, how many of each view.

    The first and the last character are spaces, and no two of them are neighbours.
    """
    word_of = _numbered(codes, classes)
    hashes = np.empty((_LONGEST + 2) * len(word_of), np.uint64)
    places = np.empty(len(hashes), np.intp)
    letters = _letters(codes, classes, hashes, places)
    words = _words(codes, classes, hashes[letters:], places[letters:])
    pairs = max(words - 1, 0)
    for pair in range(letters + words, letters + words + pairs):
        first = pair - words
        hashes[pair], places[pair] = hashes[first] * _PAIR_SALT + hashes[first + 1], places[first]
    count = letters + words + pairs
    indices = np.empty(count, np.intp)
    for gram in range(count):
        view = 0 if gram < letters else 1 if gram < letters + words else 2
        indices[gram] = np.intp(_mixed(hashes[gram]) & np.uint64(buckets - 1)) + view * buckets
        places[gram] = word_of[places[gram]]
    return indices, places[:count], word_of, (letters, words, pairs)
