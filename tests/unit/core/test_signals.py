"""Signals: what each value of the circumstances gives; and the how-to that shows one."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from bawwab.core.decisions import TextScores
from bawwab.core.events import Category, Message
from bawwab.core.model.text import TextScore
from bawwab.core.signals import Context, in_conversation, names_nothing
from bawwab.core.text.analysis import analyse
from bawwab.core.text.concepts import find

NOW, HOUR = 1_800_000_000.0, 3600.0
ROOT = Path(__file__).parents[3]


def context(**fields: Any) -> Context:
    given = {
        "message_id": "m",
        "sender_id": "s",
        "recipient": "r",
        "category": Category.UTILITY,
        "text": "hello",
    }
    message = Message(**{**given, **fields})
    return Context(message=message, now=NOW, text=analyse(message.text), score=None)


@pytest.mark.parametrize(("hours", "value"), [(1.0, 1.0), (25.0, 0.0), (-1.0, 0.0), (None, 0.0)])
def test_a_conversation_lasts_a_day_from_what_the_recipient_wrote(hours: float | None, value: float) -> None:
    assert in_conversation(context(last_inbound_at=None if hours is None else NOW - hours * HOUR)) == value


def read(text: str) -> Context:
    """A message whose words were read: of what they say only the concepts matter here."""
    score = TextScore(0.0, 0.0, 0.0, 1.0, TextScores(0.3, 0.3, 0.4), ideas=find(text).ids)
    return msgspec.structs.replace(context(text=text), score=score)


@pytest.mark.parametrize("text", ["see you at home", "أراك في البيت", "回头见", "WIN 🎁 now!!!"])
def test_words_alone_name_nothing(text: str) -> None:
    assert names_nothing(read(text)) == 1.0


@pytest.mark.parametrize(
    "text",
    ["bank.com/x", "call ٠٥٠١٢٣٤٥٦٧", "at 5pm", "write to a@b.com", "@shop", "2 left", "SAR 5", "10% off"],
)
def test_whatever_can_be_followed_is_named(text: str) -> None:
    assert names_nothing(read(text)) == 0.0


@pytest.mark.parametrize(
    "text", ["tell me the code you got", "write to me on telegram", "أرسل لي كلمة المرور"]
)
def test_a_code_that_is_asked_for_and_a_chat_are_named_in_words(text: str) -> None:
    assert names_nothing(read(text)) == 0.0


def test_the_how_to_shows_the_signal_and_its_test_as_they_are() -> None:
    page = (ROOT / "docs" / "how-to" / "add-a-signal.md").read_text("utf-8")
    source = (ROOT / "src" / "bawwab" / "core" / "signals.py").read_text("utf-8")
    shown = page.split("```python\n")[1].split("```")[0]
    assert shown in source
    tested = page.split("```python\n")[2].split("```")[0]
    assert "\n".join(line[3:] for line in tested.splitlines()).strip() in Path(__file__).read_text("utf-8")
