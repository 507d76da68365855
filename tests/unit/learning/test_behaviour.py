"""Labels are what was known at the cut-off, and no more."""

from typing import Any

import numpy as np
import pytest

from bawwab.learning.behaviour import LARGEST_SURVEY, REPORT, DelayCurve, labels_of
from bawwab.learning.replay import Replayed

DAY = 86_400.0


def sent(*allowed: bool, at: float = 0.0, propensity: float = 1.0) -> Replayed:
    count = len(allowed)
    return Replayed(
        message_ids=[f"m{n}" for n in range(count)],
        sender_ids=["s"] * count,
        recipients=[f"r{n}" for n in range(count)],
        at=np.full(count, at),
        frame=np.zeros((count, 1)),
        allowed=np.array(allowed),
        propensity=np.full(count, propensity),
    )


def said(kind: str, message: str = "m0", known_at: float = 60.0, **fields: Any) -> dict[str, Any]:
    blank = {"sender_id": "s", "report_id": "x", "retract": False, "report_reason": "spam", "wanted": None}
    return {**blank, "type": kind, "message_id": message, "known_at": known_at, **fields}


def test_a_report_is_a_weighted_positive() -> None:
    labels = labels_of(sent(True), [said("report")], cutoff=DAY)
    assert (labels.abuse[0], labels.weight[0]) == (1, REPORT)


def test_what_became_known_after_the_cutoff_cannot_leak_in() -> None:
    late = [said("report", known_at=DAY + 1.0), said("survey", known_at=DAY + 1.0, wanted=False)]
    with_late, without = (labels_of(sent(True, True), events, cutoff=DAY) for events in (late, []))
    assert (with_late.abuse == without.abuse).all()
    assert (with_late.weight == without.weight).all()


def test_a_survey_answer_counts_for_those_who_were_not_asked() -> None:
    labels = labels_of(sent(True), [said("survey", wanted=True, sampling_probability=0.1)], cutoff=DAY)
    assert (labels.abuse[0], labels.weight[0]) == (0, pytest.approx(10.0))


def test_no_survey_answer_counts_without_bound() -> None:
    labels = labels_of(sent(True), [said("survey", wanted=False, sampling_probability=1e-6)], cutoff=DAY)
    assert labels.weight[0] == LARGEST_SURVEY


def test_an_asked_recipient_is_believed_before_one_who_reports() -> None:
    events = [said("report"), said("survey", wanted=True, sampling_probability=0.5)]
    assert labels_of(sent(True), events, cutoff=DAY).abuse[0] == 0


def test_a_reviewer_is_believed_before_anyone() -> None:
    events = [said("resolution", outcome="overturned"), said("report")]
    assert labels_of(sent(True), events, cutoff=DAY).abuse[0] == 0


def test_a_retracted_report_says_nothing() -> None:
    retracted = labels_of(sent(True), [said("report"), said("report", retract=True)], cutoff=DAY)
    assert retracted.abuse[0] == 0


def test_a_refused_message_is_censored_not_negative() -> None:
    assert labels_of(sent(False), [said("report")], cutoff=DAY).weight[0] == 0.0


def test_silence_weighs_more_the_longer_it_lasts() -> None:
    events = [said("report", "m0", known_at=at) for at in (60.0,)]
    young = labels_of(sent(True, True), events, cutoff=30.0).weight[1]
    old = labels_of(sent(True, True), events, cutoff=DAY).weight[1]
    assert young <= old


def test_what_chance_let_out_counts_for_what_it_held_back() -> None:
    labels = labels_of(sent(True, propensity=0.5), [said("report")], cutoff=DAY)
    assert labels.weight[0] == pytest.approx(2 * REPORT)


def test_young_messages_do_not_make_reports_look_early() -> None:
    delays = np.array([60.0, 5 * DAY])
    curve = DelayCurve(delays, np.array([0.5 * DAY] * 9 + [10 * DAY]))
    assert curve.known_by(np.array([DAY]))[0] < 0.5
