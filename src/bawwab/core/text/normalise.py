"""What a reader sees: a text with its disguises taken off, and a count of each.

Honest writing changes its form too (accents, Arabic letter forms, full-width Japanese), so
two questions are kept apart: what a character *means* is folded always; what was *undone*
is counted only where no honest writer would have put it.

Plain ASCII passes through untouched but for its case. In anything else

1. NFKC brings styled and full-width letters back to their plain form;
2. invisible characters fall away: honest as joiners in Persian, Indic scripts and emoji;
3. links and addresses are set aside, since each of their letters decides where they lead;
4. accents, digits, Arabic forms and traditional Han characters are folded by one table look-up
   (`characters.FOLD`);
5. look-alikes, leet and spaced-out words are undone word by word (`disguise`);
6. the links come back.
"""

import re
import unicodedata
from typing import Final

import msgspec
import numpy as np
import regex

from bawwab.core.text import disguise, links
from bawwab.core.text.characters import (
    CLASS,
    DROPPED,
    FOLD,
    INDIC,
    INVISIBLE,
    LETTERS,
    Codes,
    codes_of,
    shape_of,
    text_of,
)


class Undone(msgspec.Struct, frozen=True, kw_only=True):
    """How many disguises were taken off, by kind.

    Characters are counted, except that ``leet`` and ``spaced`` count words.
    """

    invisible: int = 0
    bidi: int = 0
    homoglyph: int = 0
    combining: int = 0
    styled: int = 0
    stretched: int = 0
    leet: int = 0
    spaced: int = 0

    @property
    def total(self) -> int:
        """All kinds together."""
        return sum(msgspec.structs.astuple(self))


class Normalised(msgspec.Struct, frozen=True):
    """A text as it reads: ``text`` in lower case, ``cased`` the same in its own case.

    ``spans`` are the links of ``cased`` where they were found on the way; None: not looked for.
    """

    text: str
    cased: str
    undone: Undone
    spans: tuple[links.Span, ...] | None = None


NOTHING: Final = Undone()

_STREAM_SAFE: Final = regex.compile(r"(\p{M}{30})\p{M}+")  # UAX #15, 13: Stream-Safe Text
_LONG: Final = 512  # characters: up to here the quadratic sort inside NFKC stays below 0.3 ms
_LONG_HONORIFICS: Final = regex.compile("[\ufdfa\ufdfb]")  # 18 and 8 letters under NFKC
# The lunate sigma looks like c; NFKC would make it a σ, which looks like o.
_LUNATE: Final = str.maketrans("ϲϹ", "сС")
_ASIDE: Final = "\ue000"  # private use: dropped from every input, so that nobody can forge it


def normalise(text: str) -> Normalised:
    r"""Take the disguises off ``text``; never raises, linear in its length.

    Normalising again changes nothing.

    Examples
    --------
    >>> normalise("Fr\u200bее  p@ypal").text
    'free  paypal'
    >>> normalise("Fr\u200bее  p@ypal").undone
    Undone(invisible=1, bidi=0, homoglyph=2, combining=0, styled=0, stretched=0, leet=1, spaced=0)
    >>> normalise("Спасибо, José! می\u200cخواهم").undone == NOTHING
    True
    """
    if text.isascii():
        shape = shape_of(text)
        if b"I" not in shape:
            is_broken = disguise.is_broken(shape)
            return _mended(text) if is_broken else Normalised(text.lower(), text, NOTHING)
    return _normalise_any(text)


_LINE_ENDS: Final = str.maketrans("\v\f\r", "\n\n\n")


def _mended(text: str) -> Normalised:
    """Undo what can be done to words in ASCII: of the steps for any text those that can change it."""
    open_text, aside, spans = _set_aside(text)
    plain = open_text.translate(_LINE_ENDS)
    words = disguise.undo(plain) if disguise.is_suspect(shape_of(plain)) else disguise.Words(plain)
    cased = _put_back(words.text, aside)
    undone = Undone(homoglyph=words.homoglyph, leet=words.leet, spaced=words.spaced)
    return Normalised(cased.lower(), cased, undone, tuple(spans) if cased == text else None)


class _Reading(msgspec.Struct, frozen=True):
    """A text with its code points and its shape."""

    text: str
    codes: Codes
    shape: bytes


def _read(text: str) -> _Reading:
    codes = codes_of(text)
    return _Reading(text, codes, CLASS[codes].tobytes())


def _normalise_any(text: str) -> Normalised:
    raw = _read(text)
    reading = _compatible(raw)
    visible, invisible, bidi = _visible(reading)
    open_text, aside, spans = _set_aside(visible.text)
    folded, exotic, combining, stretched = _folded(_read(open_text) if aside else visible)
    words = disguise.undo(folded.text) if disguise.is_suspect(folded.shape) else disguise.Words(folded.text)
    cased = _put_back(words.text, aside)
    lower = cased.lower()
    if "ς" in lower:
        lower = lower.replace("ς", "σ")
    undone = Undone(
        invisible=invisible,
        bidi=bidi,
        homoglyph=exotic + words.homoglyph,
        combining=combining,
        styled=_styled(raw.shape),
        stretched=stretched,
        leet=words.leet,
        spaced=words.spaced,
    )
    return Normalised(lower, cased, undone, tuple(spans) if cased == visible.text else None)


# --- 1: compatibility forms ----------------------------------------------------------------


def _styled(shape: bytes) -> int:
    """Letters in a style; full-width ones are at home in East Asia."""
    wide = b"F" in shape and b"z" not in shape and b"j" not in shape and b"w" not in shape
    return (shape.count(b"Y") if b"Y" in shape else 0) + (shape.count(b"F") if wide else 0)


