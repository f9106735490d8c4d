"""A file of candidates as columns of numbers, read column by column so that millions of rows fit into little memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from eigenform.analytics.allocation.refusals import (
    CandidatesCellWrong,
    CandidatesColumnMissing,
    CandidatesUnreadable,
)

COLUMNS = ("customer", "offer", "value", "cost", "channel", "minutes")
_NUMBERS = ("value", "cost", "minutes")
_TEXTS = ("customer", "offer", "channel", "segment")
_ROWS = 262_144  # read at once


@dataclass(frozen=True, slots=True)
class Names:
    """A column of names as numbers: `codes` (n,) point into `names`."""

    codes: NDArray[np.integer]
    names: tuple[str, ...]


class CandidateFile:
    """A csv, csv.gz or parquet file with at least the columns of COLUMNS."""

    def __init__(self, path: Path) -> None:
        """Open a file and look at its columns. Raises CandidatesUnreadable or CandidatesColumnMissing."""
        self.path, self.file = path, path.name
        self._table: pa.Table | None = None
        if path.suffix == ".parquet":
            self._parquet = self._opened()
            self.schema = self._parquet.schema_arrow
            self.rows = self._parquet.metadata.num_rows
        elif path.name.endswith((".csv", ".csv.gz")):
            self._table = self._parsed()
            self.schema, self.rows = self._table.schema, self._table.num_rows
        else:
            raise CandidatesUnreadable(
                file=self.file, problem="its name says no format", remedy="Name it .csv, .csv.gz or .parquet."
            )
        missing = [name for name in COLUMNS if name not in self.schema.names]
        if missing:
            raise CandidatesColumnMissing(file=self.file, missing=missing, known=self.schema.names)

    def numbers(self, column: str, *, least: float | None = None) -> NDArray[np.float64]:
        """Return a column of finite numbers. Raises CandidatesCellWrong naming the first row that is none."""
        found = np.empty(self.rows)
        at = 0
        for array in self._arrays(column):
            try:
                part = array.cast(pa.float64())
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
                raise self._no_number(column, array, at) from None
            values = part.to_numpy(zero_copy_only=False)
            self._refuse_odd(column, values, at, least)
            found[at : at + len(values)] = values
            at += len(values)
        give_back()
        return found

    def names(self, column: str) -> Names:
        """Return a column of few names, numbered as they appear. Raises CandidatesCellWrong for an empty cell."""
        numbers: dict[str, int] = {}
        codes = np.empty(self.rows, np.int32)
        at = 0
        for array in self._arrays(column):
            self._refuse_empty(column, array, at)
            encoded = array.dictionary_encode()
            place = [numbers.setdefault(name, len(numbers)) for name in _texts(encoded.dictionary)]
            codes[at : at + len(encoded)] = np.array(place, np.int32)[encoded.indices.to_numpy()]
            at += len(encoded)
        give_back()
        return Names(codes.astype(np.int8) if len(numbers) < 2**7 else codes, tuple(numbers))

    def numbered(self, column: str) -> NDArray[np.int32]:
        """Return a column of very many names as numbers only. Raises CandidatesCellWrong for an empty cell.

        Rows of one name mostly follow each other: only the first of each run is looked up.
        """
        heads, begins, at = [], [], 0
        for array in self._arrays(column):
            self._refuse_empty(column, array, at)
            other = np.ones(len(array), bool)
            other[1:] = pc.not_equal(array[1:], array[:-1]).to_numpy(zero_copy_only=False)
            begin = np.flatnonzero(other)
            heads.append(array.take(pa.array(begin)))
            begins.append(begin + at)
            at += len(array)
        if not heads:
            return np.empty(0, np.int32)
        encoded = pa.concat_arrays(heads).dictionary_encode()
        del heads
        codes = encoded.indices.to_numpy().astype(np.int32)
        del encoded, array
        give_back()
        lengths = np.diff(np.concatenate(begins), append=at).astype(np.int64)
        return np.repeat(codes, lengths)

    def _refuse_empty(self, column: str, array: pa.Array, at: int) -> None:
        if array.null_count:
            row = at + int(np.flatnonzero(array.is_null().to_numpy(zero_copy_only=False))[0]) + 1
            raise CandidatesCellWrong(
                file=self.file, column=column, row=row, problem="it is empty", remedy="Fill it in, or drop the row."
            )

    def write(self, chosen: NDArray[np.bool_], out: Path) -> None:
        """Write the chosen rows with all their columns, in the file's order."""
        writer = _writer(out, self.schema)
        at = 0
        with writer:
            for batch in self._batches(None):
                kept = batch.filter(pa.array(chosen[at : at + batch.num_rows]))
                writer.write_table(pa.Table.from_batches([kept], self.schema))
                at += batch.num_rows

    def _opened(self) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(self.path, pre_buffer=False)
        except (OSError, pa.ArrowInvalid) as error:
            raise self._unreadable(error) from None

    def _parsed(self) -> pa.Table:
        texts = dict.fromkeys(_TEXTS, pa.string())
        options = pacsv.ConvertOptions(column_types=texts, strings_can_be_null=True)
        try:
            return pacsv.read_csv(self.path, convert_options=options)
        except (OSError, pa.ArrowInvalid) as error:
            raise self._unreadable(error) from None

    def _unreadable(self, error: Exception) -> CandidatesUnreadable:
        problem = str(error).split("\n", maxsplit=1)[0].rstrip(".") or type(error).__name__
        return CandidatesUnreadable(file=self.file, problem=problem, remedy="Name a csv or parquet file with a header.")

    def _batches(self, columns: list[str] | None) -> Iterator[pa.RecordBatch]:
        if self._table is not None:
            yield from (self._table.select(columns) if columns else self._table).to_batches(max_chunksize=_ROWS)
        else:
            yield from self._parquet.iter_batches(_ROWS, columns=columns, use_threads=False)

    def _arrays(self, column: str) -> Iterator[pa.Array]:
        for batch in self._batches([column]):
            array = batch.column(0)
            yield array.dictionary_decode() if isinstance(array, pa.DictionaryArray) else array

    def _no_number(self, column: str, array: pa.Array, at: int) -> CandidatesCellWrong:
        for row, value in enumerate(array.to_pylist(), at + 1):
            try:
                float(value)
            except (TypeError, ValueError):
                return CandidatesCellWrong(
                    file=self.file,
                    column=column,
                    row=row,
                    problem=f"{value!r} is no number",
                    remedy="Write it as 12.5.",
                )
        return CandidatesCellWrong(
            file=self.file, column=column, row=at + 1, problem="it holds no numbers", remedy="Write numbers as 12.5."
        )

    def _refuse_odd(self, column: str, values: NDArray[np.float64], at: int, least: float | None) -> None:
        odd = ~np.isfinite(values)
        if odd.any():
            problem, remedy = "it is empty or no finite number", "Fill it in, or drop the row."
        elif least is not None and (odd := values < least).any():
            problem, remedy = f"it is below {least:g}", "A cost or a time is 0 or more; a refund is not a contact."
        else:
            return
        row = int(np.flatnonzero(odd)[0])
        shown = "" if np.isnan(values[row]) else f" ({values[row]:g})"
        raise CandidatesCellWrong(
            file=self.file, column=column, row=at + row + 1, problem=problem + shown, remedy=remedy
        )


