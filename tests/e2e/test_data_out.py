"""What leaves the log by the command line, and what comes back over HTTP."""

import csv
import json
import os
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from service_kit import Service, run_service, write_model


def bawwab(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    ours = {"BAWWAB_HOME": str(home), "BAWWAB_MODELS": str(home / "models")}
    others = {name: value for name, value in os.environ.items() if not name.startswith("BAWWAB_")}
    command = [sys.executable, "-m", "bawwab", *arguments]
    return subprocess.run(command, env=others | ours, capture_output=True, text=True, check=False)  # noqa: S603


def busy(service: Service, count: int = 30) -> list[str]:
    """Let a sender write to some people; their ids as the platform knows them."""
    recipients = []
    service.client.put("/v1/senders/shop", json={"verified": True, "registered_at": "2020-01-01T00:00:00Z"})
    for _ in range(count):
        message = service.message()
        recipients.append(message["recipient_id"])
        assert service.post("/v1/score", message).json()["verdict"] == "allow"
    return recipients


def test_no_recipients_id_leaves_the_log(tmp_path: Path) -> None:
    with run_service(tmp_path) as service:
        (recipient, *_) = busy(service, 3)
        service.post("/v1/reports", {"sender_id": "shop", "recipient_id": recipient, "reason": "spam"})
        service.log.flush()
        done = bawwab(tmp_path, "export", "--out", str(tmp_path / "out"))
    assert json.loads(done.stdout)["rows"]["reports"] == 1
    rows = [pq.read_table(file).to_pylist() for file in (tmp_path / "out").rglob("*.parquet")]
    assert recipient not in str(rows)
    assert "m1" in str(rows)


def test_answers_of_a_sample_come_back_as_the_unwanted_rate(tmp_path: Path) -> None:
    with run_service(tmp_path) as service:
        recipients = busy(service)
        service.log.flush()
        done = bawwab(tmp_path, "survey", "sample", "--size", "20", "-o", str(tmp_path / "ask.csv"))
        assert (done.returncode, done.stderr) == (0, "")
        drawn = list(csv.DictReader((tmp_path / "ask.csv").read_text("utf-8").splitlines()))
        weights = {True: 0.0, False: 0.0}
        for number, row in enumerate(drawn):
            wanted = number % 3 != 0
            probability = float(row["sampling_probability"])
            weights[wanted] += 1.0 / probability
            answer: dict[str, Any] = {
                "sender_id": row["sender_id"],
                "message_id": row["message_id"],
                "recipient_id": recipients[int(row["message_id"][1:]) - 1],
                "wanted": wanted,
                "sampling_probability": probability,
            }
            assert service.post("/v1/surveys", answer).status_code == 202
        rate = service.client.get("/v1/senders/shop").json()["unwanted_rate"]
    assert len(drawn) > 5
    assert "recipient" not in drawn[0]
    assert rate["estimate"] == pytest.approx(weights[False] / sum(weights.values()))


def test_json_lines_hold_what_the_csv_holds(tmp_path: Path) -> None:
    with run_service(tmp_path) as service:
        busy(service, 3)
        service.log.flush()
        done = bawwab(tmp_path, "survey", "sample", "--format", "jsonl")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(row["message_id"] for row in rows) == ["m1", "m2", "m3"]
    assert {row["sampling_probability"] for row in rows} == {1.0}


class TestBacktest:
    def policy(self, folder: Path, *changes: tuple[str, str]) -> str:
        text = resources.files("bawwab.core").joinpath("policy.toml").read_text("utf-8")
        for old, new in changes:
            text = text.replace(old, new, 1)
        (folder / "candidate.toml").write_text(text, "utf-8")
        return str(folder / "candidate.toml")

    def test_an_invalid_policy_is_refused_with_one_line(self, tmp_path: Path) -> None:
        file = self.policy(tmp_path, ("elevated = 0.20", "elevated = 0.90"))
        done = bawwab(tmp_path, "backtest", "--policy", file)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert "content.elevated" in done.stderr

    def test_a_policy_that_is_not_there_is_refused_with_one_line(self, tmp_path: Path) -> None:
        done = bawwab(tmp_path, "backtest", "--policy", str(tmp_path / "nothing.toml"))
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)

    def test_it_tells_as_json_what_would_change(self, tmp_path: Path) -> None:
        write_model(tmp_path / "models")
        with run_service(tmp_path) as service:
            busy(service, 3)
            service.log.flush()
            done = bawwab(tmp_path, "backtest", "--policy", self.policy(tmp_path), "--json")
        found = json.loads(done.stdout)
        assert found["left_out"] == {"decided by a model that is not at hand": 3}
        assert found["cannot_be_known"]

    def test_it_tells_the_same_as_tables(self, tmp_path: Path) -> None:
        with run_service(tmp_path) as service:
            busy(service, 3)
            service.log.flush()
            done = bawwab(tmp_path, "backtest", "--policy", self.policy(tmp_path))
        assert done.returncode == 0
        assert "what became of those messages" in done.stdout
        assert "no outcome" in done.stdout
