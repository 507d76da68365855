"""While Redis is gone, slow or empty the policy answers, nothing is lost, and all is well afterwards."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bawwab.core.errors import ConfigurationError
from bawwab.core.policy import default_policy
from bawwab.service.shared import Rebuilder, open_shared
from bawwab.stores.redis import link as way
from bawwab.stores.redis.link import open_link
from bawwab.stores.redis.verbs import SCRIPTS
from bawwab.stores.sql import SqlLog
from engines_kit import engine, redis_url
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


def test_a_slow_redis_costs_no_more_than_its_deadline(
    shared: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = way.Link._send

    def slowly(self: way.Link, commands: Any) -> Any:
        clock.now += 0.5
        return send(self, commands)

    monkeypatch.setattr(way.Link, "_send", slowly)
    before = clock.now
    assert codes(shared.score()) == ["STATE_UNAVAILABLE"]
    assert clock.now - before <= 1.5


class TestAnEmptyRedis:
    def empty(self, service: Service) -> Rebuilder:
        assert service.shared is not None
        rebuilder = service.shared.rebuilder
        rebuilder.turns._link.drop_all()
        return rebuilder

    def test_nobody_decides_on_it(self, shared: Service) -> None:
        shared.score()
        self.empty(shared)
        assert codes(shared.score()) == ["STATE_UNAVAILABLE"]
        assert shared.post("/v1/reports", REPORT).status_code == 503

    def test_opt_outs_blocks_and_limits_come_back_from_the_log(self, shared: Service) -> None:
        shared.score()
        shared.post("/v1/reports", REPORT)
        shared.post("/v1/events", {"sender_id": "shop", "recipient_id": "r2", "kind": "opted_out"})
        self.empty(shared).make_whole()
        assert codes(shared.score(recipient_id="r1"))[0] == "RECIPIENT_BLOCKED"
        refused = shared.score(recipient_id="r2", category="marketing", opted_in=True)
        assert codes(refused)[0] == "RECIPIENT_OPTED_OUT"
        assert shared.score()["limit"]["remaining"] == 248


def test_a_log_is_folded_once_into_a_state_that_is_whole(shared: Service) -> None:
    shared.score()
    assert shared.shared is not None
    assert shared.shared.rebuilder.make_whole() is False
    assert shared.score()["limit"]["remaining"] == 248


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
