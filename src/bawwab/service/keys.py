"""API keys: made, kept as digests, revoked; one file in the home, readable by its owner alone."""

import fcntl
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bawwab.core.errors import ConfigurationError, UnknownItemError
from bawwab.service.operation import Access

_PREFIX = "bawwab"
_SECRET = 32  # bytes of chance in a key: nothing that a slow hash would have to make up for
_NOBODY = hashlib.sha256(b"").hexdigest()


class Key(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of a key: everything but the key."""

    id: str
    name: str
    scopes: tuple[Access, ...]
    digest: str
    created_at: float
    revoked_at: float | None = None


class KeyRing:
    """The keys of one home.

    Parameters
    ----------
    folder : Path
        The home; made if it is missing.

    Raises
    ------
    ConfigurationError
        The file cannot be read or written, is damaged, or others can read it.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "keys.json"

    def keys(self) -> tuple[Key, ...]:
        """Every key ever made, oldest first; revoked ones stay, as a trail."""
        try:
            content = self.path.read_bytes()
            if self.path.stat().st_mode & 0o077:
                raise ConfigurationError(f"others can read {self.path}; chmod 600 it")
            return msgspec.json.decode(content, type=tuple[Key, ...])
        except FileNotFoundError:
            return ()
        except (OSError, msgspec.MsgspecError) as error:
            raise ConfigurationError(f"the keys {self.path} cannot be read: {error}") from error

    def create(self, scopes: tuple[Access, ...], *, name: str, now: float) -> str:
        """Make a key; only its digest is kept, so this is the one time it is seen."""
        key_id, secret = secrets.token_hex(4), secrets.token_urlsafe(_SECRET)
        made = Key(id=key_id, name=name, scopes=scopes, digest=digest(secret), created_at=now)
        with self._changing():
            self._write((*self.keys(), made))
        return f"{_PREFIX}_{key_id}_{secret}"

    def revoke(self, key_id: str, *, now: float) -> None:
        """End a key; a second time changes nothing.

        Raises
        ------
        UnknownItemError
            There is no such key.
        """
        with self._changing():
            keys = self.keys()
            if key_id not in {key.id for key in keys}:
                raise UnknownItemError(f"no key has the id {key_id!r}; see: bawwab keys list")
            self._write(tuple(_revoked(key, now) if key.id == key_id else key for key in keys))

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Let one process at a time change the file."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ConfigurationError(f"BAWWAB_HOME: {self.path.parent}: {error.strerror}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _write(self, keys: tuple[Key, ...]) -> None:
        new = self.path.with_suffix(".new")
        try:
            new.unlink(missing_ok=True)
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(keys), indent=2) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
        except OSError as error:
            raise ConfigurationError(f"the keys {self.path} cannot be written: {error}") from error


class KnownKeys:
    """The keys as a running server sees them: the file is looked at again every second.

    Parameters
    ----------
    ring : KeyRing
        Where they are kept.
    read : Callable
        A clock that never steps back.
    """

    _LOOK = 1.0  # seconds: a revoked key is refused after at most so long

    def __init__(self, ring: KeyRing, *, read: Callable[[], float]) -> None:
        self._ring, self._read = ring, read
        self._looked, self._mark = read(), self._fingerprint()
        self._keys = _by_id(ring.keys())

    def find(self, presented: str) -> Key | None:
        """Key that was presented, if it is good."""
        self._look()
        prefix, _, rest = presented.partition("_")
        key_id, _, secret = rest.partition("_")
        key = self._keys.get(key_id) if prefix == _PREFIX else None
        same = hmac.compare_digest(_NOBODY if key is None else key.digest, digest(secret))
        return key if same else None

    def _look(self) -> None:
        now = self._read()
        if now - self._looked < self._LOOK:
            return
        self._looked, mark = now, self._fingerprint()
        if mark == self._mark:
            return
        self._mark, self._keys = mark, {}  # should it be unreadable, nobody passes
        self._keys = _by_id(self._ring.keys())

    def _fingerprint(self) -> tuple[int, int, int] | None:
        try:
            found = self._ring.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size


def digest(secret: str) -> str:
    """What is kept of a key's secret part."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _by_id(keys: tuple[Key, ...]) -> dict[str, Key]:
    return {key.id: key for key in keys if key.revoked_at is None}


def _revoked(key: Key, now: float) -> Key:
    return key if key.revoked_at is not None else msgspec.structs.replace(key, revoked_at=now)
