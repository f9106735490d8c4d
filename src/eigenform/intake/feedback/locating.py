"""Which files of a path belong to which file of a mapping."""

import fnmatch
from dataclasses import dataclass
from pathlib import Path

from eigenform.intake.contracts import FileAbsent, FileUnreadable, Mapping, SourceFile
from eigenform.intake.feedback.opening import text_stream

MARKS = ("_file", "_row", "_column", "_reason", "_remedy")


@dataclass(frozen=True, slots=True)
class Part:
    """One file on disk that fills (a part of) a file of the mapping. `label` is its name in the errors file."""

    file: SourceFile
    path: Path
    label: str


@dataclass(frozen=True, slots=True)
class Located:
    """What is to be read: parts of the source, or one file of refused rows that was mended."""

    parts: tuple[Part, ...] = ()
    mended: Path | None = None


def locate(mapping: Mapping, path: Path) -> Located:
    """Find the files. Raises FileAbsent if one that the mapping needs is not there."""
    if not path.exists():
        raise FileUnreadable(file=str(path), problem="there is no such file or folder", remedy="Check the path")
    if path.is_dir():
        return Located(tuple(part for file in mapping.files.values() for part in _in_folder(file, path)))
    if _is_errors_file(path):
        return Located(mended=path)
    fitting = [f for f in mapping.files.values() if fits(f, path.name)]
    if not fitting and len(mapping.files) == 1:
        fitting = list(mapping.files.values())
    if not fitting:
        patterns = ", ".join(f.path for f in mapping.files.values())
        raise FileAbsent(file=path.name, pattern=patterns, path=str(path.parent), found=(path.name,))
    return Located(tuple(Part(f, path, _label(f, path)) for f in fitting))


def fits(file: SourceFile, label: str) -> bool:
    """Return whether a file of that name is (a part of) the file of the mapping; packed or not makes no difference."""
    name, _, sheet = label.partition("#")
    plain = name.removesuffix(".gz")
    same_sheet = not sheet or sheet == file.sheet
    return same_sheet and any(fnmatch.fnmatchcase(n, p) for n in (name, plain) for p in (file.path, f"{file.path}.gz"))


def _in_folder(file: SourceFile, folder: Path) -> list[Part]:
    found = sorted(p for p in folder.iterdir() if p.is_file() and fits(file, p.name))
    if not found and not file.optional:
        here = tuple(sorted(p.name for p in folder.iterdir() if p.is_file())[:20])
        raise FileAbsent(file=file.name, pattern=file.path, path=str(folder), found=here)
    return [Part(file, path, _label(file, path)) for path in found]


def _label(file: SourceFile, path: Path) -> str:
    return f"{path.name}#{file.sheet}" if file.sheet else path.name


def _is_errors_file(path: Path) -> bool:
    if path.suffix.lower() not in (".csv", ".gz"):
        return False
    with text_stream(path, "utf-8") as stream:
        header = stream.readline(100_000)
    return "_file" in header and "_reason" in header and "_remedy" in header
