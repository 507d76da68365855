"""How copies of labelled messages are typed before a risk model learns from them."""

import random

import pytest

from bawwab.core.text.normalise import NOTHING, Undone, normalise
from bawwab.learning.attacks import ACCIDENTS
from bawwab.learning.contexts import Ranges
from bawwab.learning.dressing import dressed
from bawwab.stores.library import MessageClass

TEXT = "Dear customer, confirmation of your appointment on Monday is waiting at our service desk"
COPIES = 4_000


def undone(label: MessageClass) -> list[Undone]:
    """What had to be undone in the copies of one message that were not left as they stand."""
    copies = [dressed(label, TEXT, Ranges(), random.Random(number)) for number in range(COPIES)]
    return [normalise(copy).undone for copy in copies if copy != TEXT]


def test_frauds_are_disguised_and_honest_messages_are_not() -> None:
    for label in (MessageClass.SERVICE, MessageClass.PROMOTIONAL):
        assert 0.15 * COPIES < len(undone(label)) < 0.3 * COPIES
    assert len(undone(MessageClass.FRAUD)) > 0.5 * COPIES


def test_an_honest_message_never_needs_much_undoing() -> None:
    assert 0 < max(found.total for found in undone(MessageClass.SERVICE)) < 0.35 * len(TEXT)
    assert max(found.total for found in undone(MessageClass.FRAUD)) > 0.4 * len(TEXT)


@pytest.mark.parametrize("text", ["ก", "您的包裹", "x", "อย่ารอช้า"])
def test_a_disguise_changes_characters_in_any_script_and_adds_no_space(text: str) -> None:
    always = Ranges(styled=0.0, disguised=1.0)
    copies = {dressed(MessageClass.FRAUD, text, always, random.Random(number)) for number in range(200)}
    assert any(normalise(copy).undone != NOTHING for copy in copies)
    assert not any(copy.startswith(" ") or "  " in copy for copy in copies)


@pytest.mark.parametrize("name", ACCIDENTS)
def test_every_accident_happens_to_some_text_and_none_breaks_an_empty_one(name: str) -> None:
    change = ACCIDENTS[name]
    copies = {change(TEXT, random.Random(number)) for number in range(50)}
    assert copies != {TEXT}
    assert any(normalise(copy).undone != NOTHING for copy in copies)
    assert normalise(change("", random.Random(0))).text in {"", "\u00ad"}
