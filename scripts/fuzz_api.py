"""Ask a whole service whatever its OpenAPI document allows and forbids: ``make fuzz``; CASES=20000 by default."""

import logging
import os
import sys
import tempfile
from pathlib import Path

import structlog

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from fuzz_kit import fuzz  # noqa: E402 - beside the tests
from service_kit import run_service  # noqa: E402

_MODES = 2


def main() -> None:
    """Ask, and print how often which status was answered."""
    cases = int(os.environ.get("CASES", "20000"))
    logging.getLogger("schemathesis").setLevel(logging.ERROR)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder, run_service(Path(folder)) as service:
        operations = sum(map(len, service.client.get("/openapi.json").json()["paths"].values()))
        answered = fuzz(service, examples=cases // operations // _MODES + 1, seed=1)
    for (label, status), times in sorted(answered.items()):
        print(f"{label:40} {status} {times:7,}")
    print(f"{answered.total():,} cases, {operations} operations; no 5xx, no undocumented status or answer")


if __name__ == "__main__":
    main()
