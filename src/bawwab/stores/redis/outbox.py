"""What a process has changed the state by and its log may not hold yet, where the others find it.

A record is in the log within a tenth of a second. Until then it would go with its process, and the
state would remember what no log knows. So it goes into the *outbox* of its process, together with the
changes that it makes. What the log has is taken out; who finds the outbox of a process that has died
puts into the log what that lacks. A decision is also kept under its id for a minute, so that
whichever process is asked again can repeat it at once.
"""

import secrets
from collections import deque
from collections.abc import Iterable
from typing import Any, Protocol

import msgspec

from bawwab.core.journal import Journal
from bawwab.core.records import Appealed, Decided, Record, Reported
from bawwab.stores.redis.link import Link
from bawwab.stores.redis.state import RedisState
from bawwab.stores.redis.verbs import Ask, Piece

KEPT = 60  # seconds: many times what the log takes, a restart of its database included
ALIVE = 5  # seconds for which a process is believed to live that has not said so again
_AT_ONCE = 1_000  # fields of one command


class Numbered(Journal, Protocol):
    """A log that numbers what this process gives it."""

    appended: int
    committed: int


class Outbox:
    """The journal of one process among several.

    Parameters
    ----------
    log : Numbered
        Where records go.
    state : RedisState
        What the records change.
    """

    def __init__(self, log: Numbered, state: RedisState) -> None:
        self._log, self._state, self._link = log, state, state.link
        self.name = secrets.token_hex(8)
        self._numbers = deque[int]()
        self._encode = msgspec.json.Encoder().encode
        self._decode = msgspec.json.Decoder(Decided).decode

    def append(self, record: Record) -> None:
        """Take ``record``; the others learn of it with the changes that it makes."""
        self._log.append(record)
        number, body = self._log.appended, self._encode(record)
        self._numbers.append(number)
        self._state.ahead.append(_ask("HSET", _box(self._link, self.name), number, body))
        if isinstance(record, Decided):
            name = self._recent(record.decision.decision_id)
            self._state.ahead.append(_ask("SET", name, body, "EX", KEPT))

    def find_decision(self, decision_id: str) -> Decided | None:
        """Decision of that id, whichever process made it."""
        raw: bytes | None = self._link.ask(_ask("GET", self._recent(decision_id)))
        return self._log.find_decision(decision_id) if raw is None else self._decode(raw)

    def find_appeal(self, appeal_id: str) -> tuple[Appealed, str] | None:
        """Appeal of that id with its status."""
        return self._log.find_appeal(appeal_id)

    def reports_on(self, sender_id: str, template: str, *, since: float) -> list[Reported]:
        """Reports about a wording of a sender, in order."""
        return self._log.reports_on(sender_id, template, since=since)

    def tidy(self) -> None:
        """Say that this process lives, and take out what its log has.

        Raises
        ------
        StoreError
            Redis did not answer.
        """
        done: list[int] = []
        while self._numbers and self._numbers[0] <= self._log.committed and len(done) < _AT_ONCE:
            done.append(self._numbers.popleft())
        asks = [
            _ask("SADD", _register(self._link), self.name),
            _ask("SET", _alive(self._link, self.name), 1, "EX", ALIVE),
        ]
        self._link.ask_all([*asks, *([_ask("HDEL", _box(self._link, self.name), *done)] if done else [])])

    def _recent(self, decision_id: str) -> str:
        return f"{self._link.namespace}:{{recent:{decision_id}}}"


class Outboxes:
    """The outboxes of all processes."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def names(self) -> list[str]:
        """Processes that have one."""
        return sorted(name.decode() for name in self._link.ask(_ask("SMEMBERS", _register(self._link))))

    def dead(self) -> list[str]:
        """Those of them that have not said for a while that they live."""
        names = self.names()
        alive = self._link.ask_all([_ask("EXISTS", _alive(self._link, name)) for name in names])
        return [name for name, lives in zip(names, alive, strict=True) if not lives]

    def records(self, names: Iterable[str]) -> list[Record]:
        """What is in them, in the order in which each process gave it to its log."""
        found: list[Record] = []
        for name in names:
            held: dict[bytes, bytes] = self._link.ask(_ask("HGETALL", _box(self._link, name)))
            found += [_decode_any(held[number]) for number in sorted(held, key=int)]
        return found

    def drop(self, name: str) -> None:
        """Do without one, once the log has what is in it."""
        self._link.ask_all(
            [
                _ask("UNLINK", _box(self._link, name)),
                _ask("UNLINK", _alive(self._link, name)),
                _ask("SREM", _register(self._link), name),
            ]
        )


_decode_any = msgspec.json.Decoder(Record).decode


# These outlive the state: their names are not among those that a rebuild drops.
def _box(link: Link, name: str) -> str:
    return f"{link.namespace}!outbox:{name}"


def _alive(link: Link, name: str) -> str:
    return f"{link.namespace}!alive:{name}"


def _register(link: Link) -> str:
    return f"{link.namespace}!processes"


def _ask(*command: Piece) -> Ask[Any]:
    return Ask(command, _as_it_is)


def _as_it_is(reply: object) -> object:
    return reply
