"""The state in Redis: each verb one command or one script, so that no two processes meet between."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

import numpy as np

from bawwab.core.state.cell import CellAnswer, Rate
from bawwab.core.state.decay import Field, Row
from bawwab.core.state.port import Key, StateStore
from bawwab.core.state.window import Window
from bawwab.stores.memory import Dump
from bawwab.stores.redis.link import Link, open_link
from bawwab.stores.redis.verbs import SCRIPTS, Ask, Verbs

_AT_ONCE = 1_000  # commands sent together
_PASSES = 8  # of one question; the gate's ask three times at most

T = TypeVar("T")
Send = Callable[[Ask[Any]], Any]


class Commands:
    """The verbs of a state store over whatever reads, and whatever changes."""

    def __init__(
        self, verbs: Verbs, get: Callable[[Ask[Any]], Any], change: Callable[[Ask[Any]], Any]
    ) -> None:
        self._verbs, self._get, self._change = verbs, get, change

    def row(self, key: Key, *, now: float) -> Row | None:
        """Counters of ``key`` as last changed."""
        found: Row | None = self._get(self._verbs.row(key, now=now))
        return found

    def count(
        self, key: Key, deltas: Sequence[tuple[int, float]], fields: Sequence[Field], *, now: float
    ) -> None:
        """Add to the counters of ``key``."""
        self._change(self._verbs.count(key, deltas, fields, now=now))

    def test(self, key: Key, rate: Rate, *, now: float) -> CellAnswer:
        """What a hit would be answered."""
        answer: CellAnswer = self._get(self._verbs.test(key, rate, now=now))
        return answer

    def hit(self, key: Key, rate: Rate, *, now: float) -> CellAnswer:
        """Spend one, unless that is limited."""
        answer: CellAnswer = self._change(self._verbs.hit(key, rate, now=now))
        return answer

    def see(self, key: Key, member: str, window: Window, *, now: float) -> None:
        """Add or refresh ``member``."""
        self._change(self._verbs.see(key, member, window, now=now))

    def seen(self, key: Key, member: str, window: Window, *, now: float) -> bool:
        """Whether ``member`` is within the window."""
        return bool(self._get(self._verbs.seen(key, member, window, now=now)))

    def seen_count(self, key: Key, window: Window, *, now: float) -> int:
        """How many members are within the window."""
        return int(self._get(self._verbs.seen_count(key, window, now=now)))

    def seen_oldest(self, key: Key, window: Window, *, now: float) -> float | None:
        """When the member that leaves next was last seen."""
        found: float | None = self._get(self._verbs.seen_oldest(key, window, now=now))
        return found

    def unsee(self, key: Key) -> None:
        """Empty a windowed set."""
        self._change(self._verbs.unsee(key))

    def fact(self, key: Key, *, now: float) -> Any:  # noqa: ANN401 - each bundle has its own type
        """Value of a durable fact."""
        return self._get(self._verbs.fact(key, now=now))

    def put(self, key: Key, value: object, *, now: float, ttl: float, stamp: float | None = None) -> bool:
        """Set a fact; with ``stamp``, only if none newer is set."""
        return bool(self._change(self._verbs.put(key, value, now=now, ttl=ttl, stamp=stamp)))

    def put_new(self, key: Key, value: object, *, now: float, ttl: float) -> bool:
        """Set a fact unless it is set already."""
        return bool(self._change(self._verbs.put_new(key, value, now=now, ttl=ttl)))

    def forget(self, key: Key) -> None:
        """Drop whatever ``key`` holds."""
        self._change(self._verbs.forget(key))

    def answer(self, question: Callable[[StateStore], T]) -> T:
        """Answer a question of several verbs."""
        return question(self)

    def together(self) -> AbstractContextManager[StateStore]:
        """Change several things."""
        return nullcontext(self)


class RedisState(Commands):
    """The four primitives in Redis, for as many processes as there are.

    Parameters
    ----------
    link : Link
        The way there.
    row_retention : float
        Seconds after its last change that a row of counters is forgotten.
    expires : bool
        Whether Redis drops what is past its time; not where the events bring the time.

    Attributes
    ----------
    ahead : list of Ask
        What goes out with the next changes, before them.
    """

    def __init__(self, link: Link, *, row_retention: float = 90 * 86_400.0, expires: bool = True) -> None:
        self.link = link
        self.ahead: list[Ask[Any]] = []
        super().__init__(
            Verbs(link.namespace, row_retention=row_retention, expires=expires), link.ask, link.ask
        )

    @classmethod
    def at(cls, url: str, *, row_retention: float = 90 * 86_400.0, expires: bool = True) -> "RedisState":
        """State at a URL."""
        return cls(open_link(url, SCRIPTS), row_retention=row_retention, expires=expires)

    def answer(self, question: Callable[[StateStore], T]) -> T:
        """Answer a question of several verbs in as few round trips as it has steps.

        It is first put to nothing, to learn what it asks; that is fetched together, and it is put
        again, until it asks for nothing that is not at hand. It must change nothing.
        """
        held: dict[tuple[Any, ...], Any] = {}
        for _ in range(_PASSES):
            ahead = _Ahead(self._verbs, held)
            found = question(ahead)
            if not ahead.wanted:
                return found
            replies = self.link.ask_all(list(ahead.wanted.values()))
            held.update(zip(ahead.wanted, replies, strict=True))
        return question(self)

    @contextmanager
    def together(self) -> Iterator[StateStore]:
        """Change several things: they go out together when the block ends, in order, after what is ahead."""
        batch = _Batch(self._verbs, self.link, self.ahead)
        self.ahead = []
        yield batch
        batch.flush()

    def load(self, dump: Dump, *, now: float, kept: float) -> None:
        """Hold what ``dump`` holds; sets for ``kept`` seconds, the longest window there is."""
        waiting: list[Ask[Any]] = []
        for ask in self._held(dump, now=now, kept=kept):
            waiting.append(ask)
            if len(waiting) == _AT_ONCE:
                self.link.ask_all(waiting)
                waiting = []
        self.link.ask_all(waiting)

    def _held(self, dump: Dump, *, now: float, kept: float) -> Iterator[Ask[Any]]:
        verbs = self._verbs
        for key, row in dump.rows.items():
            yield verbs.set_row(key, row)
        for key, tat in dump.cells.items():
            yield verbs.set_cell(key, tat, now=now)
        for key, fact in dump.facts.items():
            yield verbs.set_fact(key, fact, now=now)
        for key, (origin, seen, stamps) in dump.sets.items():
            if stamps:
                yield from verbs.set_sketch(key, origin, _stamps(stamps), kept=kept)
            elif seen:
                yield from verbs.set_members(key, seen, kept=kept)

    @property
    def sizes(self) -> dict[str, int]:
        """Nothing: Redis tells how many keys it has, and keeps its own memory in bounds."""
        return {}


class _Ahead(Commands):
    """Answers what is at hand; notes what is not, and answers it as if nothing were held."""

    def __init__(self, verbs: Verbs, held: dict[tuple[Any, ...], Any]) -> None:
        self.wanted: dict[tuple[Any, ...], Ask[Any]] = {}
        self._held = held
        super().__init__(verbs, self._look, _refuse)

    def _look(self, ask: Ask[Any]) -> Any:  # noqa: ANN401 - each verb has its own answer
        if ask.command in self._held:
            return self._held[ask.command]
        self.wanted[ask.command] = ask
        return ask.read(ask.nothing)


class _Batch(Commands):
    """Keeps changes until they are sent together; a question in between sends them first.

    What a change answers is not known yet, and must not be asked for.
    """

    def __init__(self, verbs: Verbs, link: Link, ahead: Sequence[Ask[Any]]) -> None:
        self._link = link
        self._waiting = list(ahead)
        super().__init__(verbs, self._ask, self._waiting.append)

    def flush(self) -> None:
        """Send what waits."""
        waiting = list(self._waiting)
        self._waiting.clear()
        self._link.ask_all(waiting)

    def _ask(self, ask: Ask[Any]) -> Any:  # noqa: ANN401 - each verb has its own answer
        self.flush()
        return self._link.ask(ask)


def _refuse(_: Ask[Any]) -> Any:  # noqa: ANN401 - as what it stands for
    raise TypeError("a question must change nothing")


def _stamps(raw: bytes) -> dict[int, float]:
    stamps = np.frombuffer(raw, np.float32)
    return {int(place): float(stamps[place]) for place in np.flatnonzero(np.isfinite(stamps))}
