"""Commands that work on the event log."""

import json
from pathlib import Path
from typing import Annotated

import typer

from bawwab.commands import settings

Log = Annotated[str | None, typer.Option(help="event log (sqlite:///… or postgresql://…); BAWWAB_LOG's")]


def add(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(export)


def export(
    out: Annotated[Path, typer.Option(help="folder of the Parquet files")],
    log: Log = None,
) -> None:
    """Write the event log as Parquet, by date; again: only what is new."""
    from bawwab.stores.export import export as run  # noqa: PLC0415 - only this command needs it
    from bawwab.stores.export import reading  # noqa: PLC0415

    with reading(settings.log_url(log)) as opened:
        done = run(opened, out)
    typer.echo(json.dumps({"days": list(done.days), "rows": done.rows}))
