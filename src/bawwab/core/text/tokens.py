"""The kinds of entity, and the type tokens that stand for them in a masked text."""

import re
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Kind(StrEnum):
    """What a piece of text is, whatever its value."""

    LINK = "link"
    EMAIL = "email"
    HANDLE = "handle"
    PHONE = "phone"
    HOTLINE = "hotline"
    AMOUNT = "amount"
    DATE = "date"
    TIME = "time"
    ACCOUNT = "account"
    CODE = "code"
    PERCENT = "percent"
    REF = "ref"
    FLIGHT = "flight"
    NUMBER = "number"
    SMALL = "n"

    __hash__ = str.__hash__  # an enumeration's own is written in Python: 0.2 µs for every look-up


# Members by a plain name: `Kind.LINK` is a look-up through the metaclass, 0.1 µs a time.
LINK, EMAIL, HANDLE, PHONE, HOTLINE, AMOUNT, DATE, TIME = tuple(Kind)[:8]
ACCOUNT, CODE, PERCENT, REF, FLIGHT, NUMBER, SMALL = tuple(Kind)[8:]

TOKENS: Final = MappingProxyType({kind: f"⟨{kind.value}⟩" for kind in Kind})
"""The token of each kind. `normalise` lets no such bracket through, so none can be forged."""

_SYMBOLS: Final = {token: chr(0xE100 + i) for i, token in enumerate(TOKENS.values())}
_TOKEN: Final = re.compile("|".join(map(re.escape, TOKENS.values())))


def symbols(masked: str) -> str:
    r"""Shrink each type token to one private-use character, for n-grams and shingles.

    Examples
    --------
    >>> symbols("pay ⟨amount⟩ now")
    'pay \ue105 now'
    """
    return _TOKEN.sub(lambda token: _SYMBOLS[token[0]], masked) if "⟨" in masked else masked
