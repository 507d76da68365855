"""What the gate remembers of the contacts that senders lead people to."""

from collections.abc import Callable

import msgspec
import pytest

from bawwab.core.decisions import ReasonCode, Verdict
from bawwab.core.events import Resolution, SenderProfile
from bawwab.core.model.model import Model
from bawwab.core.model.risk import RiskModel, Table
from bawwab.core.records import Decided
from bawwab.core.signals import NAMES
from bawwab.core.state.bundles import HABIT, Bundle, key
from kit import DAY, Platform, keyword_model

OWN, THEIRS = "scam alert: call 0501234567", "scam alert: call 0559876543"


def signal_of(platform: Platform) -> float | None:
    made = platform.logged[-1]
    assert isinstance(made, Decided)
    return made.signals[NAMES.index("fraud_out_of_habit")]


def settle(platform: Platform) -> None:
    platform.verify()
    platform.send(OWN)
    platform.wait(8 * DAY)
    for _ in range(250):
        platform.send(OWN)


@pytest.fixture
def settled(platform: Platform) -> Platform:
    """A vouched-for sender that has long sent a fraud-like alert with its own number."""
    settle(platform)
    return platform


@pytest.fixture
def trusted(settled: Platform) -> Platform:
    """The same, and nobody vouches for it now."""
    unvouched = SenderProfile(sender_id="shop", registered_at=settled.now - 100 * DAY)
    settled.gate.put_profile(unvouched, now=settled.now)
    return settled


def test_a_wording_is_trusted_with_the_number_it_always_had(trusted: Platform) -> None:
    assert trusted.send(OWN).verdict is Verdict.ALLOW


def test_a_trusted_wording_with_anothers_number_is_not_trusted(trusted: Platform) -> None:
    assert trusted.send(THEIRS).verdict is Verdict.BLOCK


def test_a_reviewers_word_reaches_the_number_that_was_reviewed_and_no_other(trusted: Platform) -> None:
    refused = trusted.send(THEIRS)
    appeal, _ = trusted.gate.appeal(refused.decision_id, now=trusted.now)
    trusted.gate.resolve(appeal.appeal_id, Resolution.OVERTURNED, now=trusted.now)
    assert trusted.send(THEIRS).verdict is Verdict.ALLOW
    assert trusted.send("scam alert: call 0550001112").verdict is Verdict.BLOCK


def send_theirs(platform: Platform, times: int) -> list[Verdict]:
    return [platform.send(THEIRS).verdict for _ in range(times)]


@pytest.mark.parametrize("reaction", [None, "read", "replied"])
def test_a_vouched_for_senders_wording_with_anothers_number_goes_to_a_first_few(
    settled: Platform, reaction: str | None
) -> None:
    """Whatever people did with the wording and the number it always had."""
    if reaction is not None:
        for number in range(2, 252):
            settled.happen(reaction, f"r{number}", message_id=f"m{number}")
    assert send_theirs(settled, 25) == [Verdict.ALLOW] * 20 + [Verdict.THROTTLE] * 5


def test_that_does_not_hang_on_the_score(make_platform: Callable[[Model | None], Platform]) -> None:
    calm = RiskModel(-6.0, tuple(Table(name, (), (0.0,), 0.0) for name in NAMES))
    platform = make_platform(msgspec.structs.replace(keyword_model(), risk=calm))
    settle(platform)
    assert send_theirs(platform, 25) == [Verdict.ALLOW] * 20 + [Verdict.THROTTLE] * 5


def test_what_recipients_answer_lets_more_of_them_out(settled: Platform) -> None:
    first = [settled.send(THEIRS, recipient=f"p{number}", message_id=f"t{number}") for number in range(20)]
    for decision in first:
        settled.happen("replied", f"p{decision.message_id[1:]}", message_id=decision.message_id)
    assert send_theirs(settled, 40) == [Verdict.ALLOW] * 40


def test_an_honest_change_of_number_gets_out_within_a_day(settled: Platform) -> None:
    send_theirs(settled, 25)
    settled.wait(0.9 * DAY)
    assert send_theirs(settled, 500) == [Verdict.ALLOW] * 500


