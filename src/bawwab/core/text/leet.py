"""Read leet: digits and signs for letters, ``acc0unt`` and ``pr!ze``.

A code, an amount, a handle, Arabic in Latin letters are no leet. A word that could be either is read only
where leet is the habit of the text.
"""

import re
from itertools import islice
from types import MappingProxyType
from typing import Final

from bawwab.core.text.readings import guessed, is_pronounceable, known, read, top_level

_SHORTEST: Final = 3
_WORD: Final = re.compile(
    r"(?<![\w@$#&*/\\.=:+-])(?:[A-Za-z]{1,24}+[013457@$|][A-Za-z013457@$|]{0,24}+|[Ѐ-ӿ]{1,24}+[034@][Ѐ-ӿ034@]{0,24}+)"
    r"(?![\w@$=/\\-]|[.,][0-9])"
)
_SIGNED: Final = r"(?=[A-Za-z]*[0134578@$!|])[A-Za-z0134578@$!|]{2,24}+"
_DOUBTFUL: Final = re.compile(r"(?<![\w@$!|#&*./\\=+-])" + _SIGNED + r"(?![\w@$=\\-]|[.,][0-9])")
_ANYWHERE: Final = re.compile(r"(?<![\w@$!|])(?:(?![0-9])|(?<![0-9][.,]))" + _SIGNED + r"(?!\w)")


def undo(text: str) -> tuple[str, int]:
    """Read the leet words of ``text``, and count them.

    Examples
    --------
    >>> undo("y0ur acc0unt 1s 8l0cked: 50me at 5pm, u/1nf0")
    ('your account is blocked: some at 5pm, u/info', 6)
    >>> undo("gr8 2day, B2B, 3ashan bta3tak")
    ('gr8 2day, B2B, 3ashan bta3tak', 0)
    """
    plain = _DOUBTFUL.sub(_if_known, _WORD.sub(_if_sure, text))
    count = _changed(text, plain) if plain != text else 0
    if count >= _HABIT or _is_full(text):
        plain = _ANYWHERE.sub(_in_habit, plain)
        count = _changed(text, plain)
    return plain, count


def _changed(before: str, after: str) -> int:
    """How many words are not what they were."""
    return sum(map(str.__ne__, before.split(), after.split()))


# --- a word by itself ------------------------------------------------------------------------

_SIGNS: Final = re.compile(r"[013457@$|]+")
_SURE: Final = frozenset("0@")
_CYRILLIC: Final = str.maketrans("034@", "озча")
_LONGEST_GROUP: Final = 2  # signs in a row: "abc134def" is a code
_BESIDE_AT: Final = 3  # letters: on one side of the sign; "info@shop" is an address cut short
_DOUBLE_AT_THE_END: Final = frozenset({"33", "$$"})
_MONEY: Final = frozenset({"sh", "ksh", "kes", "tsh", "ush", "rs", "n"})  # "Sh33" is a sum
_MANY: Final = re.compile("[0-9]{2,}[A-Za-z]+")  # "50kg"; yet "50me" may be a word
# Amounts, "N35k" in naira too, and how messages among friends write "before" and "great".
_COUNTED: Final = re.compile(
    r"1st|2nd|3rd|[0-9](?:[ap]m|th|h|x|k|gb?|mb)|[a-z]{1,2}[1-9][0-9]+k|(?:[bhlmw]|gr|upd)8|b4", re.IGNORECASE
)
# Arabic in Latin letters has letters that Latin lacks: "3ashan", "bta3tak", "da5elt".
_ARABIC_LETTER: Final = re.compile("[37][A-Za-z]+$")
_ARABIC_LETTERS: Final = frozenset("357")


def _if_sure(match: re.Match[str]) -> str:
    word = match[0]
    if word.isalpha() or not _is_leet(word):
        return word
    if not word[0].isascii():
        return word.translate(_CYRILLIC)
    return (known(word) if _may_be_arabic(word) else read(word)) or word


def _if_known(match: re.Match[str]) -> str:
    """Read what is a word that our messages use, whatever stands for its letters."""
    word = match[0].rstrip("!")
    letters = _letters(word)
    if letters == len(word) or letters < _SHORTEST or 2 * letters <= len(word):
        return match[0]
    if _is_counted(word) or _ARABIC_LETTER.match(word):
        return match[0]
    return (known(word) or word) + match[0][len(word) :]


