"""Commands that run the simulated world."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bawwab.commands import settings

Scenario = Annotated[str, typer.Option(help="name of a packaged scenario, or a TOML file")]
Seed = Annotated[int, typer.Option(help="the same seed gives the same world")]


def add(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(trial)
    app.command()(simulate)


def trial(  # noqa: PLR0917 - typer passes them by name
    scenario: Scenario = "default",
    seed: Seed = 1,
    model: Annotated[str | None, typer.Option(help="version; the champion by default")] = None,
    policy: Annotated[Path | None, typer.Option(help="policy file")] = None,
    url: Annotated[str | None, typer.Option(help="a server with BAWWAB_CLOCK=event instead")] = None,
    without: Annotated[
        str | None, typer.Option(help="report-signals (in the model), reports, or voices (in the world)")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="folder for the JSON and the page")] = None,
) -> None:
    """Run the closed-loop field trial, the gate and its referees in one world."""
    from bawwab.commands.bars import progress_bars  # noqa: PLC0415
    from bawwab.stores.models import load_champion, load_version  # noqa: PLC0415
    from bawwab.world import print_result, write_result  # noqa: PLC0415
    from bawwab.world.doors import Door, GateDoor  # noqa: PLC0415
    from bawwab.world.hearing import Unheard, Without, deafened, to_be_without  # noqa: PLC0415
    from bawwab.world.remote import HttpDoor  # noqa: PLC0415
    from bawwab.world.trial import fresh_gate, run_trial  # noqa: PLC0415

    acting = settings.policy(policy)
    shelf = settings.models()
    chosen = load_version(shelf, model) if model else load_champion(shelf)
    missing = to_be_without(without) if without else None
    if missing is Without.REPORT_SIGNALS:
        chosen = deafened(chosen)
    door: Door = HttpDoor(url) if url else GateDoor(fresh_gate(acting, chosen))
    if missing in {Without.REPORTS, Without.VOICES}:
        door = Unheard(door, missing)
    label = url or f"{chosen.name.version}, {acting.version}"
    label += f", without {missing.value}" if missing else ""
    console = Console()
    with progress_bars(Console(stderr=True)) as tell:
        found = run_trial(scenario, door, seed, corpora=_corpora(), label=label, progress=tell)
    print_result(found, console)
    _, page = write_result(found, out or settings.home() / "trials")
    console.print(str(page))


def simulate(  # noqa: PLR0917 - typer passes them by name
    out: Annotated[Path, typer.Option("-o", "--out", help="Parquet file of events")],
    scenario: Scenario = "default",
    seed: Seed = 1,
    door: Annotated[str, typer.Option(help="allow_all, block_all or heuristic")] = "allow_all",
    half: Annotated[str, typer.Option(help="whose wordings: train or trial")] = "train",
    explore: Annotated[float, typer.Option(help="probability of letting a refusal out")] = 0.0,
) -> None:
    """Write the event stream of a simulated world, with the truth beside it."""
    from bawwab.stores.library import Half  # noqa: PLC0415
    from bawwab.world.stream import simulate as run  # noqa: PLC0415

    made = run(scenario, out, seed, door=door, explore=explore, half=Half(half), corpora=_corpora())
    typer.echo(made.events)


def _corpora() -> list[Path]:
    """Labelled messages that are at hand besides the library."""
    data = os.environ.get("BAWWAB_DATA", "")
    return [Path(part) for part in data.split(os.pathsep) if part]
