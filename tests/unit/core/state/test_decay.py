import math

from bawwab.core.state.decay import FOREVER, Field, count, read, withdraw

HOURLY = (Field("sent", 3600.0), Field("ever", FOREVER))


def test_a_count_fades_with_its_lifetime() -> None:
    row = count(None, [(0, 1.0), (1, 1.0)], HOURLY, now=0.0)
    assert read(row, HOURLY, now=3600.0) == (math.exp(-1.0), 1.0)


def test_reading_changes_nothing() -> None:
    row = count(None, [(0, 1.0)], HOURLY, now=0.0)
    read(row, HOURLY, now=1e6)
    assert read(row, HOURLY, now=0.0) == (1.0, 0.0)


def test_what_is_withdrawn_leaves_no_trace() -> None:
    row = count(None, [(0, 1.0)], HOURLY, now=0.0)
    row = count(row, [(0, 5.0)], HOURLY, now=600.0)
    back = withdraw(5.0, 3600.0, counted_at=600.0, now=2400.0)
    row = count(row, [(0, back)], HOURLY, now=2400.0)
    assert math.isclose(read(row, HOURLY, now=2400.0)[0], math.exp(-2400.0 / 3600.0))


def test_no_counter_falls_below_zero() -> None:
    row = count(None, [(0, -3.0)], HOURLY, now=0.0)
    assert row.values == (0.0, 0.0)


def test_a_late_event_counts_as_arriving_now() -> None:
    row = count(None, [(0, 1.0)], HOURLY, now=1000.0)
    assert count(row, [(0, 1.0)], HOURLY, now=900.0).at == 1000.0


def test_a_row_remembers_when_it_began() -> None:
    row = count(count(None, [(0, 1.0)], HOURLY, now=7.0), [(0, 1.0)], HOURLY, now=9.0)
    assert row.since == 7.0
