"""Reads a sheet of an Excel or OpenDocument file as texts."""

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

import python_calamine

from eigenform.intake.contracts import FileUnreadable
from eigenform.intake.feedback.csv_records import Record


def records(path: Path, sheet: str) -> Iterator[Record]:
    """Yield the rows of a sheet (the first unless named) with their numbers as the program shows them."""
    try:
        book = python_calamine.load_workbook(str(path))
    except Exception as error:  # the library raises its own and plain ones alike
        raise FileUnreadable(
            file=path.name, problem=f"it is not an Excel file ({error})", remedy="Save it as .xlsx"
        ) from None
    if sheet and sheet not in book.sheet_names:
        raise FileUnreadable(
            file=path.name,
            problem=f"it has no sheet {sheet!r}; it has {', '.join(book.sheet_names)}",
            remedy="Mend the mapping",
        )
    found = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
    for number, row in enumerate(found.to_python(skip_empty_area=False), start=1):
        cells = [_text(cell) for cell in row]
        if any(cells):
            yield number, cells, None


def _text(cell: object) -> str:
    """Return a cell as csv would hold it: a whole number without .0, dates as ISO."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d") if cell.time() == time() else cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell)
