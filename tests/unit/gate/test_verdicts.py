"""What the contract says of verdicts, one sentence a test."""

from collections.abc import Callable

import msgspec
import pytest

from bawwab.core.decisions import Advice, Quality, ReasonCode, RiskLevel, Verdict
from bawwab.core.events import Category
from bawwab.core.model.model import Model
from bawwab.core.model.risk import RiskModel, Table
from bawwab.core.signals import NAMES
from kit import Platform, keyword_model


def test_an_ordinary_notice_of_a_verified_sender_passes(platform: Platform) -> None:
    platform.verify()
    assert platform.send().verdict is Verdict.ALLOW


def test_a_strangers_first_code_passes(platform: Platform) -> None:
    decision = platform.send("Your code is 481920", category=Category.AUTHENTICATION)
    assert (decision.verdict, decision.reasons) == (Verdict.ALLOW, ())


def test_a_strangers_first_bank_alert_without_a_link_passes(platform: Platform) -> None:
    text = "Card *1234: purchase of SAR 250.00 declined. Not you? Call the number on your card."
    assert platform.send(text).verdict is Verdict.ALLOW


def test_a_strangers_scam_is_blocked_where_the_class_is_certified(platform: Platform) -> None:
    decision = platform.send("scam")
    assert (decision.verdict, decision.reasons[0].code) == (Verdict.BLOCK, ReasonCode.FRAUD_TEXT)


def test_a_strangers_scam_is_held_where_the_class_is_not_certified(
    make_platform: Callable[[Model | None], Platform],
) -> None:
    decision = make_platform(keyword_model(block=None)).send("scam")
    assert (decision.verdict, decision.thresholds.block) == (Verdict.THROTTLE, None)


def test_a_hold_for_content_lasts_at_least_a_quarter_of_an_hour(
    make_platform: Callable[[Model | None], Platform],
) -> None:
    decision = make_platform(keyword_model(block=None)).send("scam")
    assert decision.retry_after_seconds is not None
    assert decision.retry_after_seconds >= 900


def test_promotional_words_declared_utility_without_opt_in_are_refused(platform: Platform) -> None:
    decision = platform.send("sale")
    assert (decision.verdict, decision.reasons[0].code, decision.advice) == (
        Verdict.THROTTLE,
        ReasonCode.CATEGORY_MISUSE,
        Advice.FIX_CATEGORY,
    )


def test_words_that_are_an_advert_or_a_fraud_are_refused_as_misdeclared(platform: Platform) -> None:
    decision = platform.send("torn 50%")
    assert (decision.verdict, decision.reasons[0].code) == (Verdict.THROTTLE, ReasonCode.CATEGORY_MISUSE)
    assert platform.send("torn 50%", opted_in=True).verdict is Verdict.ALLOW


def test_words_that_are_rather_a_fraud_are_misdeclared_where_the_score_is_elevated_too(
    platform: Platform, make_platform: Callable[[Model | None], Platform]
) -> None:
    assert platform.send("wary 50%").verdict is Verdict.ALLOW  # at 0.0025
    flat = RiskModel(-1.0, tuple(Table(name, (), (0.0,), 0.0) for name in NAMES))
    elevated = msgspec.structs.replace(keyword_model(), risk=flat)
    assert make_platform(elevated).send("wary 50%").reasons[0].code is ReasonCode.CATEGORY_MISUSE


@pytest.mark.parametrize("text", ["torn 50%", "wary 50%", "scam"])
def test_a_vouched_for_senders_alert_is_not_misdeclared_for_reading_like_a_fraud(
    platform: Platform, text: str
) -> None:
    platform.verify()
    assert platform.send(text).verdict is Verdict.ALLOW


def test_words_of_an_unknown_language_are_not_misdeclared(platform: Platform) -> None:
    assert platform.send("zzz torn 50%").verdict is Verdict.ALLOW


