"""Ask a whole service whatever its OpenAPI document allows and forbids: ``make fuzz``; CASES=20000 by default."""

import logging
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import structlog

from bawwab.service.guard import KeyGuard
from bawwab.service.keys import KeyRing, KnownKeys
from bawwab.service.operation import Access

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from fuzz_kit import fuzz  # noqa: E402 - beside the tests
from service_kit import run_service  # noqa: E402

_MODES, _SERVICES = 2, 2


def main() -> None:
    """Ask a service without keys and one with, and print how often which status was answered."""
    cases = int(os.environ.get("CASES", "20000"))
    logging.getLogger("schemathesis").setLevel(logging.ERROR)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    answered: Counter[tuple[str, int]] = Counter()
    for keyed in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            answered += ask(Path(folder), cases // _SERVICES, keyed=keyed)
    for (label, status), times in sorted(answered.items()):
        print(f"{label:40} {status} {times:7,}")
    operations = len({label for label, _ in answered})
    print(f"{answered.total():,} cases, {operations} operations; no 5xx, no undocumented status or answer")


def ask(folder: Path, cases: int, *, keyed: bool) -> Counter[tuple[str, int]]:
    """Ask one service; one that wants keys is given one of every scope."""
    ring = KeyRing(folder)
    key = ring.create(tuple(Access), name="", now=0.0) if keyed else None
    known = KnownKeys(ring, read=time.monotonic)
    guard = KeyGuard(known, required=True, quota=1e6, read=time.monotonic) if keyed else None
    with run_service(folder, guard=guard) as service:
        operations = sum(map(len, service.client.get("/openapi.json").json()["paths"].values()))
        return fuzz(service, examples=cases // operations // _MODES + 1, seed=1, key=key)


if __name__ == "__main__":
    main()
