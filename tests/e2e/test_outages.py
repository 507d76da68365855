"""While Redis is gone, slow or empty the policy answers, nothing is lost, and all is well afterwards."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from contextvars import Context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from redis.exceptions import RedisClusterException
from sqlalchemy import delete

from bawwab.core.errors import ConfigurationError
from bawwab.core.events import Category
from bawwab.core.policy import default_policy
from bawwab.core.records import Decided
from bawwab.service.schemas import ScoreRequest
from bawwab.service.shared import open_shared
from bawwab.stores.redis import link as way
from bawwab.stores.redis.link import open_link
from bawwab.stores.redis.turns import ASKING, LAYOUT
from bawwab.stores.redis.verbs import SCRIPTS
from bawwab.stores.schema import records
from bawwab.stores.sql import SqlLog
from engines_kit import CLUSTER, engine, redis_url
from service_kit import Service, run_service

REPORT = {"sender_id": "shop", "recipient_id": "r1", "reason": "block"}


class Proxy:
    """Stands between the service and Redis; passes bytes on, swallows them, or breaks connections."""

    def __init__(self, host: str, port: int) -> None:
        self._target, self._loop = (host, port), asyncio.new_event_loop()
        self._writers: list[asyncio.StreamWriter] = []
        self.passing = True
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]

    def swallow(self) -> None:
        """Take what comes and answer nothing."""
        self.passing = False

    def cut(self) -> None:
        """Break every connection and refuse new ones."""

        async def cut() -> None:
            self._server.close()
            for writer in self._writers:
                writer.close()

        self._run(cut())

    def mend(self) -> None:
        self.passing = True
        if not self._server.is_serving():
            self._server = self._run(asyncio.start_server(self._serve, "127.0.0.1", self.port))

    def close(self) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._target)
        self._writers += [writer, back]
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while content := await reader.read(65_536):
                if self.passing:
                    writer.write(content)
                    await writer.drain()
        writer.close()


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    parts = urlsplit(engine("BAWWAB_TEST_REDIS"))
    proxy = Proxy(str(parts.hostname), parts.port or 6379)
    yield proxy
    proxy.close()


class Clock:
    """The link's clock: the pause after a failure passes when the test says so."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock, made = Clock(), way.Link.__init__

    def with_clock(self: way.Link, *given: Any, **named: Any) -> None:
        made(self, *given, **{**named, "read": clock})

    monkeypatch.setattr(way.Link, "__init__", with_clock)
    return clock


@pytest.fixture
def shared(proxy: Proxy, clock: Clock, tmp_path: Path) -> Iterator[Service]:
    """A service whose state is in Redis, behind the proxy."""
    del clock  # it is set first
    namespace = redis_url().partition("?")[2]
    with run_service(tmp_path, state_url=f"redis://127.0.0.1:{proxy.port}/0?{namespace}") as service:
        yield service


def codes(decision: Any) -> list[str]:
    return [reason["code"] for reason in decision["reasons"]]


@pytest.mark.parametrize("how", ["cut", "swallow"])
class TestWithoutRedis:
    def test_each_category_fails_as_declared(self, shared: Service, proxy: Proxy, how: str) -> None:
        shared.score()
        getattr(proxy, how)()
        for category, verdict in (("utility", "allow"), ("marketing", "throttle")):
            decision = shared.score(category=category, opted_in=True)
            assert (decision["verdict"], decision["degraded"]) == (verdict, True)
            assert codes(decision) == ["STATE_UNAVAILABLE"]

    def test_failing_open_has_a_hard_cap(self, shared: Service, proxy: Proxy, how: str) -> None:
        getattr(proxy, how)()
        cap = default_policy().fail.open_burst
        verdicts = [shared.score()["verdict"] for _ in range(cap + 1)]
        assert verdicts == ["allow"] * cap + ["throttle"]

    def test_a_dry_run_is_answered_too(self, shared: Service, proxy: Proxy, how: str) -> None:
        getattr(proxy, how)()
        assert shared.score(dry_run=True)["degraded"] is True

    def test_feedback_is_refused_and_taken_again(
        self, shared: Service, proxy: Proxy, clock: Clock, how: str
    ) -> None:
        getattr(proxy, how)()
        answer = shared.post("/v1/reports", REPORT)
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        assert list(shared.log.read()) == []
        proxy.mend()
        clock.now += way.PAUSE
        assert shared.post("/v1/reports", REPORT).status_code == 202
        assert codes(shared.score(recipient_id="r1")) == ["RECIPIENT_BLOCKED"]

    def test_it_recovers_with_what_it_knew(
        self, shared: Service, proxy: Proxy, clock: Clock, how: str
    ) -> None:
        shared.score()
        getattr(proxy, how)()
        shared.score()
        proxy.mend()
        clock.now += way.PAUSE
        decision = shared.score()
        assert (decision["degraded"], decision["limit"]["remaining"]) == (False, 248)


