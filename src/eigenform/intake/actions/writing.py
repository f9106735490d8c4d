"""Writes a judged load in batches, each one transaction, and counts what became of every source row."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa

from eigenform.intake.actions import recorders
from eigenform.intake.actions.checking import Checked, Prepared
from eigenform.intake.contracts import TABLES
from eigenform.intake.decisions import checks, sql
from eigenform.records import bulk

BATCH_ROWS = 50_000
Report = Callable[[str, int, int | None], None]


def write(checked: Checked, *, load_id: int | None, at: datetime, dry_run: bool, report: Report) -> None:
    """Write every kept row (in a dry run only compare), and note in the stage which were there already."""
    total = sum(_count(checked, one) for one in checked.prepared)
    done = 0
    for one in sorted(checked.prepared, key=lambda p: tuple(TABLES).index(p.section.table)):
        columns = ("key", *one.compiled.outputs)
        for rows in _batches(checked, one, columns):
            incoming = bulk.Incoming(checked.mapping.name, columns, rows, load_id, at, dry_run)
            _note(checked, one, recorders.record(one.section.table, incoming))
            done += len(rows)
            report(f"writing {one.section.table}", done, total)
        if one.section.identifiers:
            _write_identifiers(checked, one, at=at, dry_run=dry_run)


def _write_identifiers(checked: Checked, one: Prepared, *, at: datetime, dry_run: bool) -> None:
    db = checked.stage.db.cursor()
    db.execute(
        f"SELECT min(i.id), i.kind, i.value, min(i.key) FROM identifiers i JOIN {checks.good(one.table, one.file)} g "
        f"ON g._id = i.id WHERE i.section = {one.number} GROUP BY i.kind, i.value ORDER BY 1"
    )
    while rows := db.fetchmany(BATCH_ROWS):
        incoming = bulk.Incoming(checked.mapping.name, ("kind", "value", "customer_key"), rows, None, at, dry_run)
        same = recorders.record("identifiers", incoming).unchanged
        new = sorted({row[0] for row in rows} - set(same))
        _insert(checked, "new_identifiers", [(one.number, row_id) for row_id in new])
    db.close()


def _batches(checked: Checked, one: Prepared, columns: tuple[str, ...]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows that stand for a key, in file order; children of a self-referring table after their parents."""
    has_levels = one.section.table == "customers" and "parent_key" in one.compiled.outputs
    listed = ", ".join(_as_written(name) for name in columns)
    level = f"LEFT JOIN levels{one.number} v ON v.key = t.key" if has_levels else ""
    order = "coalesce(v.level, 0)" if has_levels else "0"
    db = checked.stage.db.cursor()
    db.execute(
        f"SELECT {order} AS level, t._id, {listed} FROM {one.table} t "
        f"SEMI JOIN k{one.number} k ON k._id = t._id {level} ORDER BY 1, 2"
    )
    while rows := db.fetchmany(BATCH_ROWS):
        for number in range(rows[0][0], rows[-1][0] + 1) if has_levels else (0,):
            part = [row[1:] for row in rows if row[0] == number]
            if part:
                yield part
    db.close()


def _as_written(name: str) -> str:
    """Decimals go as texts: the databases read them exactly."""
    column = f"t.{sql.name(name)}"
    return f"CAST({column} AS VARCHAR)" if name in ("quantity", "unit_price") else column


def _note(checked: Checked, one: Prepared, written: bulk.Written) -> None:
    _insert(checked, "same", [(one.number, row_id) for row_id in written.unchanged])
    for lost in written.lost:  # it went while we were checking
        checked.stage.db.execute(
            "INSERT INTO refused VALUES "
            "(?, ?, ?, 'the row that it names went away during the load', 'Load it again', false)",
            [one.file, lost.number, lost.column],
        )


def _insert(checked: Checked, table: str, rows: list[tuple[int, int]]) -> None:
    db = checked.stage.db
    db.execute("CREATE TABLE IF NOT EXISTS new_identifiers (section INTEGER, id BIGINT)")
    if not rows:
        return
    sections, ids = zip(*rows, strict=True)
    db.register("noted", pa.table([pa.array(sections, pa.int32()), pa.array(ids, pa.int64())], names=["section", "id"]))
    db.execute(f"INSERT INTO {table} SELECT * FROM noted")
    db.unregister("noted")


def _count(checked: Checked, one: Prepared) -> int:
    found = checked.stage.db.execute(f"SELECT count(*) FROM k{one.number}").fetchone()
    return int(found[0]) if found else 0


def rows_loaded(checked: Checked) -> int:
    """Return how many source rows something new or changed came from."""
    total = 0
    for file in checked.files:
        mine = [one for one in checked.prepared if one.file == file]
        parts = [checks.touched(one.table, one.file, one.number) for one in mine]
        parts += [
            f"SELECT g._id FROM {checks.good(one.table, one.file)} g "
            f"JOIN new_identifiers n ON n.id = g._id AND n.section = {one.number}"
            for one in mine
            if one.section.identifiers
        ]
        if parts:
            found = checked.stage.db.execute(
                f"SELECT count(DISTINCT _id) FROM ({' UNION ALL '.join(parts)})"
            ).fetchone()
            total += int(found[0]) if found else 0
    return total


def rows_by_table(checked: Checked) -> dict[str, int]:
    """Return how many rows of each intake table are there because of these files."""
    by_table: dict[str, list[str]] = {}
    for one in checked.prepared:
        by_table.setdefault(one.section.table, []).append(f"SELECT key FROM k{one.number}")
    found = {}
    for table, parts in by_table.items():
        row = checked.stage.db.execute(f"SELECT count(DISTINCT key) FROM ({' UNION ALL '.join(parts)})").fetchone()
        found[table] = int(row[0]) if row else 0
    return found
