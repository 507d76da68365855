"""What each question does from its first attempt to its answer, outages included."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from bawwab.client import calls
from bawwab.client.calls import Call
from bawwab.client.errors import UnreachableError
from bawwab.client.exchange import Exchange, Flow
from bawwab.client.messages import Answer, Decision, Message, Problem
from bawwab.client.outage import LocalDoor

T = TypeVar("T")

_LARGEST_BATCH = 1_000  # what the gate takes at once
_NOT_READY = 503


class Flows:
    """Every question, as a `Flow`.

    Parameters
    ----------
    exchange : Exchange
        Asks again.
    door : LocalDoor
        Answers where nobody else does.
    clock : Callable
        Seconds, never stepping back.
    """

    def __init__(self, exchange: Exchange, door: LocalDoor, clock: Callable[[], float]) -> None:
        self._exchange, self._door, self._clock = exchange, door, clock

    def ask(self, call: Call[T], deadline: float) -> Flow[T]:
        """Ask anything but for a verdict."""
        return self._exchange.ask(call, until=self._clock() + deadline)

    def score(self, message: Message, deadline: float) -> Flow[Answer]:
        """Ask about one message; answer it here where the gate does not."""
        found = yield from self._ask_if_awake(calls.score(message), self._clock() + deadline)
        return self._door.answer(message, found) if isinstance(found, UnreachableError) else found

    def score_many(self, messages: Sequence[Message], deadline: float) -> Flow[list[Answer | Problem]]:
        """Ask about messages, a thousand at a time, in order."""
        until, answers = self._clock() + deadline, list[Answer | Problem]()
        for start in range(0, len(messages), _LARGEST_BATCH):
            part = messages[start : start + _LARGEST_BATCH]
            answers += yield from self._score_part(part, until)
        return answers

    def _score_part(self, messages: Sequence[Message], until: float) -> Flow[list[Answer | Problem]]:
        found = yield from self._ask_if_awake(calls.score_batch(messages), until)
        if isinstance(found, UnreachableError):
            return [self._door.answer(message, found) for message in messages]
        return [self._item(message, raw) for message, raw in zip(messages, found.decisions, strict=True)]

    def _item(self, message: Message, raw: msgspec.Raw) -> Answer | Problem:
        """Read an item of a batch; one that the gate was not ready for is answered here."""
        try:
            return msgspec.json.decode(raw, type=Decision)
        except msgspec.ValidationError:
            problem = msgspec.json.decode(raw, type=Problem)
        if problem.status < _NOT_READY:
            return problem
        return self._door.answer(message, UnreachableError(f"{problem.status} {problem.title}"))

    def _ask_if_awake(self, call: Call[T], until: float) -> Flow[T | UnreachableError]:
        """Ask, unless the last call was in vain a moment ago."""
        resting = self._door.resting()
        if resting is not None:
            return resting
        try:
            return (yield from self._exchange.ask(call, until=until))
        except UnreachableError as failure:
            self._door.failed(failure)
            return failure
