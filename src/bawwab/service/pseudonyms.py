"""Recipients under another name: a keyed hash that nobody can turn round without the secret."""

import base64
import hmac
import os
import secrets
from pathlib import Path

from sqlalchemy import Engine

from bawwab.core.errors import ConfigurationError
from bawwab.stores.schema import said, say

_SIZE = 16  # bytes: 128 bits of HMAC-SHA-256
_SECRET = 32  # bytes
_PURPOSE, _FINGERPRINT = b"recipient\0", b"fingerprint\0"


class Pseudonyms:
    """Names recipients.

    Examples
    --------
    >>> Pseudonyms(b"0" * 32).of("+966500000001")
    '2mM6kTbwg1K8pzWKjr4BcQ'
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, recipient_id: str) -> str:
        """Pseudonym of one recipient, always the same under the same secret."""
        digest = hmac.digest(self._secret, _PURPOSE + recipient_id.encode(), "sha256")[:_SIZE]
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    @property
    def fingerprint(self) -> str:
        """What a log keeps to know the secret again; it gives nothing away."""
        return hmac.digest(self._secret, _FINGERPRINT, "sha256")[:_SIZE].hex()


_MARK = "secret"  # under which a log keeps the fingerprint
_REMEDY = "put the old file back, or run bawwab rotate-secret (docs/how-to/rotate-keys-and-secret.md)"


def recognise(path: Path, log: Engine) -> Pseudonyms:
    """Names under the secret that the log was written with; a log without any takes this one.

    Raises
    ------
    ConfigurationError
        It is another secret: no opt-out and no block would be found under it.
    """
    known = said(log, _MARK)
    if known is not None and not path.exists():
        raise ConfigurationError(f"BAWWAB_SECRET_FILE: {path} is missing, and the log needs it; {_REMEDY}")
    found = Pseudonyms(load_secret(path))
    if known is None:
        say(log, _MARK, found.fingerprint)
    elif known != found.fingerprint:
        raise ConfigurationError(
            f"BAWWAB_SECRET_FILE: {path} is not the secret that the log was written with: opt-outs and "
            f"blocks would no longer be found; {_REMEDY}"
        )
    return found


def replace(path: Path, log: Engine) -> Pseudonyms:
    """Names under another secret than before, made if there is none; the log takes it from now on.

    Raises
    ------
    ConfigurationError
        It is still the same one.
    """
    found = Pseudonyms(load_secret(path))
    if said(log, _MARK) == found.fingerprint:
        raise ConfigurationError(f"BAWWAB_SECRET_FILE: {path} is still the old secret; move it away first")
    say(log, _MARK, found.fingerprint)
    return found


def load_secret(path: Path) -> bytes:
    """Read the secret, or make one, readable by its owner alone.

    Raises
    ------
    ConfigurationError
        It cannot be read or made, is too short, or others can read it.
    """
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            raise ConfigurationError(f"others can read the secret {path}; chmod 600 it")
        secret = path.read_bytes().strip()
    except OSError as error:
        raise ConfigurationError(f"the secret {path} cannot be used: {error.strerror}") from error
    if len(secret) < _SECRET:
        raise ConfigurationError(f"the secret {path} has {len(secret)} bytes, needs {_SECRET}")
    return secret


def _make(path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_hex(_SECRET).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
