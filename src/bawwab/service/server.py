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
from typing import NamedTuple

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from bawwab.core.errors import ConfigurationError, StoreError
from bawwab.core.journal import Journal
from bawwab.core.model.model import Model
from bawwab.core.policy import Policy
from bawwab.gate import Gate
from bawwab.service.app import create_app
from bawwab.service.background import ChampionFollower, Housekeeping, Keeper, Snapshots, Sweep, background
from bawwab.service.clock import Clock, EventClock, WallClock
from bawwab.service.entrance import Entrance, NoTurns, Turns
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
from bawwab.service.shared import Shared, SharedForgetting, SharedKeeper, nothing_to_sweep, open_shared
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
    kept: MemoryState | Shared
    home: Home
    settings: Settings
    guard: KeyGuard


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
        if settings.workers == 1:
            work(settings, home)
        else:
            listener = stack.enter_context(_bind(settings.host, settings.port))
            supervise(settings.workers, lambda worker: work(settings, home, listener, worker))


def work(
    settings: Settings, home: Home, listener: socket.socket | None = None, worker: Worker | None = None
) -> None:
    """Serve in this process; without a listener, on a port that is taken once everything is there."""
    with ExitStack() as stack:
        running = assemble(settings, stack, home)
        listener = listener or stack.enter_context(_bind(settings.host, settings.port))

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


def assemble(settings: Settings, stack: ExitStack, home: Home) -> Running:
    """Open everything; ``stack`` closes it."""
    policy = read_policy(settings.policy)
    guard = _guard(settings)
    model = load_champion(settings.models)
    try:
        log = SqlLog(settings.log_url, shared=settings.shares_state)
    except StoreError as error:
        raise ConfigurationError(f"BAWWAB_LOG: {error}") from error
    stack.callback(log.close)
    pseudonyms = recognise(settings.secret_path, log.engine)
    kept: MemoryState | Shared
    state: MemoryState | RedisState
    journal: Journal
    turns: Turns
    if settings.shares_state:
        kept, at = open_shared(settings.state, policy, log, stack), None
        state, journal, turns = kept.state, kept.journal, kept.turns
    else:
        kept, at, _ = recover(log, home.snapshot, policy)
        state, journal, turns = kept, log, NoTurns()
    gate = Gate(
        state=state,
        journal=journal,
        policy=policy,
        model=model,
        keep_text=settings.keep_text,
        confirm=turns.confirm,
    )
    entrance = Entrance(
        gate=gate,
        log=log,
        clock=_clock(settings, policy, at),
        pseudonyms=pseudonyms,
        metrics=Metrics(),
        turns=turns,
        keys=lambda: sum(state.sizes.values()),
    )
    _watch(entrance, log, state)
    return Running(entrance, log, kept, home, settings, guard)


def application(running: Running, *, announce: Callable[[], None]) -> ASGIApp:
    """Build the web application, with what runs beside it."""
    entrance, models = running.entrance, running.settings.models
    trail = Trail(running.home.path / NAME)
    upkeep = _upkeep(running, trail)
    follower = ChampionFollower(models / CHAMPION, lambda: load_champion(models), entrance)

    housekeeping = Housekeeping(
        upkeep.sweep,
        upkeep.keeper,
        entrance,
        lambda before, through: drop_old(running.log.engine, before=before, through=through),
    )
    entrance.metrics.watch(
        "bawwab_champion_refused",
        "1 while the version that the pointer names was refused",
        lambda: bool(follower.refused),
    )
    entrance.metrics.watch(
        "bawwab_degraded",
        "1 while decisions are degraded: something is missing, as /readyz tells",
        lambda: bool(upkeep.missing()),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with background(upkeep.keeper, follower, housekeeping):
            _settle_memory()
            announce()
            yield

    return create_app(
        entrance,
        guard=running.guard,
        forget=upkeep.forget,
        trail=trail,
        load_version=_version_loader(entrance, models),
        missing=upkeep.missing,
        lifespan=lifespan,
    )


class _Upkeep(NamedTuple):
    """What is done for a state, wherever it is kept."""

    keeper: Keeper
    sweep: Sweep
    forget: Forget
    missing: Missing


def _upkeep(running: Running, trail: Trail) -> _Upkeep:
    entrance, log, kept = running.entrance, running.log, running.kept
    if isinstance(kept, Shared):
        keeper = SharedKeeper(kept, entrance, log)
        forget = SharedForgetting(entrance, log, kept, trail).forget
        return _Upkeep(keeper, nothing_to_sweep, forget, lambda: (*entrance.missing(), *keeper.missing))
    snapshots = Snapshots(running.home.snapshot, kept, entrance)
    forgetting = Forgetting(entrance, log, kept, snapshots, trail)
    return _Upkeep(snapshots, kept.sweep, forgetting.forget, entrance.missing)


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
    """Spare the garbage collector what lives as long as the server: it is slow to walk."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
