"""The public face is what the reference says, and every name of it is there."""

from pathlib import Path

import bawwab

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "python.md"


def test_every_public_name_is_there_and_documented() -> None:
    page = PAGE.read_text("utf-8")
    for name in bawwab.__all__:
        assert callable(getattr(bawwab, name))
        assert getattr(bawwab, name).__doc__
        assert f"| `{name}" in page


def test_the_page_names_nothing_else() -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert [row.split("`")[1].partition("(")[0] for row in rows] == sorted(bawwab.__all__)
