"""What a reader sees: a text with its disguises taken off, and a count of each.

Honest writing changes its form too (accents, Arabic letter forms, full-width Japanese), so
two questions are kept apart: what a character *means* is folded always; what was *undone*
is counted only where no honest writer would have put it.

Plain ASCII passes through untouched but for its case. In anything else

1. NFKC brings styled and full-width letters back to their plain form;
2. invisible characters fall away: honest as joiners in Persian, Indic scripts and emoji;
3. links and addresses are set aside, since each of their letters decides where they lead;
4. accents, digits and Arabic forms are folded by one table look-up (`characters.FOLD`);
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
    """A text as it reads: ``text`` in lower case, ``cased`` the same in its own case."""

    text: str
    cased: str
    undone: Undone


NOTHING: Final = Undone()

_STREAM_SAFE: Final = regex.compile(r"(\p{M}{30})\p{M}+")  # UAX #15, 13: Stream-Safe Text
_LONG: Final = 512  # characters: up to here the quadratic sort inside NFKC stays below 0.3 ms
_LONG_HONORIFICS: Final = regex.compile("[\ufdfa\ufdfb]")  # 18 and 8 letters under NFKC
_ASIDE: Final = "\ue000"  # private use: dropped from every input, so that nobody can forge it
_DROPPED_ANY: Final = re.compile(b"[" + DROPPED + b"]")
_COUNTED: Final = re.compile(b"[" + INVISIBLE + b"MHWXFY]")


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
        if not disguise.is_suspect(shape) and b"I" not in shape:
            return Normalised(text.lower(), text, NOTHING)
    return _normalise_any(text)
