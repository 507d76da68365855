"""Drawing a sample, noting who is in it, and writing it down."""

import csv
import datetime as dt
import json
from pathlib import Path
from typing import TextIO

from bawwab.core.state.bundles import DAY
from bawwab.learning.exported import end_of, open_export
from bawwab.learning.survey import Ask, draw, open_frame
from bawwab.stores.asked import Asked, read_asked, write_asked
from bawwab.stores.export import locked

COLUMNS = ("decision_id", "message_id", "sender_id", "category", "sent_at", "sampling_probability")


def ask(folder: Path, noted: Path, *, size: int, days: float, period: float, seed: int) -> list[Ask]:
    """Draw from an export, and note in the folder ``noted`` who is asked, before anyone is.

    Raises
    ------
    ConfigurationError
        The export or the notes cannot be used.
    """
    with locked(noted), open_export(folder) as log:
        now = end_of(log)
        asked = read_asked(noted, since=now - period * DAY)
        open_frame(log, days=days, period=period, asked=[one.recipient for one in asked], size=size)
        drawn = draw(log, seed=seed)
        write_asked(noted, [*asked, *(Asked(one.recipient, now) for one in drawn)])
    return drawn


def write(drawn: list[Ask], target: TextIO, *, form: str) -> None:
    """Write a sample as CSV or JSON lines; whose message it is the platform knows, not this file."""
    rows = [{**one._asdict(), "sent_at": _time(one.sent_at)} for one in drawn]
    chosen = [{name: row[name] for name in COLUMNS} for row in rows]
    if form == "jsonl":
        target.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in chosen)
        return
    writer = csv.DictWriter(target, COLUMNS)
    writer.writeheader()
    writer.writerows(chosen)


def _time(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).isoformat()
