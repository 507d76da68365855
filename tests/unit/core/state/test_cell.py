from bawwab.core.state import cell
from bawwab.core.state.cell import Rate, hit

THREE_A_SECOND_APART = Rate(3, 1.0)


def spend(times: list[float], rate: Rate) -> list[bool]:
    tat, limited = None, []
    for now in times:
        tat, answer = hit(tat, rate, now=now)
        limited.append(answer.limited)
    return limited


def test_a_burst_passes_and_the_next_is_limited() -> None:
    assert spend([0.0] * 4, THREE_A_SECOND_APART) == [False, False, False, True]


def test_a_limited_hit_leaves_the_cell_unchanged() -> None:
    tat, _ = hit(None, Rate(1, 10.0), now=0.0)
    after, answer = hit(tat, Rate(1, 10.0), now=5.0)
    assert (after, answer.limited, answer.retry_after) == (tat, True, 5.0)


def test_waiting_retry_after_is_enough() -> None:
    tat, _ = hit(None, Rate(1, 10.0), now=0.0)
    _, answer = hit(tat, Rate(1, 10.0), now=5.0)
    assert not cell.test(tat, Rate(1, 10.0), now=5.0 + answer.retry_after).limited


def test_an_idle_cell_has_its_whole_burst_again() -> None:
    assert spend([0.0, 0.0, 0.0, 100.0, 100.0, 100.0], THREE_A_SECOND_APART) == [False] * 6


def test_asking_spends_nothing() -> None:
    tat, _ = hit(None, Rate(1, 10.0), now=0.0)
    before = cell.test(tat, Rate(1, 10.0), now=3.0)
    assert cell.test(tat, Rate(1, 10.0), now=3.0) == before


def test_a_clock_set_back_neither_closes_nor_empties_a_cell() -> None:
    rate = Rate(3, 1.0)
    tat, _ = hit(None, rate, now=10_000.0)
    tat, first = hit(tat, rate, now=100.0)
    tat, second = hit(tat, rate, now=100.0)
    assert (first.limited, second.limited, second.retry_after) == (False, True, 1.0)
