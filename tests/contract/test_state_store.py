"""What every state store promises (core/state/port.py), over all of them."""

import contextlib
from collections.abc import Iterator

import pytest

from bawwab.core.state.bundles import OWNER, Bundle, Consent, key
from bawwab.core.state.cell import Rate
from bawwab.core.state.port import StateStore
from bawwab.core.state.window import Window
from bawwab.stores.memory import MemoryState
from engines_kit import CLUSTER, REDIS, redis_state

NOW = 1_800_000_000.0
OWNER_KEY = key(Bundle.OWNER, "s:shop")
CELL = key(Bundle.THROUGHPUT, "s:shop")
SET = key(Bundle.REACHED, "s:shop")
FACT = key(Bundle.CONSENT, "shop", "r1", "marketing")
YES = Consent(opted_in=True, category="marketing", at=NOW)
NO = Consent(opted_in=False, category="marketing", at=NOW)
MINUTE = Window(60.0)


@pytest.fixture(params=["memory", "redis", "redis cluster"])
def store(request: pytest.FixtureRequest) -> Iterator[StateStore]:
    if request.param == "memory":
        yield MemoryState()
        return
    state = redis_state(REDIS if request.param == "redis" else CLUSTER)
    with contextlib.closing(state.link):
        yield state


class TestCounters:
    def test_nothing_is_known_at_first(self, store: StateStore) -> None:
        assert store.row(OWNER_KEY, now=NOW) is None

    def test_they_add_up_and_remember_since_when(self, store: StateStore) -> None:
        for at in (NOW, NOW + 1.0):
            store.count(OWNER_KEY, OWNER.deltas(allowed_ever=1.0), OWNER.fields, now=at)
        row = store.row(OWNER_KEY, now=NOW + 1.0)
        assert row is not None
        assert (row.since, row.at, OWNER.values(row, now=NOW + 1.0).allowed_ever) == (NOW, NOW + 1.0, 2.0)

    def test_they_fade(self, store: StateStore) -> None:
        store.count(OWNER_KEY, OWNER.deltas(allowed_day=1.0), OWNER.fields, now=NOW)
        values = OWNER.values(store.row(OWNER_KEY, now=NOW + 86_400.0), now=NOW + 86_400.0)
        assert values.allowed_day == pytest.approx(0.36788, abs=1e-5)

    def test_none_falls_below_zero(self, store: StateStore) -> None:
        store.count(OWNER_KEY, OWNER.deltas(allowed_ever=-1.0), OWNER.fields, now=NOW)
        assert OWNER.values(store.row(OWNER_KEY, now=NOW), now=NOW).allowed_ever == 0.0

    def test_they_are_forgotten_after_their_retention(self, store: StateStore) -> None:
        store.count(OWNER_KEY, OWNER.deltas(allowed_ever=1.0), OWNER.fields, now=NOW)
        assert store.row(OWNER_KEY, now=NOW + 91 * 86_400.0) is None

    def test_one_that_is_late_neither_fades_nor_moves_the_time(self, store: StateStore) -> None:
        for at in (NOW, NOW - 60.0):
            store.count(OWNER_KEY, OWNER.deltas(allowed_day=1.0), OWNER.fields, now=at)
        row = store.row(OWNER_KEY, now=NOW)
        assert row is not None
        assert (row.at, OWNER.values(row, now=NOW).allowed_day) == (NOW, 2.0)


class TestCells:
    def test_a_burst_passes_and_the_next_is_limited(self, store: StateStore) -> None:
        answers = [store.hit(CELL, Rate(2, 10.0), now=NOW) for _ in range(3)]
        assert [answer.limited for answer in answers] == [False, False, True]
        assert answers[2].retry_after == 10.0

    def test_a_test_spends_nothing(self, store: StateStore) -> None:
        for _ in range(3):
            store.test(CELL, Rate(1, 10.0), now=NOW)
        assert not store.hit(CELL, Rate(1, 10.0), now=NOW).limited

    def test_a_refused_hit_changes_nothing(self, store: StateStore) -> None:
        for _ in range(5):
            store.hit(CELL, Rate(1, 10.0), now=NOW)
        assert not store.hit(CELL, Rate(1, 10.0), now=NOW + 10.0).limited

    def test_a_clock_set_back_leaves_a_cell_at_its_rate(self, store: StateStore) -> None:
        store.hit(CELL, Rate(2, 10.0), now=NOW + 3_600.0)
        answers = [store.hit(CELL, Rate(2, 10.0), now=NOW).limited for _ in range(2)]
        assert answers == [False, True]


