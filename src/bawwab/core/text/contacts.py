"""Names of the contacts in a text but for its links' domains: numbers, chats and handles, e-mail addresses.

A number's name is so short that thousands share it. The others' are longer, or one could be made up that is
called like another; and they begin with another letter, so that none is called like a number.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from bawwab.core.text.urls import Link

_DIGITS: Final = 9  # a number's last digits: with and without its country's code it is one number
_QUERY: Final = re.compile("[?#].*")


def contacts_of(phones: Iterable[str], others: Iterable[str], links: Sequence[Link]) -> tuple[str, ...]:
    """Names under which contacts are remembered.

    Examples
    --------
    >>> contacts_of(["+966501234567", "0501234567"], [], [])
    ('n5f4dc9',)
    """
    ends = ("".join(filter(str.isdigit, phone))[-_DIGITS:] for phone in phones)
    chats = (_QUERY.sub("", link.url.rpartition("://")[2]) for link in links if link.is_chat)
    written = (other.casefold() for other in chain(others, chats))
    numbers = ("n" + _digest(end, size=3) for end in ends)
    return tuple(dict.fromkeys(chain(numbers, ("a" + _digest(text, size=8) for text in written))))


def together(names: Sequence[str]) -> str:
    """One name for several contacts."""
    return "s" + _digest(" ".join(names), size=8)


def _digest(written: str, *, size: int) -> str:
    return hashlib.blake2b(written.encode(errors="surrogatepass"), digest_size=size).hexdigest()
