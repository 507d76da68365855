"""Every verb of a state store as one Redis command, and how its reply is read; no I/O here.

======  =====================================  ===================================
suffix  holds                                  as
======  =====================================  ===================================
``:r``  a row of counters                      doubles: since, at, the values
``:c``  a cell                                 a double: the TAT
``:f``  a fact                                 doubles until, stamp; MessagePack
``:s``  a windowed set up to its exact size    sorted set: bucket and member, time
``:k``  its sketch beyond that                 sorted set: bucket, stamp
``:o``  the origin of the sketch's stamps      a number
======  =====================================  ===================================

All keys of one verb share the hash tag, thus the slot of a Redis Cluster. Expiry is part of a
value, as everywhere; Redis drops what is a day past it, so that a clock set back finds it still.
"""

import hashlib
import math
import struct
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from bawwab.core.state.bundles import DAY, FACT_TYPES
from bawwab.core.state.cell import SLACK, CellAnswer, Rate, hit
from bawwab.core.state.decay import Field, Row
from bawwab.core.state.port import Key
from bawwab.core.state.window import BUCKETS, Window, bucket, estimate
from bawwab.stores.memory import Fact

Piece = str | bytes | int | float
T = TypeVar("T")

_DOUBLE, _TWO, _FOUR = struct.Struct("<d"), struct.Struct("<dd"), struct.Struct("<dddd")
_encode = msgspec.msgpack.Encoder().encode
_DECODE: dict[str, Callable[[bytes], Any]] = {
    bundle: msgspec.msgpack.Decoder(kind).decode for bundle, kind in FACT_TYPES.items()
}


class Script(NamedTuple):
    """A Lua script, known to Redis by its digest."""

    text: str
    digest: str


class Ask(NamedTuple, Generic[T]):
    """One command, how its reply is read, and the reply where nothing is held."""

    command: tuple[Piece, ...]
    read: Callable[[Any], T]
    nothing: Any = None


def load_script(name: str) -> Script:
    """Read a script of this package."""
    text = (Path(__file__).parent / "lua" / f"{name}.lua").read_text("utf-8")
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


_COUNT, _HIT, _PUT, _PUT_NEW = (load_script(name) for name in ("count", "hit", "put", "put_new"))
_SEE, _SEEN, _SEEN_COUNT = (load_script(name) for name in ("see", "seen", "seen_count"))
TAKE, KEEP, GIVE = (load_script(name) for name in ("take", "keep", "give"))
_ALL = (_COUNT, _HIT, _PUT, _PUT_NEW, _SEE, _SEEN, _SEEN_COUNT, TAKE, KEEP, GIVE)
SCRIPTS = {script.digest: script.text for script in _ALL}


