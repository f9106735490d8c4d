"""A purchase log, opened by DuckDB: the file as it is (`log_raw`), and its rows as numbers (`log_rows`).

A folder of Parquet files is one log. `log_rows` has `customer`, `day` (days since 1970-01-01), `moment` (see
`moments`) and `amount`, each NULL where the cell is empty or cannot be understood. Parquet is read again by each query;
text is parsed once and kept.
"""

import codecs
import gzip
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import duckdb
import pyarrow as pa

from eigenform.analytics.engine import bound
from eigenform.analytics.purchase_log import expressions
from eigenform.analytics.purchase_log.contracts import Columns
from eigenform.analytics.purchase_log.moments import Moments
from eigenform.analytics.purchase_log.refusals import LogColumnUnknown, LogUnreadable

_TEXT_ENDINGS: Final = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
_BLANK_ENDINGS: Final = (".txt", ".txt.gz", ".dat")
_NULLS: Final = "['', 'NaN', 'nan', 'NULL', 'null', 'None', 'NA']"
_HEAD_BYTES: Final = 1 << 20  # of a text, looked through for its line ends
_MEMORY_LIMIT: Final = "2000MB"  # beyond it DuckDB works on disk, and needs twice the time


class LogFile:
    """A connection that sees one purchase log. Use as a context manager.

    source  a path (csv, tsv, csv.gz, parquet, or txt in columns set apart by blanks; a folder of Parquet files), or
            anything with `__arrow_c_stream__`: a frame of pandas or Polars, a DuckDB relation, a pyarrow table
    """

    def __init__(self, source: Any, *, threads: int = 2, memory_limit: str = _MEMORY_LIMIT) -> None:
        """Open the file and learn its columns. Raises LogUnreadable."""
        self.name = Path(source).name if isinstance(source, str | Path) else "the table"
        self._source = source
        self._folder = tempfile.TemporaryDirectory(prefix="eigenform-log-")
        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": threads,
            "memory_limit": memory_limit,
            "temp_directory": self._folder.name,
        }
        self._connection = duckdb.connect(config=settings)
        self._connection.execute("SET autoinstall_known_extensions = false; SET TimeZone = 'UTC'")
        try:
            self.kinds = self._open()
        except BaseException:
            self.__exit__(None, None, None)
            raise

    def __enter__(self) -> "LogFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._folder.cleanup()

    @property
    def is_text(self) -> bool:
        """Whether every cell is written as text."""
        return isinstance(self._source, str | Path) and not is_parquet(Path(self._source))

    @property
    def first_row(self) -> int:
        """How people number the first row of values: 2 below a header, else 1."""
        return 2 if self.is_text and "1" not in self.kinds else 1

    def kind(self, column: str) -> str:
        """Return the type of a column. Raises LogColumnUnknown."""
        if column not in self.kinds:
            raise LogColumnUnknown(file=self.name, column=column, known=list(self.kinds))
        return self.kinds[column]

    def give_rows(self, columns: Columns, moments: Moments) -> None:
        """Make `log_rows` known to the queries. Raises LogColumnUnknown, LogUnreadable."""
        self.keep("log_rows", expressions.rows(columns, self, moments))

    def keep(self, name: str, text: str) -> None:
        """Make the answer of a query known by name; text is parsed once, Parquet read again each time."""
        self._run(f"CREATE OR REPLACE {'TABLE' if self.is_text else 'VIEW'} {name} AS {text}")

    def give(self, name: str, table: pa.Table) -> None:
        """Make a table of ours known to the queries by name."""
        self._connection.register(name, table)

    def define(self, name: str, query: str, *, reused: bool = False, **values: float) -> None:
        """Make the answer of a query of `sql/` known by name; reused if several others will read all of it."""
        kind = "TEMP TABLE" if reused else "VIEW"  # a view is worked out again for each, as far as it is asked for
        self._run(f"CREATE OR REPLACE {kind} {name} AS {written(query, values)}")

    def table(self, query: str, **values: float) -> pa.Table:
        """Run a query of `sql/` and return its answer."""
        return self.ask(written(query, values))

    def write(self, path: Path, query: str, **values: float) -> None:
        """Write the answer of a query of `sql/` as Parquet."""
        quoted = str(path).replace("'", "''")
        self._run(f"COPY ({written(query, values)}) TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)")

    def ask(self, text: str) -> pa.Table:
        """Run a query about `log_raw` or `log_rows`."""
        return self._run(text).to_arrow_table()

    def ask_in_order(self, text: str) -> pa.Table:
        """Run a query about `log_raw` that counts on the order of the rows."""
        return self.ask(text)

    def _run(self, text: str) -> duckdb.DuckDBPyConnection:
        try:
            return self._connection.execute(text)
        except (duckdb.InvalidInputException, duckdb.IOException, duckdb.ConversionException) as error:
            if "not utf-8 encoded" in str(error):
                raise _not_utf8(self.name) from None
            raise LogUnreadable(file=self.name, problem=_first_line(error), remedy="Mend the file.") from None

    def _open(self) -> dict[str, str]:
        if isinstance(self._source, str | Path):
            self._run(f"CREATE VIEW log_raw AS {_reading(Path(self._source))}")
        elif hasattr(self._source, "__arrow_c_stream__"):
            self._connection.register("log_raw", pa.table(self._source))
        else:
            kind = type(self._source).__name__
            raise LogUnreadable(
                file=self.name, problem=f"a {kind} is no table", remedy="Give a path or a frame of Arrow columns."
            )
        described = self._run("DESCRIBE log_raw").fetchall()
        return {str(name): str(kind) for name, kind, *_ in described}


