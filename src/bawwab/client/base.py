"""What both clients share: what they are told, and how an attempt looks on the wire."""

import random
import time
from collections.abc import Callable
from typing import Any, TypedDict

import httpx

from bawwab.client.exchange import Exchange, Send
from bawwab.client.flows import Flows
from bawwab.client.outage import LocalDoor, Outage

SCORE_DEADLINE = 2.0  # seconds: somebody waits for a one-time code
DEADLINE = 10.0  # seconds: a batch of a thousand takes about one

chance: Callable[[], float] = random.SystemRandom().random


class Told(TypedDict, total=False):
    """What both clients can be told; `Base` says what each is."""

    key: str | None
    score_deadline: float
    deadline: float
    outage: Outage | None
    chance: Callable[[], float]


class Base:
    """A client without its I/O.

    Parameters
    ----------
    url : str
        Address of the gate, such as ``http://127.0.0.1:8000``.
    key : str, optional
        API key.
    score_deadline, deadline : float
        Seconds within which `score`, and anything else, ends; attempts and pauses included.
    outage : Outage, optional
        What is done with messages while the gate does not answer.
    clock, chance : Callable
        Seconds that never step back; a number from 0 to 1.

    Raises
    ------
    ValueError
        ``url`` is no address; that must not pass for an outage.

    Examples
    --------
    >>> Base("localhost:8000")
    Traceback (most recent call last):
    ...
    ValueError: no address of a gate: 'localhost:8000'; write it as http://127.0.0.1:8000
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        score_deadline: float = SCORE_DEADLINE,
        deadline: float = DEADLINE,
        outage: Outage | None = None,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = chance,
    ) -> None:
        self._url = httpx.URL(url)
        if self._url.scheme not in {"http", "https"} or not self._url.host:
            raise ValueError(f"no address of a gate: {url!r}; write it as http://127.0.0.1:8000")
        self._headers = {} if key is None else {"authorization": f"Bearer {key}"}
        self._score_deadline, self._deadline = score_deadline, deadline
        door = LocalDoor(outage or Outage(), clock)
        self._flows = Flows(Exchange(clock=clock, chance=chance), door, clock)

    def _for_score(self, deadline: float | None) -> float:
        return self._score_deadline if deadline is None else deadline

    def _for_rest(self, deadline: float | None) -> float:
        return self._deadline if deadline is None else deadline


def wire(step: Send) -> dict[str, Any]:
    """Arguments of httpx for one attempt."""
    call = step.call
    typed = {} if call.body is None else {"content-type": "application/json"}
    return {
        "method": call.method,
        "url": call.path,
        "params": call.query or None,
        "content": call.body,
        "headers": typed,
        "timeout": step.timeout,
    }
