"""A candidate policy over the log: what it would change, and what is known of that."""

import random
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from bawwab.core.errors import ConfigurationError, ModelError
from bawwab.core.events import Category, Resolution
from bawwab.core.model.model import Model
from bawwab.core.policy import Policy, default_policy, parse_policy
from bawwab.gate.gate import KeepText
from bawwab.learning.backtest import FAIL_MODE, NO_MODEL, OTHER_POLICY, UNCLEAR, Backtest
from kit import DAY, keyword_model
from log_kit import Logged

TEXTS = (
    "your parcel has arrived",
    "Your code is 481920. Do not share it.",
    "sale today at https://shop.example.com/sale",
    "scam",
    "scam: pay at https://sa-post-fee.top/pay/8x2k or call +966500000001",
    "see https://shop.example.com/orders/1",
    "zzz",
)


def changed(*changes: tuple[str, str]) -> Policy:
    text = resources.files("bawwab.core").joinpath("policy.toml").read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return parse_policy(text)


STRICT = changed(("utility = 0.55", "utility = 0.25"))


def load(version: str) -> Model:
    model = keyword_model()
    if version != model.name.version:
        raise ModelError("no such version")
    return model


def backtest(
    platform: Logged, candidate: Policy, in_force: Policy | None = None, **options: Any
) -> dict[str, Any]:
    platform.log.flush()
    test = Backtest(
        in_force=in_force or platform.gate.policy, candidate=candidate, **{"load": load, **options}
    )
    test.take(platform.log.read())
    return test.result()


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Logged]:
    made = Logged(tmp_path)
    made.verify()
    yield made
    made.log.close()


def live(platform: Logged, seed: int = 1, count: int = 400) -> None:
    chance = random.Random(seed)
    platform.verify("bank", domains=("example.com",))
    waiting: list[dict[str, Any]] = []
    for number in range(count):
        platform.wait(chance.expovariate(1 / 300))
        fields = {
            "message_id": f"n{number}",
            "sender_id": chance.choice(("shop", "bank", "new")),
            "recipient": f"r{chance.randint(0, 60)}",
            "category": chance.choice(list(Category)),
            "text": chance.choice(TEXTS),
        }
        again = waiting.pop(0) if waiting and chance.random() < 0.3 else fields
        decision = platform.send(**again)
        if decision.retry_after_seconds is not None:
            waiting.append(again)
        recipient = str(again["recipient"])
        if chance.random() < 0.2:
            platform.report(recipient, chance.choice(("spam", "block", "not_spam")), report_id=f"c{number}")
        if chance.random() < 0.2:
            platform.happen(chance.choice(("read", "replied", "opted_out", "opted_in")), recipient)


@pytest.mark.parametrize("keep_text", ["masked", "full"])
def test_the_policy_in_force_gives_every_decision_again(tmp_path: Path, keep_text: KeepText) -> None:
    platform = Logged(tmp_path, keep_text=keep_text)
    live(platform)
    found = backtest(platform, default_policy())
    platform.log.close()
    assert found["decisions"] > 300
    assert found["left_out"] == {}
    assert (found["ruled_again"], found["changes"]) == (found["decisions"], [])


def test_without_texts_it_leaves_out_what_it_cannot_tell(tmp_path: Path) -> None:
    platform = Logged(tmp_path, keep_text="none")
    live(platform)
    found = backtest(platform, default_policy())
    platform.log.close()
    assert set(found["left_out"]) == {UNCLEAR}
    assert found["reproduced"]["share"] > 0.9
    assert found["changes"] == []


def test_a_stricter_line_refuses_what_it_stands_for(platform: Logged) -> None:
    platform.send()
    platform.send("scam 50%")
    found = backtest(platform, STRICT)
    assert found["changes"] == [
        {
            "category": "utility",
            "was": "allow",
            "becomes": "throttle",
            "reason": "FRAUD_TEXT",
            "decisions": 1,
        }
    ]
    assert (found["changed"]["count"], found["changed"]["of"]) == (1, 2)


@pytest.mark.parametrize("keep_text", ["full", "masked", "none"])
def test_words_that_name_nothing_are_ruled_again_by_their_own_line(
    tmp_path: Path, keep_text: KeepText
) -> None:
    platform = Logged(tmp_path, keep_text=keep_text)
    platform.verify()
    platform.send("scam")
    platform.send("scam 50%")
    found = backtest(platform, STRICT)
    platform.log.close()
    assert found["ruled_again"] == 2
    assert [(c["becomes"], c["decisions"]) for c in found["changes"]] == [("throttle", 1)]


