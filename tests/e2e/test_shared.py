"""Two workers on one Redis, or Redis Cluster, and one PostgreSQL: one platform to whoever asks."""
# ruff: noqa: S603 - the command that is started is our own

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bawwab.core.records import Decided, Reported
from bawwab.stores.sql import SqlLog
from engines_kit import CLUSTER, REDIS, postgres_url, redis_url
from service_kit import write_model

AT_ONCE = 32
LIMIT = 41  # unique recipients: 40, raised by one once
PATIENT = "&socket_timeout=2"  # a machine under load is no outage
POLICY = Path("src/bawwab/core/policy.toml").read_text("utf-8")


class Server:
    """``serve --workers 2``, and what it has logged."""

    def __init__(self, process: "subprocess.Popen[str]", log_url: str) -> None:
        self.process, self.log_url = process, log_url
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line.startswith("{"), line
        self.url = json.loads(line)["url"]

    def records(self) -> list[Any]:
        log = SqlLog(self.log_url, shared=True)
        try:
            return [record for _, record in log.read()]
        finally:
            log.close()

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def decided_by_one(self) -> int:
        """Decisions of the worker that takes this request: fewer than all where the other decided too."""
        lines = httpx.get(f"{self.url}/metrics").text.splitlines()
        return sum(
            int(float(line.split()[-1])) for line in lines if line.startswith("bawwab_decisions_total{")
        )

    def post_all(self, path: str, bodies: list[Any]) -> list[httpx.Response | None]:
        """Post many at once; None where the connection broke."""

        async def run() -> list[httpx.Response | None]:
            busy = asyncio.Semaphore(AT_ONCE)
            limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=0)
            async with httpx.AsyncClient(base_url=self.url, limits=limits, timeout=30.0) as client:

                async def post(body: Any) -> httpx.Response | None:
                    async with busy:
                        try:
                            return await client.post(path, json=body)
                        except httpx.TransportError:
                            return None

                return await asyncio.gather(*map(post, bodies))

        return asyncio.run(run())


def decisions(answers: list[httpx.Response | None]) -> list[Any]:
    """What was decided; few are by the fail modes, outside every limit, where a process was kept waiting."""
    found = [answer.json() for answer in answers if answer is not None]
    made = [decision for decision in found if not decision["degraded"]]
    assert len(found) - len(made) <= len(found) // 10
    return made


def message(number: int, **fields: Any) -> dict[str, Any]:
    given = {"sender_id": "shop", "category": "utility", "text": "your parcel has arrived"}
    return {"message_id": f"m{number}", "recipient_id": f"r{number}", **given, **fields}


EITHER = pytest.mark.parametrize("environment", [REDIS, CLUSTER], indirect=True, ids=["redis", "cluster"])


@pytest.fixture
def environment(tmp_path: Path, request: pytest.FixtureRequest) -> dict[str, str]:
    write_model(tmp_path / "models")
    policy = POLICY.replace("[250, 2000, 10000, 100000]", "[40, 41]").replace(
        "verified_step = 2", "verified_step = 0"
    )
    policy = policy.replace("established_step = 1", "established_step = 0").replace(
        "first = 20", "first = 10_000"
    )
    (tmp_path / "policy.toml").write_text(policy.replace("new_owner_10_000", "new_owner_first"))
    ours = {
        "BAWWAB_HOME": str(tmp_path / "var"),
        "BAWWAB_MODELS": str(tmp_path / "models"),
        "BAWWAB_POLICY": str(tmp_path / "policy.toml"),
        "BAWWAB_PORT": "0",
        "BAWWAB_STATE": redis_url(getattr(request, "param", REDIS)) + PATIENT,
        "BAWWAB_LOG": postgres_url(),
        "BAWWAB_WORKERS": "2",
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("BAWWAB_")} | ours