def give_back() -> None:
    """Return to the system what reading a column has left unused: the next column needs it."""
    pa.default_memory_pool().release_unused()


def shortened(values: NDArray[np.float64]) -> NDArray[np.floating]:
    """Return the numbers in single precision if that changes none of them: half the memory."""
    short = values.astype(np.float32)
    return short if np.array_equal(short, values) else values


class OutUnwritable(CandidatesUnreadable):
    """The chosen rows cannot be written."""

    code = "analytics.choice_unwritable"


def _writer(out: Path, schema: pa.Schema) -> pq.ParquetWriter | pacsv.CSVWriter:
    try:
        if out.suffix == ".parquet":
            return pq.ParquetWriter(out, schema)
        if out.name.endswith((".csv", ".csv.gz")):
            return pacsv.CSVWriter(pa.output_stream(str(out), compression="detect"), schema)
    except OSError as error:
        raise OutUnwritable(
            file=out.name, problem=error.strerror or str(error), remedy="Name a place where you may write."
        ) from None
    raise OutUnwritable(file=out.name, problem="its name says no format", remedy="Name it .csv, .csv.gz or .parquet.")


def _texts(dictionary: pa.Array) -> tuple[str, ...]:
    return tuple(pc.cast(dictionary, pa.string()).to_pylist())
