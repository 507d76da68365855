"""Train, evaluate, promote, serve, score; and change the champion while messages come in."""
# ruff: noqa: S603 - the command that is started is our own

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from server_kit import running
from service_kit import write_model

SCAM = (
    "Hongera! Namba yako imeshinda zawadi. Tuma ada ya malipo sasa hivi kupitia http://zawadi-bure-win.top/x"
)
HELLO = "Umepokea Ksh1,500.00 kutoka kwa JUMA. Salio lako jipya ni Ksh3,200.00. Asante."


def message(number: int, text: str = HELLO) -> dict[str, str]:
    return {
        "message_id": f"m{number}",
        "sender_id": "shop",
        "recipient_id": f"+49151{number:07}",
        "category": "utility",
        "text": text,
    }


def bawwab(models: Path, home: Path, *arguments: str) -> str:
    ours = {"BAWWAB_MODELS": str(models), "BAWWAB_HOME": str(home), "BAWWAB_DATA": ""}
    command = [sys.executable, "-m", "bawwab", *arguments]
    done = subprocess.run(
        command, env=os.environ | ours, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def models(trained: Any, tmp_path: Path) -> Path:
    """A version trained in this session, beside a champion that calls everything harmless."""
    folder = tmp_path / "models"
    shutil.copytree(trained.models, folder)
    write_model(folder)
    return folder


class Customer(threading.Thread):
    """Sends one message after the other and keeps every answer."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._client = httpx.Client(base_url=url, timeout=300.0)
        self._changed = threading.Condition()
        self._is_over = False
        self.statuses: list[int] = []
        self.versions: list[str] = []

    def run(self) -> None:
        number = 0
        while not self._is_over:
            number += 1
            answer = self._client.post("/v1/score", json=message(number))
            with self._changed:
                self.statuses.append(answer.status_code)
                self.versions.append(answer.json()["model"]["version"])
                self._changed.notify_all()

    def waits_for(self, version: str) -> bool:
        """Wait until that version has answered."""
        with self._changed:
            return self._changed.wait_for(lambda: self.versions[-1:] == [version], timeout=300.0)

    def leave(self) -> None:
        self._is_over = True
        self.join()
        self._client.close()


def test_a_message_is_scored_by_what_was_trained_evaluated_and_promoted(
    trained: Any, models: Path, tmp_path: Path
) -> None:
    home = tmp_path / "var"
    tables = bawwab(
        models, home, "evaluate", "--model", trained.version, "--out", str(tmp_path / "found.json")
    )
    assert "What each group of signals adds" in tables
    assert bawwab(models, home, "promote", trained.version).strip() == trained.version
    with running(home, models) as url:
        answers = [
            httpx.post(f"{url}/v1/score", json=message(number, text)).json()
            for number, text in enumerate((HELLO, SCAM))
        ]
    assert {answer["model"]["version"] for answer in answers} == {trained.version}
    assert answers[0]["score"] < answers[1]["score"]


def test_the_champion_changes_under_load_without_losing_a_request(
    trained: Any, models: Path, tmp_path: Path
) -> None:
    home = tmp_path / "var"
    with running(home, models) as url:
        customer = Customer(url)
        customer.start()
        assert customer.waits_for("tiny")
        bawwab(models, home, "promote", trained.version)
        assert customer.waits_for(trained.version)
        bawwab(models, home, "rollback")
        assert customer.waits_for("tiny")
        customer.leave()
    assert set(customer.statuses) == {200}
