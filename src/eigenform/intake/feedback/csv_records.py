"""Reads delimited text record by record, with the line each began on, and goes on after a broken one.

The standard csv module parses; this adds what real files need: a quote that never closes costs one line instead of
the rest of the file, a field of megabytes costs one row, bytes of a wrong encoding are found with their column.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from eigenform.intake.contracts import SourceFile

FIELD_CHARS_MAX = 1_000_000
_PARSE_CHARS_MAX = 16_000_000
_SHOWN_CHARS = 200
LOST = "\ufffd"  # stands in the errors file for what could not be read; a mended row must not hold it any more
_ODD = re.compile("[\0\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Bad:
    """Why a record cannot be taken as it is."""

    column: int | None
    reason: str
    remedy: str


Record = tuple[int, list[str], Bad | None]


class _TooLong(Exception):
    pass


class _Lines:
    """Physical lines with their number, which can be given back."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._given_back: deque[str] = deque()
        self.number = 0
        self.taken: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._given_back.popleft() if self._given_back else self._stream.readline(_PARSE_CHARS_MAX)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) >= _PARSE_CHARS_MAX:
            while line and line[-1] not in "\r\n":
                line = self._stream.readline(_PARSE_CHARS_MAX)
            raise _TooLong
        self.taken.append(line)
        return line

    def give_back_all_but_first(self) -> None:
        self._given_back.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1


def records(stream: TextIO, file: SourceFile) -> Iterator[Record]:
    """Yield line number, cells and what is wrong, for every record that is not blank; the header is one of them."""
    width = len(file.columns) or None
    if file.delimiter == "whitespace":
        yield from _blank_separated(stream, width)
        return
    csv.field_size_limit(_PARSE_CHARS_MAX)
    lines = _Lines(stream)
    reader = _reader(lines, file)
    while True:
        lines.taken.clear()
        start = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (_TooLong, csv.Error) as error:
            yield _broken(lines, start, width, error)
            reader = _reader(lines, file)
            continue
        if cells:
            width = width or len(cells)
            yield start, *_checked(cells, width, any(map(_is_odd, lines.taken)))


def _reader(lines: _Lines, file: SourceFile) -> Iterator[list[str]]:
    if not file.quote:
        return csv.reader(lines, delimiter=file.delimiter, quoting=csv.QUOTE_NONE, strict=True)
    return csv.reader(lines, delimiter=file.delimiter, quotechar=file.quote, strict=True)


def _is_odd(line: str) -> bool:
    return (not line.isascii() and _ODD.search(line) is not None) or "\0" in line


def _blank_separated(stream: TextIO, width: int | None) -> Iterator[Record]:
    for number, line in enumerate(stream, start=1):
        cells = line.split()
        if cells:
            width = width or len(cells)
            yield number, *_checked(cells, width, _is_odd(line))


def _broken(lines: _Lines, start: int, width: int | None, error: Exception) -> Record:
    shown = lines.taken[0][:_SHOWN_CHARS].rstrip("\r\n") if lines.taken else ""
    if isinstance(error, _TooLong):
        bad = Bad(None, f"the line is longer than {_PARSE_CHARS_MAX} characters", "Mend the line in its own file")
    else:
        lines.give_back_all_but_first()
        bad = Bad(
            None, f"a quote that is opened here is not closed ({error})", "Close the quote, or double it inside a text"
        )
    return start, _readable([shown + LOST] + [LOST] * ((width or 1) - 1)), bad


def still_lost(record: Record, own: frozenset[int]) -> Record:
    """Return the record of a mended file, bad if a cell still holds the mark of what was lost.

    own  places of the source's own columns: the reasons and remedies beside them speak of the mark, and may
    """
    line, cells, bad = record
    lost = next((n for n, cell in enumerate(cells) if n in own and LOST in cell), None)
    if bad or lost is None:
        return record
    return (
        line,
        cells,
        Bad(lost, f"the cell still holds {LOST}, which stands for what could not be read", "Write it anew"),
    )


def _checked(cells: list[str], width: int | None, is_odd: bool) -> tuple[list[str], Bad | None]:
    bad: Bad | None = None
    long = next((n for n, cell in enumerate(cells) if len(cell) > FIELD_CHARS_MAX), None)
    if long is not None:
        bad = Bad(long, f"the cell has {len(cells[long])} characters, more than {FIELD_CHARS_MAX}", "Shorten it")
        cells = [c if len(c) <= FIELD_CHARS_MAX else c[:_SHOWN_CHARS] + LOST for c in cells]
    if is_odd:
        odd = next((n for n, cell in enumerate(cells) if _ODD.search(cell)), None)
        what = "a NUL character" if odd is not None and "\0" in cells[odd] else "bytes of another encoding"
        bad = bad or Bad(
            odd,
            f"the cell holds {what}",
            f"Write the text anew where {LOST} stands, or name the encoding in the mapping",
        )
        cells = _readable(cells)
    if width is not None and len(cells) != width:
        bad = Bad(
            None,
            f"it has {len(cells)} cells where the header has {width}",
            f"Mend the row; {LOST} marks where cells were missing or too many",
        )
        cells = _fitted(cells, width)
    return cells, bad


def _readable(cells: list[str]) -> list[str]:
    return [_ODD.sub(LOST, cell) for cell in cells]


def _fitted(cells: list[str], width: int) -> list[str]:
    if len(cells) < width:
        return cells + [LOST] * (width - len(cells))
    return [*cells[: width - 1], LOST.join(cells[width - 1 :])]
