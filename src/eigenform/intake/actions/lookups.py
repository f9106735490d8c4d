"""Files that others are joined to: staged from this load, completed by what earlier loads kept, kept for later ones."""

from collections.abc import Mapping
from datetime import datetime

import duckdb
import pyarrow as pa

from eigenform.intake import contracts
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
    """Make the lookup's table; `_id` is the row of the file at hand, NULL for a row that was kept.

    A row of the file replaces one that was kept. Only a mended row does not where the first is to count: the kept one
    came before it, because what was kept never came from a refused row or from one after it.
    """
    table = f"l{number}"
    columns = {value: f"v{n}" for n, value in enumerate(lookup.values)}
    db.execute(f"CREATE TABLE {table} (_id BIGINT, key VARCHAR{''.join(f', {c} VARCHAR' for c in columns.values())})")
    kept_counts = staged is not None and staged[1].is_mended and lookup.repeat == "first"
    if kept_counts:
        _add_kept(db, table, columns, kept)
    if staged:
        _add_file(db, lookup, table, *staged)
    if not kept_counts:
        _add_kept(db, table, columns, kept)
    return StagedLookup(table, columns)


def file_of(lookup: LookupFile, files: Mapping[int, Staged]) -> tuple[int, Staged] | None:
    """Return number and stage of the file that fills the lookup, None if it is not at hand."""
    return next(((n, s) for n, s in files.items() if s.file.name == lookup.file), None)


def keep(
    db: duckdb.DuckDBPyConnection,
    mapping: contracts.Mapping,
    files: Mapping[int, Staged],
    lookups: Mapping[str, StagedLookup],
    now: datetime,
) -> None:
    """Keep the rows of every lookup with the source, so that a later file joins without theirs.

    A key whose row was refused (or came only after a refused one) is forgotten: the row that is mended will stand.
    """
    for name, staged in lookups.items():
        own = file_of(mapping.lookups[name], files)
        if own is None:
            continue
        db.execute(f"CREATE OR REPLACE TABLE doubtful AS {_doubtful(mapping.lookups[name], staged.table, *own)}")
        doubtful = [key for (key,) in db.execute("SELECT key FROM doubtful").fetchall()]
        recording.forget_lookup(mapping.name, name, doubtful)
        values = ", ".join(f"{sql.text(value)}, {column}" for value, column in staged.columns.items())
        reading = db.cursor()
        reading.execute(
            f"SELECT row_number() OVER (ORDER BY key), key, CAST(json_object({values}) AS VARCHAR) FROM {staged.table} "
            "ANTI JOIN doubtful USING (key) WHERE _id IS NOT NULL"
        )
        while rows := reading.fetchmany(_BATCH_ROWS):
            recording.keep_lookup(mapping.name, name, rows, now)
        reading.close()


def _add_kept(db: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], kept: KeptRows) -> None:
    if not kept:
        return
    arrays = [pa.array([key for key, _ in kept], pa.string())]
    arrays += [pa.array([values.get(value) for _, values in kept], pa.string()) for value in columns]
    db.register("kept_rows", pa.table(arrays, names=["key", *columns.values()]))
    db.execute(f"INSERT INTO {table} SELECT NULL, * FROM kept_rows ANTI JOIN {table} USING (key)")
    db.unregister("kept_rows")


def _add_file(db: duckdb.DuckDBPyConnection, lookup: LookupFile, table: str, number: int, staged: Staged) -> None:
    key = _key(lookup, staged)
    values = "".join(f", {_cell(lookup, staged, name)}" for name in lookup.values)
    db.execute(checks.lookup_rows(table, staged.table, key, values, newest_first=lookup.repeat == "last"))
    if lookup.repeat == "refuse":
        db.execute(checks.lookup_duplicates(staged.table, number, key, lookup.name, "; ".join(lookup.key)))


def _doubtful(lookup: LookupFile, table: str, number: int, staged: Staged) -> str:
    return checks.lookup_doubtful(
        table, staged.table, number, _key(lookup, staged), newest_first=lookup.repeat == "last"
    )


def _key(lookup: LookupFile, staged: Staged) -> str:
    return sql.joined_key([_cell(lookup, staged, name) for name in lookup.key])


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
