"""docs/reference/contract.md: every promise has a test that exists, and nothing of the interface is left out."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from bawwab.cli import app
from bawwab.core.decisions import Advice, Quality, ReasonCode, RiskLevel, Verdict
from bawwab.core.events import Category, OutcomeKind, ReportReason, Resolution
from bawwab.service.operation import Access
from bawwab.service.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "contract.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\d+) \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)
HELD = sorted({found for _, _, tests in ROWS for found in re.findall(r"`([^`]+)`", tests)})
WORDS = {
    word for _, promise, _ in ROWS for word in re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", promise)))
}
TARGETS = [
    "help",
    "setup",
    "serve",
    "test",
    "train",
    "evaluate",
    "robustness",
    "trial",
    "bench",
    "notebooks",
    "check",
]


def test_promises_are_numbered_and_each_is_held() -> None:
    assert [int(number) for number, _, _ in ROWS] == list(range(1, len(ROWS) + 1))
    assert [number for number, _, tests in ROWS if "::" not in tests] == []


@pytest.mark.parametrize("held", HELD)
def test_a_test_that_is_named_exists(held: str) -> None:
    path, name = held.split("::")
    text = (ROOT / "tests" / path).read_text("utf-8")
    assert re.search(rf"^ *(?:def {name}\(|class {name}\b|{name}: |{name} = )", text, re.MULTILINE)


def test_every_field_of_the_interface_is_named() -> None:
    assert {name for name in _fields() if name not in WORDS} == set()


def _fields() -> Iterator[str]:
    described: dict[str, Any] = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
    for schema in described["components"]["schemas"].values():
        yield from schema.get("properties", {})
    for methods in described["paths"].values():
        for operation in methods.values():
            yield from (parameter["name"] for parameter in operation["parameters"])


def test_every_operation_is_named() -> None:
    described = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
    assert [path for path in described["paths"] if path not in PAGE] == []


def test_every_setting_is_named() -> None:
    assert {PREFIX + name.upper() for name in Settings.model_fields} <= WORDS


@pytest.mark.parametrize(
    "choices",
    [
        Verdict,
        RiskLevel,
        Advice,
        Quality,
        ReasonCode,
        Category,
        OutcomeKind,
        ReportReason,
        Resolution,
        Access,
    ],
)
def test_every_value_of_a_choice_is_named(choices: Any) -> None:
    assert {choice.value for choice in choices} <= WORDS


def test_every_command_is_named() -> None:
    group: Any = typer.main.get_command(app)
    assert {name for name in group.commands if not set(name.split("-")) <= WORDS} <= {
        "robustness",
        "library-report",
    }


def test_every_target_that_is_promised_exists_and_help_comes_first() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert [target for target in TARGETS if not re.search(rf"^{target}:.*## ", makefile, re.MULTILINE)] == []
    assert ".DEFAULT_GOAL := help" in makefile


def test_the_makefile_sets_up_and_serves_with_one_command() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(r"^serve: \$\(RUNTIME\).*\n\t\$\(BIN\)/bawwab serve$", makefile, re.MULTILINE)
    defaults = Settings.model_fields
    assert (defaults["host"].default, defaults["port"].default) == ("127.0.0.1", 8000)
    assert (defaults["state"].default, defaults["log"].default) == ("memory:", None)
