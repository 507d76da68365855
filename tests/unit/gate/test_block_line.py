"""What may carry a message over the block line, and what only holds it."""

from collections.abc import Callable

import msgspec
import pytest

from bawwab.core.decisions import Advice, ReasonCode, Verdict
from bawwab.core.model.model import Model
from bawwab.core.model.risk import RiskModel, Table
from bawwab.core.signals import NAMES
from kit import Platform, keyword_model


def pushing(*names: str, most: str = "") -> Model:
    """A model in which each of the signals pushes every message by ten, and one of them by twenty."""
    worth = {name: 10.0 * (name in names) + 10.0 * (name == most) for name in NAMES}
    tables = tuple(Table(name, (), (push,), push) for name, push in worth.items())
    return msgspec.structs.replace(keyword_model(), risk=RiskModel(-6.0, tables))


@pytest.mark.parametrize(
    ("signals", "verdict"),
    [
        (["text_fraud"], Verdict.BLOCK),
        (["link_looks_alike"], Verdict.BLOCK),
        (["complaint_rate"], Verdict.THROTTLE),
        (["complaint_rate", "survey_unwanted"], Verdict.BLOCK),
        (["text_promotional"], Verdict.THROTTLE),
        (["text_promotional", "opt_in"], Verdict.THROTTLE),
        (["text_promotional", "complaint_rate"], Verdict.THROTTLE),
    ],
)
def test_want_of_leave_and_one_word_of_mouth_hold_and_do_not_block(
    signals: list[str], verdict: Verdict, make_platform: Callable[[Model | None], Platform]
) -> None:
    decision = make_platform(pushing(*signals)).send()
    assert decision.score > 0.95
    assert decision.verdict is verdict


def test_a_block_gives_a_reason_that_may_block(make_platform: Callable[[Model | None], Platform]) -> None:
    model = pushing("text_fraud", "text_promotional", most="text_promotional")
    decision = make_platform(model).send()
    assert max(decision.reasons, key=lambda reason: reason.weight).code is ReasonCode.UNSOLICITED_TEXT
    assert decision.verdict is Verdict.BLOCK
    assert decision.reasons[0].code is ReasonCode.FRAUD_TEXT
    assert decision.advice is Advice.CONTACT_SUPPORT
