"""Between Arrow tables and the arrays that `value` takes; and the compressed form in which a turn keeps its inputs.

Any frame that speaks Arrow will do (`__arrow_c_stream__`: pandas from 2.2, Polars, DuckDB relations, pyarrow), and what
comes back is a pyarrow table, which all of them read.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import ArrayLike, NDArray

from eigenform.base.errors import Refused
from eigenform.value.lifetime import Summary


class FrameUnusable(Refused):
    """What was given is no frame of purchase histories."""

    code = "analytics.frame_unusable"

    def __init__(self, *, problem: str, column: str | None = None, known: Sequence[str] = ()) -> None:
        self.problem, self.column, self.known = problem, column, list(known)
        has = f" It has {', '.join(known)}." if known else ""
        super().__init__(f"The frame cannot be used: {problem}.{has}")


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """Purchase histories of n customers, and whose they are: ids of shape (n,), or None if no column names them."""

    summary: Summary
    customers: pa.ChunkedArray | None


def from_arrow(
    frame: Any,
    *,
    repeats: str = "repeats",
    last: str = "last_week",
    age: str = "age_weeks",
    mean_spend: str | None = None,
    weight: str | None = None,
    customer: str | None = None,
) -> Histories:
    """Return the purchase histories that a frame holds, one row per customer, in its order.

    frame  anything with `__arrow_c_stream__`
    repeats, last, age  names of the columns with purchase events after the first, time of the last one and age, both
           counted from the first purchase and in one unit; see `Summary`
    mean_spend, weight, customer  names of further columns, None where there are none

    Nulls and nan are the same. Raises FrameUnusable for what is no frame, lacks a column or holds no numbers there, and
    ImpossibleHistory for histories that cannot have happened.
    """
    if not hasattr(frame, "__arrow_c_stream__"):
        raise FrameUnusable(problem=f"a {type(frame).__name__} does not speak Arrow (no __arrow_c_stream__)")
    table = pa.table(frame)
    named = {"repeats": repeats, "last_week": last, "age_weeks": age, "mean_spend": mean_spend, "weight": weight}
    arrays = {field: _floats(table, column) for field, column in named.items() if column is not None}
    return Histories(Summary(**arrays), None if customer is None else _column(table, customer))


def to_arrow(columns: Mapping[str, ArrayLike], *, customers: pa.ChunkedArray | pa.Array | None = None) -> pa.Table:
    """Return scores as a pyarrow table: `customer` first if ids are given, then the columns as given, nan as null.

    Raises FrameUnusable if a column is not as long as the ids.
    """
    named = {} if customers is None else {"customer": customers}
    table = named | {name: pa.array(np.asarray(values), from_pandas=True) for name, values in columns.items()}
    lengths = {len(values) for values in table.values()}
    if len(lengths) > 1:
        raise FrameUnusable(problem=f"its columns have different lengths: {sorted(lengths)}")
    return pa.table(table)


def _column(table: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        raise FrameUnusable(problem=f"it has no column {name}", column=name, known=table.column_names)
    return table.column(name)


def _floats(table: pa.Table, name: str) -> NDArray[np.float64]:
    _column(table, name)
    try:
        return numbers(table, name)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise FrameUnusable(problem=f"column {name} does not hold numbers", column=name) from None


def numbers(table: pa.Table, column: str) -> NDArray[np.float64]:
    """Return a column as floats, nan where it is null; days become days since 1970-01-01."""
    values = table.column(column).combine_chunks()
    if pa.types.is_date(values.type):
        values = values.cast(pa.date32()).cast(pa.int32())
    floats = values.cast(pa.float64())
    if floats.null_count:
        floats = floats.fill_null(np.nan)
    return np.asarray(np.from_dlpack(floats), dtype=np.float64)  # to_numpy would import pandas where it is installed


def texts(table: pa.Table, column: str) -> list[str]:
    """Return a column as strings, empty where it is null."""
    return [value or "" for value in table.column(column).to_pylist()]


def codes(labels: Sequence[str]) -> tuple[NDArray[np.int64], list[str]]:
    """Return each label's index into the sorted distinct labels, and those labels."""
    if not len(labels):
        return np.zeros(0, dtype=np.int64), []
    distinct, index = np.unique(np.asarray(labels, dtype=object).astype(str), return_inverse=True)
    return index.astype(np.int64), [str(label) for label in distinct]


def to_parquet(table: pa.Table) -> bytes:
    """Return the table as compressed Parquet."""
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def from_parquet(content: bytes) -> pa.Table:
    """Read it back."""
    return pq.read_table(io.BytesIO(content))
