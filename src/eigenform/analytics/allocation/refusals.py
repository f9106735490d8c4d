"""Candidates and limits that cannot be taken, each with the place and what would help."""

from collections.abc import Sequence
from difflib import get_close_matches

from eigenform.base.errors import Refused


class CandidatesUnreadable(Refused):
    """The file cannot be opened as what its name says."""

    code = "analytics.candidates_unreadable"

    def __init__(self, *, file: str, problem: str, remedy: str) -> None:
        self.file, self.problem, self.remedy = file, problem, remedy
        super().__init__(f"{file} cannot be read: {problem}. {remedy}")


class CandidatesColumnMissing(Refused):
    """Columns that an allocation needs are not in the file."""

    code = "analytics.candidates_column_missing"

    def __init__(self, *, file: str, missing: Sequence[str], known: Sequence[str]) -> None:
        self.file, self.missing, self.known = file, list(missing), list(known)
        self.remedy = f"Add or rename columns so that {', '.join(missing)} stand in the first line."
        super().__init__(f"{file} lacks {', '.join(missing)}; it has {', '.join(known)}. {self.remedy}")


class CandidatesCellWrong(Refused):
    """A cell holds no value that can be reckoned with; the first such row is named."""

    code = "analytics.candidates_cell_wrong"

    def __init__(self, *, file: str, column: str, row: int, problem: str, remedy: str) -> None:
        self.file, self.column, self.row, self.problem, self.remedy = file, column, row, problem, remedy
        super().__init__(f"{file}, row {row} (the header not counted), column {column}: {problem}. {remedy}")


class LimitsWrong(Refused):
    """The limits name something unknown, or a value that is no limit."""

    code = "analytics.limits_wrong"

    def __init__(self, *, file: str, key: str, problem: str, remedy: str) -> None:
        self.file, self.key, self.problem, self.remedy = file, key, problem, remedy
        super().__init__(f"{file}, {key}: {problem}. {remedy}")


def unknown_key(file: str, key: str, known: Sequence[str]) -> LimitsWrong:
    """Return the refusal of a key that is no limit, with the one that was probably meant."""
    near = get_close_matches(key, known, n=1)
    remedy = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}. A limit that is not named is none."
    return LimitsWrong(file=file, key=key, problem="there is no such limit", remedy=remedy)
