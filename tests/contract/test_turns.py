"""A turn is one process's at a time, ends by itself, and is not to be had where the state is not whole."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bawwab.core.errors import StoreError
from bawwab.stores.redis import turns as module
from bawwab.stores.redis.link import Link
from bawwab.stores.redis.turns import RedisTurns, Whole
from engines_kit import CLUSTER, REDIS, redis_state

NAMES = [f"owner{number}" for number in range(20)]  # in several slots


@pytest.fixture(params=[REDIS, CLUSTER], ids=["redis", "cluster"])
def link(request: pytest.FixtureRequest) -> Link:
    return redis_state(request.param).link


@pytest.fixture
def one(link: Link) -> RedisTurns:
    turns = RedisTurns(link, "log")
    turns.mark()
    return turns


@pytest.fixture
def other(link: Link) -> RedisTurns:
    """Another process."""
    return RedisTurns(link, "log", read=Impatient())


class Impatient:
    """A clock by which a turn is waited for in vain after the second look."""

    now = 0.0

    def __call__(self) -> float:
        self.now += 3.0
        return self.now


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(work())


def test_while_one_has_it_no_other_does(link: Link, one: RedisTurns, other: RedisTurns) -> None:
    third = RedisTurns(link, "log")

    async def work() -> None:
        async with one.take(lambda: NAMES):
            with pytest.raises(StoreError, match="too long"):
                async with other.take(lambda: NAMES[-1:]):
                    pass
        async with third.take(lambda: NAMES):
            third.confirm()

    run(work)


def test_within_a_process_they_queue_up(one: RedisTurns) -> None:
    order = []

    async def decide(number: int) -> None:
        async with one.take(lambda: ["shop"]):
            order.append((number, "begins"))
            await asyncio.sleep(0)
            order.append((number, "ends"))

    async def work() -> None:
        await asyncio.gather(*map(decide, range(5)))

    run(work)
    assert order == [(number, what) for number in range(5) for what in ("begins", "ends")]


def test_names_are_asked_for_again_once_they_are_held(one: RedisTurns, other: RedisTurns) -> None:
    owners = iter(["shop", "group", "group"])

    async def work() -> None:
        async with one.take(lambda: [next(owners)]):
            async with other.take(lambda: ["shop"]):
                pass
            with pytest.raises(StoreError, match="too long"):
                async with other.take(lambda: ["group"]):
                    pass

    run(work)


def test_one_that_has_run_out_cannot_be_confirmed(
    one: RedisTurns, other: RedisTurns, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        monkeypatch.setattr(module, "LEASE", 0.001)
        async with one.take(lambda: ["shop"]):
            monkeypatch.undo()
            while not other._take("shop", "other"):
                pass  # it ends by itself
            with pytest.raises(StoreError, match="run out"):
                one.confirm()
        assert not other._take("shop", "third")  # nor is another's given back

    run(work)


def test_one_that_is_confirmed_lasts(link: Link, one: RedisTurns, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        monkeypatch.setattr(module, "LEASE", 1.0)
        async with one.take(lambda: ["shop"]):
            monkeypatch.setattr(module, "LEASE", 100.0)
            one.confirm()
            [turn] = link.client.scan_iter(match=f"{link.namespace}:*:shop")
            assert link.client.pttl(turn) > 10_000

    run(work)


def test_who_asked_first_is_next(one: RedisTurns, other: RedisTurns) -> None:
    assert one._take("shop", "first")
    assert not other._take("shop", "second")
    one._give(["shop"], "first")
    assert not one._take("shop", "third")
    assert other._take("shop", "second")


def test_without_every_mark_there_is_no_turn(link: Link, one: RedisTurns) -> None:
    async def work() -> None:
        async with one.take(lambda: NAMES):
            pass

    for mark in link.client.scan_iter(match=f"{link.namespace}:*:whole"):
        link.client.delete(mark)
        assert one.look() is Whole.BROKEN
    with pytest.raises(StoreError, match="rebuilt"):
        run(work)


def test_marks_of_two_fillings_are_of_none(link: Link, one: RedisTurns) -> None:
    mark = next(iter(link.client.scan_iter(match=f"{link.namespace}:*:whole")))
    link.client.set(mark, link.client.get(mark) + b"x")
    assert one.look() is Whole.BROKEN


def test_whose_filling_it_is_is_told(link: Link, one: RedisTurns, monkeypatch: pytest.MonkeyPatch) -> None:
    assert one.look() is Whole.OURS
    assert RedisTurns(link, "log2").look() is Whole.FOREIGN
    monkeypatch.setattr(module, "LAYOUT", "newer")
    assert RedisTurns(link, "log").look() is Whole.OLD
