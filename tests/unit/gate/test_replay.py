"""The same events in the same order give the same decisions and the same state, bit for bit."""

import random
from typing import Any

from bawwab.core.decisions import Decision
from bawwab.core.policy import default_policy
from bawwab.gate import Gate
from bawwab.stores.memory import MemoryState
from kit import ListJournal, Platform, keyword_model

TEXTS = ("your parcel has arrived", "Your code is 481920", "sale today", "scam", "zzz")


def live(seed: int) -> tuple[Platform, list[Decision]]:
    chance = random.Random(seed)
    gate = Gate(state=MemoryState(), journal=ListJournal(), policy=default_policy(), model=keyword_model())
    platform, decisions = Platform(gate), []
    platform.verify("bank")
    for number in range(400):
        platform.wait(chance.expovariate(1 / 300))
        sender, recipient = chance.choice(("shop", "bank")), f"r{chance.randint(0, 60)}"
        decisions.append(platform.send(chance.choice(TEXTS), sender_id=sender, recipient=recipient))
        if chance.random() < 0.2:
            platform.report(recipient, chance.choice(("spam", "block", "not_spam")), report_id=f"c{number}")
        if chance.random() < 0.2:
            platform.happen(chance.choice(("read", "replied", "opted_out", "opted_in")), recipient)
    return platform, decisions


def test_the_same_stream_gives_the_same_decisions() -> None:
    assert live(1)[1] == live(1)[1]


def test_another_stream_gives_others() -> None:
    assert live(1)[1] != live(2)[1]


def test_folding_the_log_gives_the_state_that_served() -> None:
    platform, _ = live(3)
    rebuilt = Gate(state=MemoryState(), journal=ListJournal(), policy=default_policy(), model=keyword_model())
    for record in platform.logged:
        rebuilt.restore(record)
    later = Platform(rebuilt)
    later.now = platform.now
    again: dict[str, Any] = {"message_id": "new", "recipient": "r1", "dry_run": True}
    assert later.send(**again) == platform.send(**again)
    assert rebuilt.sender("shop", now=later.now) == platform.gate.sender("shop", now=platform.now)
