"""Settings that offline commands share with the server: the same names, the same defaults."""

import os
from pathlib import Path

from bawwab.core.errors import ConfigurationError
from bawwab.core.policy import Policy, default_policy, parse_policy


def home() -> Path:
    """Folder for everything written at run time."""
    return Path(os.environ.get("BAWWAB_HOME", "var"))


def log_url(given: str | None = None) -> str:
    """Event log: the one given, that of BAWWAB_LOG, or SQLite under the home."""
    default = f"sqlite:///{home().absolute() / 'log.sqlite'}"
    return given or os.environ.get("BAWWAB_LOG") or default


def models() -> Path:
    """Folder of model versions."""
    return Path(os.environ.get("BAWWAB_MODELS", "models"))


def corpora(given: list[Path] | None) -> tuple[Path, ...]:
    """Folders and files of labelled CSVs: those of the project, of BAWWAB_DATA, and those given."""
    named = os.environ.get("BAWWAB_DATA", "")
    extra = [Path(part) for part in named.split(os.pathsep) if part]
    return (Path("data"), *extra, *(given or ()))


def library() -> Path:
    """Folder of the message library."""
    return Path("data/messages")


def policy(path: Path | None = None) -> Policy:
    """Policy of ``path``, of BAWWAB_POLICY, or the packaged one."""
    chosen = path or (Path(os.environ["BAWWAB_POLICY"]) if os.environ.get("BAWWAB_POLICY") else None)
    if chosen is None:
        return default_policy()
    try:
        text = chosen.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the policy file {chosen} cannot be read: {error}") from error
    return parse_policy(text)


def leave_trail(act: str, **what: object) -> None:
    """Write into the operators' trail what was done at the command line."""
    from bawwab.service.trail import at_the_console  # noqa: PLC0415 - only acts need it

    trail, by = at_the_console(home())
    trail.keep(act, by=by, **what)
