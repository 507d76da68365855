"""A trial's result on the terminal."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from bawwab.world.figures import Figures, Opponents, Quantiles, Service, Share, TrialResult


def print_result(result: TrialResult, console: Console) -> None:
    """Print the tables of a trial."""
    for table in tables(result):
        console.print(table)


def tables(result: TrialResult) -> Iterator[Table]:
    """Make the tables: doors side by side, opponents, honest messages, people."""
    yield _doors(result)
    yield _opponents(result.door)
    yield _service(result.door)
    yield _people(result.door)


def percent(share: Share | None, digits: int = 1) -> str:
    """Write a share.

    Examples
    --------
    >>> percent(Share(1, 8)), percent(Share(0, 0)), percent(Share(1, 3000))
    ('12.5 %', '-', '0.03 %')
    """
    value = None if share is None else share.value
    if value is None:
        return "-"
    tiny = 0.0 < value < 0.5 * 10.0 ** (-digits - 1) or 0.0 < value < 1e-3  # noqa: PLR2004 - two more digits
    return f"{100.0 * value:.{digits + tiny}f} %"


def number(value: float | None, unit: str = "") -> str:
    """Write a number, or that it never came to it."""
    return "never" if value is None else f"{value:,.0f}{unit}"


def _doors(result: TrialResult) -> Table:
    title = f"{result.scenario}: {result.about}; seed {result.seed}, {result.days:g} days. {result.label}"
    table = Table(title=title, title_justify="left")
    for name in ("door", "leak", "of fraud", "blocked", "lost", "late", "bursts ≤ 60 s", "messages", "s"):
        table.add_column(name, justify="left" if name == "door" else "right")
    for figures in (result.door, *result.referees):
        service = figures.service
        table.add_row(
            figures.door,
            percent(figures.leak),
            percent(figures.leak_of_fraud),
            percent(service.blocked, 2),
            percent(service.lost, 2),
            percent(service.late, 2),
            percent(figures.bursts_within_a_minute),
            f"{figures.messages:,}",
            f"{figures.wall_seconds:.0f}",
        )
    return table


def _opponents(figures: Figures) -> Table:
    table = Table(title="opponents", title_justify="left")
    columns = ("kind", "tried", "leak", "people reached", "messages until stopped", "minutes until stopped")
    for name in (*columns, "never stopped", "identities per 100 delivered"):
        table.add_column(name, justify="left" if name == "kind" else "right")
    for kind, found in (*figures.opponents_by_kind.items(), ("all", figures.opponents)):
        table.add_row(kind, *_opponent(found))
    return table


def _opponent(found: Opponents) -> tuple[str, ...]:
    cost = found.identities_per_100_delivered
    return (
        f"{found.leak.of:,}",
        percent(found.leak),
        percent(found.people_reached),
        _pair(found.messages_until_stopped),
        _pair(found.minutes_until_stopped),
        f"{found.never_stopped.count} of {found.never_stopped.of}",
        "-" if cost is None else f"{cost:.1f}",
    )


def _pair(found: Quantiles) -> str:
    return "-" if found.of == 0 else f"{number(found.median)} / {number(found.p90)}"


def _service(figures: Figures) -> Table:
    table = Table(title="honest messages", title_justify="left")
    for name in ("", "messages", "blocked", "lost", "late"):
        table.add_column(name, justify="right" if name else "left")
    groups = (figures.service_by_category, figures.service_by_standing, figures.service_by_kind)
    for group in groups:
        for name, service in group.items():
            table.add_row(name, *_served(service))
        table.add_section()
    table.add_row("all", *_served(figures.service))
    return table


def _served(service: Service) -> tuple[str, ...]:
    shares = (service.blocked, service.lost, service.late)
    return (f"{service.blocked.of:,}", *(percent(share, 2) for share in shares))


def _people(figures: Figures) -> Table:
    table = Table(title="people, brigades, recovery", title_justify="left", show_header=False)
    unwanted, recovery = figures.unwanted, figures.recovery
    if unwanted.estimate is not None and unwanted.low is not None and unwanted.high is not None:
        said = f"{unwanted.estimate:.1%} ({unwanted.low:.1%} to {unwanted.high:.1%})"
        table.add_row("unwanted, as the survey says", f"{said}; truly {percent(unwanted.truth)}")
    table.add_row("senders whose truth lies in the interval", f"{percent(unwanted.covered)}")
    table.add_row("reports on honest messages", percent(figures.reports.noise))
    for brigade in figures.brigades:
        harm = f"{percent(brigade.before)} harmed before, {percent(brigade.after)} after"
        table.add_row(f"{brigade.name}: {brigade.reports} reports", harm)
    stops = f"{recovery.false_stops}, {recovery.recovered} recovered"
    hours = recovery.hours
    table.add_row("false stops", f"{stops}, hours {_hours(hours.median)} / {_hours(hours.p90)}")
    reasons = ", ".join(f"{code} {count:,}" for code, count in figures.refusals_of_honest.items())
    table.add_row("honest messages were refused for", reasons or "-")
    return table


def _hours(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f}"
