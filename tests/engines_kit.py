"""Real servers for tests: those that `scripts/with_engines` starts, or any that the variables name."""

import os
from uuid import uuid4

import pytest

from bawwab.stores.redis import RedisState

REDIS, CLUSTER, POSTGRES = "BAWWAB_TEST_REDIS", "BAWWAB_TEST_REDIS_CLUSTER", "BAWWAB_TEST_POSTGRES"


def engine(variable: str) -> str:
    """URL of a server; the test is skipped where none is named."""
    url = os.environ.get(variable)
    if not url:
        pytest.skip(f"{variable} names no server; run scripts/with_engines python -m pytest …")
    return url


def redis_url(variable: str = REDIS) -> str:
    """URL of keys that no other test has."""
    return f"{engine(variable)}?namespace=t{uuid4().hex[:12]}"


def redis_state(variable: str = REDIS) -> RedisState:
    """State that nobody else has."""
    return RedisState.at(redis_url(variable))