def test_a_few_minutes_do_not_let_them_out(settled: Platform) -> None:
    send_theirs(settled, 25)
    settled.wait(1_200.0)
    held = [settled.send(THEIRS) for _ in range(6)][-1]
    assert (held.verdict, held.reasons[0].code) == (Verdict.THROTTLE, ReasonCode.PACING)
    assert "never led" in held.reasons[0].detail


def test_harmless_decoys_of_the_same_day_make_a_number_no_less_strange(settled: Platform) -> None:
    for number in range(15):
        settled.send(f"Your bill is ready. Questions? Call 05590000{number:02d}")
    assert Verdict.THROTTLE in send_theirs(settled, 25)


def test_personal_copies_of_a_new_wording_share_their_first_few(settled: Platform) -> None:
    names = [f"{first}{last}" for first in ("Ann", "Bo", "Cy", "Di", "Ed", "Flo") for last in "aeiou"]
    text = "scam alert of your bank: a payment waits for your word, {name}, so call us at once on 0559876543, day or night"
    found = [settled.send(text.format(name=name)).verdict for name in names]
    assert found == [Verdict.ALLOW] * 20 + [Verdict.THROTTLE] * 10


def test_alerts_that_name_a_new_payee_each_go_out(settled: Platform) -> None:
    texts = [f"scam alert: beneficiary 05591111{number:02d} added" for number in range(30)]
    assert {settled.send(text).verdict for text in texts} == {Verdict.ALLOW}


def test_a_log_from_before_contacts_were_watched_makes_nobodys_number_strange(
    settled: Platform, make_platform: Callable[[Model | None], Platform]
) -> None:
    upgraded = make_platform(keyword_model())
    for record in settled.logged:
        old = msgspec.structs.replace(record, contacts=None) if isinstance(record, Decided) else record
        upgraded.gate.restore(old)
    upgraded.now = settled.now
    assert {upgraded.send(OWN, message_id=f"u{number}").verdict for number in range(40)} == {Verdict.ALLOW}


def test_a_text_full_of_numbers_has_a_few_contacts(platform: Platform) -> None:
    platform.send(" ".join(f"call 05500000{number:02d}" for number in range(40)))
    made = platform.logged[-1]
    assert isinstance(made, Decided)
    assert made.contacts is not None
    assert len(made.contacts) == 8


def test_a_dry_run_is_not_remembered(settled: Platform) -> None:
    settled.send(THEIRS, dry_run=True)
    settled.send(OWN)
    assert send_theirs(settled, 25) == [Verdict.ALLOW] * 20 + [Verdict.THROTTLE] * 5


def test_a_vouched_for_senders_plain_words_with_a_new_number_wait_for_nothing(settled: Platform) -> None:
    found = {settled.send("Your bill is ready. Questions? Call 0559876543").verdict for _ in range(40)}
    assert found == {Verdict.ALLOW}


def test_a_new_number_of_an_old_sender_is_out_of_habit(trusted: Platform) -> None:
    trusted.send(OWN)
    assert signal_of(trusted) == 0.0
    trusted.send(THEIRS)
    surprise = signal_of(trusted)
    assert surprise is not None
    assert surprise > 4.0


def test_a_new_number_in_words_that_read_as_service_hardly_counts(trusted: Platform) -> None:
    trusted.send("Your bill is ready. Questions? Call 0559876543")
    surprise = signal_of(trusted)
    assert surprise is not None
    assert 0.0 < surprise < 0.2


def test_a_refused_messages_contact_is_not_remembered(trusted: Platform) -> None:
    trusted.send(THEIRS)
    logged = trusted.logged[-1]
    assert isinstance(logged, Decided)
    place = key(Bundle.CONTACT, logged.owner, *(logged.contacts or ()))
    assert trusted.gate.state.row(place, now=trusted.now) is None


def test_of_the_contacts_of_who_always_has_new_ones_one_in_sixteen_is_kept(
    make_platform: Callable[[Model | None], Platform],
) -> None:
    platform = make_platform(keyword_model())
    platform.verify()
    for number in range(420):
        platform.send(f"Your driver is here: 05012{number:05d}")
    state, now = platform.gate.state, platform.now
    made = [record for record in platform.logged if isinstance(record, Decided)]
    habit = HABIT.values(state.row(key(Bundle.HABIT, made[0].owner), now=now), now=now)
    kept = sum(bool(record.contacts) for record in made)
    assert (habit.led_month, habit.new_month) == (420.0, 420.0)
    assert 105 <= kept <= 140
