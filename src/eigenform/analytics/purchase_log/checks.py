"""What is wrong with the rows of a log: what cannot be understood is refused, what is left out is said."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from eigenform.analytics.purchase_log import expressions
from eigenform.analytics.purchase_log.contracts import Columns, Window
from eigenform.analytics.purchase_log.moments import EPOCH, Moments
from eigenform.analytics.purchase_log.opening import Log
from eigenform.analytics.purchase_log.refusals import LogCellUnreadable, LogCurrenciesMixed, LogWindowEmpty

_LATEST_DAY: Final = 2_932_896  # the last day of the year 9999


@dataclass(frozen=True, slots=True)
class Checked:
    """The days that are looked at, and what one should know before trusting them.

    ends_on  to_on, or the last day of the log if that ends before it
    """

    until_on: date
    to_on: date
    ends_on: date
    rows_read: int
    refunds: int
    largest_amount: float
    warnings: tuple[str, ...]


def check(file: Log, columns: Columns, window: Window, counted: Moments) -> Checked:
    """Count what `log_rows` holds. Raises LogCellUnreadable, LogCurrenciesMixed, LogWindowEmpty."""
    limit = window.to_on or window.today
    latest = _LATEST_DAY if limit is None else (limit - EPOCH).days
    (found,) = file.table("log_checks", latest_day=latest).to_pylist()
    if found["with_day"] < found["rows_read"]:
        raise _date_unreadable(file, columns, found["rows_read"] - found["with_day"])
    warnings = [*_left_out(file, found, window), *_amounts(file, columns, found)]
    warnings += _times(file, columns, window, counted)
    if columns.currency is not None:
        _refuse_currencies(file, columns.currency)
    until_on, to_on = _days(file, window, found)
    ends_on = _ends_on(window, found, to_on)
    warnings += [*_whole_periods(file, window, counted, until_on, to_on), *_ends_early(counted, ends_on, to_on)]
    return Checked(
        until_on,
        to_on,
        ends_on,
        found["rows_read"],
        found["below_zero"],
        found["largest_amount"] or 0.0,
        tuple(warnings),
    )


def _days(file: Log, window: Window, found: dict[str, int]) -> tuple[date, date]:
    if found["last_day"] is None:
        raise _nothing_within(file, window, found)
    last_on = EPOCH + timedelta(days=found["last_day"])
    to_on = window.to_on or max(last_on, window.until_on or last_on)
    until_on = window.until_on or to_on
    if until_on > to_on:
        raise LogWindowEmpty(
            file=file.name,
            problem=f"the calibration would end on {until_on}, after the hold-out on {to_on}",
            remedy="Let --until be before --to.",
        )
    return until_on, to_on


def _nothing_within(file: Log, window: Window, found: dict[str, int]) -> LogWindowEmpty:
    problem, remedy = "no purchase lies within the days asked for", "Look at --to and the dates."
    if found["too_late"] and found["too_late"] == found["with_day"]:
        first = found["first_day"]
        since = f"the first on {EPOCH + timedelta(days=first)}" if first <= _LATEST_DAY else "beyond the year 9999"
        where = f"--to {window.to_on}" if window.to_on else f"today ({window.today})"
        problem = f"all {found['too_late']:,} purchases lie after {where}, {since}"
        remedy = "Look at how dates are written (--date-format), or name a later --to."
    return LogWindowEmpty(file=file.name, problem=problem, remedy=remedy)


def _ends_on(window: Window, found: dict[str, int], to_on: date) -> date:
    """Return the log's last day, at most to_on; what was left out after to_on shows that the log goes on."""
    goes_on = window.to_on is not None and found["too_late"] > 0
    return to_on if goes_on else min(to_on, EPOCH + timedelta(days=found["last_day"]))


def _ends_early(counted: Moments, ends_on: date, to_on: date) -> list[str]:
    """Say if the days asked for go on after the log."""
    if counted.end(ends_on) >= counted.end(to_on):
        return []
    return [f"The log ends on {ends_on}: the days after it, up to {to_on}, count as days without purchases."]


def _whole_periods(file: Log, window: Window, counted: Moments, until_on: date, to_on: date) -> list[str]:
    """Refuse to cut a period in two; say if the log ends within one."""
    if until_on != to_on and not counted.completes(until_on):
        raise LogWindowEmpty(
            file=file.name,
            problem=f"{until_on} cuts a {window.unit} in two, and times are counted in whole ones",
            remedy=f"Let --until be the last day of a {window.unit}.",
        )
    if counted.completes(to_on):
        return []
    return [f"{to_on} is not the last day of a {window.unit}: the last {window.unit} is counted as if it were over."]


def _left_out(file: Log, found: dict[str, int], window: Window) -> list[str]:
    said = []
    without = found["rows_read"] - found["with_customer"]
    if without:
        how = " (empty, or written NaN, NULL, None or NA)" if file.is_text else ""
        said.append(f"{without:,} of {found['rows_read']:,} rows name no customer{how} and were left out.")
    if found["too_late"]:
        where = (
            f"after {window.to_on}" if window.to_on else f"after today ({window.today}): they cannot have happened yet"
        )
        said.append(f"{found['too_late']:,} purchases lie {where} and were left out.")
    return said


