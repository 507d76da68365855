"""Cleaning is invisible: with it or without, every answer is the same."""

import random
from collections.abc import Callable

import pytest

from bawwab.core.model.model import Model
from bawwab.service.background import longest_window
from bawwab.stores.memory import MemoryState
from kit import DAY, Platform, keyword_model

WORDS = ["your parcel has arrived", "big sale today", "a scam https://x.example/a", "code 482913"]


def months_of_business(platform: Platform, *, sweep: bool) -> list[str]:
    chance, said = random.Random(7), []
    for _ in range(400):
        platform.wait(chance.expovariate(1 / (DAY / 4)) * (40.0 if chance.random() < 0.02 else 1.0))
        sender, recipient = f"s{chance.randrange(5)}", f"r{chance.randrange(12)}"
        pair = {"sender_id": sender, "recipient": recipient}
        said.append(str(platform.send(chance.choice(WORDS), **pair)))
        if chance.random() < 0.2:
            platform.report(recipient, chance.choice(["spam", "block", "not_spam"]), sender_id=sender)
        if chance.random() < 0.2:
            platform.happen(chance.choice(["replied", "opted_out", "opted_in"]), recipient, sender_id=sender)
        if sweep:
            state = platform.gate.state
            assert isinstance(state, MemoryState)
            sum(state.sweep(now=platform.now, longest_window=longest_window(platform.gate.policy)))
    return said


def test_sweeping_changes_no_decision(make_platform: Callable[[Model | None], Platform]) -> None:
    kept = months_of_business(make_platform(keyword_model()), sweep=False)
    assert months_of_business(make_platform(keyword_model()), sweep=True) == kept


@pytest.mark.parametrize("waited", [1.0, 400 * DAY])
def test_only_what_is_past_is_dropped(platform: Platform, waited: float) -> None:
    platform.send()
    platform.happen("opted_out", "r1")
    state = platform.gate.state
    assert isinstance(state, MemoryState)
    before = sum(state.sizes.values())
    window = longest_window(platform.gate.policy)
    gone = sum(state.sweep(now=platform.now + waited, longest_window=window))
    left = state.dump()
    assert gone == before - left.size
    assert (gone > before / 2) == (waited > DAY)
    assert ("consent", "shop", "r1", "marketing") in left.facts