@pytest.mark.parametrize("text", ["torn", "wary"])
def test_of_words_that_name_nothing_only_what_is_plainly_promotional_is_misdeclared(
    make_platform: Callable[[Model | None], Platform], text: str
) -> None:
    flat = RiskModel(-1.0, tuple(Table(name, (), (0.0,), 0.0) for name in NAMES))
    platform = make_platform(msgspec.structs.replace(keyword_model(), risk=flat))
    assert platform.send(text).verdict is Verdict.ALLOW
    assert platform.send(f"{text}, call 0501234567").reasons[0].code is ReasonCode.CATEGORY_MISUSE
    assert platform.send("sale").reasons[0].code is ReasonCode.CATEGORY_MISUSE


def pushed(*names: str) -> Model:
    """A model of which each of the signals adds three nats to every message, none of them blocked."""
    tables = tuple(Table(name, (), (3.0 * (name in names),), 3.0 * (name in names)) for name in NAMES)
    return msgspec.structs.replace(keyword_model(block=None), risk=RiskModel(-2.0, tables))


def test_words_that_name_nothing_are_held_from_their_own_line(
    make_platform: Callable[[Model | None], Platform],
) -> None:
    platform = make_platform(pushed("text_fraud"))
    alone, named = platform.send("come quickly"), platform.send("come quickly, ref 4429183")
    assert alone.score == named.score
    assert (alone.verdict, named.verdict) == (Verdict.ALLOW, Verdict.THROTTLE)
    assert (alone.thresholds.throttle, named.thresholds.throttle) == (0.8, 0.55)


@pytest.mark.parametrize(("complaints", "rated"), [(9, Quality.YELLOW), (60, Quality.RED)])
def test_words_that_name_nothing_are_held_like_others_once_the_sender_is_yellow_or_red(
    make_platform: Callable[[Model | None], Platform], complaints: int, rated: Quality
) -> None:
    leaning = tuple(
        Table(name, (0.0,), (0.0, 3.0), 0.0) if name == "text_fraud" else Table(name, (), (0.0,), 0.0)
        for name in NAMES
    )
    model = msgspec.structs.replace(keyword_model(block=None), risk=RiskModel(-2.0, leaning))
    platform = make_platform(model)
    platform.verify()
    for number in range(2_000):
        platform.send(recipient=f"p{number}")
    platform.report("p0")
    assert platform.send("scam").thresholds.throttle == 0.8
    for number in range(1, complaints):
        platform.report(f"p{number}")
        platform.wait(600.0)
    view = platform.gate.sender("shop", now=platform.now)
    decision = platform.send("scam")
    assert view is not None
    assert view.quality is rated
    assert (decision.verdict, decision.thresholds.throttle) == (Verdict.THROTTLE, 0.55)


def test_words_that_name_nothing_and_may_go_out_do_not_suspend_their_sender(
    make_platform: Callable[[Model | None], Platform],
) -> None:
    platform = make_platform(pushed("text_fraud"))
    verdicts = set()
    for name in ("one", "two", "three", "four", "five", "six", "seven", "eight"):
        verdicts.add(platform.send(f"come quickly {name}").verdict)
        platform.wait(600.0)
    assert verdicts == {Verdict.ALLOW}


def test_words_that_name_nothing_and_are_held_suspend_their_sender(
    make_platform: Callable[[Model | None], Platform],
) -> None:
    platform = make_platform(pushed("text_fraud", "text_length"))
    for number in range(12):
        platform.send(f"come quickly {'so ' * number}")
        platform.wait(600.0)
    view = platform.gate.sender("shop", now=platform.now)
    assert view is not None
    assert view.suspended


def test_promotional_words_to_who_opted_in_pass_with_advice(platform: Platform) -> None:
    decision = platform.send("sale", opted_in=True)
    assert (decision.verdict, decision.advice) == (Verdict.ALLOW, Advice.FIX_CATEGORY)


def test_marketing_to_who_has_not_opted_in_is_held(platform: Platform) -> None:
    decision = platform.send("sale", category=Category.MARKETING, opted_in=False)
    assert (decision.reasons[0].code, decision.advice) == (
        ReasonCode.UNSOLICITED_TEXT,
        Advice.OBTAIN_OPT_IN,
    )


