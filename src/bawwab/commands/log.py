"""Commands that work on the event log."""

import json
from pathlib import Path
from typing import Annotated

import typer

from bawwab.commands import past, settings

Log = Annotated[str | None, typer.Option(help="event log (sqlite:///… or postgresql://…); BAWWAB_LOG's")]


def add(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(export)
    app.command()(backtest)


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


def backtest(
    policy: Annotated[Path, typer.Option(help="candidate: a policy file (TOML)")],
    in_force: Annotated[
        Path | None, typer.Option(help="policy that decided; BAWWAB_POLICY's, or the packaged one")
    ] = None,
    since: Annotated[str | None, typer.Option(help="rule decisions from then on; default: all")] = None,
    log: Log = None,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Try a policy on the decision log before it is activated."""
    from rich.console import Console  # noqa: PLC0415 - only this command needs it

    from bawwab.commands.show_backtest import tables  # noqa: PLC0415
    from bawwab.learning.backtest import Backtest  # noqa: PLC0415
    from bawwab.stores.export import reading  # noqa: PLC0415
    from bawwab.stores.models import load_version  # noqa: PLC0415

    candidate = settings.policy(policy)
    shelf = settings.models()
    test = Backtest(
        in_force=settings.policy(in_force),
        candidate=candidate,
        load=lambda version: load_version(shelf, version),
        since=past.moment(since) or 0.0,
    )
    with reading(settings.log_url(log)) as opened:
        test.take(opened.read())
    found = test.result()
    if as_json:
        typer.echo(json.dumps(found, indent=1, ensure_ascii=False))
        return
    console = Console()
    for table in tables(found):
        console.print(table)
    for sentence in found["cannot_be_known"]:
        console.print(f"* {sentence}")
