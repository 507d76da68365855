"""Messaging limits and tiers, pacing, budgets."""

import msgspec
import pytest

from bawwab.core.decisions import ReasonCode, Verdict
from bawwab.core.events import Category
from bawwab.core.state.bundles import Bundle, Tier, key
from kit import Platform

DAY = 86_400.0


@pytest.mark.parametrize(
    ("verified", "age", "quota"),
    [(True, 30.0, 10_000), (False, 30.0, 2_000), (True, 29.0, 250), (False, 0.0, 250)],
)
def test_where_an_owner_starts(platform: Platform, *, verified: bool, age: float, quota: int) -> None:
    platform.verify(verified=verified, registered_at=platform.now - age * DAY)
    assert platform.send().limit.quota == quota


def test_anyone_else_starts_at_the_lowest_step(platform: Platform) -> None:
    decision = platform.send()
    assert (decision.limit.quota, decision.limit.remaining, decision.sender.tier) == (250, 249, "tier_250")


def test_a_change_of_verified_takes_effect_at_once(platform: Platform) -> None:
    platform.verify(verified=False)
    before = platform.send().limit.quota
    platform.verify(verified=True)
    after = platform.send().limit.quota
    platform.verify(verified=False)
    assert (before, after, platform.send().limit.quota) == (2_000, 10_000, 2_000)


def test_a_recipient_already_reached_costs_nothing(platform: Platform) -> None:
    first = platform.send(recipient="r").limit.remaining
    assert platform.send(recipient="r").limit.remaining == first


def test_a_recipient_counts_for_a_day_after_the_last_allowed_message(platform: Platform) -> None:
    platform.send(recipient="r")
    platform.wait(DAY / 2)
    platform.send(recipient="r")
    platform.wait(DAY * 0.75)
    assert platform.send(recipient="s").limit.remaining == 248


def test_replies_within_the_service_window_cost_nothing(platform: Platform) -> None:
    decision = platform.send(category=Category.SERVICE, last_inbound_at=platform.now - 60.0)
    assert decision.limit.remaining == 250


def test_reaching_half_of_a_limit_raises_it(platform: Platform) -> None:
    for number in range(125):
        decision = platform.send(f"Your code is {481000 + number}", category=Category.AUTHENTICATION)
    assert decision.limit.quota == 250
    assert platform.send("Your code is 481920").limit.quota == 2_000


def test_above_the_limit_a_new_recipient_waits_and_a_known_one_passes(platform: Platform) -> None:
    just_raised(platform, 3)
    sent = [platform.send("Your code is 481920", recipient=f"p{i}") for i in range(4)]
    assert [d.verdict for d in sent] == [Verdict.ALLOW] * 3 + [Verdict.THROTTLE]
    assert sent[-1].reasons[0].code is ReasonCode.MESSAGING_LIMIT
    assert sent[-1].retry_after_seconds == pytest.approx(DAY)
    assert platform.send("Your code is 481921", recipient="p0").verdict is Verdict.ALLOW


def test_a_limit_is_not_raised_twice_within_six_hours(platform: Platform) -> None:
    just_raised(platform, 3, 6)
    for number in range(3):
        platform.send("Your code is 481920", recipient=f"p{number}")
    assert platform.send("Your code is 481920", recipient="p0").limit.quota == 3


def test_a_portfolio_shares_its_limit(platform: Platform) -> None:
    for sender in ("a", "b"):
        platform.verify(sender, portfolio_id="group")
    platform.send(sender_id="a", recipient="r1")
    assert platform.send(sender_id="b", recipient="r2").limit.remaining == 9_998


def test_a_strangers_new_wording_goes_out_to_a_first_few_and_then_waits(platform: Platform) -> None:
    sent = [platform.send() for _ in range(25)]
    assert [d.verdict for d in sent].count(Verdict.ALLOW) == 20
    assert sent[-1].reasons[0].code is ReasonCode.PACING


def test_low_risk_pacing_ends_after_its_declared_time(platform: Platform) -> None:
    held = [platform.send() for _ in range(25)][-1]
    platform.wait(held.retry_after_seconds)
    assert platform.send().verdict is Verdict.ALLOW


def test_a_verified_senders_burst_does_not_wait(platform: Platform) -> None:
    platform.verify()
    text = "Flight SV1020 is delayed to 21:40. We are sorry."
    assert {platform.send(text).verdict for _ in range(500)} == {Verdict.ALLOW}


def test_codes_of_a_stranger_are_not_paced(platform: Platform) -> None:
    sent = [platform.send(f"Your code is {481000 + i}", category=Category.AUTHENTICATION) for i in range(60)]
    assert {d.verdict for d in sent} == {Verdict.ALLOW}


def test_what_is_merely_declared_authentication_is_paced(platform: Platform) -> None:
    sent = [platform.send("hello there", category=Category.AUTHENTICATION) for _ in range(25)]
    assert sent[-1].verdict is Verdict.THROTTLE


def test_a_recipient_gets_only_so_much_marketing_from_all_senders(platform: Platform) -> None:
    offers = {"category": Category.MARKETING, "opted_in": True, "recipient": "r"}
    sent = [platform.send(f"sale number {i}", sender_id=f"shop{i}", **offers) for i in range(7)]
    assert [d.verdict for d in sent] == [Verdict.ALLOW] * 6 + [Verdict.THROTTLE]
    assert sent[-1].reasons[0].code is ReasonCode.RECIPIENT_BUDGET


def test_more_than_the_agreed_rate_waits(platform: Platform) -> None:
    platform.verify()
    sent = [platform.send() for _ in range(1_001)]
    assert sent[-1].reasons[0].code is ReasonCode.RATE_LIMIT


def just_raised(platform: Platform, *ladder: int) -> None:
    """Put the shop on a ladder of its own, raised a moment ago."""
    policy = platform.gate.policy
    limit = msgspec.structs.replace(policy.limit, ladder=ladder, verified_step=0, established_step=0)
    platform.gate.policy = msgspec.structs.replace(policy, limit=limit)
    tier = key(Bundle.TIER, "s:shop")
    platform.gate.state.put(tier, Tier(0, platform.now), now=platform.now, ttl=DAY)
