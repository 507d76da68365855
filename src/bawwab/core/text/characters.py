r"""What each Unicode character is (its class) and what it means (its fold).

A *shape* is a text with every character replaced by its class, one byte each, so that
questions about alphabets become byte searches, which cost nanoseconds:

=============  ========================================================================
``a A``        Latin letter, lower (or caseless) and upper
``c C g G``    Cyrillic, Greek, in the same way
``r h n o``    Arabic, Hebrew, Armenian, Georgian letter
``t l k m``    Thai, Lao, Khmer, Myanmar letter
``z j w``      Han, Kana, Hangul
``e v``        Ethiopic, Thaana; ``\x81``-``\x8b``: the scripts of India, and Tibetan
``q u``        letter of a rare script that passes for Latin; of any other script
``X``          phonetic sign or small capital: a Latin letter that no orthography needs
``F Y``        full-width form; styled letter (mathematical, circled, squared, raised)
``0``          decimal digit
``M K H W``    combining mark, keycap; Arabic or Hebrew vowel mark, tatweel
``I Z S V T``  invisible; ZWJ or ZWNJ; zero-width space; variation selector; tag
``B O``        bidirectional mark; bidirectional override
``E``          emoji
``. - _ * @``  full stop; hyphen; low line; star; ``@ $ |``
space, ``,``   white space; anything else
=============  ========================================================================

The tables are data files beside this module, written by ``scripts/build_text_tables.py``.
"""

from collections.abc import Iterator
from importlib.resources import files
from itertools import chain
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint32]

_CODE_POINTS: Final = 0x110000
_DATA: Final = files(__package__) / "data"

INVISIBLE: Final = b"IZSVTBO"
DROPPED: Final = b"MKHW"
INDIC: Final = bytes(range(0x81, 0x8C))
# Scripts whose words are not set apart by spaces.
UNSPACED: Final = b"tlkmzj"

SCRIPTS: Final = MappingProxyType(
    {
        "latin": b"aAXFY", "cyrillic": b"cC", "greek": b"gG", "arabic": b"r", "hebrew": b"h",
        "armenian": b"n", "georgian": b"o", "thai": b"t", "lao": b"l", "khmer": b"k",
        "myanmar": b"m", "han": b"z", "kana": b"j", "hangul": b"w", "ethiopic": b"e",
        "thaana": b"v", "devanagari": b"\x81", "bengali": b"\x82", "gurmukhi": b"\x83",
        "gujarati": b"\x84", "oriya": b"\x85", "tamil": b"\x86", "telugu": b"\x87",
        "kannada": b"\x88", "malayalam": b"\x89", "sinhala": b"\x8a", "tibetan": b"\x8b",
        "other": b"qu",
    }
)  # fmt: skip
LETTERS: Final = b"".join(SCRIPTS.values())


def _rows(name: str) -> Iterator[list[str]]:
    text = (_DATA / name).read_text("utf-8")
    return (line.split() for line in text.splitlines() if not line.startswith("#"))


def _classes() -> NDArray[np.uint8]:
    table = np.full(_CODE_POINTS, ord(","), np.uint8)
    for first, last, sign in _rows("classes.txt"):
        table[int(first, 16) : int(last, 16) + 1] = int(sign, 16)
    return table


def _folds() -> Codes:
    table = np.arange(_CODE_POINTS, dtype=np.uint32)
    for target, *sources in _rows("folds.txt"):
        table[[int(source, 16) for source in sources]] = int(target, 16)
    table[np.isin(CLASS, np.frombuffer(DROPPED, np.uint8))] = 0
    return table


def _look_alikes(script: str) -> dict[str, str]:
    return {
        chr(int(source, 16)): chr(int(target, 16))
        for name, target, *sources in _rows("look_alikes.txt")
        if name == script
        for source in sources
    }


CLASS: Final = _classes()
"""Class of every code point."""

FOLD: Final = _folds()
"""What every code point means: accents, digits, Arabic forms, Han variants folded; 0 where it is dropped."""

LOOK_ALIKES: Final = MappingProxyType(
    {script: _look_alikes(script) for script in ("latin", "cyrillic", "greek")}
)
"""For each of three scripts, the strangers that pass for one of its letters."""

TRIGRAMS: Final = frozenset(first + last for first, lasts in _rows("trigrams.txt") for last in lasts)
"""Runs of three Latin letters, ``^`` at a word's edge, that occur in words of our messages."""

WORDS: Final = MappingProxyType({word: rank for rank, word in enumerate(chain(*_rows("words.txt")))})
"""Words in Latin letters that occur in our messages, and their place in order of frequency."""

_ASCII: Final = CLASS[:256].tobytes()


def codes_of(text: str) -> Codes:
    """Code points of ``text``, lone surrogates included."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def text_of(codes: Codes) -> str:
    """Text of code points."""
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


def shape_of(text: str) -> bytes:
    r"""Class of each character.

    Examples
    --------
    >>> shape_of("Pay 5 с\u200b!")
    b'Aaa 0 cS,'
    """
    if text.isascii():
        return text.encode("ascii").translate(_ASCII)
    return CLASS[codes_of(text)].tobytes()
