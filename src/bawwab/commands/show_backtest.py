"""A backtest's result on the terminal."""

from collections.abc import Iterator
from typing import Any

from rich.table import Table


def tables(found: dict[str, Any]) -> Iterator[Table]:
    """Make the tables: what was ruled, what changes, what became of those messages."""
    yield _ruled(found)
    yield _changes(found)
    yield _became(found)


def _ruled(found: dict[str, Any]) -> Table:
    table = Table(
        title=f"{found['in_force']} → {found['candidate']}", title_justify="left", show_header=False
    )
    table.add_row("decisions", f"{found['decisions']:,}")
    for why, count in found["left_out"].items():
        table.add_row(f"left out: {why}", f"{count:,}")
    table.add_row("ruled again", f"{found['ruled_again']:,}")
    table.add_row("reproduced by the policy in force", _share(found["reproduced"]))
    table.add_row("changed by the candidate", _share(found["changed"]))
    return table


def _changes(found: dict[str, Any]) -> Table:
    table = Table(title="what changes", title_justify="left")
    for name in ("category", "was", "becomes", "reason", "decisions"):
        table.add_column(name, justify="right" if name == "decisions" else "left")
    for change in found["changes"]:
        names = [change[name] for name in ("category", "was", "becomes", "reason")]
        table.add_row(*names, f"{change['decisions']:,}")
    return table


def _became(found: dict[str, Any]) -> Table:
    table = Table(title="what became of those messages", title_justify="left")
    for name in (
        "",
        "messages",
        "sent",
        "reported, of sent",
        "wanted, of answered",
        "overturned, of reviewed",
    ):
        table.add_column(name, justify="right" if name else "left")
    for name in ("newly_refused", "newly_allowed"):
        fate = found[name]
        shares = [_share(fate[part]) for part in ("reported", "answered_wanted", "overturned")]
        table.add_row(name.replace("_", " "), f"{fate['messages']:,}", f"{fate['sent']:,}", *shares)
    return table


def _share(found: dict[str, Any]) -> str:
    if not found["of"]:
        return "none known"
    low, high = f"{found['low']:.2%}", f"{found['high']:.2%}"
    return f"{found['count']:,} of {found['of']:,}: {found['share']:.2%} ({low} to {high})"
