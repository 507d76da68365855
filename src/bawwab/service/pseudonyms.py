"""Recipients under another name: a keyed hash that nobody can turn round without the secret."""

import base64
import hmac
import os
import secrets
from pathlib import Path

from bawwab.core.errors import ConfigurationError

_SIZE = 16  # bytes: 128 bits of HMAC-SHA-256
_SECRET = 32  # bytes
_PURPOSE = b"recipient\0"


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
