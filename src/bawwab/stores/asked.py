"""Who was asked when, by pseudonym, so that nobody is asked again too soon."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from bawwab.core.errors import ConfigurationError

FILE = "asked.jsonl"


class Asked(msgspec.Struct, frozen=True):
    """One person asked."""

    recipient: str
    at: float


def read_asked(folder: Path, *, since: float) -> list[Asked]:
    """Those who were asked after ``since``.

    Raises
    ------
    ConfigurationError
        The file cannot be read.
    """
    path = folder / FILE
    try:
        lines = path.read_bytes().splitlines() if path.exists() else []
        found = [msgspec.json.decode(line, type=Asked) for line in lines]
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error
    return [person for person in found if person.at > since]


def write_asked(folder: Path, people: Iterable[Asked]) -> None:
    """Write down who was asked, in place of what was there."""
    partial = folder / f".{FILE}.partial"
    partial.write_bytes(b"".join(msgspec.json.encode(person) + b"\n" for person in people))
    partial.replace(folder / FILE)
