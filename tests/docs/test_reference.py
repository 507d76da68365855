"""What the documents say is what the code does."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from bawwab.core.decisions import Advice, ReasonCode

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
PAGES = [
    p for p in ROOT.rglob("*.md") if not {".venv", "node_modules", "var"} & set(p.relative_to(ROOT).parts)
]


def test_generated_pages_are_fresh() -> None:
    script = ROOT / "scripts" / "write_reference.py"
    assert subprocess.run([sys.executable, str(script), "--check"], check=False).returncode == 0  # noqa: S603


def test_the_policy_page_has_every_key_of_the_policy_and_no_other() -> None:
    named = re.findall(r"^\| `([^`]*)` \|", (REFERENCE / "policy.md").read_text("utf-8"), re.MULTILINE)
    text = resources.files("bawwab.core").joinpath("policy.toml").read_text("utf-8")
    assert sorted(named) == sorted(_keys(tomllib.loads(text)))


def _keys(table: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _keys(value, f"{path}{name}.")
        else:
            yield path + name


@pytest.mark.parametrize("code", list(ReasonCode))
def test_every_reason_code_is_documented(code: ReasonCode) -> None:
    assert f"| `{code.value}` |" in (REFERENCE / "reason-codes.md").read_text("utf-8")


@pytest.mark.parametrize("advice", list(Advice))
def test_every_advice_is_documented(advice: Advice) -> None:
    assert f"| `{advice.value}` |" in (REFERENCE / "reason-codes.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text("utf-8"))
    assert [t for t in targets if not (page.parent / t).exists()] == []


def test_every_make_target_in_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = set(re.findall(r"^make ([a-z-]+)", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE))
    assert [name for name in named if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []
