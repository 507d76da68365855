"""How many steps a backtracking matcher takes: a plain one, over the parse tree of Python's own patterns.

What it finds is compared with what Python's matcher finds, on every call. It takes no short cuts that
Python's would not, so that its steps bound Python's from above but for a constant.
"""

import re
import re._constants as op  # type: ignore[import-not-found] # Python's own, without types
import re._parser as parser  # type: ignore[import-not-found] # the same
from collections.abc import Callable, Iterator
from typing import Any

Next = Callable[[int], int | None]
_SINGLE = {op.LITERAL, op.NOT_LITERAL, op.IN, op.ANY}


class Steps:
    """Counts."""

    def __init__(self) -> None:
        self.taken = 0


class Counting:
    """A compiled pattern that also counts the steps of each of its searches."""

    def __init__(self, pattern: "re.Pattern[Any]", steps: Steps) -> None:
        self._pattern, self._steps = pattern, steps
        self._flags = pattern.flags
        self._tree = list(parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pattern, name)

    def match(self, text: Any, *span: int) -> Any:
        self._at(text, *_bounds(text, span))
        return self._pattern.match(text, *span)

    def fullmatch(self, text: Any, *span: int) -> Any:
        self._at(text, *_bounds(text, span))
        return self._pattern.fullmatch(text, *span)

    def search(self, text: Any, *span: int) -> Any:
        start, end = _bounds(text, span)
        found = self._pattern.search(text, *span)
        self._until(text, start, end, found)
        return found

    def finditer(self, text: Any, *span: int) -> Any:
        start, end = _bounds(text, span)
        for found in self._pattern.finditer(text, *span):
            self._until(text, start, end, found)
            start = max(found.end(), start + (found.end() == found.start()))
            yield found
        self._until(text, start, end, None)

    def findall(self, text: Any, *span: int) -> Any:
        list(self.finditer(text, *span))
        return self._pattern.findall(text, *span)

    def sub(self, new: Any, text: Any, count: int = 0) -> Any:
        list(self.finditer(text))
        return self._pattern.sub(new, text, count)

    def split(self, text: Any, maxsplit: int = 0) -> Any:
        list(self.finditer(text))
        return self._pattern.split(text, maxsplit)

    def _until(self, text: Any, start: int, end: int, found: Any) -> None:
        """Search as Python does, from place to place, and find the same."""
        last = end if found is None else found.start()
        for place in range(start, last + 1):
            stop = self._at(text, place, end)
            if place < last or found is None:
                continue
            assert stop == found.end(), self._pattern.pattern

    def _at(self, text: Any, start: int, end: int) -> int | None:
        codes = list(text[:end]) if isinstance(text, bytes) else list(map(ord, text[:end]))
        return _Run(codes, self._flags, self._steps).all(self._tree, start, lambda stop: stop)


def _bounds(text: Any, span: tuple[int, ...]) -> tuple[int, int]:
    start, end = (*span, *(0, len(text))[len(span) :])
    return min(start, len(text)), min(end, len(text))


