"""Opens text files: packed or plain, in their encoding, keeping bytes that do not belong so that they can be named."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from eigenform.intake.contracts import FileUnreadable

_GZIP = b"\x1f\x8b"
_BINARY = {b"PK\x03\x04": "an Excel or zip file", b"PAR1": "a Parquet file", b"\xd0\xcf\x11\xe0": "an old Excel file"}
_WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@contextmanager
def text_stream(path: Path, encoding: str) -> Iterator[TextIO]:
    """Open a text file; damage that shows while it is read is refused as well."""
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise FileUnreadable(
            file=path.name, problem=f"there is no encoding {encoding!r}", remedy="Mend the mapping"
        ) from None
    try:
        with path.open("rb") as raw:
            start = raw.read(4)
            raw.seek(0)
            _refuse_other_kinds(path, start)
            wanted = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
            plain: BinaryIO = gzip.GzipFile(fileobj=raw) if start.startswith(_GZIP) else raw  # type: ignore[assignment]
            yield io.TextIOWrapper(plain, encoding=wanted, errors="surrogateescape", newline="")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileUnreadable(
            file=path.name, problem=f"the packed data are damaged ({error})", remedy="Fetch the file again"
        ) from None
    except UnicodeDecodeError as error:
        raise FileUnreadable(
            file=path.name, problem=f"it is not {encoding} ({error.reason})", remedy="Name its encoding in the mapping"
        ) from None
    except PermissionError:
        raise FileUnreadable(
            file=path.name, problem="it may not be opened", remedy="Give yourself the right to read it"
        ) from None


def _refuse_other_kinds(path: Path, start: bytes) -> None:
    if not start:
        raise FileUnreadable(file=path.name, problem="it is empty", remedy="Export it again")
    if path.suffix.lower() == ".gz" and not start.startswith(_GZIP):
        raise FileUnreadable(
            file=path.name, problem="it is called .gz but is not packed", remedy="Rename it, or pack it"
        )
    for mark, kind in _BINARY.items():
        if start.startswith(mark):
            raise FileUnreadable(file=path.name, problem=f"it is {kind}, not text", remedy="Give it its own ending")


def wide_encoding(path: Path) -> str:
    """Return the encoding that the file's first bytes declare, "" if none."""
    with path.open("rb") as raw:
        start = raw.read(2)
    return _WIDE.get(start, "")
