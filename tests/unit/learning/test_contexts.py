"""In which circumstances labelled messages are put."""

import random

import pytest

from bawwab.core.decisions import TextScores
from bawwab.core.model.text import TextScore
from bawwab.core.text.analysis import analyse
from bawwab.learning.contexts import Drawn, Ranges, draw
from bawwab.stores.library import MessageClass

SCORE = TextScore(0.0, 0.0, 0.0, 1.0, TextScores(0.5, 0.0, 0.5))


def drawn(label: MessageClass, text: str) -> list[Drawn]:
    """Draws of one message that came from a sender whom the platform vouches for."""
    chance = random.Random(7)
    found = [draw(label, text, analyse(text), SCORE, chance=chance, ranges=Ranges()) for _ in range(2_000)]
    return [made for made in found if made.context.profile and made.context.profile.verified]


def share_surprised(label: MessageClass, text: str) -> float:
    found = drawn(label, text)
    return sum(made.context.surprise > 0.0 for made in found) / len(found)


def test_a_hijackers_number_is_nearly_always_new_and_an_honest_senders_hardly_ever() -> None:
    text = "Your card was used. Not you? Call 0501234567"
    assert share_surprised(MessageClass.FRAUD, text) > 0.8
    assert 0.0 < share_surprised(MessageClass.SERVICE, text) < 0.1


@pytest.mark.parametrize("label", [MessageClass.FRAUD, MessageClass.SERVICE])
def test_words_that_lead_nowhere_surprise_nobody(label: MessageClass) -> None:
    assert share_surprised(label, "Your card was used. Not you? Come and see us") == 0.0
