"""``bawwab forget`` and ``bawwab rotate-secret``: who is known, and under which names."""

import json
from typing import Annotated

import typer


def add(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(forget)
    app.command()(rotate_secret)


def forget(
    recipient: Annotated[str | None, typer.Option(help="a recipient's id, as it is sent for scoring")] = None,
    sender: Annotated[str | None, typer.Option(help="a sender's id")] = None,
) -> None:
    """Erase a recipient or a sender of a stopped server; a running one is asked by POST /v1/forget."""
    from bawwab.service.forgetting import forget as run  # noqa: PLC0415 - only this command needs it
    from bawwab.service.logs import configure_logs  # noqa: PLC0415
    from bawwab.service.settings import read_settings  # noqa: PLC0415

    if (recipient is None) == (sender is None):
        raise typer.BadParameter("name one: --recipient ID or --sender ID")
    configure_logs()  # to standard error
    typer.echo(json.dumps(run(read_settings(), recipient=recipient, sender=sender)._asdict()))


def rotate_secret() -> None:
    """Let the log take another secret: move the old file away, and stop the server, first."""
    from bawwab.service.forgetting import rotate_secret as run  # noqa: PLC0415 - only this command needs it
    from bawwab.service.settings import read_settings  # noqa: PLC0415

    path = run(read_settings())
    typer.echo(f"{path} is the secret from now on; hand in opt-outs and blocks before any message")
