"""Idempotency, dry runs, and what becomes of a hold."""

from typing import Any

import pytest

from bawwab.core.decisions import ReasonCode, Verdict
from bawwab.core.errors import PayloadMismatchError
from bawwab.core.events import Category
from kit import Platform

SAME: dict[str, Any] = {"message_id": "m", "recipient": "r"}


def test_an_allow_is_answered_again_unchanged_and_spends_nothing(platform: Platform) -> None:
    first = platform.send(**SAME)
    platform.wait(3600.0)
    assert platform.send(**SAME) == first


def test_a_block_is_answered_again_unchanged(platform: Platform) -> None:
    first = platform.send("scam", **SAME)
    platform.wait(90_000.0)
    assert platform.send("scam", **SAME) == first


def test_a_throttle_asked_too_early_gets_the_seconds_that_are_left(platform: Platform) -> None:
    first = platform.send("sale", **SAME)
    platform.wait(100.0)
    again = platform.send("sale", **SAME)
    assert first.retry_after_seconds is not None
    assert again.retry_after_seconds == pytest.approx(first.retry_after_seconds - 100.0)
    assert again.decision_id == first.decision_id


def test_the_same_id_with_another_payload_is_refused(platform: Platform) -> None:
    platform.send(**SAME)
    with pytest.raises(PayloadMismatchError):
        platform.send("other words", **SAME)


def test_the_same_id_of_another_sender_is_another_message(platform: Platform) -> None:
    platform.send(**SAME)
    assert platform.send("other words", sender_id="bank", **SAME).verdict is Verdict.ALLOW


def test_a_retry_may_carry_the_time_of_the_retry(platform: Platform) -> None:
    first = platform.send(occurred_at=1.0, **SAME)
    assert platform.send(occurred_at=2.0, **SAME) == first


def test_a_dry_run_changes_nothing(platform: Platform) -> None:
    before = platform.send(dry_run=True, **SAME)
    assert platform.send("other words", **SAME).verdict is Verdict.ALLOW
    assert before.limit.remaining == 249
    assert len(platform.logged) == 1


def test_a_hold_stays_as_long_as_nothing_new_is_known(platform: Platform) -> None:
    first = platform.send("sale", **SAME)
    platform.wait(first.retry_after_seconds)
    again = platform.send("sale", **SAME)
    assert (again.verdict, again.reasons[0].code) == (Verdict.THROTTLE, ReasonCode.CATEGORY_MISUSE)


def test_a_hold_becomes_a_block_a_day_after_the_first_attempt(platform: Platform) -> None:
    platform.send("sale", **SAME)
    platform.wait(86_400.0)
    late = platform.send("sale", **SAME)
    assert (late.verdict, late.retry_after_seconds) == (Verdict.BLOCK, None)


def test_a_throttle_for_pace_passes_when_there_is_room(platform: Platform) -> None:
    platform.verify()
    codes = [platform.send(recipient="r") for _ in range(13)]
    last = codes[-1]
    assert (last.verdict, last.reasons[0].code) == (Verdict.THROTTLE, ReasonCode.PAIR_LIMIT)
    platform.wait(last.retry_after_seconds)
    assert platform.send(message_id="m13", recipient="r").verdict is Verdict.ALLOW


def test_refused_messages_never_count_against_the_limit(platform: Platform) -> None:
    for _ in range(5):
        platform.send("sale")
    assert platform.send(category=Category.UTILITY).limit.remaining == 249
