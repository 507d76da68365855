"""Whatever is done in whatever order, Redis answers what the memory of one process does, bit for bit.

Equal to the bit because both take ``exp`` from the same C library; on another machine than Redis's
the fading of a counter may differ in the last digit (decisions/0012).
"""

import contextlib
import functools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bawwab.core.state.bundles import OWNER, RECIPIENT, Bundle, Closed, Consent, key
from bawwab.core.state.cell import Rate
from bawwab.core.state.port import StateStore
from bawwab.core.state.window import Window
from bawwab.stores.memory import MemoryState
from bawwab.stores.redis import RedisState
from engines_kit import CLUSTER, REDIS, redis_state

NOW = 1_800_000_000.0
ROWS = {key(Bundle.OWNER, "a"): OWNER.fields, key(Bundle.RECIPIENT, "a"): RECIPIENT.fields}
CELLS, SETS = [key(Bundle.THROUGHPUT, name) for name in "ab"], [key(Bundle.REACHED, name) for name in "ab"]
FACTS = {
    key(Bundle.CONSENT, "a", "r", "marketing"): Consent(opted_in=True, category="marketing", at=NOW),
    key(Bundle.CLOSED, "a", "r"): Closed("rep", NOW),
    key(Bundle.INBOUND, "a", "r"): 5.5,
}
STEP = 25.1  # times that meet at the edges of the window, where rounding would show
RATE, WINDOW = Rate(3, 7.3), Window(4 * STEP, exact=3)

times = st.one_of(
    st.integers(-8, 8).map(lambda step: NOW + step * STEP),
    st.floats(-1_000.0, 1_000.0).map(lambda offset: NOW + offset),
)
amounts = st.lists(st.tuples(st.integers(0, 1), st.floats(-3.0, 3.0)), min_size=1, max_size=3)
members = st.sampled_from(["r1", "r2", "r3", "r4", "r5", "r6", "Größe", "\ud800"])
seconds = st.one_of(st.floats(0.1, 500.0), st.just(float("inf")))


def _call(name: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return st.tuples(st.just(name), st.fixed_dictionaries(arguments))


row = st.sampled_from(list(ROWS))
fact = st.sampled_from(list(FACTS))
operations = st.one_of(
    _call("row", key=row, now=times),
    _call("count", key=row, deltas=amounts, now=times),
    _call("hit", key=st.sampled_from(CELLS), rate=st.just(RATE), now=times),
    _call("test", key=st.sampled_from(CELLS), rate=st.just(RATE), now=times),
    _call("see", key=st.sampled_from(SETS), member=members, window=st.just(WINDOW), now=times),
    _call("seen", key=st.sampled_from(SETS), member=members, window=st.just(WINDOW), now=times),
    _call("seen_count", key=st.sampled_from(SETS), window=st.just(WINDOW), now=times),
    _call("seen_oldest", key=st.sampled_from(SETS), window=st.just(WINDOW), now=times),
    _call("unsee", key=st.sampled_from(SETS)),
    _call("fact", key=fact, now=times),
    _call("put", key=fact, now=times, ttl=seconds, stamp=st.one_of(st.none(), times)),
    _call("put_new", key=fact, now=times, ttl=seconds),
    _call("forget", key=st.one_of(row, fact, st.sampled_from(CELLS))),
)


def do(store: StateStore, name: str, arguments: dict[str, Any]) -> Any:
    given_too: dict[str, Any] = {}
    if name == "count":
        given_too["fields"] = ROWS[arguments["key"]]
    if name in {"put", "put_new"}:
        given_too["value"] = FACTS[arguments["key"]]
    return getattr(store, name)(**arguments, **given_too)


@functools.cache
def reached(variable: str) -> RedisState:
    return redis_state(variable)


@pytest.mark.parametrize("variable", [REDIS, CLUSTER])
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sequence=st.lists(operations, max_size=40))
def test_any_sequence_of_verbs_is_answered_alike(variable: str, sequence: list[Any]) -> None:
    redis, memory = reached(variable), MemoryState()
    for held in (*ROWS, *CELLS, *SETS, *FACTS):
        redis.forget(held)
    for name, arguments in sequence:
        assert do(redis, name, arguments) == do(memory, name, arguments), name


@pytest.mark.parametrize("variable", [REDIS, CLUSTER])
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sequence=st.lists(operations, max_size=40))
def test_a_state_that_was_loaded_is_answered_alike(variable: str, sequence: list[Any]) -> None:
    redis, memory = redis_state(variable), MemoryState()
    for name, arguments in sequence:
        do(memory, name, arguments)
    with contextlib.closing(redis.link):
        redis.load(memory.dump(), now=NOW, kept=WINDOW.seconds)
        for name, arguments in sequence:
            if name in {"row", "test", "seen", "seen_count", "seen_oldest", "fact"}:
                assert do(redis, name, arguments) == do(memory, name, arguments), name
        redis.link.drop_all()
        assert all(redis.fact(held, now=NOW) is None for held in FACTS)
