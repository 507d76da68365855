"""Commands that train, judge and switch models."""

import csv
import datetime as dt
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console

from bawwab.commands import past, settings

Data = Annotated[list[Path] | None, typer.Option(help="more labelled CSVs, files or folders")]
Models = Annotated[Path | None, typer.Option(help="folder of model versions")]


def add(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(train)
    app.command()(evaluate)
    app.command()(robustness)
    app.command(name="library-report")(library_report)
    app.command()(score)
    app.command()(promote)
    app.command()(rollback)


def train(  # noqa: PLR0917 - typer passes them by name
    data: Data = None,
    log: Annotated[
        list[str] | None, typer.Option(help="decision log (URL), export, or event streams; repeatable")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="folder of model versions")] = None,
    seed: Annotated[int, typer.Option(help="the same seed and data give the same bytes")] = 20261125,
    jobs: Annotated[int, typer.Option(help="processes")] = 2,
    cutoff: Annotated[
        str | None, typer.Option(help="labels of decision logs as known then; default: their end")
    ] = None,
    export: Annotated[Path | None, typer.Option(help="folder that a log's export is kept in")] = None,
    memory: Annotated[str, typer.Option(help="memory of the engine that reads decision logs")] = "768MB",
) -> None:
    """Build a candidate model version."""
    from bawwab.commands.bars import progress_bars  # noqa: PLC0415
    from bawwab.learning.exported import Means  # noqa: PLC0415
    from bawwab.learning.fit import Settings  # noqa: PLC0415
    from bawwab.learning.samples import Sources  # noqa: PLC0415
    from bawwab.learning.train import to_console  # noqa: PLC0415
    from bawwab.learning.train import train as run  # noqa: PLC0415

    means = Means(memory=memory, threads=jobs)
    opened = past.opened(log or (), kept=export, cutoff=past.moment(cutoff), means=means)
    console = Console(stderr=True)
    with opened as logs, progress_bars(console) as tell:
        version = run(
            Sources(settings.corpora(data), settings.library()),
            out or settings.models(),
            day=dt.datetime.now(dt.UTC).date().isoformat(),
            settings=Settings(seed=seed, jobs=jobs),
            policy=settings.policy(),
            logs=logs,
            say=to_console(console),
            progress=tell,
        )
    typer.echo(version)


def evaluate(
    model: Annotated[str | None, typer.Option(help="version; the champion by default")] = None,
    data: Data = None,
    out: Annotated[Path | None, typer.Option(help="where the JSON goes")] = None,
) -> None:
    """Judge a model on labelled data, as JSON and as a table."""
    from bawwab.learning.evaluate import evaluate as run  # noqa: PLC0415

    run(
        settings.models(),
        model,
        data=settings.corpora(data),
        policy=settings.policy(),
        out=out or settings.home() / "evaluation.json",
    )


def robustness(
    model: Annotated[str | None, typer.Option(help="version; the champion by default")] = None,
    data: Data = None,
    out: Annotated[Path | None, typer.Option(help="where the JSON goes")] = None,
) -> None:
    """Recall kept under disguise, and fairness to honest styles."""
    from bawwab.learning.robustness import robustness as run  # noqa: PLC0415

    run(
        settings.models(),
        model,
        data=settings.corpora(data),
        policy=settings.policy(),
        out=out or settings.home() / "robustness.json",
    )


def library_report(
    data: Data = None,
    out: Annotated[Path | None, typer.Option(help="where the JSON goes")] = None,
) -> None:
    """What the message library teaches."""
    import msgspec  # noqa: PLC0415

    from bawwab.learning.fit import Settings  # noqa: PLC0415
    from bawwab.learning.library_report import report, write  # noqa: PLC0415
    from bawwab.learning.samples import Sources  # noqa: PLC0415

    found = report(Sources(settings.corpora(data), settings.library(), fillings=1), settings=Settings())
    write(found, out or settings.home() / "library-report.json")
    typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=1).decode())


def score(
    file: Annotated[str, typer.Argument(help="CSV with a column `text`; `-` is standard input")],
    out: Annotated[Path | None, typer.Option("-o", "--out", help="CSV to write")] = None,
) -> None:
    """Score a CSV of messages offline, each as the first message of an unknown sender."""
    from bawwab.learning.offline import score_rows  # noqa: PLC0415
    from bawwab.stores.models import load_champion  # noqa: PLC0415

    model = load_champion(settings.models())
    with _reading(file) as source, _writing(out) as target:
        score_rows(csv.DictReader(source), target, model=model, policy=settings.policy())


def promote(
    version: str,
    models: Models = None,
    force: Annotated[str | None, typer.Option(help="reason to promote against the gates")] = None,
) -> None:
    """Serve a version; a running server follows within seconds."""
    from bawwab.learning.promotion import promote as run  # noqa: PLC0415

    served = run(models or settings.models(), version, force=force)
    settings.leave_trail("promote", id=version, force=force)
    typer.echo(served)


def rollback(models: Models = None) -> None:
    """Serve the version that was served before."""
    from bawwab.stores.models import rollback as run  # noqa: PLC0415

    served = run(models or settings.models()).version
    settings.leave_trail("rollback", id=served)
    typer.echo(served)


@contextmanager
def _reading(name: str) -> Iterator[TextIO]:
    if name == "-":
        yield sys.stdin
        return
    with Path(name).open(encoding="utf-8-sig", newline="") as opened:
        yield opened


@contextmanager
def _writing(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
        return
    with path.open("w", encoding="utf-8", newline="") as opened:
        yield opened
