"""A purchase log, read into the histories that lifetime models take."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eigenform.analytics.engine import EngineUnknown
from eigenform.analytics.frames import numbers
from eigenform.analytics.purchase_log.checks import Checked, check
from eigenform.analytics.purchase_log.contracts import Columns, PurchaseLog, Window
from eigenform.analytics.purchase_log.file import LogFile
from eigenform.analytics.purchase_log.moments import EPOCH, Moments, moments
from eigenform.analytics.purchase_log.refusals import LogWindowEmpty
from eigenform.value.arrays import FloatArray
from eigenform.value.lifetime import Summary
from eigenform.value.lifetime.grain import day_corrected

_ANY_AMOUNT = -1e300


def read(
    source: Any,
    columns: Columns,
    window: Window | None = None,
    *,
    timed_holdout: bool = False,
    engine_url: str | None = None,
) -> PurchaseLog:
    """Return each customer's history from a log with one row per purchase, in any order.

    source   a path (csv, csv.gz, tsv, parquet, txt) or anything with `__arrow_c_stream__`
    columns  which columns are what; dates ISO, in UTC if they name a zone
    timed_holdout  whether the times of the purchases in the hold-out are wanted, at the price of one more pass

    Several purchases of one customer at one moment (a day, unless the grain is exact) are one event whose amounts add
    up; mean_spend is the mean of the events after the first. Who first bought after until_on is left out.

    Raises LogUnreadable, LogColumnUnknown, LogCellUnreadable (with its row), LogCurrenciesMixed, LogWindowEmpty.
    """
    if engine_url not in (None, "duckdb"):
        raise EngineUnknown(engine=str(engine_url))
    window = window or Window()
    counted = moments(window)
    with LogFile(source) as file:
        file.give_rows(columns, counted)
        found = check(file, columns, window)
        table = _summary(file, columns, counted, found)
        refunds = _refunds(file, columns, counted, found)
        held = _held_out(file, columns, found) if timed_holdout and found.to_on > found.until_on else None
    if not table.num_rows:
        raise LogWindowEmpty(
            file=file.name, problem=f"nobody had bought by {found.until_on}", remedy="Let --until be later."
        )
    return _log(table, refunds, held, window, counted, found)


def _summary(file: LogFile, columns: Columns, counted: Moments, found: Checked) -> pa.Table:
    return file.table(
        "log_summary",
        until_moment=counted.last(found.until_on),
        last_day=(found.to_on - EPOCH).days,
        end_moment=counted.end(found.until_on),
        lowest_amount=_lowest(columns),
    )


def _held_out(file: LogFile, columns: Columns, found: Checked) -> pa.Table:
    return file.table(
        "log_holdout",
        until_day=(found.until_on - EPOCH).days,
        last_day=(found.to_on - EPOCH).days,
        lowest_amount=_lowest(columns),
    )


def _lowest(columns: Columns) -> float:
    """Return the least amount that is a purchase."""
    return 0.0 if columns.negative == "refund" else _ANY_AMOUNT


def _refunds(file: LogFile, columns: Columns, counted: Moments, found: Checked) -> pa.Table | None:
    if columns.negative != "refund" or not found.refunds:
        return None
    return file.table("log_refunds", until_moment=counted.last(found.until_on))


def _log(
    table: pa.Table,
    refunds: pa.Table | None,
    held: pa.Table | None,
    window: Window,
    counted: Moments,
    found: Checked,
) -> PurchaseLog:
    warnings = list(found.warnings)
    customers = table.column("customer")
    spend = numbers(table, "mean_spend").copy()  # Arrow's own memory is read-only
    if refunds is not None:
        warnings += _lower(spend, customers, refunds)
    ages = numbers(table, "age") / counted.per_unit
    held_out = (counted.end(found.to_on) - counted.end(found.until_on)) / counted.per_unit
    summary = Summary(
        numbers(table, "repeats"),
        numbers(table, "last") / counted.per_unit,
        ages,
        None if np.isnan(spend).all() else spend,
    )
    if window.grain == "day-corrected" and counted.kind == "day":
        summary = _corrected(summary, weeks_per_unit=counted.per_unit / 7.0)
        warnings.append("Corrected for daily dates: estimates are of purchases, of which a day may hold several.")
    return PurchaseLog(
        summary=summary,
        customers=_ids(customers),
        actual=numbers(table, "actual") if held_out > 0 else None,
        held_out=held_out,
        time_of_actual=None if held is None or held_out <= 0 else _times(held, counted, found.until_on),
        until_on=found.until_on,
        to_on=found.to_on,
        unit=window.unit,
        grain=window.grain,
        rows_read=found.rows_read,
        warnings=(*warnings, *_of_ages(ages, found.until_on)),
    )


def _times(held: pa.Table, counted: Moments, until_on: date) -> FloatArray:
    """Return of every purchase in the hold-out the time since it began, in units."""
    since = (numbers(held, "moment") - counted.end(until_on)) / counted.per_unit
    return np.repeat(since, numbers(held, "events").astype(np.int64))


def _corrected(summary: Summary, *, weeks_per_unit: float) -> Summary:
    """Return the histories without the half day that each purchase day hides, in the unit they came in."""
    last, age = summary.last_week * weeks_per_unit, summary.age_weeks * weeks_per_unit
    weeks = day_corrected(Summary(summary.repeats, last, age))
    return Summary(
        summary.repeats, weeks.last_week / weeks_per_unit, weeks.age_weeks / weeks_per_unit, summary.mean_spend
    )  # fmt: skip


def _lower(spend: FloatArray, customers: pa.ChunkedArray, refunds: pa.Table) -> list[str]:
    """Lower, in place, the spend of those who got money back by the share of what they paid; say who got more."""
    rows = pc.index_in(refunds.column("customer"), value_set=customers)
    here = rows.is_valid().to_numpy().astype(bool)
    rows = rows.fill_null(0).to_numpy()[here]
    paid, given_back = numbers(refunds, "paid")[here], numbers(refunds, "given_back")[here]
    kept_share = 1.0 + given_back / np.where(paid > 0, paid, 1.0)
    spend[rows] *= np.clip(kept_share, 0.0, 1.0)
    said = []
    overpaid = int((kept_share < 0).sum())
    if overpaid:
        said.append(f"{overpaid:,} customers got back more than they had paid: their spend counts as 0.")
    unknown = int((~here).sum())
    if unknown:
        said.append(f"{unknown:,} customers got money back but made no purchase in the log, and were left out.")
    return said


def _of_ages(ages: FloatArray, until_on: date) -> list[str]:
    new = int((ages == 0).sum())
    if not new:
        return []
    return [f"{new:,} customers bought for the first time on {until_on}: nothing is known of them yet (age 0)."]


def _ids(customers: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return ids as whole numbers where every text is just that (no leading zeros), so that they join with others."""
    if not pa.types.is_string(customers.type):
        return customers
    try:
        as_numbers = customers.cast(pa.int64())
    except pa.ArrowInvalid:
        return customers
    return as_numbers if as_numbers.cast(pa.string()).equals(customers) else customers
