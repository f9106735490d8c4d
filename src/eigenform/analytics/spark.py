"""The same queries on Apache Spark, for a home that one machine no longer holds. Needs the extra `spark` and Java 17.

The home's views are written as Parquet into a folder that driver and workers all see (or lie there already, from
`eigenform export`), and every file of `sql/` runs on them, put into Spark's dialect by `dialect`. Counts and days come
out exactly as on DuckDB, sums of amounts but for the order in which floats are added.
"""

import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa

from eigenform.analytics import dialect
from eigenform.analytics.engine import Engine, EngineUnknown, bound, queries
from eigenform.base.errors import Refused

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
}
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PATIENCE_SECONDS = 5.0


class SparkUnreachable(Refused):
    """Nobody answers at the cluster's address."""

    code = "analytics.spark_unreachable"

    def __init__(self, *, engine: str, problem: str) -> None:
        self.engine, self.problem = engine, problem
        super().__init__(f"No Spark master answers at {engine} ({problem}). Start it, or leave --engine out.")


class SparkEngine:
    """Like `engine.Engine`, on a cluster. Use as a context manager.

    url   spark://HOST:PORT of a standalone master, or local[N] for tests;
          ?folder=DIR names the folder that all of them see, ?cores=N bounds what is taken of the cluster,
          ?spark.executor.memory=8g and the like are settings of Spark's own
    """

    def __init__(self, database: str | None, url: str) -> None:
        """Write the views where Spark finds them; with no database only what is given is seen."""
        self.session, self._ours = session(url)
        wanted = _options(url).get("folder")
        if wanted:
            Path(wanted).mkdir(parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(prefix="eigenform-spark-", dir=wanted))
        self._names: list[str] = []
        if database is not None:
            self._write_views(database)

    def __enter__(self) -> "SparkEngine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget the views, and the session if it was made here."""
        for name in self._names:
            self.session.catalog.dropTempView(name)
        self.session.catalog.clearCache()
        if self._ours:
            self.session.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def give(self, name: str, table: pa.Table) -> None:
        """Make a table of ours known to the queries by name."""
        self._remember(name, self.session.createDataFrame(table))

    def give_file(self, name: str, path: Path) -> None:
        """Make a Parquet file that every worker sees known to the queries by name."""
        self._remember(name, self.session.read.parquet(str(path)))

    def keep(self, name: str, query: str, **values: Any) -> None:
        """Run a query of `sql/` once and keep its answer on the cluster under the name."""
        self._remember(name, self.frame(query, **values).cache())

    def table(self, query: str, **values: Any) -> pa.Table:
        """Run a query of `sql/` and return its answer."""
        return self.frame(query, **values).toArrow()

    def frame(self, query: str, **values: Any) -> "DataFrame":
        """Return a query's answer where it is, on the cluster."""
        text, wanted = bound(query, values)
        return self.session.sql(dialect.to_spark(text), args=wanted or {})

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """See one moment of the home: the files were written at one."""
        yield

    def _remember(self, name: str, frame: "DataFrame") -> None:
        frame.createOrReplaceTempView(name)
        self._names.append(name)

    def _write_views(self, database: str) -> None:
        read = sorted({name for query in queries() for name in dialect.tables(query) if name.startswith("v_")})
        with Engine(database) as home, home.snapshot():
            for view in read:
                home.write_view(view, self._folder / f"{view}.parquet")
        for view in read:
            self.give_file(view, self._folder / f"{view}.parquet")


def session(url: str) -> tuple["SparkSession", bool]:
    """Return a session on the cluster, and whether it was made now (then whoever asked stops it).

    Raises EngineUnknown, SparkUnreachable.
    """
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra of 450 MB, wanted by few
    except ImportError:
        raise EngineUnknown(engine=url, missing=True) from None
    master = url.partition("?")[0]
    _refuse_unreachable(master)
    running = SparkSession.getActiveSession()
    if running is not None and running.sparkContext.master == master:
        return running, False
    building = SparkSession.builder.master(master).appName("eigenform")
    for name, value in _settings(url).items():
        building = building.config(name, value)
    try:
        made = building.getOrCreate()
    except Exception as error:  # the gateway raises its own kinds for a missing or old Java
        raise SparkUnreachable(engine=master, problem=str(error).splitlines()[0]) from error
    made.sparkContext.setLogLevel("ERROR")
    return made, True


def _settings(url: str) -> dict[str, str]:
    options, host = _options(url), urlsplit(url).hostname
    settings = _SETTINGS | {name: value for name, value in options.items() if name.startswith("spark.")}
    settings["spark.sql.shuffle.partitions"] = options.get("partitions", "4")
    if "cores" in options:
        settings["spark.cores.max"] = options["cores"]
    if host is None or host in _LOOPBACK:  # without it large answers get lost between driver and workers
        settings |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return settings


def _options(url: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(url.partition("?")[2]).items()}


def _refuse_unreachable(master: str) -> None:
    """Ask once whether anybody listens: Spark itself would try for a minute and then end in a long trace."""
    if master.startswith("local"):
        return
    parts = urlsplit(master)
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise SparkUnreachable(engine=master, problem=str(error)) from None
    if parts.scheme != "spark" or not host or port is None:
        raise EngineUnknown(engine=master)
    try:
        with socket.create_connection((host, port), timeout=_PATIENCE_SECONDS):
            return
    except OSError as error:
        raise SparkUnreachable(engine=master, problem=error.strerror or str(error)) from None
