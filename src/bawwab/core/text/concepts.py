"""What a text asks for and speaks of: ideas that survive translation.

A *concept* is an idea such as paying, hurrying, a parcel or a prize, with the words that stand for it
in each of the library's languages (``data/concepts.toml``), or a kind of entity (`tokens`). A fraud
reads alike in every language once its words are ideas: a parcel, a fee, a link. What the ideas
speak for is learned from messages; here they are only found, and `ideas` combines them.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from itertools import groupby
from types import MappingProxyType
from typing import Final, NamedTuple
from unicodedata import category

import msgspec

from bawwab.core.text.characters import WORDS
from bawwab.core.text.tokens import Kind, symbols

# Scripts that write several words in a row, or hang particles on them: entries match inside.
_INSIDE: Final = frozenset({"zh", "ja", "th", "ko"})
_BRAND: Final = "brand"
_REMEMBERED: Final = 2**16  # pieces of text
_SHORT: Final = 24  # characters: a longer piece hardly comes twice
_SHORTEST_SLIP: Final = 4  # letters: of fewer anything can be made
_SHORTEST_GAP: Final = 6  # of a word of which a letter is missing, or has another in its place
_GAP: Final = "_"

_LEXICON: Final[dict[str, dict[str, str]]] = tomllib.loads(
    (files(__package__) / "data/concepts.toml").read_text("utf-8")
)
NAMES: Final = (
    *(kind.value for kind in Kind),
    *sorted({f"{concept}" for table in _LEXICON.values() for concept in table} - {k.value for k in Kind}),
)
"""Every concept: the kinds of entity first, then the ideas in alphabetical order."""

WIDTH: Final = len(NAMES)


class Concepts(msgspec.Struct, frozen=True):
    """Where concepts occur: each with the place of its first character in the text."""

    ids: tuple[int, ...]
    places: tuple[int, ...]
    brands: tuple[str, ...]


def find(masked_text: str) -> Concepts:
    """Find the concepts of a masked text.

    ``places`` count the characters of the text with one character to a type token, and single
    spaces between its words: those that `ngrams.hashed` counts.

    Examples
    --------
    >>> found = find("pay the fee for your parcel: ⟨link⟩")
    >>> [NAMES[concept] for concept in found.ids]
    ['pay', 'fee', 'parcel', 'link']
    >>> [NAMES[concept] for concept in find("支付邮费 ⟨link⟩").ids]
    ['pay', 'fee', 'link']
    """
    return find_in(" ".join(symbols(masked_text).split()))


def find_in(plain: str) -> Concepts:
    """Find the concepts of a text that is laid out already, one space between two words."""
    ids: list[int] = []
    places: list[int] = []
    brands: list[str] = []
    start = 0
    for piece in plain.split(" "):
        for word, offset, known, phrases in (
            _remembered(piece) if len(piece) <= _SHORT else _met_in_run(piece)
        ):
            place = start + offset
            for concept, further in known:
                ids.append(concept)
                places.append(place + further)
                if concept == _BRAND_ID:
                    brands.append(word)
            end = place + len(word)
            for rest, open_ended, concept in phrases.get(plain[end : end + _BEGINNING], ()):
                if plain.startswith(rest, end) and (open_ended or not _WORD.match(plain, end + len(rest))):
                    ids.append(concept)
                    places.append(place)
        start += len(piece) + 1
    return Concepts(tuple(ids), tuple(places), tuple(brands))


# --- the lexicon, ready for look-up ----------------------------------------------------------

_FIRST_SYMBOL: Final = ord(symbols(f"⟨{next(iter(Kind)).value}⟩"))
_LAST_SYMBOL: Final = _FIRST_SYMBOL + len(Kind) - 1
# A vowel sign of an Indic script or of Thai is no letter to `re`, though words are full of them.
_SIGNS: Final = "".join(sign for sign in map(chr, range(0x900, 0xE50)) if category(sign)[0] == "M")
_LETTERS: Final = rf"[^\W_]+(?:[{_SIGNS}]+[^\W_]*)*"
_WORD: Final = re.compile(rf"[{chr(_FIRST_SYMBOL)}-{chr(_LAST_SYMBOL)}]|{_LETTERS}(?:[-'’/&]{_LETTERS})*")
_JOINT: Final = re.compile("[-'’/&]")
_ID: Final = MappingProxyType({name: number for number, name in enumerate(NAMES)})
_BRAND_ID: Final = _ID[_BRAND]
_Table = dict[str, tuple[int, ...]]
_Phrase = tuple[str, bool, int]  # what follows the first word, whether it may go on, the concept


class _Known(NamedTuple):
    """What a word stands for, each concept with its offset, and the phrases it may begin, by how they go on."""

    concepts: tuple[tuple[int, int], ...]
    phrases: dict[str, tuple[_Phrase, ...]]


class _Met(NamedTuple):
    """A word that stands for something, where it begins in its piece, and what is `_Known` of it."""

    word: str
    offset: int
    concepts: tuple[tuple[int, int], ...]
    phrases: dict[str, tuple[_Phrase, ...]]


def _entries() -> Iterator[tuple[str, str, bool, int]]:
    """Language, words, whether they are a beginning only, and concept of every entry."""
    for language, table in _LEXICON.items():
        for concept, words in table.items():
            for word in words.split():
                yield language, word.rstrip("*").replace("_", " "), word.endswith("*"), _ID[concept]


def _tables() -> tuple[_Table, _Table, _Table, dict[str, tuple[_Phrase, ...]]]:
    whole: defaultdict[str, set[int]] = defaultdict(set)
    begins: defaultdict[str, set[int]] = defaultdict(set)
    inside: defaultdict[str, set[int]] = defaultdict(set)
    phrases: defaultdict[str, set[_Phrase]] = defaultdict(set)
    for language, words, open_ended, concept in _entries():
        first, space, rest = words.partition(" ")
        if space:
            phrases[first].add((space + rest, open_ended or language in _INSIDE, concept))
        else:
            within = language in _INSIDE
            if within:
                inside[first].add(concept)
            if not within or first.isascii():  # a Latin word stands between Thai or Han on its own too
                (begins if open_ended else whole)[first].add(concept)
    return _frozen(whole), _frozen(begins), _frozen(inside), {k: tuple(sorted(v)) for k, v in phrases.items()}


def _frozen(table: dict[str, set[int]]) -> _Table:
    return {word: tuple(sorted(concepts)) for word, concepts in table.items()}


_WHOLE, _BEGINS, _WITHIN, _PHRASES = _tables()
_LENGTHS: Final = tuple(sorted({len(word) for word in _BEGINS}))
_BY_START: Final = {
    start: tuple((word, _WITHIN[word]) for word in words)
    for start, words in groupby(sorted(word for word in _WITHIN if len(word) > 1), lambda word: word[:2])
}
# What Arabic hangs before a word: and, so; with, to, like; the.
_PROCLITICS: Final = re.compile("[وف]?(?:بال|كال|لل|ال|[بلك])?")
_CONJUNCTION: Final = re.compile("[وف]")
_SHORTEST_STEM: Final = 3


def _of_word(word: str) -> _Known | None:
    """What a word stands for; None for most words."""
    sign = ord(word[0])
    if _FIRST_SYMBOL <= sign <= _LAST_SYMBOL:
        return _Known(((sign - _FIRST_SYMBOL, 0),), _NO_PHRASES)
    forms = tuple(_forms(word))
    found = {(concept, 0) for form in forms for concept in _of_form(form)}
    if not word.isascii():
        found.update(_within(word))
    phrases = [phrase for form in forms for phrase in _PHRASES.get(form, ())]
    if not found and not phrases:
        meant = _mended(word)
        return _of_word(meant) if meant else None
    concepts = tuple(sorted(found, key=lambda item: (item[1], item[0])))
    return _Known(concepts, _by_beginning(phrases) if phrases else _NO_PHRASES)


_NO_PHRASES: Final[dict[str, tuple[_Phrase, ...]]] = {}
_BEGINNING: Final = 2  # characters of a phrase behind its first word: a space and a letter


def _by_beginning(phrases: list[_Phrase]) -> dict[str, tuple[_Phrase, ...]]:
    beginnings = dict.fromkeys(rest[:_BEGINNING] for rest, _, _ in phrases)
    return {b: tuple(phrase for phrase in phrases if phrase[0].startswith(b)) for b in beginnings}


def _met(piece: str) -> tuple[_Met, ...]:
    """Words of a piece of text that stand for something."""
    read = ((match, _of_word(match[0])) for match in _WORD.finditer(piece))
    return tuple(_Met(match[0], match.start(), *known) for match, known in read if known)


_remembered = lru_cache(maxsize=_REMEMBERED)(_met)


def _met_in_run(run: str) -> Iterator[_Met]:
    """As `_met`, of a piece that hardly comes twice, though its words may."""
    for match in _WORD.finditer(run):
        word = match[0]
        for met in _remembered(word) if len(word) <= _SHORT else _met(word):
            yield _Met(word, match.start(), met.concepts, met.phrases)


def _mended(word: str) -> str | None:
    """Most frequent word of our messages that a slip of the fingers makes of it.

    A letter too many, two changed over; in longer words, behind the first letter, one that is missing, or
    another in its place ("pallet" is no "wallet").
    """
    if word in WORDS or not word.isascii() or not _SHORTEST_SLIP <= len(word) <= _SHORT:
        return None
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    meant = [before + after[1:] for before, after in cuts]
    meant += [before + after[1] + after[0] + after[2:] for before, after in cuts[:-2]]
    if len(word) >= _SHORTEST_GAP - 1:
        meant += [_BY_GAP.get(f"{before}{_GAP}{after[1:]}", "") for before, after in cuts[1:-1]]
        meant += [_BY_GAP.get(f"{before}{_GAP}{after}", "") for before, after in cuts[1:]]
    return min(filter(WORDS.__contains__, meant), key=WORDS.__getitem__, default=None)


def _words_by_gap() -> dict[str, str]:
    """The most frequent word that fits where one letter is left open."""
    words: dict[str, str] = {}
    for word in WORDS:  # the most frequent first
        if len(word) >= _SHORTEST_GAP:
            for at in range(1, len(word)):
                words.setdefault(f"{word[:at]}{_GAP}{word[at + 1 :]}", word)
    return words


_BY_GAP: Final = _words_by_gap()


def _forms(word: str) -> Iterator[str]:
    """A word as it stands, the parts of a compound, and what is left without Arabic proclitics."""
    yield word
    if _JOINT.search(word):
        yield from _JOINT.split(word)
    if "\u0621" <= word[0] <= "\u06ff":
        for end in {match.end() for match in (_PROCLITICS.match(word), _CONJUNCTION.match(word)) if match}:
            if end and len(word) - end >= _SHORTEST_STEM:
                yield word[end:]


def _of_form(form: str) -> Iterator[int]:
    yield from _WHOLE.get(form, ())
    for length in _LENGTHS:
        if length > len(form):
            return
        yield from _BEGINS.get(form[:length], ())


def _within(word: str) -> Iterator[tuple[int, int]]:
    """Concepts anywhere inside a run of letters of a script that sets no spaces."""
    for offset, sign in enumerate(word):
        for concept in _WITHIN.get(sign, ()):
            yield concept, offset
        for entry, concepts in _BY_START.get(word[offset : offset + 2], ()):
            if word.startswith(entry, offset):
                for concept in concepts:
                    yield concept, offset
