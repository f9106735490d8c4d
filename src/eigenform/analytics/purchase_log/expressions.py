"""What the cells of a log mean, as DuckDB's expressions: ids, times and amounts, NULL where they mean nothing.

Those for days, times and numbers mean the same on Spark; those for text are DuckDB's alone.
"""

from typing import TYPE_CHECKING, Final

from eigenform.analytics.purchase_log.contracts import Columns
from eigenform.analytics.purchase_log.moments import Moments
from eigenform.analytics.purchase_log.refusals import LogColumnUnknown, LogUnreadable

if TYPE_CHECKING:
    from eigenform.analytics.purchase_log.opening import Log

_FLOATS: Final = ("FLOAT", "DOUBLE")
_INTEGERS: Final = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_ISO_LENGTH: Final = 10  # of 2018-11-01; what is longer has a time of day
_OFFSET: Final = "(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"
_SIGN: Final = r"([A-Z]{3}|\p{Sc})"
_BLANKS: Final = (  # named one by one, for engines trim otherwise
    " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
_FINITE: Final = "BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308"  # NaN is the greatest of all
_WHOLE: Final = "BETWEEN -9007199254740992e0 AND 9007199254740992e0"  # beyond 2^53 floats skip whole numbers


def rows(columns: Columns, file: "Log", moments: Moments) -> str:
    """Return the query for `log_rows` over `log_raw`. Raises LogColumnUnknown, LogUnreadable."""
    time = at(columns, file)
    day = f"date_diff('day', DATE '1970-01-01', CAST({time} AS DATE))"
    text = ""
    if file.is_text:
        text = f", {offset(columns, file)} AS utc_offset, {sign(columns, file)} AS sign, {_trimmed(columns)} AS trimmed"
    return (
        f"SELECT {customer(columns, file)} AS customer, {day} AS day, {moments.sql(time, day)} AS moment, "
        f"{amount(columns, file)} AS amount{text} FROM log_raw"
    )


def customer(columns: Columns, file: "Log") -> str:
    """Return the customer's id: a float that stands for a whole number (as frames with gaps have it) becomes one.

    Blanks around it go where every cell is text; elsewhere the id stays as it is, for it is joined with others.
    """
    kind, name = file.kind(columns.customer), quoted(columns.customer)
    if kind == "VARCHAR":
        kept = f"trim({name}, '{_BLANKS}')" if file.is_text else name
        return f"CASE WHEN trim({name}, '{_BLANKS}') <> '' THEN {kept} END"
    if kind in _FLOATS:
        return f"CASE WHEN {name} {_WHOLE} AND {name} = floor({name}) THEN CAST(floor({name}) AS BIGINT) END"
    return name


def _trimmed(columns: Columns) -> str:
    """Return whether a customer's id had blanks around it."""
    name = quoted(columns.customer)
    return f"(trim({name}, '{_BLANKS}') <> '' AND trim({name}, '{_BLANKS}') <> {name})"


def at(columns: Columns, file: "Log") -> str:
    """Return the day or time of the purchase, in UTC where the log names a zone."""
    kind, name = file.kind(columns.date), quoted(columns.date)
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        if kind == "TIMESTAMP WITH TIME ZONE":
            return f"({name} AT TIME ZONE 'UTC')"
        return name if kind in ("DATE", "TIMESTAMP") else f"CAST({name} AS TIMESTAMP)"
    if kind != "VARCHAR" and kind not in _INTEGERS:
        raise LogUnreadable(
            file=file.name,
            problem=f"column {columns.date} holds {kind}, not days or times",
            remedy="Name the column with the day of purchase.",
        )
    text = f"trim(CAST({name} AS VARCHAR))"
    if columns.date_format is not None:
        return f"try_strptime({text}, '{columns.date_format.replace(chr(39), chr(39) * 2)}')"
    return (
        f"CASE WHEN length({text}) = 8 THEN try_strptime({text}, '%Y%m%d') "
        f"WHEN length({text}) <= {_ISO_LENGTH} THEN CAST(try_cast({text} AS DATE) AS TIMESTAMP) "
        f"ELSE CAST(coalesce(try_cast({text} AS TIMESTAMPTZ), {_with_seconds(text)}) AS TIMESTAMP) END"
    )


def _with_seconds(text: str) -> str:
    """Return the time of a text like 2018-11-01 14:30+01:00, which DuckDB reads only with seconds."""
    return f"try_cast(regexp_replace({text}, '([ T][0-9]{{2}}:[0-9]{{2}})(Z|[+-])', '\\1:00\\2') AS TIMESTAMPTZ)"


def offset(columns: Columns, file: "Log") -> str:
    """Return how far from UTC a written time says it is, NULL for a mere day."""
    name = quoted(columns.date)
    if file.kind(columns.date) != "VARCHAR" or columns.date_format is not None:
        return "CAST(NULL AS VARCHAR)"
    return f"CASE WHEN length({name}) > {_ISO_LENGTH} THEN nullif(regexp_extract({name}, '{_OFFSET}'), '') END"


def sign(columns: Columns, file: "Log") -> str:
    """Return the currency that is written beside an amount, NULL beside a plain number."""
    if columns.amount is None:
        return "CAST(NULL AS VARCHAR)"
    found = [quoted(name) for name in amount_columns(columns.amount, file) if file.kind(name) == "VARCHAR"]
    signs = [
        f"CASE WHEN try_cast({cell} AS DOUBLE) IS NULL THEN regexp_extract({cell}, '{_SIGN}') END" for cell in found
    ]
    return f"nullif(coalesce({', '.join(signs)}, ''), '')" if signs else "CAST(NULL AS VARCHAR)"


def amount(columns: Columns, file: "Log") -> str:
    """Return the amount of a row; a product of two columns is written `Quantity*UnitPrice`."""
    if columns.amount is None:
        return "CAST(NULL AS DOUBLE)"
    factors = [_number(name, file) for name in amount_columns(columns.amount, file)]
    product = " * ".join(factors)
    return f"CASE WHEN {product} {_FINITE} THEN {product} END"


def amount_columns(name: str, file: "Log") -> list[str]:
    """Return the columns that an amount is made of. Raises LogColumnUnknown."""
    if name in file.kinds:
        return [name]
    parts = [part.strip() for part in name.split("*")]
    if len(parts) == 1 or not all(part in file.kinds for part in parts):
        missing = next((part for part in parts if part not in file.kinds), name)
        raise LogColumnUnknown(file=file.name, column=missing, known=list(file.kinds))
    return parts


def bare(name: str) -> str:
    """Return the expression of an amount's text without one currency sign or code before or after it."""
    return f"regexp_replace(trim({name}), '^{_SIGN}\\s*|\\s*{_SIGN}$', '')"


def quoted(name: str) -> str:
    """Return a column's name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def _number(column: str, file: "Log") -> str:
    if file.kind(column) == "VARCHAR":
        return f"coalesce(try_cast({quoted(column)} AS DOUBLE), try_cast({bare(quoted(column))} AS DOUBLE))"
    return f"CAST({quoted(column)} AS DOUBLE)"
