"""Scenarios: who lives in the world, read from TOML and checked loudly.

Every ``[low, high]`` is a range: an agent, or a run, draws its own value from it. A scenario may
extend another: its own values win, tables of agents are added, and ``keep`` names the agents of
the other that stay.
"""

import datetime as dt
import tomllib
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from bawwab.core.errors import ConfigurationError
from bawwab.core.events import Category, ReportReason
from bawwab.world.chance import Range

DEFAULT = "default"
Count = Annotated[int, Meta(ge=1)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Positive = Annotated[float, Meta(gt=0.0)]
Name = Annotated[str, Meta(min_length=1, max_length=40, pattern="^[a-z][a-z0-9_]*$")]


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a scenario file: frozen, and without keys nobody knows."""


class Region(_Section, frozen=True, kw_only=True):
    """Where people live: what is written to them, and how late they are heard of."""

    code: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    share: Share
    varieties: Annotated[tuple[str, ...], Meta(min_length=1)]
    late_days: Range = (0.0, 0.0)


class Habits(_Section, frozen=True, kw_only=True):
    """How people take messages; every person draws propensities of their own around these."""

    count: Count
    read: Range
    reply: Range
    never_report: Range
    report_culture: Range
    opt_out: Range
    answer: Range
    survey: Range
    survey_of_new: Range
    reported_within_hour: Range
    reported_within_day: Range
    report_tail_days: Range
    retract: Range


class Profile(_Section, frozen=True, kw_only=True):
    """What the platform states about a sender of this kind; never whether it is honest."""

    vertical: str
    verified: Share = 0.0
    registered_days: Range = (30.0, 1500.0)
    own_domain: Share = 0.0
    shares_portfolio: bool = False


class Reception(_Section, frozen=True, kw_only=True):
    """How a kind of message is taken, on average over recipients."""

    unwanted: Range
    complaint: Range
    opt_out: Range = (0.0, 0.0)
    reply: Range = (0.0, 0.0)


class Flow(_Section, frozen=True, kw_only=True):
    """One stream of messages of an honest sender."""

    category: Category
    kinds: Annotated[tuple[str, ...], Meta(min_length=1)]
    reception: Reception
    per_customer_day: Range = (0.0, 0.0)
    every_days: Range | None = None
    share_of_customers: Range = (0.2, 0.6)
    within_hours: Range = (1.0, 6.0)
    wordings: Range = (2.0, 4.0)
    knows_consent: Share = 1.0
    in_conversation: bool = False
    round_the_clock: bool = False


class Burst(_Section, frozen=True, kw_only=True):
    """Many alike within minutes, because something happened."""

    category: Category
    kinds: Annotated[tuple[str, ...], Meta(min_length=1)]
    reception: Reception
    days: tuple[Positive, ...]
    messages: Range
    within_seconds: Positive


class Honest(_Section, frozen=True, kw_only=True):
    """A kind of honest sender."""

    name: Name
    count: Count
    profile: Profile
    customers: Range
    flow: tuple[Flow, ...] = ()
    burst: tuple[Burst, ...] = ()
    joins_day: Range | None = None
    ramp_days: Range = (0.0, 0.0)
    shares_wordings: bool = False
    shared_host: str | None = None
    home: str | None = None


class Strategy(StrEnum):
    """What kind of plan an abuser follows."""

    CAMPAIGN = "campaign"
    TAKEOVER = "takeover"
    LAUNDER = "launder"
    ADAPTIVE = "adaptive"


class Abuse(_Section, frozen=True, kw_only=True):
    """A kind of abusive operation."""

    name: Name
    strategy: Strategy
    count: Count
    fraud: bool
    kinds: Annotated[tuple[str, ...], Meta(min_length=1)]
    profile: Profile
    reception: Reception
    categories: Annotated[tuple[Category, ...], Meta(min_length=1)]
    start_day: Range
    days: Range
    per_day: Range
    hours_a_day: Range = (8.0, 12.0)
    parallel: Range = (1.0, 1.0)
    identities: Range = (1.0, 1.0)
    rotate_after: Range = (20.0, 60.0)
    retries: Range = (0.0, 3.0)
    mutated: Range = (0.0, 0.2)
    wordings: Range = (1.0, 3.0)
    link_lives: Range = (200.0, 2000.0)
    dead_share: Range = (0.0, 0.1)
    claims_opt_in: Share = 0.0
    repeats: bool = False
    victim: str | None = None
    colluders: Range = (0.0, 0.0)
    warm_up_days: Range = (0.0, 0.0)
    warm_up_kinds: tuple[str, ...] = ()


class Brigade(_Section, frozen=True, kw_only=True):
    """People who agree to report an honest sender."""

    name: Name
    victim: str
    day: Range
    colluders: Range
    within_hours: Range
    reasons: Annotated[tuple[ReportReason, ...], Meta(min_length=1)]
    strangers: bool = False


class Scenario(_Section, frozen=True, kw_only=True):
    """All of it."""

    name: str
    about: str
    start: dt.datetime
    days: Positive
    scale: Positive = 1.0
    people: Habits
    region: Annotated[tuple[Region, ...], Meta(min_length=1)]
    honest: tuple[Honest, ...] = ()
    abusive: tuple[Abuse, ...] = ()
    brigade: tuple[Brigade, ...] = ()

    @property
    def begins(self) -> float:
        """First moment, Unix seconds."""
        return self.start.timestamp()

    @property
    def ends(self) -> float:
        """Last moment, Unix seconds."""
        return self.begins + self.days * 86_400.0

    @property
    def agent_names(self) -> list[str]:
        """Names of all kinds of agents: honest senders, abusive operations, brigades."""
        named = [agent.name for agent in self.honest] + [agent.name for agent in self.abusive]
        return named + [agent.name for agent in self.brigade]


def scenario_names() -> tuple[str, ...]:
    """Name the packaged scenarios."""
    folder = resources.files("bawwab.world").joinpath("scenarios")
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def load_scenario(source: str | Path = DEFAULT) -> Scenario:
    """Read a packaged scenario by its name, or a file by its path.

    Raises
    ------
    ConfigurationError
        Naming the file, the key and what it may hold.
    """
    raw = _resolve(source, depth=0)
    try:
        scenario = msgspec.convert(raw, Scenario)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"scenario {source}: {error}") from error
    for complaint in _complaints(scenario):
        raise ConfigurationError(f"scenario {source}: {complaint}")
    return scenario


def _resolve(source: str | Path, *, depth: int) -> dict[str, Any]:
    raw = _read(source)
    base = raw.pop("extends", None)
    keep = raw.pop("keep", None)
    if base is None:
        return raw
    if depth > 0:
        raise ConfigurationError(f"scenario {source}: what it extends may not extend another")
    inherited = _resolve(base, depth=depth + 1)
    return _merge(inherited, raw, keep)


def _merge(inherited: dict[str, Any], own: dict[str, Any], keep: list[str] | None) -> dict[str, Any]:
    merged = {**inherited, **own}
    for table in ("honest", "abusive", "brigade"):
        kept = [agent for agent in inherited.get(table, ()) if keep is None or agent["name"] in keep]
        merged[table] = kept + own.get(table, [])
    merged["people"] = {**inherited["people"], **own.get("people", {})}
    return merged


def _read(source: str | Path) -> dict[str, Any]:
    path = Path(source)
    try:
        if path.suffix == ".toml":
            return tomllib.loads(path.read_text("utf-8"))
        packaged = resources.files("bawwab.world").joinpath("scenarios", f"{source}.toml")
        return tomllib.loads(packaged.read_text("utf-8"))
    except FileNotFoundError as error:
        known = ", ".join(scenario_names())
        raise ConfigurationError(
            f"scenario {source}: no such file, and not one of the packaged: {known}"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"scenario {source}: not valid TOML: {error}") from error


def _complaints(scenario: Scenario) -> list[str]:
    names = scenario.agent_names
    honest = {agent.name for agent in scenario.honest}
    found = [f"two agents are named {name!r}" for name in sorted(set(names)) if names.count(name) > 1]
    victims = {abuse.victim for abuse in scenario.abusive} | {brigade.victim for brigade in scenario.brigade}
    strangers = sorted(victim for victim in victims if victim is not None and victim not in honest)
    found += [f"victim {victim!r} is no honest sender" for victim in strangers]
    shares = sum(region.share for region in scenario.region)
    if abs(shares - 1.0) > 1e-6:  # noqa: PLR2004 - rounding
        found.append(f"the regions' shares add up to {shares:g}, not to 1")
    if scenario.start.tzinfo is None:
        found.append("start needs a zone")
    return found
