"""``bawwab rebuild-state``: a shared state, filled from the log once more."""

from typing import Annotated

import typer


def add(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(name="rebuild-state")(rebuild_state)


def rebuild_state(
    state: Annotated[str | None, typer.Option(help="redis://… or redis+cluster://…")] = None,
) -> None:
    """Fill the state in Redis from the log, and nothing else; servers answer by fail modes meanwhile."""
    from bawwab.service.logs import configure_logs  # noqa: PLC0415 - only this command needs the server
    from bawwab.service.settings import read_settings  # noqa: PLC0415
    from bawwab.service.shared import rebuild_state as run  # noqa: PLC0415

    configure_logs()  # to standard error
    typer.echo(f"{run(read_settings(state=state))} records")
