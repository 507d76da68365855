"""The door behind the HTTP interface of a running service, on the event clock.

The service must be started with ``BAWWAB_CLOCK=event``. Feedback is sent in lists, in the order
in which it became known, and always before the next message is scored: the verdicts are those
that the same gate gives in this process.
"""
# ruff: noqa: ARG002 - every door takes what a Door takes

from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from bawwab.core.decisions import Advice, Verdict
from bawwab.core.errors import ConfigurationError
from bawwab.core.events import Feedback, Message, Outcome, Report, SenderProfile, Survey
from bawwab.core.standing import Rate
from bawwab.world.doors import Answer, to_rfc3339

LARGEST_LIST = 500  # items of feedback in one request
_PATHS = {Report: "/v1/reports", Survey: "/v1/surveys", Outcome: "/v1/events"}
_TIMES = ("occurred_at", "last_inbound_at", "reported_at", "answered_at", "registered_at")


class HttpDoor:
    """Asks a running service.

    Parameters
    ----------
    url : str
        Such as ``http://127.0.0.1:8000``.
    key : str, optional
        An API key with the scopes `score`, `feedback` and `operate`.
    client : httpx.Client, optional
        Client to use instead of one of its own.
    """

    def __init__(self, url: str, *, key: str | None = None, client: httpx.Client | None = None) -> None:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self._client = client or httpx.Client(timeout=60.0)
        self._base = url.rstrip("/")
        self._headers = {**headers, "Content-Type": "application/json"}
        self._waiting: list[Feedback] = []

    def put_profile(self, profile: SenderProfile, *, now: float) -> None:
        """Put it."""
        self._flush()
        body = _plain(profile)
        sender_id = quote(body.pop("sender_id"), safe="")
        self._ask("PUT", f"/v1/senders/{sender_id}", body)

    def score(self, message: Message, *, now: float) -> Answer:
        """Send what is waiting, then ask."""
        self._flush()
        body = _plain(message)
        body["recipient_id"] = body.pop("recipient")
        del body["dry_run"]
        answer = self._ask("POST", "/v1/score", body)
        reasons = answer["reasons"]
        return Answer(
            Verdict(answer["verdict"]),
            answer["retry_after_seconds"],
            reasons[0]["code"] if reasons else "",
            Advice(answer["advice"]),
            answer["score"],
        )

    def observe(self, item: Feedback, *, now: float) -> None:
        """Keep it for the next request of its kind; the order is kept."""
        full = len(self._waiting) >= LARGEST_LIST
        if self._waiting and (full or type(self._waiting[0]) is not type(item)):
            self._flush()
        self._waiting.append(item)

    def unwanted_rate(self, sender_id: str, *, now: float) -> Rate | None:
        """Take the service's own estimate."""
        self._flush()
        rate = self._ask("GET", f"/v1/senders/{quote(sender_id, safe='')}", None)["unwanted_rate"]
        return None if rate is None else msgspec.convert(rate, Rate)

    def served(self) -> str:
        """Say what the service answers from: model and policy version."""
        model = self._ask("GET", "/v1/model", None)
        return f"model {model['champion']['version']}, policy {model['policy_version']}"

    def _flush(self) -> None:
        if not self._waiting:
            return
        items, self._waiting = self._waiting, []
        self._ask("POST", _PATHS[type(items[0])], [_feedback(item) for item in items])

    def _ask(self, method: str, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        content = None if body is None else msgspec.json.encode(body)
        try:
            answer = self._client.request(method, self._base + path, content=content, headers=self._headers)
        except httpx.HTTPError as error:
            raise ConfigurationError(f"{self._base} does not answer: {error}") from error
        if answer.is_error:
            raise ConfigurationError(
                f"{method} {path} was answered {answer.status_code}: {answer.text[:300]}; "
                "a trial needs a fresh service started with BAWWAB_CLOCK=event"
            )
        return msgspec.json.decode(answer.content)


def _feedback(item: Feedback) -> dict[str, Any]:
    body = _plain(item)
    body["recipient_id"] = body.pop("recipient")
    return body


def _plain(item: msgspec.Struct) -> dict[str, Any]:
    """Fields that are set, times as the interface wants them."""
    found = {name: value for name, value in msgspec.to_builtins(item).items() if value is not None}
    return {name: to_rfc3339(value) if name in _TIMES else value for name, value in found.items()}
