"""State in the memory of one process.

Values are immutable (windowed sets apart), so that a shallow copy is a consistent snapshot.
Expiry is part of the meaning, not of the cleaning: a value past its retention is absent
whether or not `MemoryState.sweep` has dropped it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple, Protocol, TypeVar

from bawwab.core.state.cell import CellAnswer, Rate, hit, test
from bawwab.core.state.decay import Field, Row, count
from bawwab.core.state.port import Key, StateStore
from bawwab.core.state.window import Window, WindowedSet

_AT_ONCE = 2_000  # keys looked at between two requests: about a millisecond

T = TypeVar("T")
V = TypeVar("V")


class Fact(NamedTuple):
    """A value, until when it holds, and the stamp that orders writers."""

    value: Any
    until: float
    stamp: float | None


class Dump(NamedTuple):
    """Everything a state holds, at one moment."""

    rows: dict[Key, Row]
    cells: dict[Key, float]
    sets: dict[Key, tuple[float, dict[str, float], bytes]]
    facts: dict[Key, Fact]

    @property
    def size(self) -> int:
        """How many keys there are."""
        return len(self.rows) + len(self.cells) + len(self.sets) + len(self.facts)


class Revision(Protocol):
    """What is to go from a state, and what it is to be called instead where it stays."""

    @property
    def members(self) -> dict[str, str]:
        """What the members of windowed sets become."""

    def owns(self, key: Key) -> bool:
        """Whether an entry goes."""

    def unlink_fact(self, key: Key, value: Any) -> Any:  # noqa: ANN401 - each bundle has its own type
        """Fact as it stays."""


class MemoryState:
    """The four primitives in dictionaries.

    Parameters
    ----------
    row_retention : float
        Seconds after its last change that a row of counters is forgotten.
    """

    def __init__(self, *, row_retention: float = 90 * 86_400.0) -> None:
        self._row_retention = row_retention
        self._rows: dict[Key, Row] = {}
        self._cells: dict[Key, float] = {}
        self._sets: defaultdict[Key, WindowedSet] = defaultdict(WindowedSet)
        self._facts: dict[Key, Fact] = {}

    # --- decayed counters --------------------------------------------------------------------

    def row(self, key: Key, *, now: float) -> Row | None:
        """Counters of ``key`` as last changed."""
        row = self._rows.get(key)
        return None if row is None or now - row.at > self._row_retention else row

    def count(
        self, key: Key, deltas: Sequence[tuple[int, float]], fields: Sequence[Field], *, now: float
    ) -> None:
        """Add to the counters of ``key``."""
        self._rows[key] = count(self.row(key, now=now), deltas, fields, now=now)

    # --- cells -------------------------------------------------------------------------------

    def test(self, key: Key, rate: Rate, *, now: float) -> CellAnswer:
        """What a hit would be answered."""
        return test(self._cells.get(key), rate, now=now)

    def hit(self, key: Key, rate: Rate, *, now: float) -> CellAnswer:
        """Spend one, unless that is limited."""
        self._cells[key], answer = hit(self._cells.get(key), rate, now=now)
        return answer

    # --- windowed sets -----------------------------------------------------------------------

    def see(self, key: Key, member: str, window: Window, *, now: float) -> None:
        """Add or refresh ``member``."""
        self._sets[key].add(member, window, now=now)

    def seen(self, key: Key, member: str, window: Window, *, now: float) -> bool:
        """Whether ``member`` is within the window."""
        held = self._sets.get(key)
        return held is not None and held.has(member, window, now=now)

    def seen_count(self, key: Key, window: Window, *, now: float) -> int:
        """How many members are within the window."""
        held = self._sets.get(key)
        return 0 if held is None else held.size(window, now=now)

    def seen_oldest(self, key: Key, window: Window, *, now: float) -> float | None:
        """When the member that leaves next was last seen."""
        held = self._sets.get(key)
        return None if held is None else held.oldest(window, now=now)

    def unsee(self, key: Key) -> None:
        """Empty a windowed set."""
        self._sets.pop(key, None)

    # --- facts -------------------------------------------------------------------------------

    def fact(self, key: Key, *, now: float) -> Any:  # noqa: ANN401 - each bundle has its own type
        """Value of a durable fact; None if absent or expired."""
        held = self._facts.get(key)
        return held.value if held is not None and held.until > now else None

    def put(self, key: Key, value: object, *, now: float, ttl: float, stamp: float | None = None) -> bool:
        """Set a fact; with ``stamp``, only if none newer is set."""
        held = self._facts.get(key)
        if stamp is not None and held is not None and held.until > now:
            newer = held.stamp is not None and held.stamp > stamp
            if newer:
                return False
        self._facts[key] = Fact(value, now + ttl, stamp)
        return True

    def put_new(self, key: Key, value: object, *, now: float, ttl: float) -> bool:
        """Set a fact unless it is set already."""
        held = self._facts.get(key)
        if held is not None and held.until > now:
            return False
        self._facts[key] = Fact(value, now + ttl, None)
        return True

    def forget(self, key: Key) -> None:
        """Drop whatever ``key`` holds."""
        self._facts.pop(key, None)
        self._rows.pop(key, None)
        self._cells.pop(key, None)
        self._sets.pop(key, None)

    # --- several at once: nothing comes between anyway --------------------------------------

    def answer(self, question: Callable[[StateStore], T]) -> T:
        """Answer a question of several verbs."""
        return question(self)

    def together(self) -> AbstractContextManager[StateStore]:
        """Change several things."""
        return nullcontext(self)

    # --- cleaning ----------------------------------------------------------------------------

    def sweep(self, *, now: float, longest_window: float) -> Iterator[int]:
        """Drop what is past its retention, a few keys at a time; gives how many went each time.

        Nobody notices: what is dropped was absent already.
        """
        rows, cells, sets, facts = self._rows, self._cells, self._sets, self._facts
        for keys in _chunks(list(rows)):
            yield _drop(rows, keys, lambda row: now - row.at > self._row_retention)
        for keys in _chunks(list(cells)):
            yield _drop(cells, keys, lambda tat: tat <= now)
        for keys in _chunks(list(sets)):
            yield _drop(sets, keys, lambda held: held.newest() <= now - longest_window)
        for keys in _chunks(list(facts)):
            yield _drop(facts, keys, lambda fact: fact.until <= now)

    def revise(self, revision: "Revision") -> Iterator[int]:
        """Drop or change entries, a few keys at a time; gives how many went each time."""
        whole: tuple[dict[Key, Any], ...] = (self._rows, self._cells, self._sets, self._facts)
        for held in whole:
            for keys in _chunks(list(held)):
                going = [key for key in keys if revision.owns(key)]
                yield _drop(held, going, lambda _: True)
        for keys in _chunks(list(self._facts)):
            for key in keys:
                if (fact := self._facts.get(key)) is not None:
                    self._facts[key] = fact._replace(value=revision.unlink_fact(key, fact.value))
            yield 0
        for keys in _chunks(list(self._sets)):
            for key in keys:
                if (members := self._sets.get(key)) is not None:
                    members.rename(revision.members)
            yield 0

    @property
    def sizes(self) -> dict[str, int]:
        """How many keys each primitive holds."""
        return {
            "rows": len(self._rows),
            "cells": len(self._cells),
            "sets": len(self._sets),
            "facts": len(self._facts),
        }

    # --- snapshots ---------------------------------------------------------------------------

    def dump(self) -> Dump:
        """Copy that later changes leave alone; as long as a few shallow copies take."""
        sets = {key: held.dump() for key, held in self._sets.items()}
        return Dump(dict(self._rows), dict(self._cells), sets, dict(self._facts))

    def load(self, dump: Dump) -> None:
        """Hold what ``dump`` holds, and nothing else."""
        self._rows, self._cells, self._facts = dict(dump.rows), dict(dump.cells), dict(dump.facts)
        self._sets.clear()
        self._sets.update((key, WindowedSet.load(held)) for key, held in dump.sets.items())


def _chunks(keys: list[Key]) -> Iterator[list[Key]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]


def _drop(held: dict[Key, V], keys: list[Key], is_past: Callable[[V], bool]) -> int:
    gone = [key for key in keys if key in held and is_past(held[key])]
    for key in gone:
        del held[key]
    return len(gone)
