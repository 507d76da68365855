"""Real servers for tests: those that `scripts/with_engines` starts, or any that the variables name."""

import os
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine

from bawwab.stores.redis import RedisState

REDIS, CLUSTER, POSTGRES = "BAWWAB_TEST_REDIS", "BAWWAB_TEST_REDIS_CLUSTER", "BAWWAB_TEST_POSTGRES"
LOG_ENGINES = ["sqlite", "postgres"]


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


def postgres_url() -> str:
    """URL of a log that no other test has: a schema of its own."""
    url, schema = engine(POSTGRES), f"t{uuid4().hex[:12]}"
    made = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with made.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    made.dispose()
    return f"{url}?options=-csearch_path%3D{schema}"


def database_url(encoding: str) -> str:
    """URL of a new database with an encoding."""
    url, name = engine(POSTGRES), f"t{uuid4().hex[:12]}"
    made = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with made.connect() as connection:
        how = f"ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
        connection.exec_driver_sql(f"CREATE DATABASE {name} {how}")
    made.dispose()
    return f"{url.rpartition('/')[0]}/{name}"


def log_url(kind: str, folder: Path) -> str:
    """URL of a new log: ``sqlite`` in a folder, or ``postgres``."""
    return postgres_url() if kind == "postgres" else f"sqlite:///{folder / 'log.sqlite'}"
