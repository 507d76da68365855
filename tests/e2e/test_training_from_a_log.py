"""Serve, be told what recipients and reviewers think, stop, and train on the log that is left."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from bawwab.cli import app
from bawwab.learning.behaviour import Speaker
from bawwab.learning.logged import label_log
from bawwab.stores.models import load_version, read_manifest
from bawwab.world import simulate
from bawwab.world.doors import to_rfc3339
from kit import DAY
from server_kit import running
from service_kit import write_model
from training_kit import SMALL, library_slice
from world_kit import small

HOUR = 3600.0
PATHS = {"report": "/v1/reports", "survey": "/v1/surveys", "outcome": "/v1/events"}
# What a column of a stream is called in a request; columns that are called alike stand for themselves.
CALLED = {"recipient": "recipient_id", "report_reason": "reason", "outcome": "kind"}
TIMES = {"report": "reported_at", "survey": "answered_at"}
PAIR = ("sender_id", "recipient", "message_id")
COLUMNS = {
    "profile": ("name", "verified", "domains", "vertical", "country", "portfolio_id", "registered_at"),
    "message": (*PAIR, "category", "text", "language", "template_id", "campaign_id", "opted_in"),
    "report": (*PAIR, "report_id", "report_reason", "retract"),
    "survey": (*PAIR, "survey_id", "wanted", "annoying", "sampling_probability"),
    "outcome": (*PAIR, "outcome", "category"),
}


def request_of(row: dict[str, Any]) -> dict[str, Any]:
    """Row of a stream as the body of a request."""
    kind = row["type"]
    body = {CALLED.get(name, name): row[name] for name in COLUMNS[kind] if row[name] is not None}
    if kind == "profile":
        return body | {"registered_at": to_rfc3339(row["registered_at"])}
    return body | {TIMES.get(kind, "occurred_at"): to_rfc3339(row["occurred_at"])}


class Platform:
    """A platform that talks to a service on the event clock."""

    def __init__(self, client: httpx.Client, now: float) -> None:
        self._client, self.now = client, now
        self.verdicts = Counter[str]()

    def ask(self, path: str, body: Any, method: str = "POST") -> Any:
        answer = self._client.request(method, path, json=body)
        assert answer.status_code in {200, 201, 202}, answer.text
        return answer.json()

    def live(self, rows: list[dict[str, Any]]) -> None:
        """Do a day's business at a time: what is sent, and then what is said of it."""
        for row in rows:
            if row["type"] == "profile":
                self.ask(f"/v1/senders/{row['sender_id']}", request_of(row), "PUT")
        for _, day in groupby(rows, key=lambda row: row["known_at"] // DAY):
            told = list(day)
            messages = [request_of(row) for row in told if row["type"] == "message"]
            for decision in self.ask("/v1/score/batch", {"messages": messages})["decisions"]:
                self.verdicts[decision["verdict"]] += 1
            for kind, path in PATHS.items():
                self.ask(path, [request_of(row) for row in told if row["type"] == kind])
            self.now = max(row["occurred_at"] for row in told)

    def tell(self, path: str, time: str, **body: Any) -> Any:
        self.now += 1.0
        return self.ask(path, {**body, time: to_rfc3339(self.now)})

    def refused(self, recipient: str) -> str:
        """Decision on marketing to someone who has opted out."""
        pair = {"sender_id": "shop", "recipient_id": recipient}
        self.tell("/v1/events", "occurred_at", kind="opted_out", **pair)
        offer = {"message_id": f"to-{recipient}", "category": "marketing", "text": "Bei nusu leo tu"}
        decision = self.tell("/v1/score", "occurred_at", **pair, **offer)
        assert decision["verdict"] == "block"
        self.verdicts["block"] += 1
        return str(decision["decision_id"])

    def judged(self, decision_id: str, outcome: str) -> None:
        """Contest a refusal, and resolve it."""
        appeal = self.ask("/v1/appeals", {"decision_id": decision_id})["appeal_id"]
        self.ask(f"/v1/appeals/{appeal}/resolution", {"outcome": outcome})


class Served(NamedTuple):
    """A stopped service: where it is, what it had refused by the cut-off, and what nobody has judged yet."""

    folder: Path
    cutoff: float
    sent: dict[str, str]
    refusals: int
    open: str

    @property
    def log(self) -> str:
        return f"sqlite:///{self.folder / 'var' / 'log.sqlite'}"


@contextmanager
def platform(folder: Path, now: float) -> Iterator[Platform]:
    """Talk to the service of a folder while it runs."""
    with (
        running(folder / "var", folder / "models", BAWWAB_CLOCK="event") as url,
        httpx.Client(base_url=url, timeout=60.0) as client,
    ):
        yield Platform(client, now)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    """A small world's traffic over HTTP; then two refusals, of which a reviewer judges one."""
    folder = tmp_path_factory.mktemp("served")
    write_model(folder / "models")
    stream = simulate(small(scale=0.01, days=8.0), folder / "stream.parquet").events
    rows = pq.read_table(stream).to_pylist()
    with platform(folder, 0.0) as business:
        business.live(rows)
        judged, left = business.refused("ann"), business.refused("bob")
        business.judged(judged, "upheld")
    sent = next(request_of(row) for row in rows if row["type"] == "message" and row["category"] == "utility")
    pair = {name: sent[name] for name in ("sender_id", "recipient_id", "message_id")}
    refusals = business.verdicts.total() - business.verdicts["allow"]
    return Served(folder, business.now + 1.0, pair, refusals, left)


def train(folder: Path, log: str, cutoff: float) -> Path:
    """``bawwab train`` on two languages of the library, in small; gives the version's folder."""
    library_slice(folder / "data" / "messages", "sw", "th")
    at = dt.datetime.fromtimestamp(cutoff, dt.UTC).isoformat()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("BAWWAB_DATA", "")
        patch.setattr("bawwab.learning.fit.Settings", lambda **given: msgspec.structs.replace(SMALL, **given))
        command = ["train", "--log", log, "--cutoff", at, "--jobs", "1", "--out", str(folder / "models")]
        done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    return folder / "models" / done.stdout.strip()


@pytest.fixture(scope="module")
def candidate(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version trained on the log as it was at the cut-off."""
    return train(tmp_path_factory.mktemp("trained"), served.log, served.cutoff)


def test_a_candidate_says_what_it_learned_from_a_served_log(served: Served, candidate: Path) -> None:
    [told] = msgspec.json.decode((candidate / "metrics.json").read_bytes())["data"]["told"]
    assert (told["from"], told["reviewed"]) == ("log", 1)
    assert told["asked"] > 0 < told["reported"]
    assert told["silent"] > 100
    assert told["censored"] == served.refusals - 1
    assert dt.datetime.fromisoformat(told["known_at"]).timestamp() <= served.cutoff
    card = (candidate / "README.md").read_text("utf-8")
    assert "of 1 decision logs" in card
    assert f"| log | {told['known_at']} | 1 | {told['asked']} | {told['reported']} |" in card


def test_a_candidate_of_a_log_is_whole(candidate: Path) -> None:
    loaded = load_version(candidate.parent, candidate.name)
    assert loaded.training_data == read_manifest(candidate).data_digest


MADE = ("weights.npz", "tables.json", "certificates.json", "metrics.json")


def tell_more(served: Served) -> None:
    """What becomes known once the cut-off is past: a report, an answer, an event, a review, a message."""
    with platform(served.folder, served.cutoff + HOUR) as business:
        business.tell("/v1/reports", "reported_at", reason="fraud", **served.sent)
        business.tell("/v1/surveys", "answered_at", wanted=False, sampling_probability=0.01, **served.sent)
        business.tell("/v1/events", "occurred_at", kind="read", **served.sent)
        business.judged(served.open, "overturned")
        business.refused("cid")


def test_nothing_that_a_log_learns_later_changes_a_candidate(
    served: Served, candidate: Path, tmp_path: Path
) -> None:
    tell_more(served)
    exported = CliRunner().invoke(app, ["export", "--log", served.log, "--out", str(tmp_path / "export")])
    assert exported.exit_code == 0
    again = train(tmp_path, str(tmp_path / "export"), served.cutoff)
    assert read_manifest(again).data_digest == read_manifest(candidate).data_digest
    assert all((again / name).read_bytes() == (candidate / name).read_bytes() for name in MADE)
    later = label_log(tmp_path / "export", seed=1).labels
    assert (later.speaker == Speaker.REVIEWER).sum() == 2
