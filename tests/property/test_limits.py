"""Laws of the state primitives."""

from hypothesis import given
from hypothesis import strategies as st

from bawwab.core.state.cell import Rate, hit
from bawwab.core.state.decay import Field, count, read
from bawwab.core.state.window import Window, WindowedSet

times = st.lists(st.floats(0.0, 1_000.0), min_size=1, max_size=80).map(sorted)
rates = st.builds(Rate, st.integers(1, 20), st.floats(0.01, 50.0))


@given(times, rates)
def test_a_cell_never_passes_more_than_burst_and_rate_times_time(at: list[float], rate: Rate) -> None:
    tat, passed = None, 0
    for now in at:
        tat, answer = hit(tat, rate, now=now)
        passed += not answer.limited
    assert passed <= rate.burst + (at[-1] - at[0]) / rate.interval + 1e-3


@given(times, rates)
def test_a_cell_says_limited_exactly_when_it_asks_to_wait(at: list[float], rate: Rate) -> None:
    tat = None
    for now in at:
        tat, answer = hit(tat, rate, now=now)
        assert answer.limited == (answer.retry_after > 0.0)


@given(times, st.floats(1.0, 500.0))
def test_a_decayed_count_is_between_none_and_all(at: list[float], lifetime: float) -> None:
    fields = (Field("n", lifetime),)
    row = None
    for now in at:
        row = count(row, [(0, 1.0)], fields, now=now)
    assert row is not None
    assert 0.0 <= read(row, fields, now=at[-1])[0] <= len(at) + 1e-9


@given(st.lists(st.tuples(st.integers(0, 12), st.floats(0.0, 500.0)), max_size=60), st.floats(1.0, 200.0))
def test_a_windowed_set_agrees_with_counting_by_hand(events: list[tuple[int, float]], length: float) -> None:
    window, held, last = Window(length), WindowedSet(), {}
    events = sorted(events, key=lambda event: event[1])
    for member, now in events:
        held.add(str(member), window, now=now)
        last[member] = now
    end = events[-1][1] if events else 0.0
    assert held.size(window, now=end) == sum(at > end - length for at in last.values())
