"""Purchase logs that cannot be taken, each with the place and what would help."""

from collections.abc import Sequence
from difflib import get_close_matches

from eigenform.base.errors import Refused


class LogUnreadable(Refused):
    """The file cannot be opened as what its name says."""

    code = "analytics.log_unreadable"

    def __init__(self, *, file: str, problem: str, remedy: str) -> None:
        self.file, self.problem, self.remedy = file, problem, remedy
        super().__init__(f"{file} cannot be read: {problem}. {remedy}")


class LogColumnUnknown(Refused):
    """A column that was named is not in the log."""

    code = "analytics.log_column_unknown"

    def __init__(self, *, file: str, column: str, known: Sequence[str]) -> None:
        self.file, self.column, self.known = file, column, list(known)
        lowered = {name.lower(): name for name in known}
        near = get_close_matches(column.lower(), lowered, n=1)
        self.remedy = f"Did you mean {lowered[near[0]]}?" if near else "Name one of them."
        super().__init__(f"{file} has no column {column}; it has {', '.join(known)}. {self.remedy}")


class LogCellUnreadable(Refused):
    """Cells of one column cannot be understood; the first of them is named."""

    code = "analytics.log_cell_unreadable"

    def __init__(self, *, file: str, column: str, rows: int, row: int | None, value: str, remedy: str) -> None:
        self.file, self.column, self.rows, self.row, self.value, self.remedy = file, column, rows, row, value, remedy
        first = f"the first is '{value}' in row {row}" if row else f"the first is '{value}'"
        super().__init__(f"{rows:,} cells of column {column} in {file} cannot be understood, {first}. {remedy}")


class LogCurrenciesMixed(Refused):
    """Amounts in several currencies were to be added."""

    code = "analytics.log_currencies_mixed"

    def __init__(self, *, file: str, column: str, currencies: dict[str, int]) -> None:
        self.file, self.column, self.currencies = file, column, currencies
        self.remedy = "Convert the amounts into one currency, or keep the rows of one."
        named = ", ".join(f"{name} ({rows:,} rows)" for name, rows in currencies.items())
        super().__init__(f"Column {column} in {file} holds several currencies: {named}. {self.remedy}")


class LogWindowEmpty(Refused):
    """The days asked for hold nothing to judge from."""

    code = "analytics.log_window_empty"

    def __init__(self, *, file: str, problem: str, remedy: str) -> None:
        self.file, self.problem, self.remedy = file, problem, remedy
        super().__init__(f"Nothing can be judged from {file}: {problem}. {remedy}")
