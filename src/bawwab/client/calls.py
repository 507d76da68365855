"""Every request of the API as a value: where it goes, what it carries, what comes back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import msgspec

from bawwab.client.messages import (
    Appeal,
    Decision,
    DecisionRecord,
    Event,
    Message,
    ModelCard,
    Profile,
    Report,
    Sender,
    Survey,
    Usage,
)
from bawwab.core.events import Resolution

T = TypeVar("T")
Feedback = Report | Survey | Event | Sequence[Report] | Sequence[Survey] | Sequence[Event]


class Call(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One request.

    ``repeatable`` says that a second copy changes nothing, so that it may be sent again even where
    the first may have arrived. ``busy`` are statuses that pass by themselves, beside 429 and 5xx.
    """

    method: str
    path: str
    gives: type[T]
    body: bytes | None = None
    query: Mapping[str, str] = {}
    repeatable: bool = True
    busy: frozenset[int] = frozenset()


class Accepted(msgspec.Struct, frozen=True):
    """So many items are stored, durably."""

    accepted: int


class Batch(msgspec.Struct, frozen=True):
    """A decision, or a problem in its place, for each message."""

    decisions: list[msgspec.Raw]


class Appeals(msgspec.Struct, frozen=True):
    """Appeals, oldest first."""

    appeals: tuple[Appeal, ...]


_encode = msgspec.json.Encoder().encode
_STILL_DECIDED = frozenset({409})  # the same message is being decided for another caller


def score(message: Message) -> Call[Decision]:
    """Ask about one message."""
    return Call(method="POST", path="/v1/score", gives=Decision, body=_encode(message), busy=_STILL_DECIDED)


def score_batch(messages: Sequence[Message]) -> Call[Batch]:
    """Ask about up to a thousand messages."""
    body = _encode({"messages": messages})
    return Call(method="POST", path="/v1/score/batch", gives=Batch, body=body)


def feedback(kind: str, items: Feedback) -> Call[Accepted]:
    """Hand in feedback: ``kind`` is reports, surveys or events."""
    return Call(method="POST", path=f"/v1/{kind}", gives=Accepted, body=_encode(items))


def put_sender(sender_id: str, profile: Profile) -> Call[Sender]:
    """State what is known about a sender."""
    return Call(method="PUT", path=_path("senders", sender_id), gives=Sender, body=_encode(profile))


def sender(sender_id: str) -> Call[Sender]:
    """Ask how a sender stands."""
    return Call(method="GET", path=_path("senders", sender_id), gives=Sender)


def decision(decision_id: str) -> Call[DecisionRecord]:
    """Ask for a stored decision."""
    return Call(method="GET", path=_path("decisions", decision_id), gives=DecisionRecord)


def appeal(decision_id: str, note: str | None) -> Call[Appeal]:
    """Contest a refusal; a decision has one appeal at most."""
    body = _encode(_without_none(decision_id=decision_id, note=note))
    return Call(method="POST", path="/v1/appeals", gives=Appeal, body=body)


def appeals(status: str | None) -> Call[Appeals]:
    """List appeals."""
    return Call(method="GET", path="/v1/appeals", gives=Appeals, query=_without_none(status=status))


def resolve_appeal(appeal_id: str, outcome: Resolution, note: str | None) -> Call[Appeal]:
    """Say whether a refusal was right."""
    body = _encode(_without_none(outcome=outcome, note=note))
    path = _path("appeals", appeal_id) + "/resolution"
    return Call(method="POST", path=path, gives=Appeal, body=body, repeatable=False)


def usage(
    sender_id: str | None, portfolio_id: str | None, start: datetime | None, end: datetime | None
) -> Call[Usage]:
    """Ask what was sent and is to be paid; times need a zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> usage("shop", None, datetime(2026, 11, 1, tzinfo=UTC), None).query
    {'sender_id': 'shop', 'from': '2026-11-01T00:00:00+00:00'}
    """
    query = {
        "sender_id": sender_id,
        "portfolio_id": portfolio_id,
        "from": None if start is None else start.isoformat(),
        "to": None if end is None else end.isoformat(),
    }
    return Call(method="GET", path="/v1/usage", gives=Usage, query=_without_none(**query))


def model() -> Call[ModelCard]:
    """Ask which model answers."""
    return Call(method="GET", path="/v1/model", gives=ModelCard)


def _path(kind: str, name: str) -> str:
    """Path of one thing; dots are encoded too, or ``..`` would lead elsewhere.

    Examples
    --------
    >>> _path("senders", "a/b"), _path("senders", "..")
    ('/v1/senders/a%2Fb', '/v1/senders/%2E%2E')
    """
    return f"/v1/{kind}/{quote(name, safe='').replace('.', '%2E')}"


def _without_none(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {name: value for name, value in fields.items() if value is not None}
