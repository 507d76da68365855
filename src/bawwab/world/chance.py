"""Chance with a name: every agent draws from a stream of its own.

A stream depends on the run's seed and on its name alone, so that adding, changing or removing
one agent does not move what any other agent draws.
"""

import hashlib
import math
import random
from typing import Annotated

import numpy as np
from msgspec import Meta

Range = Annotated[tuple[float, float], Meta(description="lowest and highest value of a draw")]

_SPREAD = 3.0  # from this ratio on a range is drawn on the logarithmic scale


def stream(seed: int, name: str) -> np.random.Generator:
    """Open the stream of that name.

    Examples
    --------
    >>> float(stream(1, "bank/0").random()) == float(stream(1, "bank/0").random())
    True
    >>> float(stream(1, "bank/0").random()) == float(stream(1, "bank/1").random())
    False
    """
    return np.random.Generator(np.random.PCG64(int.from_bytes(_digest(seed, name), "big")))


def words_stream(seed: int, name: str) -> random.Random:
    """Open the stream that fills the slots of that name's wordings."""
    return random.Random(_digest(seed, name + "/words"))  # noqa: S311 - a simulation


def token(seed: int, name: str, length: int = 12) -> str:
    """Name something so that its name says nothing.

    Examples
    --------
    >>> token(1, "bank/0")
    '6f7c17d5870b'
    """
    return _digest(seed, name).hex()[:length]


def draw(chance: np.random.Generator, bounds: tuple[float, float]) -> float:
    """Draw from a range; wide ranges of positive numbers on the logarithmic scale."""
    low, high = bounds
    spot = float(chance.random())
    if low > 0.0 and high / low > _SPREAD:
        return low * math.exp(spot * math.log(high / low))
    return low + spot * (high - low)


def draw_count(chance: np.random.Generator, bounds: tuple[float, float]) -> int:
    """Draw a whole number from a range, ends included."""
    return round(draw(chance, bounds))


def to_milliseconds(seconds: float) -> float:
    """Round a time to what survives being written as RFC 3339."""
    return round(seconds, 3)


def _digest(seed: int, name: str) -> bytes:
    return hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=16).digest()
