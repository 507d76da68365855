"""A running service for every test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bawwab.service.clock import EventClock
from service_kit import Service, run_service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with run_service(tmp_path) as service:
        yield service


@pytest.fixture
def replay(tmp_path: Path) -> Iterator[Service]:
    """A service on the event clock."""
    with run_service(tmp_path, clock=EventClock(max_step=30 * 86_400.0)) as service:
        yield service
