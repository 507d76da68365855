"""The command line: it parses, calls and prints; what it calls is elsewhere."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bawwab.commands import keys, learning, log, privacy, state, world
from bawwab.core.errors import BawwabError

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)


keys.add(app)
learning.add(app)
log.add(app)
privacy.add(app)
state.add(app)
world.add(app)


@app.callback()
def about() -> None:
    """Doorkeeper for business messages: allow, throttle or block, with reasons."""


@app.command()
def serve(  # noqa: PLR0917 - typer passes them by name
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="port to listen on; 0: any free one")] = None,
    workers: Annotated[int | None, typer.Option(help="processes")] = None,
    home: Annotated[Path | None, typer.Option(help="folder for everything written at run time")] = None,
    models: Annotated[Path | None, typer.Option(help="folder of model versions")] = None,
    data: Annotated[str | None, typer.Option(help="extra folders of labelled CSVs")] = None,
    policy: Annotated[Path | None, typer.Option(help="policy file (TOML)")] = None,
    state: Annotated[str | None, typer.Option(help="memory:, redis://… or redis+cluster://…")] = None,
    log: Annotated[str | None, typer.Option(help="event log: sqlite:///… or postgresql://…")] = None,
    clock: Annotated[str | None, typer.Option(help="wall or event")] = None,
    clock_max_step: Annotated[float | None, typer.Option(help="seconds an item may be ahead")] = None,
    keep_text: Annotated[str | None, typer.Option(help="none, masked or full")] = None,
    secret_file: Annotated[Path | None, typer.Option(help="key for hashing recipient ids")] = None,
    quota: Annotated[float | None, typer.Option(help="requests per second of one API key")] = None,
    require_key: Annotated[bool | None, typer.Option(help="whether API keys are required")] = None,
) -> None:
    """Serve the scorer; every flag is also a setting, BAWWAB_<FLAG>."""
    flags = dict(locals())
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy: a thread pool only adds latency
    from bawwab.service.server import serve as run  # noqa: PLC0415 - only this command needs the server
    from bawwab.service.settings import read_settings  # noqa: PLC0415

    run(read_settings(**flags))


def main() -> None:
    """Run the command line; what it was refused for is one line on standard error."""
    try:
        code: Any = app(standalone_mode=False)
    except BawwabError as error:
        print(f"bawwab: {error}", file=sys.stderr)  # noqa: T201 - this is what a command line is for
        sys.exit(1)
    except Exception as error:
        _refuse_usage(error)
        raise
    sys.exit(code if isinstance(code, int) else 0)


def _refuse_usage(error: Exception) -> None:
    """End with one line where the command was used wrongly."""
    explain = getattr(error, "format_message", None)
    if explain is not None:
        print(f"bawwab: {explain()}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