class _Run:
    """One attempt at one place."""

    def __init__(self, codes: list[int], flags: int, steps: Steps) -> None:
        self._codes, self._flags, self._steps = codes, flags, steps
        self._groups: dict[int, tuple[int, int]] = {}

    def all(self, nodes: Any, at: int, then: Next) -> int | None:
        """Match nodes one after another."""
        if not nodes:
            return then(at)
        first, *rest = nodes
        return self._one(first, at, (lambda stop: self.all(rest, stop, then)) if rest else then)

    def _one(self, node: Any, at: int, then: Next) -> int | None:  # noqa: PLR0911 - one line a kind
        self._steps.taken += 1
        kind, given = node
        if kind in _SINGLE:
            return then(at + 1) if self._is_one_of(node, at) else None
        if kind is op.BRANCH:
            found = (self.all(list(way), at, then) for way in given[1])
            return next((stop for stop in found if stop is not None), None)
        if kind is op.SUBPATTERN:
            return self._group(given[0], list(given[-1]), at, then)
        if kind in {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}:
            return self._repeat(kind, given, at, then)
        if kind is op.ATOMIC_GROUP:
            stop = self.all(list(given), at, lambda end: end)
            return None if stop is None else then(stop)
        if kind in {op.ASSERT, op.ASSERT_NOT}:
            return then(at) if self._sees(given, at) == (kind is op.ASSERT) else None
        if kind is op.AT:
            return then(at) if self._is_at(given, at) else None
        assert kind is op.GROUPREF, kind
        start, end = self._groups[given]
        said = self._codes[start:end]
        return then(at + len(said)) if self._codes[at : at + len(said)] == said else None

    def _group(self, number: int | None, nodes: Any, at: int, then: Next) -> int | None:
        def leave(stop: int) -> int | None:
            if number is not None:
                self._groups[number] = (at, stop)
            return then(stop)

        return self.all(nodes, at, leave)

    def _repeat(self, kind: Any, given: Any, at: int, then: Next) -> int | None:
        if kind is op.POSSESSIVE_REPEAT:
            stop = self._repeat(op.MAX_REPEAT, given, at, lambda end: end)
            return None if stop is None else then(stop)
        least, most, nodes = given[0], given[1], list(given[2])
        if len(nodes) > 1 or nodes[0][0] not in _SINGLE:
            return self._rounds(kind, (least, most, nodes), 0, at, then)
        stops = list(self._run(nodes[0], least, most, at))
        for stop in reversed(stops) if kind is op.MAX_REPEAT else stops:
            self._steps.taken += 1
            end = then(stop)
            if end is not None:
                return end
        return None

    def _rounds(self, kind: Any, what: Any, done: int, at: int, then: Next) -> int | None:
        """Match a group so often; the most rounds first where it is greedy."""
        least, most, nodes = what

        def once_more() -> int | None:
            if done >= most:
                return None
            return self.all(
                nodes,
                at,
                lambda stop: None if stop == at else self._rounds(kind, what, done + 1, stop, then),
            )

        def enough() -> int | None:
            return then(at) if done >= least else None

        first, second = (once_more, enough) if kind is op.MAX_REPEAT else (enough, once_more)
        stop = first()
        return second() if stop is None else stop

    def _run(self, node: Any, least: int, most: int, at: int) -> Iterator[int]:
        """Ends of a run of single characters, the shortest first."""
        count = 0
        while True:
            if count >= least:
                yield at + count
            self._steps.taken += 1
            if count >= most or not self._is_one_of(node, at + count):
                return
            count += 1

    def _sees(self, given: Any, at: int) -> bool:
        direction, nodes = given
        if direction > 0:
            return self.all(list(nodes), at, lambda end: end) is not None
        start = at - nodes.getwidth()[0]
        return start >= 0 and self.all(list(nodes), start, lambda end: end) is not None

    def _is_at(self, where: Any, at: int) -> bool:
        if where in {op.AT_BEGINNING, op.AT_BEGINNING_STRING}:
            return at == 0
        end = len(self._codes)
        return at == end or (where is op.AT_END and at == end - 1 and self._codes[at] == ord("\n"))

    def _is_one_of(self, node: Any, at: int) -> bool:
        if at >= len(self._codes):
            return False
        kind, given = node
        code = self._codes[at]
        forms = {code}
        if self._flags & re.IGNORECASE:
            forms |= {ord(form) for form in (chr(code).lower(), chr(code).upper()) if len(form) == 1}
        if kind is op.ANY:
            return bool(self._flags & re.DOTALL) or code != ord("\n")
        if kind is op.LITERAL:
            return given in forms
        if kind is op.NOT_LITERAL:
            return given not in forms
        negated = given[0][0] is op.NEGATE
        return any(_holds(item, form) for item in given[negated:] for form in forms) != negated


def _holds(item: Any, code: int) -> bool:
    kind, given = item
    if kind is op.LITERAL:
        return bool(code == given)
    if kind is op.RANGE:
        return bool(given[0] <= code <= given[1])
    letter = chr(code)
    name = str(given).removeprefix("CATEGORY_")
    known = {
        "SPACE": letter.isspace(),
        "DIGIT": letter.isdecimal(),
        "WORD": letter.isalnum() or letter == "_",
    }
    return known[name.removeprefix("NOT_")] != name.startswith("NOT_")
