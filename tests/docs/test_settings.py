"""docs/reference/settings.md lists every setting with its flag and its default."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from bawwab.cli import app
from bawwab.service.settings import PREFIX, Settings

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "settings.md").read_text("utf-8")
ROWS = {
    name: [cell.strip() for cell in rest.split("|")]
    for name, rest in re.findall(rf"^\| `({PREFIX}\w+)` \|(.*)\|$", PAGE, re.MULTILINE)
}
SAID = {
    "data": "none",
    "policy": "the packaged one",
    "log": "`log.sqlite` under the home",
    "secret_file": "`secret` under the home",
    "quota": "none",
    "require_key": "off on loopback, on elsewhere",
    "clock_max_step": "`2592000`",
}


def test_every_setting_has_a_row_and_every_row_a_setting() -> None:
    assert set(ROWS) == {PREFIX + name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_default_is_what_the_page_says(name: str) -> None:
    default: Any = Settings.model_fields[name].default
    assert ROWS[PREFIX + name.upper()][1] == SAID.get(name, f"`{default}`")


def test_every_flag_of_serve_is_named() -> None:
    group: Any = typer.main.get_command(app)
    flags = {flag for option in group.commands["serve"].params for flag in option.opts}
    assert flags - {"--help"} == {
        flag for row in ROWS.values() for flag in re.findall(r"--[a-z-]+", row[0]) if "--no-" not in flag
    }
