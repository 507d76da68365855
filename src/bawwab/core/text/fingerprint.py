"""Keys under which a wording is met again: exactly, and nearly.

The *template hash* is equal for texts that are equal once masked. Names of people are not
masked, so "Dear Huda, …" and "Dear Omar, …" differ there; the *signature* finds them: a MinHash
(Broder 1997) of the 4-character shingles, whose share of equal rows estimates the Jaccard
similarity with a standard error of at most 1/16. *Bands* make it searchable: two texts of
similarity s share one of 21 bands of 3 rows with probability 1 - (1 - s³)²¹, .94 at s = .5.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bawwab.core.text.characters import codes_of
from bawwab.core.text.tokens import symbols

ROWS: Final = 64
BANDS: Final = 21
_BAND_ROWS: Final = 3
_SHINGLE: Final = 4  # characters; decisions/0003
_BASE: Final = np.uint64(0x100000001B3)
_ROW: Final = np.dtype("<u4")


def _multipliers() -> NDArray[np.uint64]:
    """Odd multipliers, one per row: SplitMix64 from a fixed seed."""
    values, state = [], 0xBA33AB
    for _ in range(ROWS):
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB % 2**64
        values.append((mixed ^ (mixed >> 31)) | 1)
    return np.array(values, np.uint64)[:, None]


_MULTIPLIERS: Final = _multipliers()


def template_hash(masked_text: str) -> int:
    r"""64-bit key of a masked text, whatever its white space.

    Examples
    --------
    >>> template_hash("pay  ⟨amount⟩\n") == template_hash("pay ⟨amount⟩")
    True
    """
    return hash_words(masked_text.split())


def hash_words(words: Iterable[str]) -> int:
    """Template hash of a text that is split already."""
    plain = " ".join(words)
    return int.from_bytes(blake2b(plain.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def signature(masked_text: str) -> bytes:
    """MinHash of 64 rows, 4 bytes each.

    Examples
    --------
    >>> one, other = (signature(f"dear {n}, your parcel ⟨ref⟩ is here") for n in ("huda", "omar"))
    >>> len(one), similarity(one, one), similarity(one, other) > 0.5
    (256, 1.0, True)
    """
    codes = codes_of(" ".join(symbols(masked_text).split()) or " ").astype(np.uint64)
    hashes = codes
    for size in range(1, min(_SHINGLE, len(codes))):
        hashes = hashes[:-1] * _BASE + codes[size:]
    hashes ^= hashes >> np.uint64(29)
    rows = (_MULTIPLIERS * (hashes * _BASE)).min(axis=1)
    return bytes((rows >> np.uint64(32)).astype(_ROW).data)


def bands(signature: bytes) -> tuple[int, ...]:
    """Keys of a signature's bands; texts that share one are worth comparing.

    Examples
    --------
    >>> keys = bands(signature("your parcel ⟨ref⟩ is here"))
    >>> len(keys), len(set(keys))
    (21, 21)
    """
    rows = np.frombuffer(signature, _ROW)[: BANDS * _BAND_ROWS].astype(np.uint64)
    first, second, third = rows.reshape(BANDS, _BAND_ROWS).T
    keys = ((np.arange(BANDS, dtype=np.uint64) * _BASE + first) * _BASE + second) * _BASE + third
    keys ^= keys >> np.uint64(32)
    return tuple((keys * np.uint64(0xFF51AFD7ED558CCD)).tolist())


def similarity(one: bytes, other: bytes) -> float:
    """Share of equal rows: an estimate of the Jaccard similarity of two texts' shingles."""
    same = np.frombuffer(one, _ROW) == np.frombuffer(other, _ROW)
    return int(np.count_nonzero(same)) / ROWS
