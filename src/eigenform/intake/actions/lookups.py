"""Files that others are joined to: staged from this load, completed by what earlier loads kept, kept for later ones."""

from collections.abc import Mapping
from datetime import datetime

import duckdb
import pyarrow as pa

from eigenform.intake.contracts import ColumnAbsent, LookupFile
from eigenform.intake.decisions import checks, sql
from eigenform.intake.decisions.expressions import StagedLookup
from eigenform.intake.decisions.names import closest
from eigenform.intake.feedback import recording
from eigenform.intake.feedback.staging import Staged

_BATCH_ROWS = 50_000
KeptRows = list[tuple[str, dict[str, str]]]


def stage_lookup(
    db: duckdb.DuckDBPyConnection, lookup: LookupFile, number: int, staged: tuple[int, Staged] | None, kept: KeptRows
) -> StagedLookup:
    """Make the lookup's table. A row of the file replaces one that was kept, except where the first is to count."""
    table = f"l{number}"
    columns = {value: f"v{n}" for n, value in enumerate(lookup.values)}
    db.execute(f"CREATE TABLE {table} (key VARCHAR{''.join(f', {c} VARCHAR' for c in columns.values())})")
    kept_counts = staged is not None and staged[1].is_mended and lookup.repeat == "first"
    if kept_counts:
        _add_kept(db, table, columns, kept)
    if staged:
        _add_file(db, lookup, table, *staged)
    if not kept_counts:
        _add_kept(db, table, columns, kept)
    return StagedLookup(table, columns)


def keep(db: duckdb.DuckDBPyConnection, source: str, lookups: Mapping[str, StagedLookup], now: datetime) -> None:
    """Keep the rows of every lookup with the source, so that a later file joins without theirs."""
    for name, staged in lookups.items():
        values = ", ".join(f"{sql.text(value)}, {column}" for value, column in staged.columns.items())
        reading = db.cursor()
        reading.execute(
            f"SELECT row_number() OVER (ORDER BY key), key, CAST(json_object({values}) AS VARCHAR) FROM {staged.table}"
        )
        while rows := reading.fetchmany(_BATCH_ROWS):
            recording.keep_lookup(source, name, rows, now)
        reading.close()


def _add_kept(db: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], kept: KeptRows) -> None:
    if not kept:
        return
    arrays = [pa.array([key for key, _ in kept], pa.string())]
    arrays += [pa.array([values.get(value) for _, values in kept], pa.string()) for value in columns]
    db.register("kept_rows", pa.table(arrays, names=["key", *columns.values()]))
    db.execute(f"INSERT INTO {table} SELECT * FROM kept_rows ANTI JOIN {table} USING (key)")
    db.unregister("kept_rows")


def _add_file(db: duckdb.DuckDBPyConnection, lookup: LookupFile, table: str, number: int, staged: Staged) -> None:
    cells = {name: _cell(lookup, staged, name) for name in (*lookup.key, *lookup.values)}
    key = sql.joined_key([cells[name] for name in lookup.key])
    values = "".join(f", {cells[name]}" for name in lookup.values)
    db.execute(checks.lookup_rows(table, staged.table, key, values, newest_first=lookup.repeat == "last"))
    if lookup.repeat == "refuse":
        db.execute(checks.lookup_duplicates(staged.table, number, key, lookup.name, "; ".join(lookup.key)))


def _cell(lookup: LookupFile, staged: Staged, name: str) -> str:
    if name not in staged.columns:
        raise ColumnAbsent(
            file=" and ".join(staged.labels[:3]),
            column=name,
            section=f"lookups.{lookup.name}",
            columns=tuple(staged.columns),
            meant=closest(name, staged.columns),
        )
    return sql.trimmed(f"f.{sql.name(staged.columns[name])}")
