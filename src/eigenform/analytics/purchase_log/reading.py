"""A purchase log, read into the histories that lifetime models take: one per customer."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eigenform.analytics.frames import numbers
from eigenform.analytics.purchase_log.asked import Asked, ask, of_returns
from eigenform.analytics.purchase_log.contracts import Columns, PurchaseLog, Window
from eigenform.analytics.purchase_log.opening import opened
from eigenform.value.arrays import FloatArray


def read(
    source: Any,
    columns: Columns,
    window: Window | None = None,
    *,
    timed_holdout: bool = False,
    engine_url: str | None = None,
) -> PurchaseLog:
    """Return each customer's history from a log with one row per purchase, in any order.

    source   a path (csv, csv.gz, tsv, parquet, txt, a folder of parquet) or anything with `__arrow_c_stream__`
    columns  which columns are what; dates ISO, in UTC if they name a zone
    timed_holdout  whether the times of the purchases in the hold-out are wanted, at the price of one more pass
    engine_url  where to read: here (None), or spark://HOST:PORT, and then Parquet only

    Several purchases of one customer at one moment (a day, unless the grain is exact) are one event whose amounts add
    up; mean_spend is the mean of the events after the first. Who first bought after until_on is left out.

    Raises LogUnreadable, LogColumnUnknown, LogCellUnreadable (with its row), LogCurrenciesMixed, LogWindowEmpty.
    """
    with opened(source, engine_url) as file:
        asked = ask(file, columns, window or Window())
        table = asked.some(asked.table("log_summary"))
        refunds = asked.table("log_refunds") if asked.refunded else None
        times = asked.times_of_actual() if timed_holdout else None
    return _log(asked, table, refunds, times)


def _log(asked: Asked, table: pa.Table, refunds: pa.Table | None, times: FloatArray | None) -> PurchaseLog:
    customers = table.column("customer")
    spend = numbers(table, "mean_spend").copy()  # Arrow's own memory is read-only
    returned = [] if refunds is None else _lower(spend, customers, refunds)
    new = int((numbers(table, "age") == 0).sum())
    return PurchaseLog(
        summary=asked.summary(table, spend=None if np.isnan(spend).all() else spend),
        customers=_ids(customers),
        actual=numbers(table, "actual") if asked.held_out > 0 else None,
        held_out=asked.held_out,
        time_of_actual=times,
        until_on=asked.checked.until_on,
        to_on=asked.checked.to_on,
        unit=asked.window.unit,
        grain=asked.window.grain,
        rows_read=asked.checked.rows_read,
        ends_early=asked.ends_early,
        warnings=(*asked.checked.warnings, *returned, *asked.remarks(new)),
    )


def _lower(spend: FloatArray, customers: pa.ChunkedArray, refunds: pa.Table) -> list[str]:
    """Lower, in place, the spend of those who got money back by the share of what they paid; say who got more."""
    rows = pc.index_in(refunds.column("customer"), value_set=customers)
    here = rows.is_valid().to_numpy().astype(bool)
    rows = rows.fill_null(0).to_numpy()[here]
    paid, given_back = numbers(refunds, "paid")[here], numbers(refunds, "given_back")[here]
    kept_share = 1.0 + given_back / np.where(paid > 0, paid, 1.0)
    spend[rows] *= np.clip(kept_share, 0.0, 1.0)
    return of_returns(int((kept_share < 0).sum()), int((~here).sum()))


def _ids(customers: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return ids as whole numbers where every text is just that (no leading zeros), so that they join with others."""
    if not pa.types.is_string(customers.type):
        return customers
    try:
        as_numbers = customers.cast(pa.int64())
    except pa.ArrowInvalid:
        return customers
    return as_numbers if as_numbers.cast(pa.string()).equals(customers) else customers
