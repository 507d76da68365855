"""Fixtures shared by all tests."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from bawwab.core.model.model import Model
from bawwab.core.policy import Policy, default_policy
from bawwab.gate import Gate
from bawwab.stores.memory import MemoryState
from kit import ListJournal, Platform, keyword_model
from training_kit import small_stream, train_small


@pytest.fixture
def policy() -> Policy:
    return default_policy()


@pytest.fixture
def make_platform(policy: Policy) -> Callable[[Model | None], Platform]:
    def make(model: Model | None) -> Platform:
        return Platform(Gate(state=MemoryState(), journal=ListJournal(), policy=policy, model=model))

    return make


@pytest.fixture
def platform(make_platform: Callable[[Model | None], Platform]) -> Platform:
    return make_platform(keyword_model())


class Trained(NamedTuple):
    """A version that a test has trained, and what it was trained on."""

    models: Path
    version: str
    work: Path
    stream: Path

    @property
    def folder(self) -> Path:
        return self.models / self.version


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Train on a slice of the message library and a small world, once for all tests."""
    work = tmp_path_factory.mktemp("trained")
    stream = small_stream(work)
    models = work / "models"
    return Trained(models, train_small(work, models, streams=(stream,)), work, stream)