class TestWindowedSets:
    def test_members_count_once(self, store: StateStore) -> None:
        for member in ("a", "b", "a"):
            store.see(SET, member, MINUTE, now=NOW)
        assert store.seen_count(SET, MINUTE, now=NOW) == 2

    def test_members_leave_after_the_window(self, store: StateStore) -> None:
        store.see(SET, "a", MINUTE, now=NOW)
        assert store.seen(SET, "a", MINUTE, now=NOW + 59.0)
        assert not store.seen(SET, "a", MINUTE, now=NOW + 60.0)

    def test_seeing_again_refreshes(self, store: StateStore) -> None:
        store.see(SET, "a", MINUTE, now=NOW)
        store.see(SET, "a", MINUTE, now=NOW + 30.0)
        assert store.seen_count(SET, MINUTE, now=NOW + 80.0) == 1

    def test_the_oldest_is_who_leaves_next(self, store: StateStore) -> None:
        store.see(SET, "a", MINUTE, now=NOW)
        store.see(SET, "b", MINUTE, now=NOW + 30.0)
        assert store.seen_oldest(SET, MINUTE, now=NOW + 30.0) == NOW
        assert store.seen_oldest(SET, MINUTE, now=NOW + 70.0) == NOW + 30.0

    def test_asking_about_the_future_changes_nothing(self, store: StateStore) -> None:
        store.see(SET, "a", MINUTE, now=NOW)
        store.seen_count(SET, MINUTE, now=NOW + 3600.0)
        store.seen_oldest(SET, MINUTE, now=NOW + 3600.0)
        assert store.seen_count(SET, MINUTE, now=NOW) == 1

    def test_above_its_exact_size_it_is_the_same_sketch(self, store: StateStore) -> None:
        window, reference = Window(1_000.0, exact=50), MemoryState()
        for number in range(120):
            for either in (store, reference):
                either.see(SET, f"r{number}", window, now=NOW + number * 10.1)
        edges = [NOW + number * 10.1 + 1_000.0 for number in range(0, 60, 7)]  # single precision shows here
        for at in (NOW + 1_200.0, NOW + 1_900.5, *edges):
            assert store.seen_count(SET, window, now=at) == reference.seen_count(SET, window, now=at)
            members = [f"r{number}" for number in range(121)]
            found = [store.seen(SET, member, window, now=at) for member in members]
            assert found == [reference.seen(SET, member, window, now=at) for member in members]
        assert store.seen_oldest(SET, window, now=NOW + 1_200.0) is None

    def test_an_emptied_set_is_empty(self, store: StateStore) -> None:
        store.see(SET, "a", MINUTE, now=NOW)
        store.unsee(SET)
        assert store.seen_count(SET, MINUTE, now=NOW) == 0


class TestFacts:
    def test_a_fact_holds_for_its_time(self, store: StateStore) -> None:
        store.put(FACT, YES, now=NOW, ttl=10.0)
        assert store.fact(FACT, now=NOW + 9.0) == YES
        assert store.fact(FACT, now=NOW + 10.0) is None

    def test_the_newer_stamp_wins_whatever_the_order(self, store: StateStore) -> None:
        store.put(FACT, NO, now=NOW, ttl=100.0, stamp=NOW)
        assert not store.put(FACT, YES, now=NOW + 1.0, ttl=100.0, stamp=NOW - 5.0)
        assert store.fact(FACT, now=NOW + 1.0) == NO

    def test_a_new_fact_is_set_once(self, store: StateStore) -> None:
        assert store.put_new(FACT, YES, now=NOW, ttl=10.0)
        assert not store.put_new(FACT, NO, now=NOW + 1.0, ttl=10.0)
        assert store.fact(FACT, now=NOW + 1.0) == YES

    def test_an_expired_fact_makes_room(self, store: StateStore) -> None:
        store.put_new(FACT, YES, now=NOW, ttl=10.0)
        assert store.put_new(FACT, NO, now=NOW + 10.0, ttl=10.0)

    def test_forgetting_drops_it(self, store: StateStore) -> None:
        store.put(FACT, YES, now=NOW, ttl=10.0)
        store.forget(FACT)
        assert store.fact(FACT, now=NOW) is None

    def test_forgetting_drops_whatever_the_key_holds(self, store: StateStore) -> None:
        store.count(OWNER_KEY, OWNER.deltas(allowed_ever=1.0), OWNER.fields, now=NOW)
        store.hit(OWNER_KEY, Rate(1, 10.0), now=NOW)
        store.see(OWNER_KEY, "a", MINUTE, now=NOW)
        store.forget(OWNER_KEY)
        assert store.row(OWNER_KEY, now=NOW) is None
        assert not store.test(OWNER_KEY, Rate(1, 10.0), now=NOW).limited
        assert store.seen_count(OWNER_KEY, MINUTE, now=NOW) == 0

    def test_keys_that_look_alike_are_different(self, store: StateStore) -> None:
        store.put(key(Bundle.INBOUND, "a:b", "c"), 1.0, now=NOW, ttl=10.0)
        alike = [("a", "b:c"), ("a:b:c",), ("a\\:b", "c"), ("a:b}", "c"), ("a:b", "{c}")]
        assert [store.fact(key(Bundle.INBOUND, *ids), now=NOW) for ids in alike] == [None] * 5


class TestSeveralVerbs:
    def test_a_question_of_several_steps_is_answered(self, store: StateStore) -> None:
        head = key(Bundle.HEAD, "s:shop", "t1")
        store.put(key(Bundle.BAND, "s:shop", "7"), "t1", now=NOW, ttl=10.0)
        store.put(head, b"signature", now=NOW, ttl=10.0)

        def follow(state: StateStore) -> object:
            found = state.fact(key(Bundle.BAND, "s:shop", "7"), now=NOW)
            return None if found is None else state.fact(key(Bundle.HEAD, "s:shop", found), now=NOW)

        assert store.answer(follow) == b"signature"

    def test_changes_made_together_all_take_place_in_order(self, store: StateStore) -> None:
        with store.together() as changes:
            changes.put(FACT, YES, now=NOW, ttl=10.0)
            changes.put(FACT, NO, now=NOW, ttl=10.0)
            changes.hit(CELL, Rate(1, 10.0), now=NOW)
            assert changes.fact(FACT, now=NOW) == NO
            changes.see(SET, "a", MINUTE, now=NOW)
        assert store.test(CELL, Rate(1, 10.0), now=NOW).limited
        assert store.seen_count(SET, MINUTE, now=NOW) == 1
