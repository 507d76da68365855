"""The log's table, its rows, and how its database is opened."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Double,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    delete,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from bawwab.core.errors import ConfigurationError, StoreError
from bawwab.core.records import Appealed, Decided, Happened, Profiled, Record, Reported, Resolved, Surveyed

VERSION = "2"

metadata = MetaData()

records = Table(
    "records",
    metadata,
    Column("seq", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("at", Double, nullable=False),
    Column("sender_id", Text),
    Column("recipient", Text),
    Column("message_id", Text),
    Column("decision_id", String(64)),
    Column("appeal_id", String(64)),
    Column("verdict", String(16)),
    Column("body", LargeBinary, nullable=False),
)
_has_appeal = records.c.appeal_id.isnot(None)
_is_decision = records.c.kind == "decision"
_is_report = records.c.kind == "report"
Index("records_sender", records.c.sender_id, records.c.seq)
Index("records_decision", records.c.decision_id, sqlite_where=_is_decision, postgresql_where=_is_decision)
Index("records_appeal", records.c.appeal_id, sqlite_where=_has_appeal, postgresql_where=_has_appeal)
_reports = Index("records_reports", records.c.sender_id, sqlite_where=_is_report, postgresql_where=_is_report)

usage = Table(
    "usage",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("day", Integer, nullable=False),
    Column("sender_id", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("category", String(16), nullable=False),
    Column("region", String(2), nullable=False),
    Column("messages", BigInteger, nullable=False),
    Column("currency", String(3)),
    Column("micros", BigInteger),
)
"""Allowed messages of decisions that the log no longer holds, with their fee: old bills still add up."""

about = Table("about", metadata, Column("name", String(32), primary_key=True), Column("value", Text))

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Record)


def open_engine(url: str) -> Engine:
    """Open the database of ``url`` and create what it lacks.

    Raises
    ------
    ConfigurationError
        The URL is none, names another engine, or another version made the database, or one that
        does not hold every script.
    StoreError
        The database cannot be opened.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed)
        event.listen(engine, "connect", _prepare_sqlite)
    else:
        patience = {name: value for name, value in _PATIENCE.items() if name not in parsed.query}
        given = patience | {"client_encoding": "utf8"}  # whatever PGCLIENTENCODING says
        engine = create_engine(parsed, pool_pre_ping=True, connect_args=given)
    try:
        with writing(engine) as connection:
            _check_encoding(connection)
            metadata.create_all(connection)
            _check_version(connection)
    except SQLAlchemyError as error:
        engine.dispose()
        why = " ".join(str(getattr(error, "orig", None) or error).split())
        raise StoreError(f"the log {parsed.set(query={})!r} cannot be opened: {why}") from error
    except ConfigurationError:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Change the log in one transaction; other processes that write to it wait for its end."""
    with engine.begin() as connection:
        connection.exec_driver_sql(_TURN[engine.dialect.name])
        yield connection


_TURN = {
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": "SELECT pg_advisory_xact_lock(hashtext('bawwab log ' || current_schema()))",
}
_PATIENCE: dict[str, Any] = {  # a PostgreSQL that is gone is noticed within some ten seconds
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # what it says may hold a part of the password
        raise ConfigurationError("BAWWAB_LOG is no URL; give sqlite:///… or postgresql://…") from None
    if parsed.drivername in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite":
        raise ConfigurationError(
            f"BAWWAB_LOG names {parsed.drivername!r}; give sqlite:///… or postgresql://…"
        )
    return parsed


def _prepare_sqlite(connection: Any, _: object) -> None:  # noqa: ANN401 - DB-API has no type
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA secure_delete=ON")  # what is erased is not left readable in free pages
    cursor.close()


def _check_encoding(connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        return
    found = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if found != "UTF8":
        raise ConfigurationError(
            f"BAWWAB_LOG: the database has the encoding {found}, and ids of senders may be in any script; "
            "make one by: createdb -E UTF8 -T template0 --locale=C NAME"
        )


def _check_version(connection: Connection) -> None:
    found = connection.execute(select(about.c.value).where(about.c.name == "schema")).scalar()
    if found is None:
        connection.execute(insert(about), {"name": "schema", "value": VERSION})
    elif found == "1":
        _priced(connection)
    elif found != VERSION:
        raise ConfigurationError(f"the log has schema {found}, this version reads {VERSION}")


def _priced(connection: Connection) -> None:
    """Bring a log of schema 1 up to 2: what is billed says at which fee."""
    connection.exec_driver_sql("ALTER TABLE usage ADD COLUMN currency VARCHAR(3)")
    connection.exec_driver_sql("ALTER TABLE usage ADD COLUMN micros BIGINT")
    _reports.create(connection)
    connection.execute(update(about).where(about.c.name == "schema").values(value=VERSION))


def said(engine: Engine, name: str) -> str | None:
    """What the log says of itself under a name.

    Raises
    ------
    StoreError
        The log cannot be read.
    """
    try:
        with engine.connect() as connection:
            return connection.execute(select(about.c.value).where(about.c.name == name)).scalar()
    except SQLAlchemyError as error:
        raise StoreError(f"the log cannot say its {name}") from error


def say(engine: Engine, name: str, value: str) -> None:
    """Let the log say something of itself from now on.

    Raises
    ------
    StoreError
        The log cannot be written.
    """
    with _saying(engine, name) as connection:
        connection.execute(delete(about).where(about.c.name == name))
        connection.execute(insert(about), {"name": name, "value": value})


def identity(engine: Engine) -> str:
    """Name of this log and of no other, given to it when it is first asked for.

    Raises
    ------
    StoreError
        The log cannot be written.
    """
    with _saying(engine, "identity") as connection:
        known = connection.execute(select(about.c.value).where(about.c.name == "identity")).scalar()
        if known is not None:
            return str(known)
        made = secrets.token_hex(8)
        connection.execute(insert(about), {"name": "identity", "value": made})
        return made


@contextmanager
def _saying(engine: Engine, name: str) -> Iterator[Connection]:
    try:
        with writing(engine) as connection:
            yield connection
    except SQLAlchemyError as error:
        raise StoreError(f"the log cannot keep its {name}") from error


def decode(body: bytes, *, seq: int) -> Record:
    """Read one record's body.

    Raises
    ------
    StoreError
        It is not what was once written.
    """
    try:
        record: Record = _decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise StoreError(f"record {seq} of the log cannot be read: {error}") from error
    return record


def to_row(seq: int, record: Record) -> dict[str, object]:
    """Row of a record: what look-ups need in columns, all of it in the body."""
    row: dict[str, object] = dict.fromkeys(_LOOKED_UP)
    row.update(_columns(record), seq=seq, at=record.now, body=_encoder.encode(record))
    row["kind"] = type(record).__struct_config__.tag
    return row


_LOOKED_UP = ("sender_id", "recipient", "message_id", "decision_id", "appeal_id", "verdict")


def _columns(record: Record) -> dict[str, object]:
    match record:
        case Decided(message=message, decision=decision):
            ids = _ids(message)
            return {**ids, "decision_id": decision.decision_id, "verdict": decision.verdict.value}
        case Reported(report=item) | Surveyed(survey=item) | Happened(outcome=item):
            return _ids(item)
        case Profiled(profile=profile):
            return {"sender_id": profile.sender_id}
        case Appealed() | Resolved():
            return {"decision_id": record.decision_id, "appeal_id": record.appeal_id}
        case _:
            return {}


def _ids(item: Any) -> dict[str, object]:  # noqa: ANN401 - messages and every kind of feedback
    return {"sender_id": item.sender_id, "recipient": item.recipient, "message_id": item.message_id}
