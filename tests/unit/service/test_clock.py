import pytest

from bawwab.core.errors import ClockError
from bawwab.service.clock import EventClock, WallClock


class TestWallClock:
    def clock(self) -> WallClock:
        return WallClock(max_ahead=300.0, read=lambda: 1_000.0)

    def test_arrival_decides(self) -> None:
        assert self.clock().arrivals([1.0, None, 1_200.0]) == [1_000.0] * 3

    def test_more_than_five_minutes_ahead_is_refused(self) -> None:
        with pytest.raises(ClockError, match="301 s ahead") as caught:
            self.clock().arrivals([None, 1_301.0])
        assert caught.value.index == 1

    def test_five_minutes_ahead_are_fine(self) -> None:
        assert self.clock().arrivals([1_300.0]) == [1_000.0]


class TestEventClock:
    def test_unset_it_says_the_beginning(self) -> None:
        assert EventClock(max_step=60.0).now() == 0.0

    def test_the_first_item_sets_it_however_late(self) -> None:
        assert EventClock(max_step=60.0).arrivals([1e9]) == [1e9]

    def test_the_first_item_needs_a_time(self) -> None:
        with pytest.raises(ClockError, match="not set"):
            EventClock(max_step=60.0).arrivals([None])

    def test_an_older_item_arrives_now(self) -> None:
        assert EventClock(max_step=60.0, at=100.0).arrivals([40.0, None]) == [100.0, 100.0]

    def test_steps_count_from_the_item_before(self) -> None:
        clock = EventClock(max_step=60.0, at=100.0)
        assert clock.arrivals([160.0, 220.0]) == [160.0, 220.0]
        with pytest.raises(ClockError) as caught:
            clock.arrivals([160.0, 221.0])
        assert caught.value.index == 1

    def test_asking_moves_nothing(self) -> None:
        clock = EventClock(max_step=60.0, at=100.0)
        clock.arrivals([150.0])
        clock.rehearsal(150.0)
        assert clock.now() == 100.0

    def test_it_never_goes_back(self) -> None:
        clock = EventClock(max_step=60.0, at=100.0)
        assert (clock.accept(90.0), clock.accept(110.0), clock.now()) == (False, True, 110.0)

    def test_a_dry_run_has_its_own_time_even_a_past_one(self) -> None:
        clock = EventClock(max_step=60.0, at=100.0)
        assert (clock.rehearsal(40.0), clock.rehearsal(None)) == (40.0, 100.0)