def test_a_looser_line_lets_out_what_was_held(tmp_path: Path) -> None:
    platform = Logged(tmp_path, policy=STRICT)
    platform.verify()
    platform.send("scam 50%")
    found = backtest(platform, default_policy())
    platform.log.close()
    assert [(c["was"], c["becomes"], c["reason"]) for c in found["changes"]] == [
        ("throttle", "allow", "FRAUD_TEXT")
    ]
    assert (found["newly_allowed"]["messages"], found["newly_allowed"]["sent"]) == (1, 0)


def test_limits_of_the_candidate_are_tried_on_the_state_of_the_log(platform: Logged) -> None:
    for number in range(5):
        platform.send(category=Category.MARKETING, opted_in=True, recipient="ann", message_id=f"x{number}")
        platform.wait(60.0)
    tighter = changed(("burst = 6\n", "burst = 2\n"))
    found = backtest(platform, tighter)
    assert [(c["becomes"], c["reason"], c["decisions"]) for c in found["changes"]] == [
        ("throttle", "RECIPIENT_BUDGET", 3)
    ]


def test_what_was_said_of_newly_refused_messages_is_told(platform: Logged) -> None:
    for name in ("ann", "bob", "cid", "dan"):
        platform.send("scam 50%", recipient=name, message_id=f"to-{name}")
    platform.wait(60.0)
    platform.report("ann", message_id="to-ann")
    platform.report("dan", report_id="x")
    platform.report("dan", report_id="x", retract=True)
    platform.report("eve", message_id="to-bob")
    platform.ask("bob", "to-bob", wanted=True)
    platform.ask("cid", "to-cid", wanted=False)
    fate = backtest(platform, STRICT)["newly_refused"]
    assert (fate["messages"], fate["sent"]) == (4, 4)
    assert (fate["reported"]["count"], fate["reported"]["of"]) == (1, 4)
    assert (fate["answered_wanted"]["count"], fate["answered_wanted"]["of"]) == (1, 2)
    assert fate["reported"]["low"] == pytest.approx(0.0063, abs=1e-4)  # Clopper and Pearson, 1 of 4
    assert fate["reported"]["high"] == pytest.approx(0.8059, abs=1e-4)


def test_a_reviewers_word_tells_of_a_newly_allowed_message(tmp_path: Path) -> None:
    platform = Logged(tmp_path, policy=STRICT)
    platform.verify()
    refused = platform.send("scam 50%")
    platform.log.flush()
    appeal, _ = platform.gate.appeal(refused.decision_id, now=platform.now)
    platform.log.flush()
    platform.gate.resolve(appeal.appeal_id, Resolution.OVERTURNED, now=platform.now)
    fate = backtest(platform, default_policy())["newly_allowed"]
    platform.log.close()
    assert (fate["overturned"]["count"], fate["overturned"]["of"], fate["reported"]["of"]) == (1, 1, 0)


def test_what_cannot_be_ruled_again_is_counted_by_why(platform: Logged) -> None:
    platform.send()
    platform.gate.policy = STRICT
    platform.send()
    platform.gate.policy = default_policy()
    platform.gate.serve(None)
    platform.send()
    found = backtest(platform, STRICT, in_force=default_policy())
    assert found["left_out"] == {OTHER_POLICY: 1, FAIL_MODE: 1}
    gone = backtest(platform, STRICT, in_force=default_policy(), load=lambda _: load("gone"))
    assert gone["left_out"] == {NO_MODEL: 1, OTHER_POLICY: 1, FAIL_MODE: 1}


def test_decisions_from_before_are_not_ruled(platform: Logged) -> None:
    platform.send("scam 50%")
    platform.wait(DAY)
    platform.send("scam 50%")
    assert backtest(platform, STRICT, since=platform.now)["decisions"] == 1


def test_a_policy_that_never_decided_is_refused_by_name(platform: Logged) -> None:
    platform.send()
    with pytest.raises(ConfigurationError, match=default_policy().version):
        backtest(platform, default_policy(), in_force=STRICT)


def test_what_cannot_be_known_is_told(platform: Logged) -> None:
    platform.send()
    assert any("no outcome" in sentence for sentence in backtest(platform, STRICT)["cannot_be_known"])
