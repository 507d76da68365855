"""What reports and answers do to a sender's standing."""

import pytest

from bawwab.core.decisions import Quality, ReasonCode, Verdict
from bawwab.core.events import Survey
from bawwab.core.standing import Rate
from bawwab.gate import SenderView
from kit import Platform


def standing(platform: Platform) -> SenderView:
    view = platform.gate.sender("shop", now=platform.now)
    assert view is not None
    return view


def rate(platform: Platform) -> Rate:
    return standing(platform).complaint_rate


def quality(platform: Platform) -> Quality:
    return standing(platform).quality


@pytest.fixture
def busy(platform: Platform) -> Platform:
    """A verified shop that has written to two hundred people."""
    platform.verify()
    for number in range(200):
        platform.send(recipient=f"p{number}")
    return platform


def test_a_report_moves_the_complaint_rate_at_once(busy: Platform) -> None:
    before = rate(busy).estimate
    busy.report("p1")
    assert rate(busy).estimate > before


def test_messages_are_the_allowed_ones(busy: Platform) -> None:
    assert round(rate(busy).messages) == 200


def test_a_report_by_someone_never_messaged_weighs_nothing(busy: Platform) -> None:
    before = rate(busy)
    busy.report("stranger")
    assert rate(busy) == before


def test_a_report_from_before_the_message_weighs_nothing(busy: Platform) -> None:
    before = rate(busy)
    busy.report("p1", reported_at=busy.now - 60.0)
    assert rate(busy) == before


def test_praise_takes_back_a_quarter_of_the_complaints_at_most(busy: Platform) -> None:
    for name in ("p1", "p2", "p3", "p4"):
        busy.report(name)
    rates = [rate(busy).estimate]
    for number in range(10, 20):
        busy.report(f"p{number}", "not_spam")
        rates.append(rate(busy).estimate)
    assert rates[0] > rates[1] > rates[-1]
    assert rates[-1] == rates[-2] > 0.7 * rates[0]


def test_one_person_counts_once_a_campaign(busy: Platform) -> None:
    busy.report("p1", report_id="a")
    once = rate(busy)
    busy.report("p1", report_id="b")
    assert rate(busy) == once


def test_a_report_seen_before_changes_nothing(busy: Platform) -> None:
    busy.report("p1", report_id="a")
    once = rate(busy)
    busy.report("p1", report_id="a")
    assert rate(busy) == once


def test_a_retracted_report_is_as_if_never_made(busy: Platform) -> None:
    busy.wait(3_600.0)
    never = rate(busy)
    busy.wait(-3_600.0)
    busy.report("p1", report_id="a")
    busy.wait(3_600.0)
    busy.report("p1", report_id="a", retract=True)
    assert rate(busy).estimate == pytest.approx(never.estimate, rel=1e-12)


def test_a_retraction_that_comes_first_voids_the_report(busy: Platform) -> None:
    before = rate(busy)
    busy.report("p1", report_id="a", retract=True)
    busy.report("p1", report_id="a")
    assert rate(busy) == before


@pytest.mark.parametrize("before", ["block retract", "retract"])
def test_blocking_again_without_an_id_closes_the_pair_again(busy: Platform, before: str) -> None:
    for act in before.split():
        busy.report("p1", "block", retract=act == "retract")
        busy.wait(60.0)
    assert busy.send(recipient="p1").verdict is Verdict.ALLOW
    busy.report("p1", "block")
    assert busy.send(recipient="p1").reasons[0].code is ReasonCode.RECIPIENT_BLOCKED
    busy.report("p1", "block", retract=True)
    assert busy.send(recipient="p1").verdict is Verdict.ALLOW


def test_blocking_again_after_an_opt_in_closes_the_pair_again(busy: Platform) -> None:
    busy.report("p1", "block")
    busy.wait(60.0)
    busy.happen("opted_in", "p1")
    assert busy.send(recipient="p1").verdict is Verdict.ALLOW
    busy.report("p1", "block")
    assert busy.send(recipient="p1").reasons[0].code is ReasonCode.RECIPIENT_BLOCKED


