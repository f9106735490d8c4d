"""Small pieces of DuckDB SQL. Every name and text from a mapping goes through `name` or `text`, nothing else."""

from collections.abc import Iterable

_BLANK = " \t\r\n\f\v\u00a0\u2007\u202f\ufeff"
NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?"
ISO_DAY = r"\d{4}-\d{2}-\d{2}"
ISO = ISO_DAY + r"([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?"
ISO_WITH_OFFSET = ISO_DAY + r"[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2})?)"


def name(identifier: str) -> str:
    """Return a quoted identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a quoted text."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """Return a comma-separated list of quoted texts."""
    return ", ".join(text(v) for v in values)


def trimmed(expression: str) -> str:
    """Return the text without blanks around it, NULL if nothing is left."""
    return f"nullif(trim({expression}, {text(_BLANK)}), '')"


def joined_key(parts: list[str]) -> str:
    """Return one key from several parts: a|b, with | and \\ inside a part escaped, NULL if any part is empty.

    Without the escape ("a|", "b") and ("a", "|b") would be the same row.
    """
    if len(parts) == 1:
        return parts[0]
    return " || '|' || ".join(rf"replace(replace({part}, '\', '\\'), '|', '\|')" for part in parts)


def matches(expression: str, pattern: str) -> str:
    """Return whether the whole text has the form."""
    return f"regexp_full_match({expression}, {text(pattern)})"


def any_of(conditions: Iterable[str]) -> str:
    """Return the list of what is not NULL."""
    return f"list_filter([{', '.join(conditions)}], lambda part: part IS NOT NULL)"
