"""The settings, from the environment (``BAWWAB_…``) and the flags of ``serve``."""

import ipaddress
import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bawwab.core.errors import ConfigurationError
from bawwab.core.policy import Policy, default_policy, parse_policy

PREFIX = "BAWWAB_"
_SHARED = {"redis", "rediss", "redis+cluster", "rediss+cluster"}


class Settings(BaseSettings):
    """Everything that can be set; docs/reference/settings.md lists it."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="port to listen on; 0 takes any free one")
    workers: int = Field(1, ge=1, description="processes")
    home: Path = Field(Path("var"), description="folder for everything written at run time")
    models: Path = Field(Path("models"), description="folder of model versions")
    data: str = Field("", description="extra folders of labelled CSVs, separated as in PATH")
    policy: Path | None = Field(None, description="policy file (TOML); default: the packaged one")
    state: str = Field("memory:", description="state store: memory:, redis://… or redis+cluster://…")
    log: str | None = Field(None, description="event log; default: SQLite under home")
    clock: Literal["wall", "event"] = Field("wall", description="where time comes from")
    clock_max_step: float = Field(
        30 * 86_400.0, gt=0, description="seconds an item may be ahead of a set event clock"
    )
    keep_text: Literal["none", "masked", "full"] = Field(
        "masked", description="what of a message's text is stored"
    )
    secret_file: Path | None = Field(
        None, description="key under which recipient ids are hashed; default: under home"
    )
    quota: float | None = Field(None, gt=0, description="requests per second of one API key")
    require_key: bool | None = Field(
        None, description="API keys required; default: off on loopback, on elsewhere"
    )

    @property
    def log_url(self) -> str:
        """Where the event log is."""
        return self.log or f"sqlite:///{self.home.absolute() / 'log.sqlite'}"

    @property
    def shares_state(self) -> bool:
        """Whether other processes have the same state."""
        return self.state != "memory:"

    @property
    def secret_path(self) -> Path:
        """Where the secret is."""
        return self.secret_file or self.home / "secret"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback(self.host)

    @property
    def needs_key(self) -> bool:
        """Whether callers need a key."""
        return not self.is_loopback if self.require_key is None else self.require_key


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, and cannot be meant by others.

    Examples
    --------
    >>> [is_loopback(host) for host in ("localhost", "127.0.0.9", "::1", "10.0.0.1", "gate.example")]
    [True, True, True, False, False]
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_settings(**flags: Any) -> Settings:  # noqa: ANN401 - checked by the model
    """Read the environment; flags that are not None win.

    Raises
    ------
    ConfigurationError
        A setting cannot be used; names it and says why.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigurationError(f"{name}: {first['msg']} (got {first['input']!r})") from error
    _check(settings)
    return settings


def read_policy(path: Path | None) -> Policy:
    """Read the policy that is set, or the packaged one."""
    if path is None:
        return default_policy()
    try:
        return parse_policy(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"BAWWAB_POLICY: {path} cannot be read: {error}") from error


def unknown_variables() -> list[str]:
    """Variables that look like settings and are none: most likely misspelt."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)


def _check(settings: Settings) -> None:
    _check_state(settings)
    if settings.require_key is False and not settings.is_loopback:
        raise ConfigurationError(
            f"BAWWAB_REQUIRE_KEY: off while bound to {settings.host}, which others can reach; "
            "require keys or bind to 127.0.0.1"
        )


def _check_state(settings: Settings) -> None:
    scheme = settings.state.partition("://")[0]
    if settings.state != "memory:" and scheme not in _SHARED:
        known = ", ".join(f"{name}://…" for name in sorted(_SHARED))
        raise ConfigurationError(f"BAWWAB_STATE: {scheme!r} is none of: memory:, {known}")
    if settings.workers > 1 and not settings.shares_state:
        raise ConfigurationError(
            f"BAWWAB_WORKERS: {settings.workers} workers: with memory: every worker would have limits of "
            "its own; use 1, or BAWWAB_STATE=redis://…"
        )
    if settings.clock == "event" and settings.workers > 1:
        raise ConfigurationError(f"BAWWAB_WORKERS: {settings.workers} workers: the event clock needs 1")
    if settings.clock == "event" and settings.shares_state:
        raise ConfigurationError(
            "BAWWAB_CLOCK: the event clock needs BAWWAB_STATE=memory:; Redis drops keys by its own clock"
        )