@pytest.mark.parametrize("first", ["a", "b"])
def test_a_pair_is_closed_while_any_block_stands(busy: Platform, first: str) -> None:
    for report_id in ("a", "b"):
        busy.report("p1", "block", report_id=report_id)
        busy.wait(60.0)
    busy.report("p1", "block", report_id=first, retract=True)
    assert busy.send(recipient="p1").reasons[0].code is ReasonCode.RECIPIENT_BLOCKED
    busy.report("p1", "block", report_id="b" if first == "a" else "a", retract=True)
    assert busy.send(recipient="p1").verdict is Verdict.ALLOW


def test_an_opt_in_that_comes_late_lifts_the_blocks_before_it(busy: Platform) -> None:
    busy.report("p1", "block", report_id="a")
    opted_in = busy.now + 60.0
    busy.wait(120.0)
    busy.report("p1", "block", report_id="b")
    busy.happen("opted_in", "p1", occurred_at=opted_in)
    assert busy.send(recipient="p1").reasons[0].code is ReasonCode.RECIPIENT_BLOCKED
    busy.report("p1", "block", report_id="b", retract=True)
    assert busy.send(recipient="p1").verdict is Verdict.ALLOW


def test_a_block_is_taken_back_by_its_id_whatever_reason_is_given(busy: Platform) -> None:
    busy.report("p1", "block", report_id="a")
    busy.report("p1", "spam", report_id="a", retract=True)
    assert busy.send(recipient="p1").verdict is Verdict.ALLOW


def test_a_block_made_before_it_was_taken_back_stays_taken_back(busy: Platform) -> None:
    made = busy.now
    busy.wait(60.0)
    busy.report("p1", "block", retract=True)
    busy.report("p1", "block", reported_at=made)
    assert busy.send(recipient="p1").verdict is Verdict.ALLOW


def test_a_wave_of_reports_within_an_hour_is_capped(busy: Platform) -> None:
    for number in range(100):
        busy.report(f"p{number}")
    assert rate(busy).high < 0.15


def test_many_complaints_turn_a_sender_red(busy: Platform) -> None:
    for number in range(8):
        busy.report(f"p{number}")
        busy.wait(7_200.0)
    assert quality(busy) is Quality.RED


def test_a_sender_of_whom_little_is_known_is_unknown(platform: Platform) -> None:
    platform.send()
    assert quality(platform) is Quality.UNKNOWN


def test_a_busy_sender_without_complaints_is_green(busy: Platform) -> None:
    assert quality(busy) is Quality.GREEN


def test_fewer_colluders_than_the_brigade_budget_turn_no_sender_red(busy: Platform) -> None:
    budget = standing(busy).brigade_budget
    assert budget > 1
    for number in range(budget - 1):
        busy.report(f"p{number}", "fraud")
    assert quality(busy) is not Quality.RED


def test_praise_makes_a_brigade_dearer(busy: Platform) -> None:
    before = standing(busy).brigade_budget
    for number in range(150, 160):
        busy.report(f"p{number}", "not_spam")
    assert standing(busy).brigade_budget > before


def test_survey_answers_are_weighted_by_their_chance_of_being_asked(busy: Platform) -> None:
    for number, (wanted, chance) in enumerate([(False, 0.1), (True, 0.5), (True, 0.5)]):
        busy.tell(
            Survey(recipient=f"p{number}", sender_id="shop", wanted=wanted, sampling_probability=chance)
        )
    unwanted = standing(busy).unwanted_rate
    assert unwanted is not None
    assert unwanted.estimate == pytest.approx(10.0 / 14.0)


def test_a_survey_answer_of_someone_never_messaged_weighs_nothing(busy: Platform) -> None:
    busy.tell(Survey(recipient="x", sender_id="shop", wanted=False, sampling_probability=0.5))
    assert standing(busy).unwanted_rate is None


def test_nobody_has_heard_of_a_sender_never_seen(platform: Platform) -> None:
    assert platform.gate.sender("nobody", now=platform.now) is None