@pytest.fixture
def slow(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let every round trip of several commands take so many seconds."""
    send = way.Link._send

    def slow(seconds: float) -> None:
        def send_slowly(self: way.Link, commands: Any) -> Any:
            clock.now += seconds
            return send(self, commands)

        monkeypatch.setattr(way.Link, "_send", send_slowly)

    return slow


def test_a_slow_redis_costs_no_more_than_its_deadline(
    shared: Service, clock: Clock, slow: Callable[[float], None]
) -> None:
    slow(ASKING + 0.1)
    before = clock.now
    assert codes(shared.score()) == ["STATE_UNAVAILABLE"]
    assert clock.now - before <= 2 * ASKING


def test_what_is_decided_in_time_is_counted_however_slow_that_is(
    shared: Service, slow: Callable[[float], None]
) -> None:
    slow(ASKING - 0.1)
    assert shared.score()["degraded"] is False
    slow(0.0)
    assert shared.client.get("/v1/senders/shop").json()["limit"]["remaining"] == 249


def empty(service: Service) -> None:
    service.shared.state.link.drop_all()


class TestAnEmptyRedis:
    def test_nobody_decides_on_it(self, shared: Service) -> None:
        shared.score()
        empty(shared)
        assert codes(shared.score()) == ["STATE_UNAVAILABLE"]
        assert shared.score(dry_run=True)["degraded"] is True
        assert shared.post("/v1/reports", REPORT).status_code == 503
        assert shared.client.get("/v1/senders/shop").status_code == 503

    def test_the_second_look_brings_back_opt_outs_blocks_and_limits(self, shared: Service) -> None:
        shared.score()
        shared.post("/v1/reports", REPORT)
        shared.post("/v1/events", {"sender_id": "shop", "recipient_id": "r2", "kind": "opted_out"})
        empty(shared)
        shared.look()
        assert shared.client.get("/readyz").json()["missing"] == ["the state is being rebuilt from the log"]
        shared.look()
        assert shared.client.get("/readyz").status_code == 200
        assert codes(shared.score(recipient_id="r1"))[0] == "RECIPIENT_BLOCKED"
        refused = shared.score(recipient_id="r2", category="marketing", opted_in=True)
        assert codes(refused)[0] == "RECIPIENT_OPTED_OUT"
        assert shared.score()["limit"]["remaining"] == 248


def test_readiness_tells_that_redis_is_gone_and_that_it_is_back(
    shared: Service, proxy: Proxy, clock: Clock
) -> None:
    proxy.cut()
    shared.look()
    answer = shared.client.get("/readyz")
    assert answer.status_code == 503
    assert "the state does not answer" in answer.json()["missing"][0]
    proxy.mend()
    clock.now += way.PAUSE
    shared.look()
    assert shared.client.get("/readyz").status_code == 200


@contextlib.contextmanager
def redis_gone_once_logged(shared: Service, proxy: Proxy, clock: Clock) -> Iterator[None]:
    """Redis goes between a record's way into the log and the change of the state, and comes back."""
    append = shared.log.append

    def append_and_cut(record: Any) -> None:
        append(record)
        proxy.cut()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shared.log, "append", append_and_cut)
        yield
    proxy.mend()
    clock.now += way.PAUSE


def test_what_was_logged_when_redis_went_is_counted_when_it_is_back(
    shared: Service, proxy: Proxy, clock: Clock
) -> None:
    with redis_gone_once_logged(shared, proxy, clock):
        assert shared.score()["degraded"] is False
    assert shared.score()["limit"]["remaining"] == 248


def test_what_was_logged_when_redis_went_is_not_counted_twice_by_a_rebuild(
    shared: Service, proxy: Proxy, clock: Clock
) -> None:
    with redis_gone_once_logged(shared, proxy, clock):
        shared.score(sender_id="a", recipient_id="r1")
    shared.log.flush()
    empty(shared)
    shared.look()
    shared.look()
    shared.score(sender_id="a", recipient_id="r2")
    assert shared.client.get("/v1/senders/a").json()["complaint_rate"]["messages"] == pytest.approx(2.0)


def test_a_log_is_folded_once_into_a_state_that_is_whole(shared: Service) -> None:
    shared.score()
    shared.shared.rebuilder.make_whole()
    assert shared.score()["limit"]["remaining"] == 248


