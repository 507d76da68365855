"""The survey's sample: nobody twice, every message with a chance, and rates without bias."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bawwab.commands.ask import ask
from bawwab.core.events import Category, Survey
from bawwab.core.policy import default_policy
from bawwab.gate import Gate
from bawwab.learning.exported import Connection, one, open_export
from bawwab.learning.survey import Ask, draw, open_frame
from bawwab.stores.memory import MemoryState
from kit import DAY, ListJournal, Platform, keyword_model
from log_kit import Logged

SEEDS = range(100)
SIZE = 40
UNWANTED = {"utility": 0.05, "marketing": 0.6}


def unwanted(message_id: str) -> bool:
    """Truth, which no sample sees: marketing is unwanted more often than not."""
    category = message_id.split("-", 1)[0]
    return random.Random(message_id).random() < UNWANTED[category]


def send_all(platform: Platform) -> dict[str, str]:
    """Send two senders' messages, often several to one person; who got which."""
    chance, sent = random.Random(5), {}
    for sender in ("shop", "bank"):
        platform.verify(sender)
        for number in range(150):
            category = "marketing" if number % 5 == 0 else "utility"
            message_id, recipient = f"{category}-{sender}-{number}", f"r{chance.randint(0, 120)}"
            decision = platform.send(
                sender_id=sender,
                message_id=message_id,
                recipient=recipient,
                category=Category(category),
                opted_in=True,
            )
            if decision.verdict.value == "allow":
                sent[message_id] = recipient
            platform.wait(120.0)
    return sent


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Logged]:
    platform = Logged(tmp_path_factory.mktemp("log"))
    sent = send_all(platform)
    known = [name for name in sent if name.startswith("utility-shop")][:30]
    for name in known:  # much is known of the shop's utility messages already
        platform.ask(sent[name], name, wanted=True, probability=0.5)
    platform.export()
    yield platform
    platform.log.close()


@pytest.fixture(scope="module")
def frame(sent: Logged) -> Iterator[Connection]:
    with open_export(sent.folder / "out") as log:
        open_frame(log, days=7.0, period=30.0, asked=(), size=SIZE)
        yield log


@pytest.fixture(scope="module")
def samples(frame: Connection) -> list[list[Ask]]:
    return [draw(frame, seed=seed) for seed in SEEDS]


def totals(samples: list[list[Ask]], sender: str) -> tuple[Any, Any]:
    """Estimated number of a sender's messages, and of its unwanted ones, by each sample."""
    of_sender = [[drawn for drawn in sample if drawn.sender_id == sender] for sample in samples]
    messages = [sum(1.0 / drawn.sampling_probability for drawn in sample) for sample in of_sender]
    bad = [
        sum(unwanted(drawn.message_id) / drawn.sampling_probability for drawn in sample)
        for sample in of_sender
    ]
    return np.array(messages), np.array(bad)


@pytest.mark.parametrize("sender", ["shop", "bank"])
def test_weighted_answers_estimate_the_unwanted_without_bias(
    frame: Connection, samples: list[list[Ask]], sender: str
) -> None:
    rows = frame.execute("SELECT message_id FROM eligible WHERE sender_id = ?", [sender]).fetchall()
    truths = (len(rows), sum(unwanted(message_id) for (message_id,) in rows))
    for found, truth in zip(totals(samples, sender), truths, strict=True):
        error = found.std() / np.sqrt(len(found))
        assert abs(found.mean() - truth) < 3.0 * error
        assert error < 0.1 * truth


def test_the_sample_is_about_as_large_as_asked_for(samples: list[list[Ask]]) -> None:
    assert 0.6 * SIZE < np.mean([len(sample) for sample in samples]) <= SIZE + 1.0


def test_nobody_is_asked_twice_in_one_sample(samples: list[list[Ask]]) -> None:
    assert all(len({drawn.recipient for drawn in sample}) == len(sample) for sample in samples)


def test_every_message_has_a_chance(frame: Connection, samples: list[list[Ask]]) -> None:
    assert one(frame, "SELECT min(wish) FROM wishes") > 0.0
    assert all(0.0 < drawn.sampling_probability <= 1.0 for sample in samples for drawn in sample)


