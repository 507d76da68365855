"""Write docs/openapi.json from the operations; ``--check`` fails where it is not up to date."""

import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

import msgspec

from bawwab.core.errors import ModelError, StoreError
from bawwab.core.policy import default_policy
from bawwab.gate import Gate
from bawwab.service.app import api
from bawwab.service.clock import WallClock
from bawwab.service.entrance import Entrance
from bawwab.service.metrics import Metrics
from bawwab.service.openapi import document
from bawwab.service.pseudonyms import Pseudonyms
from bawwab.stores.erasure import Erased, Subject
from bawwab.stores.memory import MemoryState
from bawwab.stores.sql import SqlLog

PAGE = Path(__file__).parents[1] / "docs" / "openapi.json"


def written() -> bytes:
    """Document of an application around an empty log."""
    with tempfile.TemporaryDirectory() as folder:
        log = SqlLog(f"sqlite:///{folder}/log.sqlite")
        policy = default_policy()
        entrance = Entrance(
            gate=Gate(state=MemoryState(), journal=log, policy=policy, model=None),
            log=log,
            clock=WallClock(max_ahead=policy.clock.max_ahead),
            pseudonyms=Pseudonyms(b"0" * 32),
            metrics=Metrics(),
        )
        described = document(api(entrance, _no_version, tuple, _no_erasure), version=version("bawwab"))
        log.close()
    return msgspec.json.format(msgspec.json.encode(described, order="deterministic"), indent=2) + b"\n"


def _no_version(name: str) -> NoReturn:
    raise ModelError(f"no version {name}")


async def _no_erasure(subject: Subject) -> Erased:
    raise StoreError(f"nothing is known of {subject.token}")


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PAGE.read_bytes() != written())
    PAGE.write_bytes(written())
