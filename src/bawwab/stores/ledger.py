"""What was allowed, counted for the bill; and the end of records that have been kept long enough.

A decision that is dropped leaves its count and its fee behind, so that usage adds up however old
it is, and what else lasts: the limit that it raised.
"""

from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Select,
    Text,
    and_,
    cast,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from bawwab.core.errors import StoreError
from bawwab.core.records import Decided, Raised
from bawwab.stores.schema import decode, records, to_row, usage, writing

DAY = 86_400
_AT_ONCE = 2_000  # records dropped in one transaction: the writer waits some 20 ms at most


class Allowed(NamedTuple):
    """So many allowed messages of one sender, on one day (counted from 1970, UTC), at one fee each.

    ``currency`` and ``micros`` are None for decisions from before fees were kept with them.
    """

    day: int
    sender_id: str
    owner: str
    category: str
    region: str
    currency: str | None
    micros: int | None
    messages: int


def count_allowed(
    engine: Engine,
    *,
    since: float,
    until: float,
    sender_id: str | None = None,
    owner: str | None = None,
) -> list[Allowed]:
    """Count allowed messages from ``since`` to before ``until``, by day, sender, category, region, fee.

    Raises
    ------
    StoreError
        The log cannot be read.
    """
    fields = _fields(engine)
    wanted = [_is_allowed, records.c.at >= since, records.c.at < until]
    kept = [usage.c.day * DAY >= since, usage.c.day * DAY < until]
    if sender_id is not None:
        wanted.append(records.c.sender_id == sender_id)
        kept.append(usage.c.sender_id == sender_id)
    if owner is not None:
        wanted.append(fields["owner"] == owner)
        kept.append(usage.c.owner == owner)
    columns = [usage.c[name] for name in Allowed._fields[:-1]]
    old = select(*columns, cast(func.sum(usage.c.messages), Integer)).where(*kept).group_by(*columns)
    try:
        with engine.connect() as connection:
            rows = [*connection.execute(_counted(engine, *wanted)), *connection.execute(old)]
    except SQLAlchemyError as error:
        raise StoreError("the log could not be counted") from error
    return sorted((Allowed(*row) for row in rows), key=lambda row: row[: len(_GROUPS)])


def drop_old(engine: Engine, *, before: float, through: int) -> int:
    """Drop some records from before a time and up to a number; how many went.

    What holds for ever rests on what stays, so that a lost snapshot costs none of it: profiles,
    appeals, consent, blocks, and of a decision that raised a limit that it did. The last record
    stays too, since its number is the one that the next follows. Only whole days go, so that a
    day's count is never in two places.

    Raises
    ------
    StoreError
        The log cannot be changed.
    """
    last = select(func.max(records.c.seq)).scalar_subquery()
    old = and_(
        records.c.at < before // DAY * DAY, records.c.seq <= through, records.c.seq < last, _may_go(engine)
    )
    try:
        with writing(engine) as connection:
            found = select(records.c.seq).where(old).order_by(records.c.seq).limit(_AT_ONCE)
            going = [row.seq for row in connection.execute(found)]
            if not going:
                return 0
            chosen = records.c.seq.in_(going)
            counted = [
                Allowed(*row)._asdict() for row in connection.execute(_counted(engine, chosen, _is_allowed))
            ]
            if counted:
                connection.execute(insert(usage), counted)
            raising = select(records.c.seq, records.c.body).where(chosen, _raises(engine))
            for row in connection.execute(raising).all():
                _condense(connection, row.seq, row.body)
            connection.execute(delete(records).where(chosen, records.c.kind != "raise"))
    except SQLAlchemyError as error:
        raise StoreError("old records could not be dropped") from error
    return len(going)


_is_allowed = and_(records.c.kind == "decision", records.c.verdict == "allow")


def _raises(engine: Engine) -> ColumnElement[bool]:
    return and_(records.c.kind == "decision", _in_body(engine, "tier").isnot(None))


def _condense(connection: Connection, seq: int, body: bytes) -> None:
    """Leave of a decision only that it raised its owner's limit."""
    decided = decode(body, seq=seq)
    if isinstance(decided, Decided) and decided.tier is not None:
        left = Raised(now=decided.now, owner=decided.owner, tier=decided.tier)
        connection.execute(update(records).where(records.c.seq == seq).values(to_row(seq, left)))


_GROUPS = ("day", "sender_id", "owner", "category", "region")


def _counted(engine: Engine, *where: ColumnElement[bool]) -> Select[Any]:
    fields = _fields(engine)
    day = cast(func.floor(records.c.at / float(DAY)), Integer)
    groups = [day, records.c.sender_id, *fields.values()]
    return select(*groups, func.count()).where(*where).group_by(*groups)


def _fields(engine: Engine) -> dict[str, ColumnElement[Any]]:
    """What only the body of a decision says, in the order of `Allowed`."""
    return {
        "owner": _in_body(engine, "owner"),
        "category": _in_body(engine, "message", "category"),
        "region": func.upper(func.coalesce(_in_body(engine, "message", "recipient_region"), "")),
        "currency": _in_body(engine, "fee", "currency"),
        "micros": cast(_in_body(engine, "fee", "micros"), BigInteger),
    }


def _may_go(engine: Engine) -> ColumnElement[bool]:
    kind = records.c.kind
    consent = _in_body(engine, "outcome", "kind").in_(("opted_in", "opted_out"))
    block = _in_body(engine, "report", "reason") == "block"
    return or_(
        kind.in_(("decision", "survey", "tick")),
        and_(kind == "outcome", ~consent),
        and_(kind == "report", ~block),
    )


def _in_body(engine: Engine, *path: str) -> ColumnElement[str]:
    if engine.dialect.name == "sqlite":
        return func.json_extract(cast(records.c.body, Text), "$." + ".".join(path))
    steps = "->".join(f"'{part}'" for part in path[:-1])
    where = "convert_from(records.body, 'UTF8')::json" + (f"->{steps}" if steps else "")
    return literal_column(f"({where}->>'{path[-1]}')", Text)
