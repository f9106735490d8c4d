"""Brings files into DuckDB as texts: one staged table per file of the mapping, one row per source row.

Columns are staged as c0, c1 … because DuckDB would take `id` and `ID` for one name. `_id` counts the rows of a
staged table, `_row` is the line in the file as a person counts, `_bad` says why a row could not even be read.
"""

import json
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa
from pyarrow import parquet

from eigenform.intake.contracts import FileUnreadable, SourceFile
from eigenform.intake.feedback.csv_records import Record, still_lost
from eigenform.intake.feedback.locating import MARKS, Part, fits
from eigenform.intake.feedback.tabular import kind_of, opened

BATCH_ROWS = 20_000
_FIXED = ("_id", "_part", "_row", "_bad", "_ordinals")
Report = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Staged:
    """A staged file: its table, its columns by name, its parts by number, how many rows it has."""

    file: SourceFile
    table: str
    columns: dict[str, str]
    labels: tuple[str, ...]
    rows: int
    is_mended: bool = False


class Stage:
    """A DuckDB database for one load, in a folder that goes away: in memory it would take half as much again."""

    def __init__(self, folder: Path | None = None, memory_mb: int = 400) -> None:
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        self._folder = tempfile.TemporaryDirectory(prefix="load-", dir=folder)
        self.db = duckdb.connect(str(Path(self._folder.name) / "stage.duckdb"))
        self.db.execute(f"SET memory_limit = '{memory_mb}MB'; SET threads = 2; SET TimeZone = 'UTC'")
        self.db.execute("SET preserve_insertion_order = false")

    def __enter__(self) -> "Stage":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.db.close()
        self._folder.cleanup()

    def stage(self, parts: list[Part], number: int, report: Report) -> Staged:
        """Stage all parts of one file of the mapping."""
        table, columns, rows = f"f{number}", {}, 0
        for index, part in enumerate(parts):
            if kind_of(part.path) == "parquet":
                found = self._parquet(part, table, index, rows)
            else:
                found = self._records(part, table, index, rows, report)
            if columns and list(found) != list(columns):
                raise FileUnreadable(
                    file=part.label,
                    problem=f"its columns differ from those of {parts[0].label}",
                    remedy="Load them one by one",
                )
            columns = found
            rows = self._count(table)
            report(rows)
        return Staged(parts[0].file, table, columns, tuple(p.label for p in parts), rows)

    def stage_rows(self, rows: Iterable[dict[str, str]], names: tuple[str, ...], number: int) -> Staged:
        """Stage rows that stand in the mapping itself."""
        columns = {name: f"c{n}" for n, name in enumerate(names)}
        table = f"r{number}"
        self._create(table, len(names))
        self._insert(
            table, 0, 0, [(n, [row.get(c, "") for c in names], None) for n, row in enumerate(rows, 1)], len(names)
        )
        file = SourceFile(name="", path="the mapping")
        return Staged(file, table, columns, ("the mapping",), self._count(table))

    def stage_mended(
        self, path: Path, files: list[SourceFile], report: Report
    ) -> tuple[list[Staged], list[tuple[str, int]]]:
        """Stage a file of refused rows, dealt to the files they came from. Also return rows of no known file."""
        part = Part(SourceFile(name="mended", path=path.name), path, path.name)
        columns = self._records(part, "mended", 0, 0, report, is_mended=True)
        own = {name: column for name, column in columns.items() if not name.startswith("_")}
        marks = {mark: columns[mark] for mark in MARKS if mark in columns}
        labels = [
            row[0] for row in self.db.execute(f"SELECT DISTINCT {marks['_file']} FROM mended ORDER BY 1").fetchall()
        ]
        dealt, strangers = [], []
        for number, file in enumerate(files):
            mine = [label for label in labels if label and fits(file, label)]
            if mine:
                dealt.append(self._deal(file, f"f{number}", mine, own, marks, columns.get("_ordinals")))
        taken = {label for staged in dealt for label in staged.labels}
        for label in labels:
            if label not in taken:
                rows = self.db.execute(
                    f"SELECT _row FROM mended WHERE {marks['_file']} IS NOT DISTINCT FROM ?", [label]
                )
                strangers += [(label or "", row) for (row,) in rows.fetchall()]
        return dealt, strangers

    def _deal(
        self,
        file: SourceFile,
        table: str,
        labels: list[str],
        own: dict[str, str],
        marks: dict[str, str],
        ordinals: str | None,
    ) -> Staged:
        listed = ", ".join("'" + label.replace("'", "''") + "'" for label in labels)
        self.db.execute(
            f"CREATE TABLE {table} AS SELECT _id, list_position([{listed}], {marks['_file']}) - 1 AS _part, "
            f"coalesce(try_cast({marks.get('_row', 'NULL')} AS BIGINT), _row) AS _row, _bad, "
            f"{ordinals or 'NULL::VARCHAR'} AS _ordinals, * EXCLUDE (_id, _part, _row, _bad, _ordinals) "
            f"FROM mended WHERE {marks['_file']} IN ({listed})"
        )
        return Staged(file, table, own, tuple(labels), self._count(table), is_mended=True)

    def _count(self, table: str) -> int:
        found = self.db.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(found[0]) if found else 0

    def _create(self, table: str, width: int) -> None:
        columns = "".join(f", c{n} VARCHAR" for n in range(width))
        self.db.execute(
            f"CREATE TABLE IF NOT EXISTS {table} "
            f"(_id BIGINT, _part INTEGER, _row BIGINT, _bad VARCHAR, _ordinals VARCHAR{columns})"
        )

    def _parquet(self, part: Part, table: str, index: int, before: int) -> dict[str, str]:
        with part.path.open("rb") as raw:
            if raw.read(4) != b"PAR1":
                raise FileUnreadable(
                    file=part.label, problem="it is not a Parquet file", remedy="Give it its own ending"
                )
        try:
            columns = {name: f"c{n}" for n, name in enumerate(parquet.read_schema(part.path).names)}
            self._create(table, len(columns))
            cells = "".join(f', CAST("{name.replace(chr(34), chr(34) * 2)}" AS VARCHAR)' for name in columns)
            self.db.execute(
                f"INSERT INTO {table} "
                f"SELECT {before} + file_row_number, {index}, file_row_number + 2, NULL, NULL{cells} "
                "FROM read_parquet(?, file_row_number = true)",
                [str(part.path)],
            )
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            raise FileUnreadable(
                file=part.label, problem=f"it is damaged ({str(error)[:120]})", remedy="Export it again"
            ) from None
        return columns

    def _records(
        self, part: Part, table: str, index: int, before: int, report: Report, *, is_mended: bool = False
    ) -> dict[str, str]:
        with opened(part) as (names, rest):
            columns = _numbered(names)
            own = frozenset(n for n, name in enumerate(columns) if not name.startswith("_"))
            self._create(table, len(columns))
            batch: list[Record] = []
            for record in rest:
                batch.append(still_lost(record, own) if is_mended else record)
                if len(batch) == BATCH_ROWS:
                    before = self._insert(table, index, before, batch, len(columns))
                    report(before)
                    batch = []
            self._insert(table, index, before, batch, len(columns))
        return columns

    def _insert(self, table: str, index: int, before: int, batch: list[Record], width: int) -> int:
        if not batch:
            return before
        cells = zip(*(cells for _, cells, _ in batch), strict=True)
        rows = pa.table(
            [
                pa.array(range(before, before + len(batch)), pa.int64()),
                pa.array([index] * len(batch), pa.int32()),
                pa.array([line for line, _, _ in batch], pa.int64()),
                pa.array(
                    [None if bad is None else json.dumps([bad.column, bad.reason, bad.remedy]) for _, _, bad in batch],
                    pa.string(),
                ),
                pa.nulls(len(batch), pa.string()),
                *(pa.array(column, pa.string()) for column in cells),
            ],
            names=[*_FIXED, *(f"c{n}" for n in range(width))],
        )
        self.db.register("batch", rows)
        self.db.execute(f"INSERT INTO {table} SELECT * FROM batch")
        self.db.unregister("batch")
        return before + len(batch)


def _numbered(names: list[str]) -> dict[str, str]:
    """Name the columns; a name that comes twice gets a number, so that no cell is lost."""
    columns: dict[str, str] = {}
    for number, name in enumerate(names):
        wanted, again = name or f"column {number + 1}", 1
        while wanted in columns:
            again += 1
            wanted = f"{name} ({again})"
        columns[wanted] = f"c{number}"
    return columns
