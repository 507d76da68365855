"""What ``--log`` names: a log to export, an export, event streams."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bawwab.core.errors import ConfigurationError

if TYPE_CHECKING:
    from bawwab.learning.exported import Means
    from bawwab.learning.train import Logs


@contextmanager
def opened(
    named: Sequence[str], *, kept: Path | None, cutoff: float | None, means: "Means | None"
) -> Iterator["Logs"]:
    """Sort what was named; a log's URL is exported, to ``kept`` or to a folder that goes afterwards.

    Raises
    ------
    ConfigurationError
        Something named is neither a log, nor an export, nor a stream.
    """
    from bawwab.learning.train import Logs  # noqa: PLC0415 - heavy

    streams: list[Path] = []
    exports: list[Path] = []
    with ExitStack() as stack:
        for source in named:
            if "://" in source:
                exports.append(stack.enter_context(exported(source, kept)))
            elif (Path(source) / "export.json").exists():
                exports.append(Path(source))
            else:
                streams += _streams(Path(source))
        yield Logs(streams=tuple(streams), exports=tuple(exports), cutoff=cutoff, means=means)


@contextmanager
def exported(source: str, kept: Path | None = None) -> Iterator[Path]:
    """Folder of an export: the one named, or that of the log whose URL is named."""
    from bawwab.stores.export import export, reading  # noqa: PLC0415 - heavy

    if "://" not in source:
        yield Path(source)
        return
    with ExitStack() as stack:
        folder = kept or Path(stack.enter_context(TemporaryDirectory(prefix="bawwab-export-")))
        with reading(source) as log:
            export(log, folder)
        yield folder


def moment(text: str | None) -> float | None:
    """Unix seconds of an RFC 3339 time or a date (its first moment, UTC).

    Raises
    ------
    ConfigurationError
        It is neither.

    Examples
    --------
    >>> moment("2027-01-15"), moment("2027-01-15T08:00:00+00:00")
    (1799971200.0, 1800000000.0)
    """
    if text is None:
        return None
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(f"{text!r} is no time; write 2026-11-27 or 2026-11-27T08:00:00Z") from error
    return (at if at.tzinfo else at.replace(tzinfo=dt.UTC)).timestamp()


def _streams(path: Path) -> list[Path]:
    """Event streams: a file, or those of a folder; the truth beside a simulated one is no stream."""
    found = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    chosen = [file for file in found if not file.name.endswith(".truth.parquet") and file.is_file()]
    if not chosen:
        raise ConfigurationError(
            f"--log {path}: neither an export (no export.json), nor an event stream or a folder of them, "
            "nor the URL of a log (sqlite:///… or postgresql://…)"
        )
    return chosen
