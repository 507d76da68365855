"""From settings to a running server, and back to nothing; every refusal comes before the first answer."""

import gc
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from bawwab.core.errors import ConfigurationError, StoreError
from bawwab.core.model.model import Model
from bawwab.core.policy import Policy
from bawwab.gate import Gate
from bawwab.service.app import create_app
from bawwab.service.background import ChampionFollower, Housekeeping, Keeper, Snapshots, background
from bawwab.service.clock import Clock, EventClock, WallClock
from bawwab.service.entrance import Entrance
from bawwab.service.forgetting import Forgetting
from bawwab.service.guard import KeyGuard
from bawwab.service.home import Home
from bawwab.service.keys import KeyRing, KnownKeys
from bawwab.service.logs import configure_logs
from bawwab.service.metrics import Metrics
from bawwab.service.pseudonyms import recognise
from bawwab.service.recovery import recover
from bawwab.service.routes.forgetting import Forget
from bawwab.service.routes.upkeep import Missing
from bawwab.service.settings import Settings, read_policy, unknown_variables
from bawwab.service.shared import Shared, SharedForgetting, SharedKeeper, open_shared
from bawwab.service.trail import NAME, Trail
from bawwab.service.workers import Worker, supervise
from bawwab.stores.ledger import drop_old
from bawwab.stores.memory import MemoryState
from bawwab.stores.models import CHAMPION, load_champion, load_version
from bawwab.stores.redis import RedisState
from bawwab.stores.sql import SqlLog

_GRACE = 10  # seconds for requests under way when told to stop
_BACKLOG = 2048


class Running(NamedTuple):
    """The parts of a server."""

    entrance: Entrance
    log: SqlLog
    state: MemoryState | RedisState
    home: Home
    settings: Settings
    guard: KeyGuard
    shared: Shared | None


def serve(settings: Settings) -> None:
    """Serve until told to stop.

    Raises
    ------
    ConfigurationError, ModelError, StoreError
        It cannot start with what it was given.
    """
    os.umask(0o077)
    configure_logs()
    with ExitStack() as stack:
        home = Home(settings.home)
        stack.callback(home.close)
        listener = stack.enter_context(_bind(settings.host, settings.port))
        if settings.workers == 1:
            work(settings, home, listener)
        else:
            supervise(settings.workers, lambda worker: work(settings, home, listener, worker))


def work(settings: Settings, home: Home, listener: socket.socket, worker: Worker | None = None) -> None:
    """Serve in this process."""
    with ExitStack() as stack:
        running = assemble(settings, stack, home)

        def announce() -> None:
            if worker is None or worker.announces:
                _announce(running, listener)
            if worker is not None:
                worker.ready()

        config = uvicorn.Config(
            application(running, announce=announce),
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
        )
        server = uvicorn.Server(config)
        for number in (signal.SIGTERM, signal.SIGINT):
            # One that comes before uvicorn listens counts; one raised again at its end hurts nothing.
            signal.signal(number, server.handle_exit)
        server.run(sockets=[listener])


def assemble(settings: Settings, stack: ExitStack, home: Home | None = None) -> Running:
    """Open everything; ``stack`` closes it."""
    policy = read_policy(settings.policy)
    if home is None:
        home = Home(settings.home)
        stack.callback(home.close)
    guard = _guard(settings)
    model = load_champion(settings.models)
    try:
        log = SqlLog(settings.log_url, shared=settings.shares_state)
    except StoreError as error:
        raise ConfigurationError(f"BAWWAB_LOG: {error}") from error
    stack.callback(log.close)
    pseudonyms = recognise(settings.secret_path, log.engine)
    shared = open_shared(settings.state, policy, log, stack) if settings.shares_state else None
    state: MemoryState | RedisState
    if shared is None:
        recovered = recover(log, home.snapshot, policy)
        state, clock = recovered.state, _clock(settings, policy, recovered.clock)
    else:
        state, clock = shared.state, _clock(settings, policy, None)
    gate = Gate(
        state=state,
        journal=log if shared is None else shared.journal,
        policy=policy,
        model=model,
        keep_text=settings.keep_text,
        confirm=_agree if shared is None else shared.turns.confirm,
    )
    entrance = Entrance(
        gate=gate,
        log=log,
        clock=clock,
        pseudonyms=pseudonyms,
        metrics=Metrics(),
        turns=None if shared is None else shared.turns,
        keys=lambda: sum(state.sizes.values()),
    )
    _watch(entrance, log, state)
    return Running(entrance, log, state, home, settings, guard, shared)


def _agree() -> None:
    """Nothing stands in the way of a commit where one process decides."""


