"""A whole service in the process: real log, real state, a model one can follow by hand."""

import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from starlette.testclient import TestClient

from bawwab.core.decisions import ModelName
from bawwab.core.errors import ModelError
from bawwab.core.model.model import Model
from bawwab.core.policy import Policy, default_policy
from bawwab.core.signals import CATALOGUE_DIGEST, NAMES
from bawwab.core.text import ngrams
from bawwab.core.text.views import VIEWS, widths
from bawwab.gate import Gate
from bawwab.service.app import create_app
from bawwab.service.background import Snapshots
from bawwab.service.clock import Clock, WallClock
from bawwab.service.entrance import Entrance, NoTurns
from bawwab.service.forgetting import Forgetting
from bawwab.service.guard import OpenDoor
from bawwab.service.metrics import Metrics
from bawwab.service.operation import Guard
from bawwab.service.pseudonyms import Pseudonyms
from bawwab.service.shared import Shared, SharedForgetting, SharedKeeper, open_shared
from bawwab.service.trail import NAME, Trail
from bawwab.stores.memory import MemoryState
from bawwab.stores.models import FORMAT
from bawwab.stores.sql import SqlLog
from kit import keyword_model

START = 1_800_000_000.0  # 2027-01-15T08:00:00Z


class Time:
    """A clock that stands still until told."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Service:
    """The application with its parts, for tests that ask it over HTTP."""

    def __init__(
        self,
        entrance: Entrance,
        log: SqlLog,
        time: Time,
        client: TestClient,
        keeper: SharedKeeper | None,
    ) -> None:
        self.entrance, self.log, self.time, self.client = entrance, log, time, client
        self._keeper = keeper
        self._count = 0

    @property
    def shared(self) -> Shared:
        return self.keeper.shared

    @property
    def keeper(self) -> SharedKeeper:
        assert self._keeper is not None
        return self._keeper

    def look(self) -> None:
        """Do what is done every second for a shared state."""
        assert self.client.portal is not None
        self.client.portal.call(self.keeper.look)

    def message(self, **fields: Any) -> dict[str, Any]:
        self._count += 1
        return {
            "message_id": f"m{self._count}",
            "sender_id": "shop",
            "recipient_id": f"+4912345{self._count:04}",
            "category": "utility",
            "text": "your parcel has arrived",
            **fields,
        }

    def score(self, **fields: Any) -> Any:
        answer = self.client.post("/v1/score", json=self.message(**fields))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        return self.client.post(path, json=body)

    def send_raw(self, path: str, body: bytes, **headers: str) -> Any:
        given = {"content-type": "application/json", **headers}
        return self.client.post(path, content=body, headers=given)


@contextmanager
def run_service(
    folder: Path,
    *,
    clock: Clock | None = None,
    guard: Guard | None = None,
    model: Model | None = None,
    policy: Policy | None = None,
    log_url: str = "",
    state_url: str = "",
) -> Iterator[Service]:
    """Run a service on a fresh log: in ``folder``, or at ``log_url``; its state in memory, or in Redis."""
    time, policy = Time(), policy or default_policy()
    log = SqlLog(log_url or f"sqlite:///{folder / 'log.sqlite'}", gather=0.0, shared=bool(state_url))
    model = msgspec.structs.replace(model or keyword_model(), catalogue=CATALOGUE_DIGEST)
    with ExitStack() as stack:
        stack.callback(log.close)
        state, trail = MemoryState(), Trail(folder / NAME, read=time)
        shared = open_shared(state_url, policy, log, stack) if state_url else None
        turns = NoTurns() if shared is None else shared.turns
        gate = Gate(
            state=state if shared is None else shared.state,
            journal=log if shared is None else shared.journal,
            policy=policy,
            model=model,
            confirm=turns.confirm,
        )
        entrance = Entrance(
            gate=gate,
            log=log,
            clock=clock or WallClock(max_ahead=policy.clock.max_ahead, read=time),
            pseudonyms=Pseudonyms(b"0" * 32),
            metrics=Metrics(),
            turns=turns,
            keys=lambda: sum(state.sizes.values()),
        )
        snapshots = Snapshots(folder / "state.snapshot", state, entrance)
        forget, keeper = Forgetting(entrance, log, state, snapshots, trail).forget, None
        if shared is not None:
            forget = SharedForgetting(entrance, log, shared, trail).forget
            keeper = SharedKeeper(shared, entrance, log)
        app = create_app(
            entrance,
            forget=forget,
            trail=trail,
            guard=guard or OpenDoor(),
            load_version=lambda version: _load(version, gate),
            missing=lambda: (*entrance.missing(), *(keeper.missing if keeper else ())),
        )
        with TestClient(app, raise_server_exceptions=True) as client:
            yield Service(entrance, log, time, client, keeper)


def _load(version: str, gate: Gate) -> Model:
    if gate.model is None or gate.model.name.version != version:
        raise ModelError(f"no version {version}")
    return gate.model


def write_model(models: Path, version: str = "tiny") -> ModelName:
    """Write the smallest model version that passes every check, and make it the champion."""
    arrays = io.BytesIO()
    np.savez(
        arrays,
        weights=np.zeros((sum(widths(256)), 3), np.int8),
        scale=np.ones((len(VIEWS), 3)),
        intercept=np.zeros(3),
        known=np.full(256 * len(ngrams.VIEWS) // 8, 255, np.uint8),
    )
    tables = [{"name": name, "edges": [], "values": [0.0], "missing": 0.0} for name in NAMES]
    files = {
        "weights.npz": arrays.getvalue(),
        "tables.json": json.dumps({"intercept": -6.0, "tables": tables}).encode(),
        "certificates.json": b"{}",
        "metrics.json": b'{"headline": {"captured": {}}}',
    }
    folder = models / version
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    manifest = {
        "format": FORMAT,
        "version": version,
        "trained_at": "2026-11-25T00:00:00Z",
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "catalogue": CATALOGUE_DIGEST,
        "data_digest": "",
        "code_digest": "",
        "libraries": {},
        "parameters": {},
        "seed": 0,
    }
    raw = msgspec.json.encode(manifest)
    (folder / "manifest.json").write_bytes(raw)
    named = ModelName(version, hashlib.sha256(raw).hexdigest())
    pointer = {"version": named.version, "digest": named.digest, "history": []}
    (models / "champion.json").write_text(json.dumps(pointer))
    return named
