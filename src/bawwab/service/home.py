"""The home: the folder of everything written at run time, and the lock on it."""

import fcntl
import os
from pathlib import Path

from bawwab.core.errors import ConfigurationError


class Home:
    """One server's folder, locked while the server runs.

    Raises
    ------
    ConfigurationError
        It cannot be made or written, or another server has it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ConfigurationError(f"BAWWAB_HOME: {path}: {error.strerror}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise ConfigurationError(f"BAWWAB_HOME: another server runs on {path}; stop it first") from error

    @property
    def snapshot(self) -> Path:
        """Where the snapshot of the state is."""
        return self.path / "state.snapshot"

    def close(self) -> None:
        """Let others have it."""
        os.close(self._lock)
