"""Read the intake's own tables back: loads, refused rows, mappings, kept lookups."""

import csv
import io
import time
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path

from eigenform.intake.contracts import LoadRow, LoadUnknown, MappingRow, Refusal, RefusalPage
from eigenform.intake.models import Load, Lookup, Mapping, RefusedRow

PAGE_ROWS = 50
SILENT_AFTER_SECONDS = 15
MARKS = ("_file", "_row", "_column", "_reason", "_remedy")


def lookup_rows(source: str, name: str) -> list[tuple[str, dict[str, str]]]:
    """Return what an earlier load kept of a file that others are joined to."""
    return list(Lookup.objects.filter(source=source, name=name).values_list("key", "values"))


def loads(limit: int = 20) -> tuple[LoadRow, ...]:
    """Return the latest loads, newest first."""
    return tuple(_load_row(row) for row in Load.objects.select_related("mapping").order_by("-id")[:limit])


def load(load_id: int) -> LoadRow:
    """Return one load. Raises LoadUnknown."""
    found = Load.objects.select_related("mapping").filter(id=load_id).first()
    if found is None:
        raise LoadUnknown(load_id=load_id)
    return _load_row(found)


def running() -> tuple[LoadRow, ...]:
    """Return the loads that wait or run, oldest first; one whose process is gone is not among them."""
    found = Load.objects.select_related("mapping").filter(state__in=("waiting", "running")).order_by("id")
    return tuple(row for row in map(_load_row, found) if row.state != "interrupted")


def _is_silent(row: Load) -> bool:
    """Whether the process that ran the load gave no sign of life lately: it was killed, or the machine went down."""
    try:
        return time.time() - row.sign_of_life.stat().st_mtime > SILENT_AFTER_SECONDS
    except FileNotFoundError:
        return True


def refused_rows(load_id: int, after_id: int = 0, limit: int = PAGE_ROWS) -> RefusalPage:
    """Return a page of the refused rows of a load, in file order."""
    found = list(RefusedRow.objects.filter(load_id=load_id, id__gt=after_id).order_by("id")[: limit + 1])
    next_id = found[limit - 1].id if len(found) > limit else None
    return RefusalPage(tuple(_refusal(row) for row in found[:limit]), next_id)


def errors_csv(load_id: int) -> Iterator[str]:
    """Yield the errors file of a load, line by line: it can be mended and loaded again by the same mapping."""
    load(load_id)
    columns: dict[str, None] = {}
    for values in RefusedRow.objects.filter(load_id=load_id).order_by("id").values_list("values", flat=True).iterator():
        columns.update(dict.fromkeys(dict(values)))
    names = [name for name in columns if name != "_ordinals"]
    yield csv_line([*names, *MARKS, *(["_ordinals"] if "_ordinals" in columns else [])])
    for row in RefusedRow.objects.filter(load_id=load_id).order_by("id").iterator():
        marks = (row.file, row.row, row.column, row.reason, row.remedy)
        last = [row.cells.get("_ordinals", "")] if "_ordinals" in columns else []
        yield csv_line([*(row.cells.get(name, "") for name in names), *marks, *last])


def csv_line(cells: Sequence[object]) -> str:
    """Return one line of csv."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def mappings() -> tuple[MappingRow, ...]:
    """Return the mappings that can be chosen: those shipped, then the latest text of each that was used here."""
    bundled = [_bundled(path.name, path.read_text()) for path in bundled_files()]
    names = {row.name for row in bundled}
    stored: dict[str, MappingRow] = {}
    for row in Mapping.objects.order_by("id"):
        stored[row.name] = MappingRow(row.name, title_of(row.text), row.text, bundled=False, mapping_id=row.id)
    return (*bundled, *(row for name, row in stored.items() if name not in names))


def mapping_of(load_id: int) -> MappingRow:
    """Return the mapping by which a load was made, as it was then. Raises LoadUnknown."""
    found = Load.objects.select_related("mapping").filter(id=load_id).first()
    if found is None:
        raise LoadUnknown(load_id=load_id)
    own = found.mapping
    return MappingRow(own.name, title_of(own.text), own.text, bundled=False, mapping_id=own.id)


def bundled_files() -> list[Path]:
    """Return the files of the mappings that are shipped: in the installed package, else in the source tree."""
    inside = Path(str(resources.files("eigenform.intake"))) / "examples"
    folder = inside if inside.is_dir() else Path(__file__).parents[3] / "examples"
    return sorted(folder.glob("*.toml")) if folder.is_dir() else []


def title_of(text: str) -> str:
    """Return the first comment of a mapping."""
    first = text.lstrip().partition("\n")[0]
    return first.lstrip("# ").strip() if first.startswith("#") else ""


def _bundled(name: str, text: str) -> MappingRow:
    return MappingRow(name.removesuffix(".toml"), title_of(text), text, bundled=True)


def _load_row(row: Load) -> LoadRow:
    return LoadRow(
        load_id=row.id,
        mapping=row.mapping.name,
        path=Path(row.path).name,
        state="interrupted" if row.state == "running" and _is_silent(row) else row.state,
        dry_run=row.dry_run,
        actor=row.actor,
        started_at=row.started_at,
        finished_at=row.finished_at,
        step=row.step,
        rows_done=row.rows_done,
        rows_total=row.rows_total,
        message=row.message,
        answer=row.answer,
    )


def _refusal(row: RefusedRow) -> Refusal:
    values = {k: v for k, v in row.cells.items() if k != "_ordinals"}
    return Refusal(row.file, row.row, row.column, row.reason, row.remedy, values, row.cells.get("_ordinals", ""))