def test_where_less_is_known_more_are_asked(frame: Connection) -> None:
    wish = dict(frame.execute("SELECT sender_id, wish FROM wishes WHERE category = 'utility'").fetchall())
    assert wish["bank"] > 2.0 * wish["shop"]


def test_the_same_seed_draws_the_same_people(frame: Connection) -> None:
    assert draw(frame, seed=1) == draw(frame, seed=1)
    assert draw(frame, seed=1) != draw(frame, seed=2)


def test_a_small_log_is_asked_about_whole(sent: Logged) -> None:
    with open_export(sent.folder / "out") as log:
        open_frame(log, days=7.0, period=30.0, asked=(), size=10_000)
        everyone = one(log, "SELECT count(DISTINCT recipient) FROM eligible")
        assert len(draw(log, seed=1)) == everyone


def test_what_the_gate_makes_of_the_answers_is_the_true_rate(
    frame: Connection, samples: list[list[Ask]]
) -> None:
    """The rate of all samples' answers together; plain answers would be far off, as the sample leans."""
    rows = frame.execute("SELECT message_id FROM eligible WHERE sender_id = 'shop'").fetchall()
    truth = np.mean([unwanted(message_id) for (message_id,) in rows])
    platform = Platform(
        Gate(state=MemoryState(), journal=ListJournal(), policy=default_policy(), model=keyword_model())
    )
    send_all(platform)
    answers = [
        (number, drawn)
        for number, sample in enumerate(samples)
        for drawn in sample
        if drawn.sender_id == "shop"
    ]
    for number, drawn in answers:
        platform.tell(
            Survey(
                survey_id=f"{number}/{drawn.message_id}",
                recipient=drawn.recipient,
                sender_id="shop",
                message_id=drawn.message_id,
                wanted=not unwanted(drawn.message_id),
                sampling_probability=drawn.sampling_probability,
            )
        )
    view = platform.gate.sender("shop", now=platform.now)
    assert view is not None
    assert view.unwanted_rate is not None
    assert view.unwanted_rate.estimate == pytest.approx(truth, abs=0.04)
    assert np.mean([unwanted(drawn.message_id) for _, drawn in answers]) > truth + 0.1


class TestAsking:
    def asked(self, sent: Logged, tmp_path: Path, **options: Any) -> list[Ask]:
        given = {"size": SIZE, "days": 7.0, "period": 30.0, "seed": 1, **options}
        return ask(sent.folder / "out", tmp_path / "surveys", **given)

    def test_nobody_is_asked_again_within_the_period(self, sent: Logged, tmp_path: Path) -> None:
        first, second = (self.asked(sent, tmp_path, seed=seed) for seed in (1, 2))
        assert first
        assert second
        assert {drawn.recipient for drawn in first}.isdisjoint(drawn.recipient for drawn in second)

    def test_after_the_period_they_may_be_asked_again(self, sent: Logged, tmp_path: Path) -> None:
        first = self.asked(sent, tmp_path)
        noted = tmp_path / "surveys" / "asked.jsonl"
        old = [
            {**json.loads(line), "at": json.loads(line)["at"] - 31 * DAY}
            for line in noted.read_text("utf-8").splitlines()
        ]
        noted.write_text("".join(json.dumps(line) + "\n" for line in old), "utf-8")
        assert self.asked(sent, tmp_path) == first

    def test_who_answered_within_the_period_is_not_asked(self, tmp_path: Path) -> None:
        platform = Logged(tmp_path)
        platform.send(recipient="ann", message_id="m1")
        platform.send(recipient="bob", message_id="m2")
        platform.ask("ann", "m1", wanted=True)
        platform.export()
        platform.log.close()
        assert [drawn.recipient for drawn in self.asked(platform, tmp_path)] == ["bob"]

    def test_old_and_refused_messages_are_not_asked_about(self, tmp_path: Path) -> None:
        platform = Logged(tmp_path)
        platform.send(recipient="ann", message_id="old")
        platform.wait(8 * DAY)
        platform.send("scam", recipient="bob", message_id="refused")
        platform.send(recipient="cid", message_id="sent")
        platform.export()
        platform.log.close()
        assert [drawn.message_id for drawn in self.asked(platform, tmp_path)] == ["sent"]