class Verbs:
    """Writes commands.

    Parameters
    ----------
    namespace : str
        First part of every key.
    row_retention : float
        Seconds after its last change that a row is forgotten.
    expires : bool
        Whether Redis may drop what is past its time; not where time is the events' own.
    """

    def __init__(self, namespace: str, *, row_retention: float, expires: bool) -> None:
        self.namespace = namespace
        self._row_retention, self._expires = row_retention, expires

    def name(self, key: Key) -> str:
        """Text of a key, different for different keys.

        Examples
        --------
        >>> Verbs("bawwab", row_retention=1.0, expires=True).name(("pair", "shop", "r1"))
        'bawwab:{pair:shop:r1}'
        """
        parts = (part.replace("\\", "\\\\").replace(":", "\\:") for part in key)
        return f"{self.namespace}:{{{':'.join(parts)}}}"

    def keep(self, seconds: float) -> str:
        """Milliseconds after which Redis may drop what holds for ``seconds``; empty for never."""
        if not self._expires or seconds == math.inf:
            return ""
        return str(max(1, math.ceil((seconds + DAY) * 1_000)))

    # --- decayed counters --------------------------------------------------------------------

    def row(self, key: Key, *, now: float) -> Ask[Row | None]:
        """Counters of ``key``."""
        return Ask(("GET", _raw(self.name(key) + ":r")), partial(self._read_row, now))

    def count(
        self, key: Key, deltas: Sequence[tuple[int, float]], fields: Sequence[Field], *, now: float
    ) -> Ask[None]:
        """Add to counters."""
        lifetimes = _pack([field.lifetime for field in fields])
        pairs = _pack([number for delta in deltas for number in delta])
        retention = _DOUBLE.pack(self._row_retention)
        arguments = (_DOUBLE.pack(now), retention, lifetimes, pairs, self.keep(self._row_retention))
        return Ask(command(_COUNT, [self.name(key) + ":r"], *arguments), _nothing)

    def set_row(self, key: Key, row: Row) -> Ask[None]:
        """Hold these counters."""
        return self._set(self.name(key) + ":r", _pack([row.since, row.at, *row.values]), self._row_retention)

    def _read_row(self, now: float, raw: bytes | None) -> Row | None:
        if raw is None:
            return None
        since, at, *values = struct.unpack(f"<{len(raw) // 8}d", raw)
        return None if now - at > self._row_retention else Row(since, at, tuple(values))

    # --- cells -------------------------------------------------------------------------------

    def test(self, key: Key, rate: Rate, *, now: float) -> Ask[CellAnswer]:
        """What a hit would be answered."""
        return Ask(("GET", _raw(self.name(key) + ":c")), partial(_read_cell, rate, now))

    def hit(self, key: Key, rate: Rate, *, now: float) -> Ask[CellAnswer]:
        """Spend one."""
        numbers = _FOUR.pack(now, rate.burst, rate.interval, SLACK)
        kept = self.keep(rate.burst * rate.interval)
        return Ask(command(_HIT, [self.name(key) + ":c"], numbers, kept), partial(_read_cell, rate, now))

    def set_cell(self, key: Key, tat: float, *, now: float) -> Ask[None]:
        """Hold this TAT."""
        return self._set(self.name(key) + ":c", _DOUBLE.pack(tat), max(0.0, tat - now))

    # --- windowed sets -----------------------------------------------------------------------

    def see(self, key: Key, member: str, window: Window, *, now: float) -> Ask[None]:
        """Add or refresh a member."""
        horizon, kept = repr(now - window.seconds), self.keep(window.seconds)
        arguments = (_member(member), repr(now), horizon, window.exact, kept)
        return Ask(command(_SEE, self._set_keys(key), *arguments), _nothing)

    def seen(self, key: Key, member: str, window: Window, *, now: float) -> Ask[bool]:
        """Whether a member is within the window."""
        horizon = repr(now - window.seconds)
        return Ask(command(_SEEN, self._set_keys(key), _member(member), horizon), bool, 0)

    def seen_count(self, key: Key, window: Window, *, now: float) -> Ask[int]:
        """How many members are."""
        horizon = repr(now - window.seconds)
        return Ask(command(_SEEN_COUNT, self._set_keys(key), horizon), _read_count, (0, 0))

    def seen_oldest(self, key: Key, window: Window, *, now: float) -> Ask[float | None]:
        """When the member that leaves next was last seen."""
        after = f"({now - window.seconds!r}"
        command = ("ZRANGEBYSCORE", _raw(self.name(key) + ":s"), after, "+inf")
        return Ask((*command, "WITHSCORES", "LIMIT", 0, 1), _read_oldest, ())

    def unsee(self, key: Key) -> Ask[None]:
        """Empty a set."""
        return Ask(("UNLINK", *map(_raw, self._set_keys(key))), _nothing)

    def set_members(self, key: Key, seen: dict[str, float], *, kept: float) -> list[Ask[None]]:
        """Hold these members."""
        name = _raw(self.name(key) + ":s")
        pairs = [piece for member, at in seen.items() for piece in (repr(at), _member(member))]
        return [*self._add(name, pairs), *self._expire([name], kept)]

    def set_sketch(
        self, key: Key, origin: float, stamps: dict[int, float], *, kept: float
    ) -> list[Ask[None]]:
        """Hold these stamps."""
        _, name, begin = map(_raw, self._set_keys(key))
        pairs = [piece for place, at in stamps.items() for piece in (repr(at), _place(place))]
        begun: Ask[None] = Ask(("SET", begin, repr(origin)), _nothing)
        return [*self._add(name, pairs), begun, *self._expire([name, begin], kept)]

    def _set_keys(self, key: Key) -> list[str]:
        name = self.name(key)
        return [name + ":s", name + ":k", name + ":o"]

    def _add(self, name: bytes, pairs: list[Any]) -> list[Ask[None]]:
        starts = range(0, len(pairs), _AT_ONCE)
        return [Ask(("ZADD", name, *pairs[start : start + _AT_ONCE]), _nothing) for start in starts]

    def _expire(self, names: list[bytes], seconds: float) -> list[Ask[None]]:
        kept = self.keep(seconds)
        return [Ask(("PEXPIRE", name, kept), _nothing) for name in names] if kept else []

    # --- facts -------------------------------------------------------------------------------

    def fact(self, key: Key, *, now: float) -> Ask[Any]:
        """Value of a fact."""
        return Ask(("GET", _raw(self.name(key) + ":f")), partial(_read_fact, key[0], now))

    def put(
        self, key: Key, value: object, *, now: float, ttl: float, stamp: float | None = None
    ) -> Ask[bool]:
        """Set a fact."""
        name, fact, kept = self.name(key) + ":f", _fact(value, now + ttl, stamp), self.keep(ttl)
        if stamp is None:
            return Ask(("SET", _raw(name), fact, *(("PX", kept) if kept else ())), bool)
        return Ask(command(_PUT, [name], _TWO.pack(now, stamp), fact, kept), bool)

    def put_new(self, key: Key, value: object, *, now: float, ttl: float) -> Ask[bool]:
        """Set a fact unless one is set."""
        fact = _fact(value, now + ttl, None)
        return Ask(command(_PUT_NEW, [self.name(key) + ":f"], _DOUBLE.pack(now), fact, self.keep(ttl)), bool)

    def set_fact(self, key: Key, fact: Fact, *, now: float) -> Ask[None]:
        """Hold this fact."""
        value, until, stamp = fact
        return self._set(self.name(key) + ":f", _fact(value, until, stamp), max(0.0, until - now))

    def forget(self, key: Key) -> Ask[None]:
        """Drop whatever ``key`` holds."""
        name = self.name(key)
        return Ask(("UNLINK", *(_raw(f"{name}:{suffix}") for suffix in "rcfsko")), _nothing)

    def _set(self, name: str, value: bytes, seconds: float) -> Ask[None]:
        kept = self.keep(seconds)
        return Ask(("SET", _raw(name), value, *(("PX", kept) if kept else ())), _nothing)


