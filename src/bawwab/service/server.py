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
from bawwab.core.model.model import Model
from bawwab.core.policy import Policy
from bawwab.gate import Gate
from bawwab.service.app import create_app
from bawwab.service.background import ChampionFollower, Housekeeping, Snapshots, background
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
from bawwab.service.settings import Settings, read_policy, unknown_variables
from bawwab.service.trail import NAME, Trail
from bawwab.stores.ledger import drop_old
from bawwab.stores.memory import MemoryState
from bawwab.stores.models import CHAMPION, load_champion, load_version
from bawwab.stores.sql import SqlLog

_GRACE = 10  # seconds for requests under way when told to stop
_BACKLOG = 2048


class Running(NamedTuple):
    """The parts of a server."""

    entrance: Entrance
    log: SqlLog
    state: MemoryState
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
        running = assemble(settings, stack)
        listener = stack.enter_context(_bind(settings.host, settings.port))
        app = application(running, announce=lambda: _announce(running, listener))
        config = uvicorn.Config(
            app,
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
        _outlive_signals()
        uvicorn.Server(config).run(sockets=[listener])


def _outlive_signals() -> None:
    """Let the log be closed: uvicorn raises the signal that stopped it again once it has stopped."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)


def assemble(settings: Settings, stack: ExitStack) -> Running:
    """Open everything; ``stack`` closes it."""
    policy = read_policy(settings.policy)
    home = Home(settings.home)
    stack.callback(home.close)
    guard = _guard(settings)
    model = load_champion(settings.models)
    try:
        log = SqlLog(settings.log_url)
    except StoreError as error:
        raise ConfigurationError(f"BAWWAB_LOG: {error}") from error
    stack.callback(log.close)
    pseudonyms = recognise(settings.secret_path, log.engine)
    recovered = recover(log, home.snapshot, policy)
    gate = Gate(state=recovered.state, journal=log, policy=policy, model=model, keep_text=settings.keep_text)
    entrance = Entrance(
        gate=gate,
        log=log,
        clock=_clock(settings, policy, recovered.clock),
        pseudonyms=pseudonyms,
        metrics=Metrics(),
        keys=lambda: sum(recovered.state.sizes.values()),
    )
    _watch(entrance, log, recovered.state)
    return Running(entrance, log, recovered.state, home, settings, guard)


def application(running: Running, *, announce: Callable[[], None]) -> ASGIApp:
    """Build the web application, with what runs beside it."""
    entrance, models = running.entrance, running.settings.models
    snapshots = Snapshots(running.home.snapshot, running.state, entrance)
    follower = ChampionFollower(models / CHAMPION, lambda: load_champion(models), entrance)

    housekeeping = Housekeeping(
        running.state,
        snapshots,
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
        async with background(snapshots, follower, housekeeping):
            _settle_memory()
            announce()
            yield

    trail = Trail(running.home.path / NAME)
    forgetting = Forgetting(entrance, running.log, running.state, snapshots, trail)
    return create_app(
        entrance,
        guard=running.guard,
        forget=forgetting.forget,
        trail=trail,
        load_version=_version_loader(entrance, models),
        missing=entrance.missing,
        lifespan=lifespan,
    )


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


def _watch(entrance: Entrance, log: SqlLog, state: MemoryState) -> None:
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
