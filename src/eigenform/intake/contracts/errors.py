"""What the intake refuses as a whole. Single rows are not errors: they go into the errors file."""

from typing import ClassVar

from eigenform.base.errors import Refused


class MappingRefused(Refused):
    """The mapping itself cannot be used."""

    code: ClassVar[str] = "intake.mapping_refused"

    def __init__(self, *, where: str, problem: str, remedy: str) -> None:
        self.where = where
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"The mapping cannot be used: {where}: {problem}. {remedy}.")


class FileAbsent(Refused):
    """A file that the mapping needs is not there."""

    code: ClassVar[str] = "intake.file_absent"

    def __init__(self, *, file: str, pattern: str, path: str, found: tuple[str, ...]) -> None:
        self.file = file
        self.pattern = pattern
        self.path = path
        self.found = found
        here = ", ".join(found) if found else "nothing"
        super().__init__(
            f"No file for {file!r}: the mapping looks for {pattern!r} in {path}, which holds {here}. "
            "Put the file there, or change its path in the mapping."
        )


class FileUnreadable(Refused):
    """A file is not what it says it is, or cannot be opened."""

    code: ClassVar[str] = "intake.file_unreadable"

    def __init__(self, *, file: str, problem: str, remedy: str) -> None:
        self.file = file
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{file} cannot be read: {problem}. {remedy}.")


class ColumnAbsent(Refused):
    """A file lacks a column that the mapping names; nothing of the load was written."""

    code: ClassVar[str] = "intake.column_absent"

    def __init__(self, *, file: str, column: str, section: str, columns: tuple[str, ...], meant: str) -> None:
        self.file = file
        self.column = column
        self.section = section
        self.columns = columns
        self.meant = meant
        hint = f" Did you mean {meant!r}?" if meant else ""
        super().__init__(
            f"{file} has no column {column!r}, which {section} needs. It has: {', '.join(columns)}.{hint} "
            "Nothing was loaded."
        )


class LoadUnknown(Refused):
    """There is no load of that number."""

    code: ClassVar[str] = "intake.load_unknown"

    def __init__(self, *, load_id: int) -> None:
        self.load_id = load_id
        super().__init__(f"There is no load number {load_id}. Open the list of loads to see which there are.")


class UploadRefused(Refused):
    """An upload cannot be taken."""

    code: ClassVar[str] = "intake.upload_refused"

    def __init__(self, *, problem: str, remedy: str) -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"The upload was not taken: {problem}. {remedy}.")
