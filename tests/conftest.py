"""Fixtures shared by all tests."""

from collections.abc import Callable

import pytest

from bawwab.core.model.model import Model
from bawwab.core.policy import Policy, default_policy
from bawwab.gate import Gate
from bawwab.stores.memory import MemoryState
from kit import ListJournal, Platform, keyword_model


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
