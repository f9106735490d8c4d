"""Tables as csv files that a spreadsheet opens without running anything in them."""

import csv
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> object:
    """Put an apostrophe before text that a spreadsheet would take for a formula; numbers and dates stay."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_STARTS_A_FORMULA) else value


def csv_response(filename: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Answer with a csv file to download, in UTF-8 with a mark by which spreadsheets know it."""
    response = HttpResponse("\N{BYTE ORDER MARK}", content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    lines = csv.writer(response)
    lines.writerow(header)
    lines.writerows([safe_cell(cell) for cell in row] for row in rows)
    return response