def test_a_decision_whose_turn_ran_out_is_not_made(shared: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    shared.score()
    decide = shared.entrance.gate.decide

    def decide_for_long(*given: Any, **named: Any) -> Any:
        decided = decide(*given, **named)
        link = shared.shared.state.link
        link.client.delete(*link.client.scan_iter(match=f"{link.namespace}:{{turn*}}:*:shop"))
        return decided

    monkeypatch.setattr(shared.entrance.gate, "decide", decide_for_long)
    assert codes(shared.score()) == ["STATE_UNAVAILABLE"]
    assert len(list(shared.log.read())) == 1


def test_an_appeal_that_waits_for_its_log_slows_nobody(
    shared: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared.post("/v1/reports", REPORT)
    refused = shared.score(recipient_id="r1")
    decisions = []

    async def wait() -> None:
        clock.now += 10.0
        request = ScoreRequest(**{**shared.message(), "category": Category.UTILITY})
        decisions.append(await asyncio.create_task(shared.entrance.score(request), context=Context()))

    monkeypatch.setattr(shared.entrance, "durable", wait)
    assert shared.post("/v1/appeals", {"decision_id": refused["decision_id"]}).status_code == 201
    assert decisions[0].degraded is False


def test_a_cluster_that_lost_a_master_is_filled_anew(tmp_path: Path) -> None:
    with run_service(tmp_path, state_url=redis_url(CLUSTER)) as service:
        service.post("/v1/reports", REPORT)
        service.score()
        client, namespace = service.shared.state.link.client, service.shared.state.link.namespace
        node = client.get_primaries()[0]
        lost = list(client.scan_iter(match=f"{namespace}:*", target_nodes=node))
        for name in lost:
            client.delete(name)
        assert lost
        service.look()
        assert service.client.get("/readyz").status_code == 503
        service.look()
        assert codes(service.score(recipient_id="r1")) == ["RECIPIENT_BLOCKED"]
        assert service.score()["limit"]["remaining"] == 248


def test_a_cluster_without_a_node_that_answers_is_an_outage_too(
    shared: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_none(*_: Any, **__: Any) -> Any:
        raise RedisClusterException("no node answers")

    monkeypatch.setattr(shared.shared.state.link.client, "execute_command", find_none)
    assert codes(shared.score()) == ["STATE_UNAVAILABLE"]


class TestWhoseStateItIs:
    def test_a_state_that_follows_another_log_is_refused(self, tmp_path: Path) -> None:
        url = redis_url()
        (tmp_path / "one").mkdir()
        with run_service(tmp_path / "one", state_url=url):
            pass
        (tmp_path / "two").mkdir()
        with (
            pytest.raises(ConfigurationError, match="follows another log"),
            run_service(tmp_path / "two", state_url=url),
        ):
            pass

    def test_one_of_another_version_is_filled_anew_at_the_start_alone(
        self, shared: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shared.score()
        turns = shared.shared.rebuilder.turns
        monkeypatch.setattr(turns, "_ours", turns._ours.replace(LAYOUT, "newer"))
        shared.look()
        shared.look()
        assert "another version" in shared.client.get("/readyz").json()["missing"][0]
        assert shared.score()["degraded"] is False  # theirs is whole
        shared.shared.rebuilder.make_whole()
        assert codes(shared.score()) == ["STATE_UNAVAILABLE"]


class TestAProcessThatDies:
    def test_the_log_gets_what_only_redis_knew(self, shared: Service) -> None:
        shared.score()
        shared.log.flush()
        lost = shared.score()
        died_with(shared, lost)
        for _ in range(3):
            shared.look()
        again = [r.decision.decision_id for _, r in shared.log.read() if isinstance(r, Decided)]
        assert again[-1] == lost["decision_id"]
        assert len(again) == 2
        assert shared.shared.rebuilder.outboxes.names() == [shared.shared.journal.name]

    def test_one_that_lives_is_left_its_own(self, shared: Service) -> None:
        lost = shared.score()
        died_with(shared, lost, lives=True)
        for _ in range(5):
            shared.look()
        assert list(shared.log.read()) == []

    def test_a_rebuild_counts_it_too(self, shared: Service) -> None:
        died_with(shared, shared.score())
        shared.shared.rebuilder.rebuild()
        assert shared.score()["limit"]["remaining"] == 248


def died_with(service: Service, decision: Any, *, lives: bool = False) -> None:
    """Leave the state as a process does that dies before its log has written this decision."""
    service.log.flush()
    with service.log.engine.begin() as connection:
        connection.execute(delete(records).where(records.c.decision_id == decision["decision_id"]))
    link, own = service.shared.state.link, service.shared.journal.name
    link.client.rename(f"{link.namespace}!outbox:{own}", f"{link.namespace}!outbox:other")
    link.client.sadd(f"{link.namespace}!processes", "other")
    if lives:
        link.client.set(f"{link.namespace}!alive:other", 1)


def test_a_server_that_drops_keys_when_full_is_refused(tmp_path: Path) -> None:
    url = redis_url()
    link = open_link(url, SCRIPTS)
    log = SqlLog(f"sqlite:///{tmp_path / 'log.sqlite'}")
    link.client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        with contextlib.ExitStack() as stack, pytest.raises(ConfigurationError, match="opt-outs too"):
            open_shared(url, default_policy(), log, stack)
    finally:
        link.client.config_set("maxmemory-policy", "noeviction")
        link.close()
        log.close()
