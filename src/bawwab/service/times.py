"""Times as callers write them (RFC 3339 with a zone) and as the gate counts them (Unix seconds)."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta

from bawwab.service.problems import invalid

Time = Annotated[
    datetime, Meta(tz=True, description="RFC 3339 with a zone", examples=["2026-11-24T08:30:00Z"])
]

_EARLIEST, _LATEST = -2_208_988_800.0, 253_370_764_800.0  # the years 1900 and 9999


def to_unix(at: datetime | None, field: str) -> float | None:
    """Seconds since 1970; 422 for years so far off that arithmetic on them could fail.

    Examples
    --------
    >>> to_unix(datetime(1970, 1, 2, tzinfo=UTC), "occurred_at")
    86400.0
    """
    if at is None:
        return None
    seconds = at.timestamp()
    if not _EARLIEST <= seconds < _LATEST:
        raise invalid(field, "outside the years 1900 to 9998")
    return seconds


def from_unix(seconds: float) -> datetime:
    """Time in UTC.

    Examples
    --------
    >>> from_unix(86400.0).isoformat()
    '1970-01-02T00:00:00+00:00'
    """
    return datetime.fromtimestamp(seconds, UTC)


def from_unix_or_none(seconds: float | None) -> datetime | None:
    """Time in UTC; None stays None."""
    return None if seconds is None else from_unix(seconds)
