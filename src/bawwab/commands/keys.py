"""``bawwab keys``: who may ask a running server for what."""

import json
import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from bawwab.commands import settings

keys = typer.Typer(no_args_is_help=True, help="API keys: make, list, revoke.")
_SCOPES = ("score", "feedback", "operate")


def add(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(keys, name="keys")


@keys.command()
def create(
    scope: Annotated[list[str], typer.Option(help="score, feedback or operate; repeat it for several")],
    name: Annotated[str, typer.Option(help="whose it is, for the list")] = "",
) -> None:
    """Make a key and print it: the only time it is shown."""
    from bawwab.service.keys import KeyRing  # noqa: PLC0415 - only this command needs it
    from bawwab.service.operation import Access  # noqa: PLC0415

    unknown = sorted(set(scope) - set(_SCOPES))
    if unknown:
        raise typer.BadParameter(f"no such scope: {', '.join(unknown)}; one of {', '.join(_SCOPES)}")
    scopes = tuple(Access(part) for part in _SCOPES if part in scope)
    made = KeyRing(settings.home()).create(scopes, name=name, now=time.time())
    settings.leave_trail("keys create", id=made.split("_")[1], scopes=list(scopes), name=name)
    typer.echo(made)


@keys.command("list")
def list_keys(
    as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,  # noqa: FBT002 - a flag
) -> None:
    """List the keys, revoked ones too, without what is secret."""
    from bawwab.service.keys import KeyRing  # noqa: PLC0415

    rows = [
        {
            "id": key.id,
            "name": key.name,
            "scopes": list(key.scopes),
            "created_at": _when(key.created_at),
            "revoked_at": _when(key.revoked_at),
        }
        for key in KeyRing(settings.home()).keys()  # noqa: SIM118 - no mapping
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for row in rows:
        state = f"revoked {row['revoked_at']}" if row["revoked_at"] else "good"
        scopes = ",".join(row["scopes"] or ())
        typer.echo(f"{row['id']}  {scopes:24}  {row['created_at']}  {state:28}  {row['name']}".rstrip())


@keys.command()
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="from the list")]) -> None:
    """End a key; a running server refuses it within two seconds."""
    from bawwab.service.keys import KeyRing  # noqa: PLC0415

    KeyRing(settings.home()).revoke(key_id, now=time.time())
    settings.leave_trail("keys revoke", id=key_id)


def _when(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