def application(running: Running, *, announce: Callable[[], None]) -> ASGIApp:
    """Build the web application, with what runs beside it."""
    entrance, models = running.entrance, running.settings.models
    trail = Trail(running.home.path / NAME)
    keeper, forget, missing = _upkeep(running, trail)
    follower = ChampionFollower(models / CHAMPION, lambda: load_champion(models), entrance)

    housekeeping = Housekeeping(
        running.state,
        keeper,
        entrance,
        lambda before, through: drop_old(running.log.engine, before=before, through=through),
    )
    entrance.metrics.watch(
        "bawwab_champion_refused",
        "1 while the version that the pointer names was refused",
        lambda: bool(follower.refused),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with background(keeper, follower, housekeeping):
            _settle_memory()
            announce()
            yield

    return create_app(
        entrance,
        guard=running.guard,
        forget=forget,
        trail=trail,
        load_version=_version_loader(entrance, models),
        missing=missing,
        lifespan=lifespan,
    )


def _upkeep(running: Running, trail: Trail) -> tuple[Keeper, Forget, Missing]:
    """What keeps the state, what erases from it, and what tells what is missing."""
    entrance, log, shared = running.entrance, running.log, running.shared
    if shared is not None:
        watch = SharedKeeper(shared, entrance.gate)
        return (
            watch,
            SharedForgetting(entrance, log, shared, trail).forget,
            lambda: (*entrance.missing(), *watch.missing),
        )
    state: Any = running.state  # it is in memory
    snapshots = Snapshots(running.home.snapshot, state, entrance)
    return snapshots, Forgetting(entrance, log, state, snapshots, trail).forget, entrance.missing


def _guard(settings: Settings) -> KeyGuard:
    ring = KeyRing(settings.home)
    if not settings.is_loopback and all(key.revoked_at is not None for key in ring.keys()):  # noqa: SIM118
        raise ConfigurationError(
            f"BAWWAB_REQUIRE_KEY: {settings.host} can be reached by others and there is no key; "
            "make one (bawwab keys create --scope score) or bind to 127.0.0.1"
        )
    known = KnownKeys(ring, read=time.monotonic)
    return KeyGuard(
        known,
        required=settings.needs_key,
        local_only=settings.require_key is None,
        quota=settings.quota,
        read=time.monotonic,
    )


def _clock(settings: Settings, policy: Policy, at: float | None) -> Clock:
    if settings.clock == "event":
        return EventClock(max_step=settings.clock_max_step, at=at)
    return WallClock(max_ahead=policy.clock.max_ahead)


def _version_loader(entrance: Entrance, models: Path) -> Callable[[str], Model]:
    @lru_cache(maxsize=4)
    def stored(version: str) -> Model:
        return load_version(models, version)

    def load(version: str) -> Model:
        served = entrance.gate.model
        return served if served is not None and served.name.version == version else stored(version)

    return load


def _watch(entrance: Entrance, log: SqlLog, state: MemoryState | RedisState) -> None:
    metrics, gate = entrance.metrics, entrance.gate
    metrics.watch("bawwab_log_lag_seconds", "For how long records have waited for the log", lambda: log.lag)
    metrics.watch("bawwab_log_room", "Records that the log would still take", lambda: log.room)
    metrics.split("bawwab_state_keys", "Keys in the state", "primitive", lambda: state.sizes)
    metrics.watch(
        "bawwab_degraded",
        "1 while decisions are degraded: something is missing, as /readyz tells",
        lambda: bool(entrance.missing()),
    )
    metrics.watch("bawwab_log_waiting", "Records that wait for the log", lambda: log.waiting)
    metrics.watch("bawwab_log_failing", "1 while the log cannot be written", lambda: log.failure is not None)
    metrics.watch("bawwab_log_records", "Records taken, ever", lambda: log.appended)
    metrics.name(
        "bawwab_model",
        "The model that answers",
        lambda: {"version": "", "digest": ""} if gate.model is None else _named(gate.model),
    )
    metrics.name("bawwab_policy", "The policy in force", lambda: {"version": gate.policy.version})


def _named(model: Model) -> dict[str, str]:
    return {"version": model.name.version, "digest": model.name.digest}


def _bind(host: str, port: int) -> socket.socket:
    """Take the port, before anything else can."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        raise ConfigurationError(f"cannot listen on {host} port {port}: {error.strerror}") from error
    return listener


def _announce(running: Running, listener: socket.socket) -> None:
    log = structlog.get_logger("bawwab")
    for name in unknown_variables():
        log.warning("no such setting; misspelt?", variable=name)
    address, port = listener.getsockname()[:2]
    host = f"[{address}]" if ":" in address else address
    model = running.entrance.gate.model
    log.info(
        "listening",
        url=f"http://{host}:{port}",
        model="" if model is None else model.name.version,
        policy=running.entrance.gate.policy.version,
        home=str(running.home.path),
    )


def _settle_memory() -> None:
    """Spare the garbage collector what lives as long as the server; METHODS §10: p99 25 to 16 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
