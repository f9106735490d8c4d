"""What others may hold of the intake: mappings, tables, answers, refusals."""

from eigenform.intake.contracts.answers import LoadAnswer, LoadRow, MappingRow, Progress, Refusal, RefusalPage
from eigenform.intake.contracts.errors import (
    ColumnAbsent,
    FileAbsent,
    FileUnreadable,
    LoadUnknown,
    MappingRefused,
    UploadRefused,
)
from eigenform.intake.contracts.mapping import (
    Case,
    Condition,
    LookedUp,
    LookupFile,
    Mapping,
    Section,
    SourceFile,
    Spec,
)
from eigenform.intake.contracts.tables import KEY_CHARS_MAX, SUBJECTS, TABLES, Column, Kind, Table

__all__ = [
    "KEY_CHARS_MAX",
    "SUBJECTS",
    "TABLES",
    "Case",
    "Column",
    "ColumnAbsent",
    "Condition",
    "FileAbsent",
    "FileUnreadable",
    "Kind",
    "LoadAnswer",
    "LoadRow",
    "LoadUnknown",
    "LookedUp",
    "LookupFile",
    "Mapping",
    "MappingRefused",
    "MappingRow",
    "Progress",
    "Refusal",
    "RefusalPage",
    "Section",
    "SourceFile",
    "Spec",
    "Table",
    "UploadRefused",
]
