"""The operators' trail: who did what, one JSON object a line, in a file of the home that only grows."""

import fcntl
import getpass
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import structlog

NAME = "trail.jsonl"


class Trail:
    """What operators did.

    Parameters
    ----------
    path : Path, optional
        The file; without one only the server's log tells.
    read : Callable
        The clock.
    """

    def __init__(self, path: Path | None = None, *, read: Callable[[], float] = time.time) -> None:
        self._path, self._read = path, read

    def note(self, act: str, *, by: str, **what: object) -> None:
        """Write down an act that was done, in the server's log too."""
        structlog.get_logger("bawwab").info(act, by=by, audit=True, **what)
        self.keep(act, by=by, **what)

    def keep(self, act: str, *, by: str, **what: object) -> None:
        """Write down an act in the file alone; what cannot be kept is said in the log."""
        if self._path is None:
            return
        at = datetime.fromtimestamp(self._read(), UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"at": at, "act": act, "by": by, **what}, ensure_ascii=False)
        try:
            with _held(self._path, "ab") as file:
                file.write(line.encode(errors="surrogatepass") + b"\n")
        except OSError as error:
            structlog.get_logger("bawwab").error("the trail was not written", why=error.strerror)

    def rename(self, old: str, new: str) -> None:
        """Call whom acts were about by another name, once they are to be forgotten."""
        if self._path is None or not self._path.exists():
            return
        with _held(self._path, "r+b") as file:
            lines = [json.loads(line) for line in file]
            file.seek(0)
            file.truncate()
            for line in lines:
                about = line | {"id": new} if line.get("id") == old else line
                file.write(json.dumps(about, ensure_ascii=False).encode(errors="surrogatepass") + b"\n")


@contextmanager
def _held(path: Path, mode: str) -> Iterator[IO[bytes]]:
    """Open the file for one writer at a time; it is on disk when it is let go."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | (os.O_APPEND if mode == "ab" else 0), 0o600)
    with os.fdopen(handle, mode) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
        file.flush()
        os.fsync(file.fileno())


def at_the_console(home: Path) -> tuple[Trail, str]:
    """Trail of a home, and the name of who types the command."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Trail(home / NAME), f"cli:{getpass.getuser()}"
