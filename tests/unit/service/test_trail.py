import json
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from bawwab.cli import app
from bawwab.service.trail import Trail


def kept(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "trail.jsonl").read_text("utf-8").splitlines()]


def test_acts_at_the_command_line_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAWWAB_HOME", str(tmp_path))
    key_id = CliRunner().invoke(app, ["keys", "create", "--scope", "score"]).stdout.split("_")[1]
    CliRunner().invoke(app, ["keys", "revoke", key_id])
    assert [(line["act"], line["id"]) for line in kept(tmp_path)] == [
        ("keys create", key_id),
        ("keys revoke", key_id),
    ]
    assert all(line["by"].startswith("cli:") for line in kept(tmp_path))


def test_a_trail_that_cannot_be_written_is_said_in_the_log(tmp_path: Path) -> None:
    with capture_logs() as lines:
        Trail(tmp_path / "missing" / "trail.jsonl").note("act", by="me")
    assert [line["log_level"] for line in lines] == ["info", "error"]