@pytest.fixture
def server(environment: dict[str, str]) -> Iterator[Server]:
    command = [sys.executable, "-m", "bawwab", "serve"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Server(process, environment["BAWWAB_LOG"])
        finally:
            process.terminate()
            assert process.stderr is not None
            print(process.stderr.read())  # noqa: T201 - shown where a test fails


def test_a_thousand_copies_of_a_message_are_one_record(server: Server) -> None:
    answers = server.post_all("/v1/score", [message(1)] * 1_000)
    assert len({decision["decision_id"] for decision in decisions(answers)}) == 1
    assert [type(record) for record in server.records()] == [Decided]
    assert 0 < server.decided_by_one() < 1_000


@EITHER
def test_a_limit_is_exact_however_many_workers_decide(server: Server) -> None:
    profile = {"verified": True, "registered_at": "2020-01-01T00:00:00Z"}
    httpx.put(f"{server.url}/v1/senders/shop", json=profile).raise_for_status()
    answers = server.post_all("/v1/score", [message(number) for number in range(100)])
    made = decisions(answers)
    verdicts = Counter(decision["verdict"] for decision in made)
    assert verdicts == {"allow": LIMIT, "throttle": len(made) - LIMIT}
    assert 0 < server.decided_by_one() < 100
    assert httpx.get(f"{server.url}/v1/senders/shop").json()["limit"]["remaining"] == 0


@EITHER
def test_a_worker_killed_under_load_loses_nothing_that_was_acknowledged(server: Server) -> None:
    profile = {"verified": True, "registered_at": "2020-01-01T00:00:00Z"}
    httpx.put(f"{server.url}/v1/senders/shop", json=profile).raise_for_status()

    async def load_and_kill() -> tuple[Any, Any]:
        bodies = [
            {"report_id": f"rep{n}", "sender_id": "shop", "recipient_id": f"r{n}", "reason": "spam"}
            for n in range(150)
        ]
        reports = asyncio.to_thread(server.post_all, "/v1/reports", bodies)
        scores = asyncio.to_thread(server.post_all, "/v1/score", [message(n) for n in range(100)])

        async def kill() -> None:
            async with httpx.AsyncClient(base_url=server.url) as client:
                await client.get("/healthz")
            os.kill(server.workers()[0], signal.SIGKILL)

        answered, scored, _ = await asyncio.gather(reports, scores, kill())
        return answered, scored

    answered, scored = asyncio.run(load_and_kill())
    taken = {
        f"rep{n}" for n, answer in enumerate(answered) if answer is not None and answer.status_code == 202
    }
    records = server.records()
    assert taken <= {record.report_id for record in records if isinstance(record, Reported)}
    reached = {
        r.message.recipient for r in records if isinstance(r, Decided) and r.decision.verdict == "allow"
    }
    allowed = {
        decision["decision_id"]
        for answer in scored
        if answer is not None
        and (decision := answer.json())["verdict"] == "allow"
        and not decision["degraded"]
    }
    assert 0 < len(allowed) <= len(reached) <= LIMIT


@pytest.mark.parametrize(
    ("setting", "value"),
    [("BAWWAB_STATE", "redis://127.0.0.1:1/0"), ("BAWWAB_LOG", "sqlite:////dev/null/log.sqlite")],
)
def test_what_keeps_a_worker_from_starting_ends_the_server_with_one_line(
    environment: dict[str, str], setting: str, value: str
) -> None:
    command = [sys.executable, "-m", "bawwab", "serve"]
    given = environment | {setting: value}
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
    [line] = done.stderr.splitlines()
    assert (done.returncode, line.startswith(f"bawwab: {setting}")) == (1, True)


def test_feedback_to_one_worker_stops_the_next_message_at_any(server: Server) -> None:
    report = {"sender_id": "shop", "recipient_id": "r1", "reason": "block"}
    assert httpx.post(f"{server.url}/v1/reports", json=report).status_code == 202
    answers = server.post_all("/v1/score", [message(n, recipient_id="r1") for n in range(64)])
    assert {decision["reasons"][0]["code"] for decision in decisions(answers)} == {"RECIPIENT_BLOCKED"}
    assert 0 < server.decided_by_one() < 64


def test_the_state_is_rebuilt_by_command_while_the_server_runs(
    server: Server, environment: dict[str, str]
) -> None:
    before = decisions(server.post_all("/v1/score", [message(number) for number in range(10)]))
    command = [sys.executable, "-m", "bawwab", "rebuild-state"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "10 records\n"), done.stderr
    [again, new] = decisions(server.post_all("/v1/score", [message(9), message(10)]))
    assert again in before
    assert (new["degraded"], new["limit"]["remaining"]) == (False, 29)


def test_it_stops_as_one(server: Server) -> None:
    workers = server.workers()
    server.process.terminate()
    assert server.process.wait(timeout=20) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
