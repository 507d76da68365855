"""An export opened for SQL: DuckDB over its Parquet, under a memory limit, spilling to a folder."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import msgspec
import pyarrow as pa

from bawwab.core.errors import ConfigurationError, StoreError
from bawwab.stores.export import read_manifest
from bawwab.stores.tables import TABLES

Connection = duckdb.DuckDBPyConnection
# A number even in [0, 1), made of a name and the variable `seed`: the same in every version of DuckDB.
EVEN = "md5_number_lower({of} || getvariable('seed'))::DOUBLE / 18446744073709551616.0"
ROWS = 100_000  # kept of a log; benchmarks/bench_training.py has seconds and memory


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """What reading a log may use: memory of DuckDB, threads, rows that are kept."""

    memory: str = "768MB"
    threads: int = 2
    rows: int = ROWS


@contextmanager
def open_export(
    folder: Path, means: Means | None = None, *, cutoff: float | None = None
) -> Iterator[Connection]:
    """Open an export for SQL: a view for each table, the date of its folder as a column.

    Rows that became known after ``cutoff`` are in no view; all are where there is none.

    Raises
    ------
    ConfigurationError
        The folder is no export.
    StoreError
        Its files cannot be read, or not within the memory given.
    """
    if read_manifest(folder) is None:
        raise ConfigurationError(f"{folder} is no export: it has no export.json; see bawwab export")
    chosen = Means() if means is None else means
    with TemporaryDirectory(prefix="bawwab-spill-") as spill:
        config: dict[str, Any] = {
            "memory_limit": chosen.memory,
            "temp_directory": spill,
            "threads": chosen.threads,
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
        }
        try:
            with duckdb.connect(":memory:", config=config) as connection:
                set_variables(connection, known_by=math.inf if cutoff is None else cutoff)
                for table in TABLES:
                    _view(connection, folder / table.name, table.name, table.schema)
                yield connection
        except duckdb.Error as error:
            said = str(error).partition("\n")[0]
            raise StoreError(f"the export {folder} cannot be read: {said}") from error


def _view(connection: Connection, folder: Path, name: str, schema: pa.Schema) -> None:
    if not any(folder.glob("*/*.parquet")):
        nothing = schema.append(pa.field("date", pa.date32())).empty_table()
        connection.register(name, nothing)
        return
    files = str(folder / "*" / "*.parquet").replace("'", "''")
    connection.execute(
        f"CREATE VIEW {name} AS SELECT * FROM "  # noqa: S608 - the name is ours, the path is quoted
        f"read_parquet('{files}', union_by_name = true, hive_partitioning = true) "
        "WHERE known_at <= getvariable('known_by')"
    )


def set_variables(log: Connection, **values: float | str) -> None:
    """Give a query's variables their values; `getvariable` reads them."""
    for name, value in values.items():
        kind = "VARCHAR" if isinstance(value, str) else "DOUBLE"
        text = value.replace("'", "''") if isinstance(value, str) else repr(float(value))
        log.execute(f"SET VARIABLE {name} = '{text}'::{kind}")  # a number is read to the last bit


def one(log: Connection, query: str) -> Any:  # noqa: ANN401 - whatever it is
    """Value that a query gives."""
    found = log.execute(query).fetchone()
    return None if found is None else found[0]


def end_of(log: Connection) -> float:
    """When the log learned of the last thing that is in the views."""
    parts = " UNION ALL ".join(f"SELECT max(known_at) AS latest FROM {table.name}" for table in TABLES)  # noqa: S608 - names of ours
    return float(one(log, f"SELECT coalesce(max(latest), 0) FROM ({parts})"))  # noqa: S608 - the same