def _compatible(raw: _Reading) -> _Reading:
    text = raw.text
    if len(text) > _LONG:
        text = _STREAM_SAFE.sub(r"\1", text)
        text = _LONG_HONORIFICS.sub(" ", text)
    if "ϲ" in text or "Ϲ" in text:
        text = text.translate(_LUNATE)
    plain = unicodedata.normalize("NFKC", text)
    return raw if plain is raw.text else _read(plain)


# --- 2: invisible characters ---------------------------------------------------------------

_IS_INVISIBLE: Final = np.isin(CLASS, np.frombuffer(INVISIBLE, np.uint8))
_HIDDEN: Final = re.compile(b"[" + INVISIBLE + b"]+")
_WORDLIKE: Final = frozenset(LETTERS + b"0M")
_JOINED: Final = b"rHWvktlm" + INDIC  # scripts that need ZWJ and ZWNJ
_HONEST: Final = re.compile(b"(?<=[" + _JOINED + b"])Z|(?<=[EV])Z(?=E)|(?<=[tlkmzj])S|(?<=[E,z0*])V|(?<=E)T+")
_MANY: Final = 3  # in a row: no accident of copying, wherever they stand


def _visible(reading: _Reading) -> tuple[_Reading, int, int]:
    """Drop what cannot be seen; count it inside words, unless the script or an emoji needs it."""
    shape = reading.shape
    if len(shape.translate(None, INVISIBLE)) == len(shape):
        return reading, 0, 0
    hidden = 0
    is_two_way = b"r" in shape or b"h" in shape or b"v" in shape
    turned = shape.count(b"O")
    for run in _HIDDEN.finditer(_HONEST.sub(_blank, shape)):
        if _is_inside(shape, *run.span()):
            marks = run[0].count(b"B")
            turned += 0 if is_two_way else marks
            hidden += len(run[0]) - marks - run[0].count(b"O")
    codes = reading.codes[~_IS_INVISIBLE[reading.codes]]
    return _Reading(text_of(codes), codes, CLASS[codes].tobytes()), hidden, turned


def _blank(honest: re.Match[bytes]) -> bytes:
    return b"," * len(honest[0])


def _is_inside(shape: bytes, start: int, end: int) -> bool:
    """Between two characters of a word, or too many in a row."""
    if end - start >= _MANY:
        return True
    return start > 0 and end < len(shape) and {shape[start - 1], shape[end]} <= _WORDLIKE


# --- 3 and 6: links ------------------------------------------------------------------------


def _set_aside(text: str) -> tuple[str, list[str], list[links.Span]]:
    """Text with a sign for each link, the links as written, and where they stand."""
    spans = links.find(text)
    pieces: list[str] = []
    last = 0
    for span in spans:
        pieces += text[last : span.start], _ASIDE
        last = span.end
    return "".join([*pieces, text[last:]]), [text[span.start : span.end] for span in spans], spans


def _put_back(text: str, kept: list[str]) -> str:
    if not kept:
        return text
    pieces = text.split(_ASIDE)
    return "".join(piece for pair in zip(pieces, [*kept, ""], strict=True) for piece in pair)


# --- 4: one table --------------------------------------------------------------------------

_MARKS: Final = re.compile(b"M+")
_VOWEL_MARKS: Final = re.compile(b"H{3,}")  # shadda with a vowel is two
_TATWEELS: Final = re.compile(b"W+")
# Marks and letters that living orthographies combine although no precomposed letter exists:
# Yoruba tones, Ewe nasals, Guarani g̃, the stress marks of Russian.
_HONEST_MARKS: Final = frozenset("\u0300\u0301\u0302\u0303\u0304\u0308\u030c\u0323\u0331")
_HONEST_BASES: Final = frozenset("aeiouyɛɔəɩʋɪʊmnŋgаеиоуыэюяέαειουωη")


def _folded(reading: _Reading) -> tuple[_Reading, int, int, int]:
    """Fold every character; count phonetic signs, piled marks, words stretched by tatweel."""
    shape = reading.shape
    codes = FOLD[reading.codes]
    exotic = shape.count(b"X") if b"X" in shape else 0
    if len(shape.translate(None, DROPPED)) == len(shape):
        return _Reading(text_of(codes), codes, CLASS[codes].tobytes()), exotic, 0, 0
    # What stood between two characters is gone: they may compose now.
    plain = unicodedata.normalize("NFKC", text_of(codes[codes != 0]))
    return _read(plain), exotic, _piled_marks(reading), _stretched(shape)


def _piled_marks(reading: _Reading) -> int:
    if b"M" not in reading.shape:
        return 0
    runs = _MARKS.finditer(reading.shape)
    return sum(run.end() - run.start() - _is_honest(reading.text, *run.span()) for run in runs)


def _is_honest(text: str, start: int, end: int) -> bool:
    if start == 0 or end - start > 1 or text[start] not in _HONEST_MARKS:
        return False
    return chr(FOLD[ord(text[start - 1])]).lower() in _HONEST_BASES


def _stretched(shape: bytes) -> int:
    """Vowel marks beyond two on a letter, and tatweel met more than once in a word."""
    piled = sum(len(run) - 2 for run in _VOWEL_MARKS.findall(shape)) if b"HHH" in shape else 0
    if b"W" not in shape or shape.count(b"W") == 1:
        return piled
    runs = (len(_TATWEELS.findall(word)) for word in shape.split(b" "))
    return piled + sum(count for count in runs if count > 1)
