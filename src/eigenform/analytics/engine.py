"""One SQL text over the published views, read by DuckDB at one moment of the home.

PostgreSQL is read in place. An SQLite file is copied first (a second for 150 MB), for two reasons: DuckDB's scanner
reads every table over a connection of its own, so that a writer in between would be seen by some queries and not by
others; and it brings a second SQLite library into the process, whose closing of the live file would drop the locks of
the first (sqlite.org/howtocorrupt.html, 2.2.1).

Every file under `sql/` names views `v_<noun>` and earlier `queries` only (a test reads them), binds its values, and
answers one table. Source of the settings: DuckDB's scanner extensions, shipped as wheels, so nothing is fetched.
"""

import importlib.resources
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa

from eigenform.base.errors import Refused

_SCANNERS = {"sqlite": "sqlite_scanner", "postgres": "postgres_scanner"}


class EngineUnknown(Refused):
    """The engine named cannot be used."""

    code = "analytics.engine_unknown"

    def __init__(self, *, engine: str, missing: bool = False) -> None:
        self.engine = engine
        super().__init__(
            f"{engine} cannot be used: Spark is not installed here. Install Eigenform with its extra `spark`, and Java "
            "17 or 21; or leave --engine out, then DuckDB reads the home."
            if missing
            else f"The engine {engine} is not known. Leave --engine out (DuckDB reads the home), or name a Spark "
            "cluster as spark://HOST:PORT."
        )


class Engine:
    """A connection that sees the home's views. Use as a context manager."""

    def __init__(self, database: str, *, threads: int = 2, memory_limit: str = "2GB") -> None:
        """Attach `sqlite:PATH` (as it is now) or `postgres:URI` read-only."""
        kind, _, place = database.partition(":")
        if kind not in _SCANNERS:
            raise EngineUnknown(engine=database)
        self._folder = tempfile.TemporaryDirectory(prefix="eigenform-reading-")
        if kind == "sqlite":
            place = _as_it_is_now(place, Path(self._folder.name))
        self._connection = duckdb.connect(config={"threads": threads, "memory_limit": memory_limit})
        self._connection.execute("SET autoinstall_known_extensions = false")
        self._connection.execute(f"LOAD '{_extension(_SCANNERS[kind])}'")
        quoted = place.replace("'", "''")
        self._connection.execute(f"ATTACH '{quoted}' AS home (TYPE {kind}, READ_ONLY)")
        self._connection.execute("USE home.public" if kind == "postgres" else "USE home")
        self._connection.execute("SET TimeZone = 'UTC'")

    def __enter__(self) -> "Engine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the home go."""
        self._connection.close()
        self._folder.cleanup()

    def give(self, name: str, table: pa.Table) -> None:
        """Make a table of ours known to the queries by name."""
        self._connection.register(name, table)

    def keep(self, name: str, query: str, **values: Any) -> None:
        """Run a query of `sql/` once and keep its answer in memory under the name, for later queries to read."""
        text, wanted = bound(query, values)
        self._connection.execute(f"CREATE OR REPLACE TABLE memory.main.{name} AS {text}", wanted)

    def table(self, query: str, **values: Any) -> pa.Table:
        """Run a query of `sql/` and return its answer."""
        text, wanted = bound(query, values)
        return self._connection.execute(text, wanted).to_arrow_table()

    def write_view(self, view: str, path: Path) -> int:
        """Write a published view as a Parquet file; return how many rows it has."""
        quoted = str(path).replace("'", "''")
        done = self._connection.execute(f"COPY (SELECT * FROM {view}) TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)")
        return int(done.fetchall()[0][0])

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """See one moment of the home in every query of the block, whatever others write meanwhile."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("ROLLBACK")


def _as_it_is_now(place: str, folder: Path) -> str:
    """Copy an SQLite file within one read of it, which holds up no writer; return where the copy is."""
    copy = folder / "home.sqlite3"
    address = f"{Path(place).absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as home, closing(sqlite3.connect(copy)) as still:
        home.backup(still)
        still.execute("PRAGMA journal_mode = DELETE")  # nothing beside the file itself
    return str(copy)


def _extension(name: str) -> str:
    package = importlib.resources.files(f"duckdb_extension_{name}")
    return str(package / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension")


def bound(query: str, values: Mapping[str, Any]) -> tuple[str, dict[str, Any] | None]:
    """Return a query without its comments, and those values that it asks for by `$name`."""
    lines = (line for line in _text(query).splitlines() if not line.lstrip().startswith("--"))
    text = "\n".join(lines)
    return text, {key: value for key, value in values.items() if f"${key}" in text} or None


def queries() -> list[str]:
    """Return the text of every query of `sql/`."""
    folder = importlib.resources.files("eigenform.analytics") / "sql"
    return [file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".sql")]


def _text(query: str) -> str:
    return (importlib.resources.files("eigenform.analytics") / "sql" / f"{query}.sql").read_text(encoding="utf-8")
