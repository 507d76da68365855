"""``/v1/usage``: allowed messages and what they cost."""

import asyncio
from datetime import UTC, date, datetime, time
from typing import Any

from bawwab.service.entrance import Entrance
from bawwab.service.operation import READ, Call, Operation, Reply
from bawwab.service.problems import invalid
from bawwab.service.schemas import UsageAnswer
from bawwab.service.times import from_unix, to_unix
from bawwab.service.usage import as_csv, by_category, by_day

_FORMATS = ("json", "csv")
_ID: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 128}
_TIME: dict[str, Any] = {"type": "string", "description": "RFC 3339 with a zone, or a day (UTC)"}


def operations(entrance: Entrance) -> list[Operation]:
    """List the operations."""

    async def usage(call: Call) -> Reply:
        query = call.query
        form = query.get("format", "json")
        if form not in _FORMATS:
            raise invalid("format", "not one of the allowed values", "one of: json, csv")
        since, until = _bounds(query.get("from"), query.get("to"), entrance)
        sender, portfolio = _id(query, "sender_id"), _id(query, "portfolio_id")
        await entrance.durable()
        counted = await asyncio.to_thread(
            entrance.log.allowed, since=since, until=until, sender_id=sender, portfolio_id=portfolio
        )
        fees = entrance.gate.policy.fees
        if form == "csv":
            return Reply(as_csv(by_day(counted, fees)), media_type="text/csv; charset=utf-8")
        answer = UsageAnswer(
            sender_id=sender,
            portfolio_id=portfolio,
            start=from_unix(since),
            end=from_unix(until),
            currency=fees.currency,
            categories=by_category(counted, fees),
            days=by_day(counted, fees),
        )
        return Reply(answer)

    return [
        Operation(
            method="GET",
            path="/v1/usage",
            summary="Allowed messages and their fees; from (inclusive) to (exclusive)",
            handle=usage,
            gives={200: UsageAnswer},
            access=READ,
            refuses=(422, 503),
            query={
                "sender_id": _ID,
                "portfolio_id": _ID,
                "from": _TIME,
                "to": _TIME,
                "format": {"type": "string", "enum": list(_FORMATS)},
            },
            also=("text/csv",),
        )
    ]


def _bounds(since: str | None, until: str | None, entrance: Entrance) -> tuple[float, float]:
    """Seconds from and to; the beginning and now unless said otherwise."""
    start = 0.0 if since is None else _moment("from", since)
    end = max(start, entrance.clock.now()) + 1e-6 if until is None else _moment("to", until)
    if end < start:
        raise invalid("to", "before from")
    return start, end


def _moment(name: str, given: str) -> float:
    try:
        at = _parse(given.replace(" ", "+"))  # a plus sign sent as it is reads as a space
    except ValueError:
        raise invalid(name, "no time", "RFC 3339 with a zone, or a day such as 2026-11-24") from None
    if at.tzinfo is None:
        raise invalid(name, "a time without a zone", "end it with Z or +03:00")
    try:
        found = to_unix(at, name)
    except (OverflowError, ValueError):
        raise invalid(name, "outside the years 1900 to 9998") from None
    return 0.0 if found is None else found


def _parse(given: str) -> datetime:
    if len(given) == len("2026-11-24"):
        return datetime.combine(date.fromisoformat(given), time(), UTC)
    return datetime.fromisoformat(given)


def _id(query: Any, name: str) -> str | None:  # noqa: ANN401 - a mapping of texts
    given = query.get(name)
    if given is not None and not (0 < len(given) <= _ID["maxLength"] and "\0" not in given):
        raise invalid(name, "not 1 to 128 characters without NUL")
    return None if given is None else str(given)
