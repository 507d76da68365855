"""Write the reference pages that are made from the code: signals, policy, export, commands.

``--check`` writes nothing and fails where a page differs.
"""

import sys
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import typer

from bawwab.cli import app
from bawwab.core.signals import CATALOGUE, CATALOGUE_DIGEST, Direction, Group
from bawwab.stores.tables import PREFIX, TABLES

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"
ARROWS = {Direction.RISES: "may only raise", Direction.FALLS: "may only lower", Direction.FREE: "free"}
ABOUT = {
    Group.TEXT: "what the words alone say",
    Group.MESSAGE: "links, what was hidden, what was declared",
    Group.SENDER: "who writes, how much, to whom",
    Group.REPORTS: "what recipients say",
}


def signals_page() -> str:
    """Table of every signal, group by group."""
    lines = [
        "# Signals",
        "",
        "Made from `core/signals.py` by `scripts/write_reference.py`. A signal of *text* or *message* is computed",
        "once and logged; one of *sender* or *reports* is computed again, to the bit, by replaying the log.",
        "`direction` binds the trained model: such a signal may only raise, or only lower, the risk.",
        f"Catalogue `{CATALOGUE_DIGEST}`, {len(CATALOGUE)} signals.",
        "",
    ]
    for group in Group:
        lines += [f"## {group.value.capitalize()}: {ABOUT[group]}", ""]
        lines += ["| signal | meaning | unit | direction | reason code |", "| --- | --- | --- | --- | --- |"]
        lines += [
            f"| `{s.name}` | {s.meaning.rstrip('.')} | {s.unit} | {ARROWS[s.direction]} | `{s.reason.value}` |"
            for s in CATALOGUE
            if s.group is group
        ]
        lines.append("")
    return "\n".join(lines)


def policy_page() -> str:
    """Every key of the packaged policy with its default and its comment."""
    source = resources.files("bawwab.core").joinpath("policy.toml").read_text("utf-8")
    lines = [
        "# Policy",
        "",
        "Made from `core/policy.toml` by `scripts/write_reference.py`. Copy that file, change it, and name it in",
        "`BAWWAB_POLICY`. Unknown keys, wrong types, values out of range and thresholds out of order are refused",
        "at start-up, by name. Durations are seconds unless the name says otherwise.",
        "",
        "| key | default | meaning |",
        "| --- | --- | --- |",
    ]
    lines += [f"| `{key}` | `{value}` | {comment} |" for key, value, comment in _settings(source)]
    return "\n".join(lines) + "\n"


def _settings(source: str) -> Iterator[tuple[str, str, str]]:
    section = ""
    for line in source.splitlines():
        if line.startswith("["):
            section = line.partition("#")[0].strip().strip("[]") + "."
        elif "=" in line and not line.startswith("#"):
            setting, _, comment = line.partition("#")
            key, value = next(iter(tomllib.loads(setting).items()))
            yield section + key, str(value), comment.strip()


def export_page() -> str:
    """Every table of the export, column by column."""
    lines = [
        "# Export",
        "",
        "Made from `stores/tables.py` by `scripts/write_reference.py`. `bawwab export --out DIR` writes the event log as",
        "Parquet (zstd): `DIR/<table>/date=YYYY-MM-DD/part-0.parquet`, and `DIR/export.json`, which says what is there.",
        "",
        "* A date is the day (UTC) on which the log learned of something, not that on which it happened. Rows are in the",
        "  log's order. A day on which a table has no rows has no file.",
        "* A day is complete once the log has gone on for ten minutes into a later one. A complete day is never written",
        "  again; the last one is, each time. Repeating the command on the same log gives the same bytes.",
        "* A file appears whole, by a rename, or not at all; what broke off is made good by the next run. One run at a time",
        "  writes a folder, and a folder takes one log only.",
        "* Recipients are pseudonyms (keyed HMAC). Text is what the log keeps (`BAWWAB_KEEP_TEXT`). Notes of appeals and",
        "  reviews stay in the log.",
        "* `bawwab forget` erases from the log, not from copies of it. Afterwards delete the export and make it anew.",
        "* Where an older version wrote part of the log, its signals are null and `catalogue` differs. Read such a folder",
        "  with columns matched by name (DuckDB: `union_by_name = true`).",
        "",
        "```sql",
        "select date, verdict, count(*) from read_parquet('DIR/decisions/*/*.parquet', hive_partitioning = true)",
        "group by all order by all;",
        "```",
        "",
    ]
    for table in TABLES:
        lines += [
            f"## `{table.name}`: {table.about}",
            "",
            "| column | type | meaning |",
            "| --- | --- | --- |",
        ]
        lines += [
            f"| `{c.name}` | {c.type} | {c.meaning} |" for c in table.columns if not c.name.startswith(PREFIX)
        ]
        if any(c.name.startswith(PREFIX) for c in table.columns):
            lines += [
                f"| `{PREFIX}<name>` | double | value of each [signal](signals.md) when it was decided; null: unknown |"
            ]
        lines.append("")
    return "\n".join(lines)


def commands_page() -> str:
    """Every command with its arguments and options."""
    lines = [
        "# Commands",
        "",
        "Made from the command line by `scripts/write_reference.py`. `bawwab` is `.venv/bin/bawwab`. A command that is",
        "refused ends with status 1 (2: used wrongly) and one line on standard error. What `export`, `train --log`,",
        "`backtest` and `survey sample` make of the log: [decision log](decision-log.md).",
        "",
    ]
    for name, command in sorted(_commands(typer.main.get_command(app), "bawwab")):
        lines += [f"## `{name}`", "", " ".join(str(command.help).split()), ""]
        rows = [_parameter(parameter) for parameter in command.params if parameter.name != "help"]
        if rows:
            lines += ["| | default | meaning |", "| --- | --- | --- |", *rows, ""]
    return "\n".join(lines)


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - typer's own
    for part, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, f"{name} {part}")
    if not hasattr(command, "commands"):
        yield name, command


def _parameter(parameter: Any) -> str:  # noqa: ANN401 - the same
    option = parameter.opts[0].startswith("-")
    flags = (
        [*parameter.opts, *parameter.secondary_opts]
        if option
        else [parameter.metavar or parameter.name.upper()]
    )
    default = parameter.default
    plain = default in (None, [], "", False) or parameter.required or repr(default).startswith("Sentinel")
    shown = "required" if parameter.required else ("" if plain else f"`{default}`")
    names = ", ".join(f"`{flag}`" for flag in flags)
    return f"| {names} | {shown} | {parameter.help or ''} |"


PAGES = {
    "signals.md": signals_page,
    "policy.md": policy_page,
    "export.md": export_page,
    "commands.md": commands_page,
}


def main() -> None:
    """Write the pages, or compare them."""
    stale = []
    for name, make in PAGES.items():
        path, text = REFERENCE / name, make()
        if "--check" in sys.argv:
            stale += [] if path.exists() and path.read_text("utf-8") == text else [name]
        else:
            path.write_text(text, "utf-8")
    if stale:
        sys.exit(f"stale: {', '.join(stale)}; run scripts/write_reference.py")


if __name__ == "__main__":
    main()
