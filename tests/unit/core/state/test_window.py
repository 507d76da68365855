import pytest

from bawwab.core.state.window import Window, WindowedSet

DAY = Window(86_400.0)


def seen(*at: tuple[str, float], window: Window = DAY) -> WindowedSet:
    made = WindowedSet()
    for member, now in at:
        made.add(member, window, now=now)
    return made


def test_a_member_seen_twice_counts_once() -> None:
    assert seen(("a", 0.0), ("a", 1.0), ("b", 2.0)).size(DAY, now=3.0) == 2


def test_a_member_counts_until_the_window_after_it_was_last_seen() -> None:
    held = seen(("a", 0.0), ("a", 100.0))
    assert [held.size(DAY, now=at) for at in (86_400.0, 86_499.0, 86_500.0)] == [1, 1, 0]


def test_the_oldest_member_is_the_one_that_leaves_next() -> None:
    assert seen(("a", 0.0), ("b", 5.0), ("a", 9.0)).oldest(DAY, now=10.0) == 5.0


def test_an_empty_set_has_no_oldest_member() -> None:
    assert WindowedSet().oldest(DAY, now=0.0) is None


def test_it_survives_being_dumped_and_loaded() -> None:
    held = seen(("a", 0.0), ("b", 5.0))
    assert WindowedSet.load(held.dump()).dump() == held.dump()


def test_above_its_exact_size_it_estimates_within_two_percent() -> None:
    window = Window(86_400.0, exact=1_000)
    held = seen(*((f"r{i}", float(i)) for i in range(20_000)), window=window)
    assert held.size(window, now=20_000.0) == pytest.approx(20_000, rel=0.02)


def test_a_sketch_forgets_what_left_the_window() -> None:
    window = Window(1_000.0, exact=100)
    held = seen(*((f"r{i}", float(i)) for i in range(5_000)), window=window)
    assert held.size(window, now=5_000.0) == pytest.approx(1_000, rel=0.02)


def test_a_sketch_survives_being_dumped_and_loaded() -> None:
    window = Window(1_000.0, exact=10)
    held = seen(*((f"r{i}", float(i)) for i in range(50)), window=window)
    assert WindowedSet.load(held.dump()).size(window, now=50.0) == held.size(window, now=50.0)


def test_a_member_seen_while_the_clock_was_ahead_holds_nobody_back() -> None:
    held = seen(("a", 10 * 86_400.0), ("b", 0.0), ("c", 1.0))
    assert held.size(DAY, now=86_400.5) == 2
    assert held.oldest(DAY, now=86_400.5) == 1.0
