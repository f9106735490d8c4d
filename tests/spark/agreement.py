"""When two engines have given the same answer: counts, words and days exactly, other numbers to 1e-9."""

import math
from decimal import Decimal

import pyarrow as pa


def differences(here: pa.Table, there: pa.Table) -> list[str]:
    """Return what differs between two answers, in words; nothing if they agree."""
    if here.column_names != there.column_names:
        return [f"columns {here.column_names} and {there.column_names}"]
    if here.num_rows != there.num_rows:
        return [f"{here.num_rows} rows and {there.num_rows} rows"]
    found = []
    for name in here.column_names:
        pairs = zip(here.column(name).to_pylist(), there.column(name).to_pylist(), strict=True)
        found += [f"{name}, row {row}: {a!r} and {b!r}" for row, (a, b) in enumerate(pairs) if not _same(a, b)]
    return found


def _same(a: object, b: object) -> bool:
    numbers = (int, float, Decimal)
    if isinstance(a, bool) or isinstance(b, bool) or not (isinstance(a, numbers) and isinstance(b, numbers)):
        return a == b
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return math.isclose(float(a), float(b), rel_tol=1e-9, abs_tol=1e-12)
