"""Between Arrow tables and the arrays that `value` takes; and the compressed form in which a turn keeps its inputs."""

import io
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray


def numbers(table: pa.Table, column: str) -> NDArray[np.float64]:
    """Return a column as floats, nan where it is null; days become days since 1970-01-01."""
    values = table.column(column).combine_chunks()
    if pa.types.is_date(values.type):
        values = values.cast(pa.date32()).cast(pa.int32())
    return np.asarray(values.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False), dtype=np.float64)


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