_AT_ONCE = 2_000  # arguments of one command: no command keeps the others waiting for long


def command(script: Script, keys: Sequence[str], *arguments: Piece) -> tuple[Piece, ...]:
    """Command that runs a script."""
    return ("EVALSHA", script.digest, len(keys), *map(_raw, keys), *arguments)


def _raw(name: str) -> bytes:
    return name.encode(errors="surrogatepass")


def _pack(numbers: Sequence[float]) -> bytes:
    return struct.pack(f"<{len(numbers)}d", *numbers)


def _place(place: int) -> bytes:
    return place.to_bytes(3, "little")


def _member(member: str) -> bytes:
    return _place(bucket(member)) + _raw(member)


def _fact(value: object, until: float, stamp: float | None) -> bytes:
    return _TWO.pack(until, math.nan if stamp is None else stamp) + _encode(value)


def _read_fact(bundle: str, now: float, raw: bytes | None) -> Any:  # noqa: ANN401 - each bundle has its own type
    if raw is None or _DOUBLE.unpack_from(raw)[0] <= now:
        return None
    return _DECODE[bundle](raw[_TWO.size :])


def _read_cell(rate: Rate, now: float, raw: bytes | None) -> CellAnswer:
    return hit(None if raw is None else _DOUBLE.unpack(raw)[0], rate, now=now)[1]


def _read_count(reply: Sequence[int]) -> int:
    is_sketch, found = reply
    return estimate(BUCKETS - found) if is_sketch else found


def _read_oldest(reply: Sequence[bytes]) -> float | None:
    return float(reply[1]) if reply else None


def _nothing(_: object) -> None:
    return None
