"""What the gate remembers of the contacts that senders lead people to."""

from collections.abc import Callable

import pytest

from bawwab.core.decisions import ReasonCode, Verdict
from bawwab.core.events import Resolution, SenderProfile
from bawwab.core.model.model import Model
from bawwab.core.records import Decided
from bawwab.core.signals import NAMES
from bawwab.core.state.bundles import HABIT, Bundle, key
from kit import DAY, Platform, keyword_model

OWN, THEIRS = "scam alert: call 0501234567", "scam alert: call 0559876543"


def signal_of(platform: Platform) -> float | None:
    made = platform.logged[-1]
    assert isinstance(made, Decided)
    return made.signals[NAMES.index("fraud_out_of_habit")]


@pytest.fixture
def settled(platform: Platform) -> Platform:
    """A vouched-for sender that has long sent a fraud-like alert with its own number."""
    platform.verify()
    platform.send(OWN)
    platform.wait(8 * DAY)
    for _ in range(250):
        platform.send(OWN)
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


def test_a_vouched_for_senders_risky_words_with_a_new_number_go_to_a_first_few(settled: Platform) -> None:
    found = [settled.send("scam: call us on 0559876543").verdict for _ in range(25)]
    assert found == [Verdict.ALLOW] * 20 + [Verdict.THROTTLE] * 5


def test_waiting_alone_does_not_let_the_rest_out(settled: Platform) -> None:
    for person in range(20):
        settled.send("scam: call us on 0559876543", recipient=f"p{person}")
    settled.wait(3_600.0)
    later = [settled.send("scam: call us on 0559876543") for _ in range(3)]
    assert later[-1].reasons[0].code is ReasonCode.PACING
    for person in range(20):
        settled.happen("replied", f"p{person}")
    assert settled.send("scam: call us on 0559876543").verdict is Verdict.ALLOW


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
    place = key(Bundle.CONTACT, logged.owner, logged.contacts[0])
    assert trusted.gate.state.row(place, now=trusted.now) is None


def test_contacts_of_who_always_has_new_ones_are_counted_and_not_kept(
    make_platform: Callable[[Model | None], Platform],
) -> None:
    platform = make_platform(keyword_model())
    platform.verify()
    for number in range(150):
        platform.send(f"Your driver is here: 05012{number:05d}")
    state, now = platform.gate.state, platform.now
    made = [record for record in platform.logged if isinstance(record, Decided)]
    owner = made[0].owner
    kept = [state.row(key(Bundle.CONTACT, owner, *record.contacts), now=now) for record in made]
    habit = HABIT.values(state.row(key(Bundle.HABIT, owner), now=now), now=now)
    assert (len([row for row in kept if row is not None]), habit.led_month) == (100, 150.0)
