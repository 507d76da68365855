"""Commands that work on the event log."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from bawwab.commands import past, settings

Log = Annotated[str | None, typer.Option(help="event log (sqlite:///… or postgresql://…); BAWWAB_LOG's")]

survey = typer.Typer(no_args_is_help=True, help="Ask recipients whether messages were wanted.")


def add(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(export)
    app.command()(backtest)
    app.add_typer(survey, name="survey")


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


@survey.command()
def sample(  # noqa: PLR0917 - typer passes them by name
    size: Annotated[int, typer.Option(min=1, help="people to ask, in expectation at most")] = 200,
    days: Annotated[float, typer.Option(min=0, help="about messages of so many days")] = 7.0,
    period: Annotated[float, typer.Option(min=0, help="days within which nobody is asked twice")] = 30.0,
    seed: Annotated[int, typer.Option(help="the same seed and log draw the same people")] = 1,
    log: Annotated[str | None, typer.Option(help="decision log (URL) or its export; BAWWAB_LOG's")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="file to write")] = None,
    form: Annotated[str, typer.Option("--format", help="csv or jsonl")] = "csv",
) -> None:
    """Draw whom to ask next, with the probability of each; who is drawn is not drawn again for the period."""
    from bawwab.commands.ask import ask, write  # noqa: PLC0415 - only this command needs it

    if form not in {"csv", "jsonl"}:
        raise typer.BadParameter(f"no such format: {form}; csv or jsonl")
    with past.exported(settings.log_url(log)) as folder:
        drawn = ask(folder, settings.home() / "surveys", size=size, days=days, period=period, seed=seed)
    if out is None:
        write(drawn, sys.stdout, form=form)
        return
    with out.open("w", encoding="utf-8", newline="") as target:
        write(drawn, target, form=form)