def test_an_opt_in_lets_held_marketing_pass(platform: Platform) -> None:
    asked = {"message_id": "m", "recipient": "r", "category": Category.MARKETING, "opted_in": False}
    wait = platform.send("sale", **asked).retry_after_seconds
    platform.happen("opted_in", "r")
    platform.wait(wait or 0.0)
    assert platform.send("sale", **asked).verdict is Verdict.ALLOW


def test_an_unknown_script_is_not_assessed_and_passes_at_first(platform: Platform) -> None:
    decision = platform.send("zzz scam")
    assert (decision.verdict, decision.risk_level) == (Verdict.ALLOW, RiskLevel.NOT_ASSESSED)


def test_a_refusal_has_a_reason_that_decided(platform: Platform) -> None:
    assert all(platform.send(text).reasons for text in ("scam", "sale"))


@pytest.mark.parametrize("category", [Category.AUTHENTICATION, Category.UTILITY, Category.SERVICE])
def test_an_opt_out_does_not_stop_codes_alerts_and_replies(platform: Platform, category: Category) -> None:
    platform.happen("opted_out", "r")
    assert platform.send(recipient="r", category=category).verdict is Verdict.ALLOW


def test_an_opt_out_stops_marketing_whatever_the_caller_says(platform: Platform) -> None:
    platform.happen("opted_out", "r")
    decision = platform.send("sale", recipient="r", category=Category.MARKETING, opted_in=True)
    assert (decision.verdict, decision.reasons[0].code) == (
        Verdict.BLOCK,
        ReasonCode.RECIPIENT_OPTED_OUT,
    )


@pytest.mark.parametrize("narrowed", list(Category))
def test_an_opt_out_stops_marketing_where_it_is_not_narrowed_to_another_category(
    platform: Platform, narrowed: Category
) -> None:
    platform.happen("opted_out", "r", category=narrowed)
    stopped = {
        category
        for category in Category
        if platform.send(recipient="r", category=category).verdict is Verdict.BLOCK
    }
    assert stopped == {narrowed} & {Category.MARKETING}


def test_a_later_opt_in_lifts_an_opt_out(platform: Platform) -> None:
    platform.happen("opted_out", "r")
    platform.wait(1.0)
    platform.happen("opted_in", "r")
    assert platform.send("sale", recipient="r", category=Category.MARKETING).verdict is Verdict.ALLOW


def test_an_older_opt_in_that_comes_late_lifts_nothing(platform: Platform) -> None:
    platform.happen("opted_out", "r", occurred_at=platform.now)
    platform.happen("opted_in", "r", occurred_at=platform.now - 60.0)
    decision = platform.send("sale", recipient="r", category=Category.MARKETING)
    assert decision.verdict is Verdict.BLOCK


def test_a_block_by_the_recipient_closes_the_pair_even_if_never_messaged(platform: Platform) -> None:
    platform.report("r", "block")
    decision = platform.send(recipient="r")
    assert (decision.verdict, decision.reasons[0].code) == (
        Verdict.BLOCK,
        ReasonCode.RECIPIENT_BLOCKED,
    )


def test_a_closed_pair_still_gets_codes(platform: Platform) -> None:
    platform.report("r", "block")
    decision = platform.send("Your code is 481920", recipient="r", category=Category.AUTHENTICATION)
    assert decision.verdict is Verdict.ALLOW


def test_a_retracted_block_opens_the_pair_again(platform: Platform) -> None:
    platform.report("r", "block", report_id="b1")
    platform.report("r", "block", report_id="b1", retract=True)
    assert platform.send(recipient="r").verdict is Verdict.ALLOW


def test_opting_in_again_opens_a_closed_pair(platform: Platform) -> None:
    platform.report("r", "block")
    platform.wait(1.0)
    platform.happen("opted_in", "r")
    assert platform.send(recipient="r").verdict is Verdict.ALLOW
