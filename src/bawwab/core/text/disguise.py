"""Undo what is done to whole words: look-alike letters, leet, letters spread apart.

Works on a text whose characters are already folded and whose links are set aside. Whether a
text needs any of it is asked of its shape, by byte searches.
"""

import re
from itertools import permutations
from typing import Final

import msgspec
import numpy as np

from bawwab.core.text import leet
from bawwab.core.text.characters import CLASS, LOOK_ALIKES, shape_of

_ROUNDS: Final = 4  # undoing one disguise may uncover another; deeper nesting was never seen
_SPREADABLE: Final = b"aAcCgGrhno"  # letters of scripts that set words apart by spaces


class Words(msgspec.Struct, frozen=True):
    """A text with its words restored, and how often each disguise was met."""

    text: str
    homoglyph: int = 0
    leet: int = 0
    spaced: int = 0


def _coarse_table() -> bytes:
    """Classes reduced to what `is_suspect` asks about."""
    table = bytearray(range(256))
    for classes, sign in ((b"rhno", b"r"), (b"A", b"a"), (b"C", b"c"), (b"G", b"g")):
        for code in classes:
            table[code] = sign[0]
    table[ord("n")] = ord("q")
    return bytes(table)


_COARSE: Final = _coarse_table()
_ONE_LETTER: Final = bytes.maketrans(_SPREADABLE + b"q", b"a" * (len(_SPREADABLE) + 1))
_MIXED_SIGNS: Final = tuple(bytes(pair) for pair in permutations(b"acgq", 2))


def is_suspect(shape: bytes) -> bool:
    """Tell cheaply whether `undo` could change a text of this shape; may be wrong upwards.

    Examples
    --------
    >>> [is_suspect(shape_of(text)) for text in ("send 5 to bank", "s e n d", "s3nd")]
    [False, True, True]
    """
    return is_broken(shape) or _has_strangers(shape.translate(_COARSE))


def is_broken(shape: bytes) -> bool:
    """Letters apart, or signs between them: all that can be wrong with a text in ASCII.

    A rare byte is asked for before its pattern: that costs a tenth.
    """
    letters = shape.translate(_ONE_LETTER)
    return (
        b" a a " in letters
        or b"a.a.a" in letters
        or (b"0" in letters and (b"a0a" in letters or b"a00" in letters))
        or (b"@" in letters and b"a@" in letters)
        or (b"-" in letters and b"-a-a-" in letters)
        or (b"_" in letters and b"_a_a_" in letters)
        or (b"*" in letters and b"*a*a*" in letters)
    )


def _has_strangers(coarse: bytes) -> bool:
    """Letters of two scripts side by side, or a few strangers in a Latin text."""
    strangers = len(coarse) - len(coarse.translate(None, b"cgq"))
    if not strangers:
        return False
    native = coarse.count(b"a")
    if not native and not (b"c" in coarse and b"g" in coarse):
        return False
    return native >= _FOREIGN_SHARE * strangers or any(map(coarse.__contains__, _MIXED_SIGNS))


def undo(text: str) -> Words:
    """Restore the words of ``text``.

    Examples
    --------
    >>> undo("cl1ck  h e r e, U.S. Bаnk")
    Words(text='click  here, U.S. Bank', homoglyph=1, leet=1, spaced=1)
    """
    words = Words(text)
    for _ in range(_ROUNDS):
        before = words.text
        words = _spread(_leet(_look_alikes(words)))
        if words.text == before or not is_suspect(shape_of(words.text)):
            break
    return words


# --- letters of another alphabet ---------------------------------------------------------

_WORD: Final = re.compile(b"(?<![acgq0@])[a0@]*+[cgq][acgq0@]*+")  # of a coarse shape
_FOREIGN_SHARE: Final = 3  # Latin letters for each stranger: below, the stranger may be at home


def _look_alikes(words: Words) -> Words:
    shape = shape_of(words.text)
    coarse = shape.translate(_COARSE)
    if not _has_strangers(coarse):
        return words
    home = max(b"acg", key=coarse.count)
    whole = _whole_words_are_disguise(words.text, coarse)
    pieces: list[str] = []
    last = count = 0
    for match in _WORD.finditer(coarse):
        word = words.text[match.start() : match.end()]
        plain = _plain(word, match[0], home, whole=whole)
        if plain != word:
            pieces += words.text[last : match.start()], plain
            last = match.end()
            count += sum(map(str.__ne__, word, plain))
    if not count:
        return words
    text = "".join([*pieces, words.text[last:]])
    return msgspec.structs.replace(words, text=text, homoglyph=words.homoglyph + count)


