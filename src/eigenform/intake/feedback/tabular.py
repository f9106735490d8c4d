"""Opens any file of rows: its column names, and its records one by one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eigenform.intake.contracts import FileUnreadable
from eigenform.intake.feedback import excel
from eigenform.intake.feedback.csv_records import Record, records
from eigenform.intake.feedback.locating import Part
from eigenform.intake.feedback.opening import text_stream, wide_encoding

_KINDS = {
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".ods"), "excel"),
}


def kind_of(path: Path) -> str:
    """Return parquet, excel or text, by the file's ending."""
    return _KINDS.get(path.suffix.lower(), "text")


@contextmanager
def opened(part: Part) -> Iterator[tuple[list[str], Iterator[Record]]]:
    """Open a text or Excel file. Raises FileUnreadable if it is empty or not what it says it is."""
    if kind_of(part.path) == "excel":
        yield _split(part, excel.records(part.path, part.file.sheet))
        return
    wide = wide_encoding(part.path)
    if wide and not part.file.encoding.lower().replace("-", "").startswith("utf16"):
        raise FileUnreadable(
            file=part.label, problem=f"it is written in {wide}", remedy=f'Add encoding = "{wide}" to the mapping'
        )
    with text_stream(part.path, part.file.encoding) as stream:
        yield _split(part, records(stream, part.file))


def _split(part: Part, found: Iterator[Record]) -> tuple[list[str], Iterator[Record]]:
    if not part.file.has_header:
        return list(part.file.columns), found
    first = next(found, None)
    if first is None:
        raise FileUnreadable(file=part.label, problem="it is empty", remedy="Export it again")
    _, names, bad = first
    if bad:
        raise FileUnreadable(file=part.label, problem=f"its header cannot be read: {bad.reason}", remedy=bad.remedy)
    return [name.strip() for name in names], found
