"""From which score a message counts as refused, in the figures of a version."""

import msgspec
import numpy as np
import pytest

from bawwab.core.decisions import TextScores
from bawwab.core.model.risk import RiskModel, Table
from bawwab.core.model.text import TextScore
from bawwab.core.policy import default_policy
from bawwab.core.signals import NAMES
from bawwab.learning.fit import Settings, draw_circumstances
from bawwab.learning.held_out import judged_once
from bawwab.learning.measure import NAMES_NOTHING, judge
from bawwab.learning.prepare import prepare
from bawwab.learning.samples import Sample
from bawwab.learning.slices import Lines
from bawwab.stores.library import MessageClass

POLICY = default_policy()
ALONE, NAMED = "come quickly, she is waiting", "come quickly, she is waiting, 0501234567"


def sample(text: str, label: MessageClass = MessageClass.SERVICE) -> Sample:
    return Sample(
        text=text,
        label=label,
        language="en",
        source="s",
        kind="business",
        category="",
        weight=1.0,
        captured=True,
    )


def scored(fraud: float, promotional: float) -> TextScore:
    return TextScore(0.0, 0.0, 0.0, 1.0, TextScores(fraud, promotional, 1.0 - fraud - promotional))


@pytest.mark.parametrize(
    ("score", "words", "alone", "named"),
    [
        (0.60, scored(0.1, 0.1), False, True),
        (0.85, scored(0.1, 0.1), True, True),
        (0.10, scored(0.1, 0.7), False, True),
        (0.10, scored(0.0, 0.9), True, True),
    ],
)
def test_what_names_nothing_has_its_own_line(
    score: float, words: TextScore, *, alone: bool, named: bool
) -> None:
    odds = float(np.log(score / (1.0 - score)))
    flat = RiskModel(odds, tuple(Table(name, (), (0.0,), 0.0) for name in NAMES))
    prepared = prepare((sample(ALONE), sample(NAMED)))
    assert judge(prepared, (words, words), flat, POLICY).refused.tolist() == [alone, named]


def test_slices_know_that_line() -> None:
    frame = np.zeros((2, len(NAMES)))
    frame[0, NAMES_NOTHING] = 1.0
    lines = Lines(np.array(["utility", "utility"]), np.array(["new", "new"]), frame, {}, POLICY)
    assert lines.throttle.tolist() == [POLICY.content.nothing_named, POLICY.content.throttle.utility]


def test_a_version_is_judged_by_messages_as_they_were_written() -> None:
    texts = [f"your parcel number {number} waits, pay the fee at parcel{number}.top" for number in range(200)]
    prepared = prepare([sample(text, MessageClass.FRAUD) for text in texts])
    made = draw_circumstances(
        prepared, [scored(0.8, 0.1)] * 200, msgspec.structs.replace(Settings(), draws=2)
    )
    drawn = [item.context.message.text for item in made.drawn]
    judged = judged_once(prepared, made)
    assert [text for text, first in zip(drawn, judged, strict=True) if first] == texts
    assert set(drawn) > set(texts)
