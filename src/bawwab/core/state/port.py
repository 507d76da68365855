"""What a state store promises: atomic verbs over the four primitives, nothing else.

There is no ``get`` followed by ``put``: whoever needs to change a value names the change.
A key is ``(bundle, *ids)``. A value older than its bundle's retention is as good as absent,
whether or not the store has dropped it yet.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from bawwab.core.state.cell import CellAnswer, Rate
from bawwab.core.state.decay import Field, Row
from bawwab.core.state.window import Window

Key = tuple[str, ...]
T = TypeVar("T")


class StateStore(Protocol):
    """The state of the gate."""

    def row(self, key: Key, *, now: float) -> Row | None:
        """Counters of ``key`` as last changed; None if there are none."""

    def count(
        self, key: Key, deltas: Sequence[tuple[int, float]], fields: Sequence[Field], *, now: float
    ) -> None:
        """Add to the counters of ``key``."""

    def test(self, key: Key, rate: Rate, *, now: float) -> CellAnswer:
        """What a hit would be answered."""

    def hit(self, key: Key, rate: Rate, *, now: float) -> CellAnswer:
        """Spend one, unless that is limited."""

    def see(self, key: Key, member: str, window: Window, *, now: float) -> None:
        """Add ``member`` to a windowed set, or refresh it."""

    def seen(self, key: Key, member: str, window: Window, *, now: float) -> bool:
        """Whether ``member`` is within the window."""

    def seen_count(self, key: Key, window: Window, *, now: float) -> int:
        """How many members are within the window."""

    def seen_oldest(self, key: Key, window: Window, *, now: float) -> float | None:
        """When the member that leaves next was last seen."""

    def unsee(self, key: Key) -> None:
        """Empty a windowed set."""

    def fact(self, key: Key, *, now: float) -> Any:  # noqa: ANN401 - each bundle has its own type
        """Value of a durable fact; None if absent or expired."""

    def put(self, key: Key, value: object, *, now: float, ttl: float, stamp: float | None = None) -> bool:
        """Set a fact for ``ttl`` seconds; with ``stamp``, only if none newer is set."""

    def put_new(self, key: Key, value: object, *, now: float, ttl: float) -> bool:
        """Set a fact unless it is set already; whether it was new."""

    def forget(self, key: Key) -> None:
        """Drop whatever ``key`` holds."""

    def answer(self, question: "Callable[[StateStore], T]") -> T:
        """Answer a question of several verbs, none of which changes anything; it may be put twice."""

    def together(self) -> "AbstractContextManager[StateStore]":
        """Change several things; what the changes answer must not be relied on."""
