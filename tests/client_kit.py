"""A gate that answers from a script, time that passes only when told, and both clients as one."""

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any

import httpx

from bawwab.client import AsyncClient, Category, Client, Message

URL = "http://gate.example"

Line = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Time:
    """Stands still but for sleeps and slow answers."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    async def rest(self, seconds: float) -> None:
        self.sleep(seconds)


class Gate:
    """Says one line of its script a request; the last one for ever."""

    def __init__(self, script: Iterable[Line], time: Time) -> None:
        self._script, self._time = list(script), time
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        line = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if isinstance(line, httpx.TimeoutException):
            self._time.now += request.extensions["timeout"]["read"]
        if isinstance(line, Exception):
            raise line
        return _copy(line) if isinstance(line, httpx.Response) else line(request)

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.requests]


def _copy(response: httpx.Response) -> httpx.Response:
    """A fresh one: a response that was read once belongs to the client that read it."""
    return httpx.Response(response.status_code, headers=response.headers, content=response.content)


class Scripted:
    """A client of a scripted gate, blocking or not; every method blocks."""

    def __init__(self, *script: Line, blocking: bool = True, **told: Any) -> None:
        self.time = Time()
        self.gate = Gate(script, self.time)
        self._blocking = blocking
        transport = httpx.MockTransport(self.gate)
        told = {"clock": self.time, "chance": lambda: 1.0, "transport": transport, **told}
        self._client: Any = (
            Client(URL, sleep=self.time.sleep, **told)
            if blocking
            else AsyncClient(URL, sleep=self.time.rest, **told)
        )

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)
        if self._blocking:
            return method  # type: ignore[no-any-return] # a method of Client

        def call(*given: Any, **named: Any) -> Any:
            return asyncio.run(method(*given, **named))

        return call


def message(number: int = 1, **fields: Any) -> Message:
    told: dict[str, Any] = {
        "message_id": f"m{number}",
        "sender_id": "shop",
        "recipient_id": f"+4912345{number:04}",
        "category": Category.UTILITY,
        "text": "your parcel has arrived",
    }
    return Message(**(told | fields))


def decision(message_id: str = "m1", **fields: Any) -> dict[str, Any]:
    """A decision as the gate writes it."""
    return {
        "decision_id": "dec_1",
        "message_id": message_id,
        "verdict": "allow",
        "score": 0.01,
        "text_scores": {"fraud": 0.0, "promotional": 0.0, "service": 1.0},
        "risk_level": "low",
        "thresholds": {"throttle": 0.5, "block": None},
        "reasons": [],
        "advice": "none",
        "retry_after_seconds": None,
        "limit": {"quota": 250, "remaining": 249, "reset_seconds": 86400.0},
        "sender": {"quality": "unknown", "tier": "tier_250"},
        "model": {"version": "v", "digest": "d"},
        "policy_version": "p",
        "degraded": False,
        "evaluated_at": "2026-11-25T08:00:00Z",
        **fields,
    }


def allowed(message_id: str = "m1", **fields: Any) -> httpx.Response:
    return httpx.Response(200, json=decision(message_id, **fields))


def problem(status: int, headers: dict[str, str] | None = None) -> httpx.Response:
    body = {"type": "about:blank", "title": "Title", "status": status, "detail": "detail"}
    return httpx.Response(status, json=body, headers=headers)
