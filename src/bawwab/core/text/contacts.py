"""Names of the contacts in a text: telephone numbers, chat handles, e-mail addresses, links that open a chat."""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from bawwab.core.text.urls import Link

_DIGITS: Final = 9  # a number's last digits: with and without its country's code it is one number


def contacts_of(phones: Iterable[str], others: Iterable[str], links: Sequence[Link]) -> tuple[str, ...]:
    """Names under which contacts are remembered: so short that many share one, and nobody is known by it.

    Examples
    --------
    >>> contacts_of(["+966501234567", "0501234567"], [], [])
    ('5f4dc9',)
    """
    ends = ("".join(filter(str.isdigit, phone))[-_DIGITS:] for phone in phones)
    chats = (link.url.rpartition("://")[2].casefold() for link in links if link.is_chat)
    return tuple(dict.fromkeys(map(_digest, chain(ends, others, chats))))


def _digest(written: str) -> str:
    """Three bytes: of ten thousand million numbers some six hundred share one."""
    return hashlib.blake2b(written.encode(errors="surrogatepass"), digest_size=3).hexdigest()