def _is_leet(word: str) -> bool:
    """A word of letters in which a few signs stand for letters: no code, no amount."""
    groups = list(_SIGNS.finditer(word))
    signs = sum(len(group[0]) for group in groups)
    letters = len(word) - signs
    if len(word) == _SHORTEST and groups[0][0] not in _SURE:
        return False  # "g4s" and "b2b" are names
    if len(word) < _SHORTEST or letters < 2 or signs > letters:  # noqa: PLR2004 - a letter is no word
        return False
    if any(len(group[0]) > _LONGEST_GROUP for group in groups):
        return False
    at = word.find("@")
    if at >= 0 and min(at, len(word) - at - 1) > _BESIDE_AT:
        return False
    last = groups[-1]
    if last.end() < len(word):
        return True
    return last[0] in _DOUBLE_AT_THE_END and word[: last.start()].lower() not in _MONEY


def _letters(word: str) -> int:
    return sum(map(str.isalpha, word))


def _may_be_arabic(word: str) -> bool:
    return all(char.isalpha() or char in _ARABIC_LETTERS for char in word)


def _is_counted(word: str) -> bool:
    return (_MANY.fullmatch(word) or _COUNTED.fullmatch(word)) is not None


# --- the habit of a text ---------------------------------------------------------------------

# In a text with so many words of that kind, those that begin with a sign, or are short, are read too:
# none of 60,150 messages that are no fraud has as many.
_HABIT: Final = 2
_FULL: Final = 3  # words that can be read, of any language: 6 of 60,150 harmless messages have as many
_MIXED: Final = re.compile(r"[A-Za-z][0148@$]|[0148@$][A-Za-z]|![a-z]")
_TWO: Final = re.compile(r"\|[A-Za-z]+|[A-Za-z]{4,}(?:@[A-Za-z]|![A-Z])[A-Za-z]{3,}")
_CRY: Final = re.compile("[A-Za-z]{4,}![A-Za-z]{4,}")  # "thanks!then"


def _is_full(text: str) -> bool:
    """Many words can be read, though we know few of them: those of another language."""
    if len(_MIXED.findall(text)) < _FULL:
        return False
    found = filter(_can_be_read, (match[0] for match in _ANYWHERE.finditer(text)))
    return len(tuple(islice(found, _FULL))) == _FULL


def _can_be_read(word: str) -> bool:
    word = word.rstrip("!")
    letters = _letters(word)
    if letters in {0, len(word)} or len(word) < _SHORTEST:
        return False
    if _may_be_arabic(word) or _is_counted(word) or _may_be_two(word) or _CRY.fullmatch(word):
        return False
    return known(word) is not None or (2 * letters >= len(word) and read(word) is not None)


def _may_be_two(word: str) -> bool:
    """A handle, or words with a sign between: ``@kiosk``, ``popcorn!Just``, ``info@shop``."""
    if word[0] == "@" and word[1:].isalpha() and len(word) > _SHORTEST:
        return is_pronounceable(word[1:])  # "@ddress" is no name
    return _TWO.fullmatch(word) is not None


# --- a word where leet is the habit ----------------------------------------------------------

_SHORTEST_COUNTED: Final = 4  # letters and digits: "50me"
_SUM: Final = re.compile("[.,][0-9]")
_GOES_ON: Final = frozenset(",.;:")
_SMALL_WORDS: Final = MappingProxyType({"70": "to", "83": "be", "47": "at", "!5": "is", "!7": "it"})
_LONG_WORD: Final = re.compile(r"[A-Za-z]{4} ")  # its end: short ones may be currencies
_NEXT_WORD: Final = re.compile(r" [0-9]?[A-Za-z@!]")


def _in_habit(match: re.Match[str]) -> str:
    """Read what would be left alone if the other words were not written so."""
    word = match[0].rstrip("!")
    marks = match[0][len(word) :]
    if marks and _ends_in_i(word, match.string[match.end() : match.end() + 1]):
        word, marks = word + "!", marks[1:]
    if word.isalpha() or _COUNTED.fullmatch(word):
        return match[0]
    return (_meant(word, match) or word) + marks


def _meant(word: str, match: re.Match[str]) -> str | None:
    if _SUM.match(match.string, match.end()):
        return known(word)
    if match.string[max(0, match.start() - 1)] == "." and (top := top_level(word)):
        return top
    if not _letters(word):
        return _SMALL_WORDS.get(word) if _is_between_words(match) else None
    if _MANY.fullmatch(word):
        return known(word) if len(word) >= _SHORTEST_COUNTED else None
    return known(word) if _may_be_two(word) else read(word) or guessed(word)


def _ends_in_i(word: str, after: str) -> bool:
    """``suam!`` is no cry: with the sign it is a word, without it none."""
    if len(word) < _SHORTEST and after not in _GOES_ON:
        return False
    return known(word) is None and known(word + "!") is not None


def _is_between_words(match: re.Match[str]) -> bool:
    """A number there may be a word: ``cause 70 act``, not ``Rs 70 off``."""
    start = match.start()
    before = _LONG_WORD.fullmatch(match.string, max(0, start - 5), start)
    return before is not None and _NEXT_WORD.match(match.string, match.end()) is not None
