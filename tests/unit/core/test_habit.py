"""How unusual a contact is for its owner."""

import pytest

from bawwab.core.habit import Contact, Past, is_usual, past_of, strangest, surprise
from bawwab.core.state.bundles import DAY, HabitRow

LONG_AGO = -60 * DAY
BANK = Past(LONG_AGO, allowed=5_000.0, new=0.0)


def test_a_bank_is_surprised_by_its_second_number() -> None:
    assert surprise([Contact("theirs", None, 0.0)], BANK, now=0.0) > 8.0


def test_a_number_that_all_messages_led_to_is_no_surprise() -> None:
    begun = Past(LONG_AGO, allowed=300.0, new=1.0)
    assert surprise([Contact("own", 0.0, 300.0)], begun, now=60.0) == 0.0


def test_whoever_only_begins_is_not_surprised() -> None:
    assert surprise([Contact("first", None, 0.0)], Past(None, 0.0, 0.0), now=0.0) == 0.0
    assert surprise([Contact("second", None, 0.0)], Past(-DAY, 50.0, 1.0), now=0.0) < 0.5


def test_a_carrier_whose_every_driver_has_a_number_is_hardly_surprised() -> None:
    carrier = Past(LONG_AGO, allowed=1_000.0, new=400.0)
    assert surprise([Contact("driver", None, 0.0)], carrier, now=0.0) < 1.0


def test_many_messages_of_a_day_make_a_contact_no_less_unusual() -> None:
    """Or whoever took an account over would only have to write enough."""
    after = Past(LONG_AGO, allowed=5_400.0, new=1.0)
    assert surprise([Contact("theirs", 0.0, 400.0)], after, now=3_600.0) > 8.0


def test_surprise_halves_in_two_days() -> None:
    known = Past(LONG_AGO, allowed=5_001.0, new=1.0)
    fresh, later = (surprise([Contact("theirs", 0.0, 1.0)], known, now=days * DAY) for days in (0.0, 2.0))
    assert later == pytest.approx(fresh / 2.0)


def test_the_most_unusual_contact_counts() -> None:
    both = [Contact("own", LONG_AGO, 5_000.0), Contact("theirs", None, 0.0)]
    assert surprise(both, BANK, now=DAY) == surprise(both[1:], BANK, now=DAY)


def test_a_message_without_a_contact_surprises_nobody() -> None:
    assert (surprise([], BANK, now=0.0), strangest([], BANK, from_=3.0, now=0.0)) == (0.0, None)


def test_the_strangest_is_named_where_it_is_strange_enough() -> None:
    both = [Contact("own", LONG_AGO, 5_000.0), Contact("theirs", None, 0.0)]
    assert strangest(both, BANK, from_=3.0, now=DAY) == "theirs"
    assert strangest(both[:1], BANK, from_=3.0, now=DAY) is None


def test_the_new_contacts_of_a_day_are_no_habit_yet() -> None:
    decoys = HabitRow(allowed_month=250.0, new_month=15.0, new_day=15.0)
    assert past_of(decoys, LONG_AGO) == (LONG_AGO, 250.0, 0.0)


@pytest.mark.parametrize(
    ("led", "new", "usual"), [(99.0, 99.0, False), (100.0, 50.0, True), (100.0, 49.0, False)]
)
def test_new_contacts_are_usual_from_every_other_message_of_a_hundred(
    led: float, new: float, *, usual: bool
) -> None:
    assert is_usual(HabitRow(led_month=led, new_month=new)) is usual
