"""A purchase log on a Spark cluster: answers what `file.LogFile` answers, for logs that one machine no longer holds.

The log is Parquet, a file or a folder of files, at a path that the driver and every worker see. Only answers come to
the driver, which reads little of the log itself: the columns' types and, where rows are refused, the first bad one.
"""

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from pyspark.errors import PySparkException

from eigenform.analytics import dialect
from eigenform.analytics.purchase_log import expressions
from eigenform.analytics.purchase_log.contracts import Columns
from eigenform.analytics.purchase_log.file import LogFile, is_parquet, written
from eigenform.analytics.purchase_log.moments import Moments
from eigenform.analytics.purchase_log.refusals import LogUnreadable
from eigenform.analytics.spark import session
from eigenform.base.errors import Refused

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_REMEDY: Final = "Write it as Parquet first (DuckDB does so in one COPY), with days as dates and amounts as numbers."
_PROBLEM_LENGTH_MAX: Final = 300


class SparkFailed(Refused):
    """The cluster gave up on a query."""

    code = "analytics.spark_failed"

    def __init__(self, *, problem: str) -> None:
        self.problem = problem
        super().__init__(
            f"The Spark cluster gave up: {problem}. Its workers must see the log under the same path and have memory "
            "enough; or leave --engine out, then DuckDB reads the log here."
        )


class SparkLog:
    """A cluster that sees one purchase log. Use as a context manager."""

    is_text: Final = False
    first_row: Final = 1

    def __init__(self, source: Any, url: str) -> None:
        """Open the log and learn its columns. Raises LogUnreadable, and what `spark.session` raises."""
        if not isinstance(source, str | Path):
            raise LogUnreadable(file="the table", problem="Spark reads what its workers see, files", remedy=_REMEDY)
        path = Path(source).absolute()
        if path.exists() and not is_parquet(path):
            raise LogUnreadable(file=path.name, problem="Spark reads Parquet only", remedy=_REMEDY)
        self.name = path.name
        self._here = LogFile(path)
        self._names: list[str] = []
        self._kept: list[DataFrame] = []
        try:
            self.session, self._ours = session(url)
        except BaseException:
            self._here.__exit__(None, None, None)
            raise
        self._path = path

    def __enter__(self) -> "SparkLog":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._here.__exit__(kind, error, trace)
        for name in self._names:
            self.session.catalog.dropTempView(name)
        for frame in self._kept:
            frame.unpersist()
        if self._ours:
            self.session.stop()

    @property
    def kinds(self) -> dict[str, str]:
        """The columns and their types, in DuckDB's words."""
        return self._here.kinds

    def kind(self, column: str) -> str:
        """Return the type of a column. Raises LogColumnUnknown."""
        return self._here.kind(column)

    def give_rows(self, columns: Columns, moments: Moments) -> None:
        """Make `log_rows` known to the queries. Raises LogColumnUnknown, LogUnreadable."""
        self._refuse_texts(columns)
        self._remember("log_raw", self._opened())
        text = expressions.rows(columns, self, moments)
        self._here.keep("log_rows", text)
        self._remember("log_rows", self._frame(text))

    def give(self, name: str, table: pa.Table) -> None:
        """Make a table of ours known to the queries by name."""
        self._remember(name, self.session.createDataFrame(table))

    def define(self, name: str, query: str, *, reused: bool = False, **values: float) -> None:
        """Make the answer of a query of `sql/` known by name; reused if several others will read all of it."""
        frame = self._frame(written(query, values))
        if reused:
            self._kept.append(frame.cache())
        self._remember(name, frame)

    def table(self, query: str, **values: float) -> pa.Table:
        """Run a query of `sql/` and return its answer."""
        return self.ask(written(query, values))

    def ask(self, text: str) -> pa.Table:
        """Run a query about `log_raw` or `log_rows`."""
        frame = self._frame(text)
        try:
            return frame.toArrow()
        except PySparkException as error:
            raise SparkFailed(problem=_first_line(error)) from None

    def ask_in_order(self, text: str) -> pa.Table:
        """Run a query about `log_raw` that counts on the order of the rows, which a cluster does not know: here."""
        return self._here.ask(text)

    def write(self, folder: Path, query: str, **values: float) -> None:
        """Write the answer of a query of `sql/` as a folder of Parquet files, each written where it was worked out."""
        frame = self._frame(written(query, values))
        try:
            frame.write.mode("overwrite").option("compression", "zstd").parquet(folder.absolute().as_uri())
        except PySparkException as error:
            raise SparkFailed(problem=_first_line(error)) from None

    def _opened(self) -> "DataFrame":
        try:
            return self.session.read.parquet(self._path.as_uri())
        except PySparkException as error:
            raise SparkFailed(problem=_first_line(error)) from None

    def _frame(self, text: str) -> "DataFrame":
        try:
            return self.session.sql(dialect.to_spark(text))
        except PySparkException as error:
            raise SparkFailed(problem=_first_line(error)) from None

    def _remember(self, name: str, frame: "DataFrame") -> None:
        frame.createOrReplaceTempView(name)
        self._names.append(name)

    def _refuse_texts(self, columns: Columns) -> None:
        """Refuse what the two engines read otherwise: days, times and amounts written as text, and nanoseconds."""
        kind = self.kind(columns.date)
        if kind not in ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"):
            raise LogUnreadable(file=self.name, problem=f"column {columns.date} holds {kind}, no days", remedy=_REMEDY)
        for name in expressions.amount_columns(columns.amount, self) if columns.amount else ():
            if self.kind(name) == "VARCHAR":
                raise LogUnreadable(file=self.name, problem=f"column {name} holds text, no amounts", remedy=_REMEDY)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")[:_PROBLEM_LENGTH_MAX]
