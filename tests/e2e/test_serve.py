"""``bawwab serve`` as a process: it starts, refuses, is killed, and comes back."""
# ruff: noqa: S603 - the command that is started is our own

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from service_kit import write_model

MESSAGE = {
    "message_id": "m1",
    "sender_id": "shop",
    "recipient_id": "+4915112345678",
    "category": "utility",
    "text": "your parcel has arrived",
}
REPORT = {"sender_id": "shop", "recipient_id": "+4915112345678", "reason": "spam"}


class Process:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        assert process.stderr is not None
        self.started = json.loads(process.stderr.readline())
        self.client = httpx.Client(base_url=self.started["url"])

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        assert self.process.stderr is not None
        self.rest = self.process.stderr.read()
        return self.process.wait(timeout=20)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    write_model(tmp_path / "models")
    ours = {
        "BAWWAB_HOME": str(tmp_path / "var"),
        "BAWWAB_MODELS": str(tmp_path / "models"),
        "BAWWAB_PORT": "0",
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("BAWWAB_")} | ours


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[Process]:
    command = [sys.executable, "-m", "bawwab", "serve"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            server = Process(process)
            with server.client:
                yield server
        finally:
            process.kill()


def refused(environment: dict[str, str], **changes: str) -> str:
    command = [sys.executable, "-m", "bawwab", "serve"]
    done = subprocess.run(
        command, env=environment | changes, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode != 0
    [line] = done.stderr.splitlines()
    return line


def test_an_acknowledged_report_survives_a_kill(environment: dict[str, str]) -> None:
    with serving(environment) as server:
        server.client.post("/v1/score", json=MESSAGE)
        assert server.client.post("/v1/reports", json=REPORT).status_code == 202
        before = server.client.get("/v1/senders/shop").json()["quality"]
        server.stop(signal.SIGKILL)
    with serving(environment) as server:
        after: Any = server.client.get("/v1/senders/shop").json()
        assert after["complaint_rate"]["messages"] == pytest.approx(1.0, abs=1e-3)
        assert after["quality"] == before


def test_a_clean_stop_keeps_everything_and_writes_nobodys_name(environment: dict[str, str]) -> None:
    with serving(environment) as server:
        first = server.client.post("/v1/score", json=MESSAGE).json()
        assert server.stop() == 0
        written = [path.read_bytes() for path in Path(environment["BAWWAB_HOME"]).iterdir()]
        assert not any(b"4915112345678" in content for content in [*written, server.rest.encode()])
    with serving(environment) as server:
        assert server.client.post("/v1/score", json=MESSAGE).json() == first
        assert refused(environment).startswith("bawwab: BAWWAB_HOME: another server runs on")


def test_it_refuses_a_busy_port(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "already in use" in refused(environment, BAWWAB_PORT=port)


def test_another_secret_ends_the_start_until_it_is_rotated(environment: dict[str, str]) -> None:
    secret = Path(environment["BAWWAB_HOME"]) / "secret"
    with serving(environment) as server:
        server.client.post("/v1/score", json=MESSAGE)
        server.stop()
    secret.rename(secret.with_suffix(".old"))
    assert "secret is missing" in refused(environment)
    assert bawwab(environment, "rotate-secret").returncode == 0
    with serving(environment) as server:
        assert server.client.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("BAWWAB_POLICY", "/nowhere/policy.toml"),
        ("BAWWAB_HOME", "/dev/null/var"),
        ("BAWWAB_CLOCK", "sundial"),
        ("BAWWAB_WORKERS", "2"),
        ("BAWWAB_LOG", "mysql://x/y"),
        ("BAWWAB_STATE", "redis://127.0.0.1:1/0"),
        ("BAWWAB_STATE", "redis+cluster://127.0.0.1:1/0"),
        ("BAWWAB_STATE", "redis://:hunter2@127.0.0.1:port/0"),
    ],
)
def test_what_cannot_be_used_ends_the_start_with_one_line(
    environment: dict[str, str], setting: str, value: str
) -> None:
    line = refused(environment, **{setting: value})
    assert line.startswith(f"bawwab: {setting}")
    assert "hunter2" not in line


def test_it_refuses_an_altered_model(environment: dict[str, str]) -> None:
    path = Path(environment["BAWWAB_MODELS"]) / "tiny" / "tables.json"
    path.write_bytes(path.read_bytes() + b" ")
    assert "tables.json" in refused(environment)


def bawwab(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "bawwab", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_it_refuses_to_be_reached_by_others_without_a_key(environment: dict[str, str]) -> None:
    assert "there is no key" in refused(environment, BAWWAB_HOST="0.0.0.0")  # noqa: S104 - refused


def test_keys_are_made_listed_and_revoked_by_command(environment: dict[str, str]) -> None:
    key = bawwab(environment, "keys", "create", "--scope", "score", "--name", "shop").stdout
    assert key.startswith("bawwab_")
    assert len(key.splitlines()) == 1
    [row] = json.loads(bawwab(environment, "keys", "list", "--json").stdout)
    assert (row["name"], row["scopes"], row["revoked_at"]) == ("shop", ["score"], None)
    assert bawwab(environment, "keys", "revoke", row["id"]).returncode == 0
    assert "revoked" in bawwab(environment, "keys", "list").stdout
    unknown = bawwab(environment, "keys", "revoke", "nobody")
    assert (unknown.returncode, len(unknown.stderr.splitlines())) == (1, 1)
    assert bawwab(environment, "keys", "create", "--scope", "all").returncode == 2
