"""Everything about the words of a message that no sender and no model can change.

What depends on the masked text alone and costs more (`ngrams.hashed`, `fingerprint.signature`)
is left to the caller, who can remember it under the template hash.
"""

from typing import Final

import msgspec

from bawwab.core.text import lexicon
from bawwab.core.text.characters import LETTERS, SCRIPTS, shape_of
from bawwab.core.text.contacts import contacts_of
from bawwab.core.text.entities import Counts, mask
from bawwab.core.text.fingerprint import hash_words
from bawwab.core.text.links import Link
from bawwab.core.text.normalise import Undone, normalise


class TextAnalysis(msgspec.Struct, frozen=True, kw_only=True):
    """What a message's words are, whoever sends them.

    ``contacts`` names whom it leads to but for the domains of its links (`contacts.contacts_of`);
    ``script`` is the one most letters belong to, ``script_share`` its share of the letters,
    ``n_scripts`` how many scripts occur; ``template`` is the key of the masked text.
    """

    normalised: str
    masked: str
    template: int
    counts: Counts
    links: tuple[Link, ...]
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    handles: tuple[str, ...]
    contacts: tuple[str, ...]
    undone: Undone
    length: int
    words: int
    script: str
    script_share: float
    n_scripts: int
    upper_share: float
    emoji: int
    asks_to_reply: bool

    @property
    def has_link(self) -> bool:
        """There is a link to open."""
        return bool(self.links)

    @property
    def has_phone(self) -> bool:
        """There is a number to call or write to, short codes included."""
        return bool(self.phones) or self.counts.hotline > 0

    @property
    def has_chat(self) -> bool:
        """There is a chat handle or a link that opens a chat."""
        return bool(self.handles) or any(link.is_chat for link in self.links)

    @property
    def code_with_link(self) -> bool:
        """A one-time code and a link together: an honest code needs none."""
        return self.counts.code > 0 and bool(self.links)


def analyse(text: str) -> TextAnalysis:
    """Read a message's words.

    Examples
    --------
    >>> found = analyse("Your code is 482913. Never share it. https://bank.com/x")
    >>> found.masked, found.code_with_link, found.script
    ('your code is ⟨code⟩. never share it. ⟨link⟩', True, 'latin')
    """
    normalised = normalise(text)
    masked = mask(normalised)
    words = masked.text.split()
    census = _census(normalised.cased)
    return TextAnalysis(
        normalised=normalised.text,
        masked=masked.text,
        template=hash_words(words),
        counts=masked.counts,
        links=masked.links,
        phones=masked.phones,
        emails=masked.emails,
        handles=masked.handles,
        contacts=contacts_of(masked.phones, (*masked.handles, *masked.emails), masked.links),
        undone=normalised.undone,
        length=len(text),
        words=len(words),
        script=census.script,
        script_share=census.script_share,
        n_scripts=census.n_scripts,
        upper_share=census.upper_share,
        emoji=census.emoji,
        asks_to_reply=_asks_to_reply(masked.text, words),
    )


class _Census(msgspec.Struct, frozen=True):
    script: str
    script_share: float
    n_scripts: int
    upper_share: float
    emoji: int


_SCRIPT_OF: Final = {sign: name for name, signs in SCRIPTS.items() for sign in signs}
_LETTERS: Final = frozenset(LETTERS)


def _census(text: str) -> _Census:
    """Shares of scripts and of upper case among the letters."""
    shape = shape_of(text)
    upper = shape.count(b"A")
    if text.isascii():
        letters = upper + shape.count(b"a")
        return _Census("latin", 1.0, 1, upper / letters, 0) if letters else _NO_LETTERS
    counts: dict[str, int] = {}
    for sign in _LETTERS.intersection(shape):
        name = _SCRIPT_OF[sign]
        counts[name] = counts.get(name, 0) + shape.count(sign)
    letters, emoji = sum(counts.values()), shape.count(b"E")
    if not letters:
        return _Census("none", 0.0, 0, 0.0, emoji)
    script = max(counts, key=lambda name: (counts[name], name))
    upper += shape.count(b"C") + shape.count(b"G")
    return _Census(script, counts[script] / letters, len(counts), upper / letters, emoji)


_NO_LETTERS: Final = _Census("none", 0.0, 0, 0.0, 0)


def _asks_to_reply(masked: str, words: list[str]) -> bool:
    if not lexicon.REPLY.isdisjoint(words):
        return True
    return not masked.isascii() and lexicon.RUN_ON_REPLY.search(masked) is not None