def written(query: str, values: Mapping[str, float]) -> str:
    """Return a query of `sql/` with its numbers written in: binding them would import pandas."""
    text, wanted = bound(query, values)
    for name, value in (wanted or {}).items():
        text = text.replace(f"${name}", repr(value))
    return text


def is_parquet(path: Path) -> bool:
    """Return whether a path is a Parquet file, by its name, or a folder of them."""
    return path.is_dir() or path.name.lower().endswith(".parquet")


def _reading(path: Path) -> str:
    """Return the query that reads a file as it is."""
    lowered, quoted = path.name.lower(), str(path).replace("'", "''")
    if path.is_dir() and any(path.rglob("*.parquet")):
        return f"SELECT * FROM read_parquet('{quoted}/**/*.parquet')"
    if path.is_dir():
        raise LogUnreadable(
            file=path.name,
            problem="it is a folder without Parquet files",
            remedy="Name a file, or a folder of Parquet.",
        )
    if not path.is_file():
        raise LogUnreadable(file=path.name, problem="there is no such file", remedy="Name a file that is there.")
    if path.stat().st_size == 0:
        raise LogUnreadable(file=path.name, problem="it is empty", remedy="Name a file with rows.")
    if lowered.endswith(".parquet"):
        return f"SELECT * FROM read_parquet('{quoted}')"
    if lowered.endswith(_TEXT_ENDINGS):
        loosely = ", strict_mode = false" if _mixes_line_ends(path) else ""
        return f"SELECT * FROM read_csv('{quoted}', header = true, all_varchar = true, nullstr = {_NULLS}{loosely})"
    if lowered.endswith(_BLANK_ENDINGS):
        return _reading_blanks(path, quoted)
    raise LogUnreadable(
        file=path.name, problem="its name does not say what it is", remedy="Give a csv, csv.gz, parquet or txt file."
    )


def _mixes_line_ends(path: Path) -> bool:
    """Return whether a text's lines end in two ways, as where rows were added on another system; refuse UTF-16."""
    opening = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with opening(path, "rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return False  # no gzip: DuckDB says so
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _not_utf8(path.name)
    both = head.count(b"\r\n")
    return 0 < both < head.count(b"\n")


def _not_utf8(name: str) -> LogUnreadable:
    return LogUnreadable(file=name, problem="it is not written in UTF-8", remedy="Save it as UTF-8.")


def _reading_blanks(path: Path, quoted: str) -> str:
    """Return the query for columns set apart by runs of blanks; without a header they are called 1, 2, 3 …"""
    lines = (
        "SELECT string_split(regexp_replace(trim(line), '\\s+', ' ', 'g'), ' ') AS cells "
        f"FROM read_csv('{quoted}', header = {{header}}, columns = {{{{'line': 'VARCHAR'}}}}, delim = '\x01', "
        "quote = '', escape = '', auto_detect = false)"
    )
    first = duckdb.sql(lines.format(header="false") + " LIMIT 1").fetchone()
    if first is None:
        raise LogUnreadable(file=path.name, problem="it is empty", remedy="Name a file with rows.")
    has_header = not any(_is_number(cell) for cell in first[0])
    names = first[0] if has_header else [str(n) for n in range(1, len(first[0]) + 1)]
    cells = ", ".join(
        f'CASE WHEN cells[{n}] NOT IN ({_NULLS[1:-1]}) THEN cells[{n}] END AS "{name}"'
        for n, name in enumerate(names, 1)
    )
    return f"SELECT {cells} FROM ({lines.format(header=str(has_header).lower())})"


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")
