"""Several processes and threads on one state: what is promised to one is promised to all together."""

import contextlib
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from bawwab.core.state.bundles import OWNER, Bundle, key
from bawwab.core.state.cell import Rate
from bawwab.core.state.window import Window
from bawwab.stores.redis import RedisState
from engines_kit import CLUSTER, REDIS, redis_url

NOW = 1_800_000_000.0
CELL = key(Bundle.THROUGHPUT, "s:shop")
SET, ROW = key(Bundle.REACHED, "s:shop"), key(Bundle.OWNER, "s:shop")
RATE, STEPS = Rate(5, 1.0), 40
AT_ONCE = 3


def spend(url: str, now: float) -> int:
    """Hit one cell forty times at one moment; how many passed."""
    with contextlib.closing(RedisState.at(url).link) as link:
        state = RedisState(link)
        answers = [state.hit(CELL, RATE, now=now) for _ in range(STEPS)]
    return sum(not answer.limited for answer in answers)


def claim(url: str, value: float) -> int:
    """Try to be the first to set a fact, forty times."""
    with contextlib.closing(RedisState.at(url).link) as link:
        state = RedisState(link)
        return sum(
            state.put_new(key(Bundle.INBOUND, "shop", f"r{number}"), value, now=NOW, ttl=10.0)
            for number in range(STEPS)
        )


def fill(url: str, offset: float) -> int:
    """See forty members and count each."""
    with contextlib.closing(RedisState.at(url).link) as link:
        state = RedisState(link)
        for number in range(STEPS):
            state.see(SET, f"{offset}-{number}", Window(60.0), now=NOW)
            state.count(ROW, OWNER.deltas(allowed_ever=1.0), OWNER.fields, now=NOW)
    return STEPS


@pytest.fixture(scope="module")
def pools() -> Iterator[dict[str, Executor]]:
    """Start the processes once: each takes a second."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(AT_ONCE, mp_context=spawn) as processes, ThreadPoolExecutor(AT_ONCE) as threads:
        yield {"processes": processes, "threads": threads}


def together(pool: Executor, work: Callable[[float], int], *given: float) -> int:
    return sum(pool.map(work, given))


several = pytest.mark.parametrize(
    ("variable", "pool"), [(REDIS, "processes"), (REDIS, "threads"), (CLUSTER, "threads")]
)


@several
def test_one_cell_never_gives_more_than_its_burst_and_rate(variable: str, pool: str, pools: Any) -> None:
    work = partial(spend, redis_url(variable))
    assert together(pools[pool], work, *[NOW] * AT_ONCE) == RATE.burst
    assert together(pools[pool], work, *[NOW + 3.0] * AT_ONCE) == 3.0 / RATE.interval


@several
def test_a_new_fact_has_one_winner(variable: str, pool: str, pools: Any) -> None:
    assert together(pools[pool], partial(claim, redis_url(variable)), *range(AT_ONCE)) == STEPS


@several
def test_nothing_that_is_counted_is_lost(variable: str, pool: str, pools: Any) -> None:
    url = redis_url(variable)
    expected = together(pools[pool], partial(fill, url), *range(AT_ONCE))
    with contextlib.closing(RedisState.at(url).link) as link:
        state = RedisState(link)
        assert state.seen_count(SET, Window(60.0), now=NOW) == expected
        assert OWNER.values(state.row(ROW, now=NOW), now=NOW).allowed_ever == expected