def _whole_words_are_disguise(text: str, coarse: bytes) -> bool:
    """In a Latin text, strangers that all pass for Latin letters are no other language."""
    strangers = len(coarse) - len(coarse.translate(None, b"cgq"))
    if coarse.count(b"a") < _FOREIGN_SHARE * strangers:
        return False
    return all(char in LOOK_ALIKES["latin"] for char in _STRANGERS.intersection(text))


_STRANGERS: Final = frozenset(map(chr, np.isin(CLASS, list(b"cCgGnq")).nonzero()[0].tolist()))


def _plain(word: str, coarse: bytes, home: int, *, whole: bool) -> str:
    """Bring a word of two scripts into the one that all its letters can pass for."""
    scripts = {sign for sign in coarse if sign in b"acgq"}
    if len(scripts) == 1:
        return word.translate(_TO_LATIN) if whole and scripts != {ord("a")} else word
    options = [sign for sign in b"acg" if sign in scripts and _passes(word, coarse, sign)]
    if not options and ord("a") not in scripts and _passes(word, coarse, ord("a")):
        options = [ord("a")]
    if not options:
        return word
    best = home if home in options else options[0]
    return word.translate(_TO[best])


def _passes(word: str, coarse: bytes, script: int) -> bool:
    table = _TO[script]
    return all(
        sign == script or sign in b"0@" or ord(char) in table for char, sign in zip(word, coarse, strict=True)
    )


_TO_LATIN: Final = str.maketrans(dict(LOOK_ALIKES["latin"]))
_TO: Final = {
    ord("a"): _TO_LATIN,
    ord("c"): str.maketrans(dict(LOOK_ALIKES["cyrillic"])),
    ord("g"): str.maketrans(dict(LOOK_ALIKES["greek"])),
}


# --- digits and signs for letters ----------------------------------------------------------


def _leet(words: Words) -> Words:
    text, count = leet.undo(words.text)
    return msgspec.structs.replace(words, text=text, leet=words.leet + count) if count else words


# --- letters spread apart ------------------------------------------------------------------

_L: Final = b"[" + _SPREADABLE + b"]"
_SPREAD: Final = re.compile(
    b"(?<![" + _SPREADABLE + b"0])" + _L + b"(?:"
    b"(?:\\." + _L + b"(?!" + _L + b")){2,}+"
    b"|(?P<sign>[ _*-])" + _L + b"(?!" + _L + b")(?:(?P=sign)" + _L + b"(?!" + _L + b")){2,}+)"
)  # fmt: skip


_FEWEST_APART: Final = (b"a.a.a", *(sign.join([b"a"] * 4) for sign in (b" ", b"_", b"*", b"-")))


def _spread(words: Words) -> Words:
    shape = shape_of(words.text)
    if not any(map(shape.translate(_ONE_LETTER).__contains__, _FEWEST_APART)):
        return words
    pieces: list[str] = []
    last = count = 0
    for match in _SPREAD.finditer(shape):
        start, end = match.span()
        pieces += words.text[last:start], words.text[start:end:2]
        last = end
        count += _is_disguise(words.text[start:end:2], match[0], shape[end : end + 1])
    if not pieces:
        return words
    text = "".join([*pieces, words.text[last:]])
    return msgspec.structs.replace(words, text=text, spaced=words.spaced + count)


def _is_disguise(word: str, shape: bytes, after: bytes) -> bool:
    """No abbreviation (``U.S.A``, ``d.o.b``; any in scripts without case), no ``x x x x``."""
    letters = shape[::2]
    if len(letters) < _SHORTEST_SPREAD or len(set(word)) == 1:
        return False
    is_caseless = not letters.strip(b"rhno")
    is_abbreviation = shape[1:2] == b"." and (not letters.strip(b"ACG") or after == b"." or is_caseless)
    return not is_abbreviation or len(letters) > _LONGEST_ABBREVIATION


_SHORTEST_SPREAD: Final = 4
_LONGEST_ABBREVIATION: Final = 4