def _amounts(file: Log, columns: Columns, found: dict[str, int]) -> list[str]:
    if columns.amount is None:
        return []
    said = []
    unknown = found["rows_read"] - found["with_amount"]
    if unknown:
        _refuse_unreadable_amounts(file, columns)
        said.append(
            f"{unknown:,} amounts are missing: they add nothing to their day, and customers with a day of unknown "
            "amount count as of unknown spend."
        )
    if found["below_zero"] and columns.negative == "refund":
        said.append(
            f"{found['below_zero']:,} amounts below 0 were read as money given back: no purchases, they lower the "
            "spend of their customers."
        )
    return [*said, *_signs(file, columns.amount)]


def _refuse_unreadable_amounts(file: Log, columns: Columns) -> None:
    """Refuse cells that hold something, but no number."""
    for name in expressions.amount_columns(columns.amount or "", file):
        if file.kind(name) != "VARCHAR":
            continue
        bare = expressions.bare(expressions.quoted(name))
        bad = f"{expressions.quoted(name)} IS NOT NULL AND try_cast({bare} AS DOUBLE) IS NULL"
        place = _first_where(file, name, bad)
        if place is not None:
            raise _cell_unreadable(file, name, place, "Write amounts as 1234.50, without thousands marks.")


def _signs(file: Log, column: str) -> list[str]:
    """Return which currency is written beside the amounts; refuse several."""
    if not file.is_text:
        return []
    found = file.ask(
        "SELECT sign, count(*) AS n FROM log_rows WHERE sign IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
    ).to_pylist()
    if len(found) > 1:
        raise LogCurrenciesMixed(file=file.name, column=column, currencies={row["sign"]: row["n"] for row in found})
    return [f"Amounts are in {row['sign']}, as {row['n']:,} cells of {column} say." for row in found]


def _refuse_currencies(file: Log, column: str) -> None:
    file.kind(column)
    cell = expressions.quoted(column)
    found = file.ask(
        f"SELECT coalesce(trim(CAST({cell} AS VARCHAR)), 'not said') AS currency, count(*) AS n FROM log_raw "
        "GROUP BY 1 ORDER BY 2 DESC, 1"
    ).to_pylist()
    if len(found) > 1:
        raise LogCurrenciesMixed(file=file.name, column=column, currencies={row["currency"]: row["n"] for row in found})


def _times(file: Log, columns: Columns, window: Window, counted: Moments) -> list[str]:
    """Say which times were moved to UTC, that `exact` finds no times of day, and which ids had blanks around them."""
    said = []
    if file.kind(columns.date) == "TIMESTAMP WITH TIME ZONE":
        said.append("Times of purchase were converted to UTC; days are those of UTC.")
    if file.is_text:
        (found,) = file.ask(
            "SELECT count(utc_offset) AS n, count(DISTINCT utc_offset) AS offsets, count(*) FILTER (WHERE trimmed) AS "
            "trimmed FROM log_rows"
        ).to_pylist()
        if found["trimmed"]:
            said.append(f"{found['trimmed']:,} cells of {columns.customer} had blanks around them, which were cut off.")
        if found["n"]:
            named = "one offset" if found["offsets"] == 1 else f"{found['offsets']} different offsets"
            said.append(
                f"{found['n']:,} times name {named} from UTC and were converted to UTC; times without one were read "
                "as UTC."
            )
    if window.grain == "exact" and counted.kind == "day":
        said.append("The dates carry no time of day, so that several purchases of a day are still one event.")
    return said


def has_times(file: Log) -> bool:
    """Return whether a purchase of `log_rows`, told in instants, has a time of day."""
    (found,) = file.ask("SELECT count(*) AS n FROM log_rows WHERE moment % 86400000000 <> 0").to_pylist()
    return bool(found["n"])


def _date_unreadable(file: Log, columns: Columns, rows: int) -> LogCellUnreadable:
    time = expressions.at(columns, file)
    place = _first_where(file, columns.date, f"{time} IS NULL") or _Place(rows, None, "")
    remedy = (
        f"Dates are read as {columns.date_format}, as --date-format says."
        if columns.date_format
        else "Write dates as 2018-11-01 or 2018-11-01 14:30, or say how they are written with --date-format."
    )
    return _cell_unreadable(file, columns.date, place, remedy)


@dataclass(frozen=True, slots=True)
class _Place:
    """How many rows are bad, the first of them as people count rows (a text's header is row 1), and its cell."""

    rows: int
    row: int | None
    value: str


def _cell_unreadable(file: Log, column: str, place: _Place, remedy: str) -> LogCellUnreadable:
    return LogCellUnreadable(
        file=file.name, column=column, rows=place.rows, row=place.row, value=place.value, remedy=remedy
    )


def _first_where(file: Log, column: str, bad: str) -> _Place | None:
    (count,) = file.ask_in_order(f"SELECT count(*) AS n FROM log_raw WHERE {bad}").to_pylist()
    if not count["n"]:
        return None
    (first,) = file.ask_in_order(
        "SELECT place, value FROM (SELECT row_number() OVER () AS place, "
        f"CAST({expressions.quoted(column)} AS VARCHAR) AS value, {bad} AS bad FROM log_raw) "
        "WHERE bad ORDER BY place LIMIT 1"
    ).to_pylist()
    return _Place(count["n"], first["place"] + file.first_row - 1, first["value"] or "")
