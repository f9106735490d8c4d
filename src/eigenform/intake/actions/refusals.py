"""Tells what was refused: every problem of a row in one line, with the row's own cells."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eigenform.intake import queries
from eigenform.intake.actions.checking import Checked
from eigenform.intake.contracts import Refusal
from eigenform.intake.decisions import sql
from eigenform.intake.feedback.staging import Staged

_BATCH_ROWS = 2_000


def count(checked: Checked) -> int:
    """Return how many source rows were refused."""
    found = checked.stage.db.execute("SELECT count(*) FROM (SELECT DISTINCT file, id FROM refused)").fetchone()
    return (int(found[0]) if found else 0) + len(checked.strangers)


def reasons(checked: Checked, limit: int = 20) -> dict[str, int]:
    """Return the commonest reasons with how many rows each concerns; values inside a reason count as one."""
    found = checked.stage.db.execute(
        r"SELECT regexp_replace(reason, '''[^'']*''|line \d+', '…', 'g') AS kind, count(*) "
        "FROM refused GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?",
        [limit],
    ).fetchall()
    return {str(reason): int(rows) for reason, rows in found}


def refusals(checked: Checked) -> Iterator[Refusal]:
    """Yield every refused row, file by file, in the order of the lines."""
    for number, staged in sorted(checked.files.items()):
        yield from _of_file(checked, number, staged)
    for label, row in checked.strangers:
        yield Refusal(label, row, "_file", f"the mapping has no file called {label!r}", "Mend the cell _file", {})


def _of_file(checked: Checked, number: int, staged: Staged) -> Iterator[Refusal]:
    numbered = [p for p in checked.prepared if p.file == number and p.section.repeat == "ordinal"]
    joins = " ".join(f"LEFT JOIN {p.table} ON {p.table}._id = f._id" for p in numbered)
    ordinals = ", ".join(f"{sql.text(p.section.label)}, {p.table}.key" for p in numbered)
    cells = ", ".join(f"f.{sql.name(column)}" for column in staged.columns.values())
    db = checked.stage.db.cursor()
    db.execute(
        f"SELECT f._part, f._row, r.columns, r.reason, r.remedy, r.private, "
        f"{f'json_object({ordinals})' if ordinals else 'NULL'}, {cells} FROM {staged.table} f {joins} JOIN ("
        "SELECT id, string_agg(DISTINCT columns, '; ') AS columns, string_agg(reason, '; ' ORDER BY reason) AS reason, "
        "string_agg(DISTINCT remedy, '; ') AS remedy, bool_or(private) AS private "
        f"FROM (SELECT DISTINCT * FROM refused WHERE file = {number}) GROUP BY id) r ON r.id = f._id "
        "ORDER BY f._part, f._row, f._id"
    )
    while rows := db.fetchmany(_BATCH_ROWS):
        for row in rows:
            yield _refusal(staged, row)
    db.close()


def _refusal(staged: Staged, row: tuple[Any, ...]) -> Refusal:
    part, line, columns, reason, remedy, private, ordinals, *cells = row
    values = {} if private else {n: c or "" for n, c in zip(staged.columns, cells, strict=True)}
    kept = {k: v for k, v in json.loads(ordinals).items() if v} if ordinals and not private else {}
    return Refusal(
        file=staged.labels[part],
        row=line,
        column=columns or "",
        reason=reason,
        remedy=remedy or "",
        values=values,
        ordinals=json.dumps(kept) if kept else "",
    )


def write_errors_file(checked: Checked, path: Path) -> None:
    """Write the refused rows as csv: the source's columns, then where and why. The same mapping loads it again.

    Cells are written exactly as they came. A cell that begins with = is not made harmless for spreadsheets,
    because a mended file must give back what was in the source.
    """
    columns: dict[str, None] = {}
    has_ordinals = False
    for number, staged in checked.files.items():
        hit = checked.stage.db.execute("SELECT count(*) FROM refused WHERE file = ?", [number]).fetchone()
        if hit and hit[0]:
            columns.update(dict.fromkeys(staged.columns))
            has_ordinals |= any(p.file == number and p.section.repeat == "ordinal" for p in checked.prepared)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(queries.csv_line([*columns, *queries.MARKS, *(["_ordinals"] if has_ordinals else [])]))
        for one in refusals(checked):
            marks = (one.file, one.row, one.column, one.reason, one.remedy)
            last = [one.ordinals] if has_ordinals else []
            out.write(queries.csv_line([*(one.values.get(c, "") for c in columns), *marks, *last]))
