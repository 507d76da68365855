"""A running service for every test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bawwab.service.clock import EventClock
from engines_kit import log_url
from service_kit import Service, run_service


@pytest.fixture
def log_engine() -> str:
    """Engine of the log; a module marked with `LOG_ENGINES` is run over each."""
    return "sqlite"


@pytest.fixture
def service(tmp_path: Path, log_engine: str) -> Iterator[Service]:
    with run_service(tmp_path, log_url=log_url(log_engine, tmp_path)) as service:
        yield service


@pytest.fixture
def replay(tmp_path: Path) -> Iterator[Service]:
    """A service on the event clock."""
    with run_service(tmp_path, clock=EventClock(max_step=30 * 86_400.0)) as service:
        yield service
