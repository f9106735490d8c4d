"""A purchase log, read into the distinct histories and how many customers share each: what fitting and judging need.

It is small however many customers there are, so that a cluster can work it out and a laptop fit it.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from eigenform.analytics.frames import numbers
from eigenform.analytics.purchase_log.asked import Asked, ask, of_returns
from eigenform.analytics.purchase_log.contracts import Columns, PurchaseLog, Window
from eigenform.analytics.purchase_log.opening import opened
from eigenform.value.lifetime import Summary


def read_shared(
    source: Any,
    columns: Columns,
    window: Window | None = None,
    *,
    timed_holdout: bool = False,
    engine_url: str | None = None,
) -> PurchaseLog:
    """Return the distinct pairs of a history and its hold-out, weighted by their customers, without amounts and ids.

    Arguments and errors are those of `read`.
    """
    with opened(source, engine_url) as file:
        asked = ask(file, columns, window or Window())
        table = asked.some(asked.table("log_cells"))
        returned = told_of_returns(asked)
        times = asked.times_of_actual() if timed_holdout else None
    return replace(
        histories_of(asked, table, returned),
        actual=numbers(table, "actual") if asked.held_out > 0 else None,
        time_of_actual=times,
    )


def histories_of(asked: Asked, table: pa.Table, returned: list[str]) -> PurchaseLog:
    """Return a table of distinct histories with their number of customers, in its order, without a hold-out."""
    customers = numbers(table, "customers")
    new = int(customers[numbers(table, "age") == 0].sum())
    return _log(asked, asked.summary(table, weight=customers), returned, new=new)


def read_spend(
    source: Any, columns: Columns, window: Window | None = None, *, engine_url: str | None = None
) -> PurchaseLog:  # fmt: skip
    """Return the distinct pairs of repeat purchases and mean amount, weighted by their customers: for spend models.

    Who never came back is left out, and last and age are those of one of the customers. Arguments and errors are those
    of `read`.
    """
    with opened(source, engine_url) as file:
        asked = ask(file, columns, window or Window())
        returned = told_of_returns(asked)
        define_kept(asked)
        return spend_of(asked, returned)


def spend_of(asked: Asked, returned: list[str]) -> PurchaseLog:
    """Return what `read_spend` does of a log whose `log_kept` is defined."""
    table = asked.table("log_spend")  # empty if nobody came back
    spend = numbers(table, "mean_spend")
    known = None if np.isnan(spend).all() else spend
    return _log(asked, asked.summary(table, spend=known, weight=numbers(table, "customers")), returned, new=0)


def _log(asked: Asked, summary: Summary, returned: list[str], *, new: int) -> PurchaseLog:
    return PurchaseLog(
        summary=summary,
        customers=None,
        actual=None,
        held_out=asked.held_out,
        time_of_actual=None,
        until_on=asked.checked.until_on,
        to_on=asked.checked.to_on,
        unit=asked.window.unit,
        grain=asked.window.grain,
        rows_read=asked.checked.rows_read,
        ends_early=asked.ends_early,
        warnings=(*asked.checked.warnings, *returned, *asked.remarks(new)),
    )


def define_kept(asked: Asked) -> None:
    """Define `log_kept`: the histories with the spend that is left after returns; several queries may read it."""
    if asked.refunded:
        asked.define("log_refunds")
        asked.define("log_kept", reused=True)
    else:
        asked.file.define("log_kept", "log_unreturned", reused=True)


def told_of_returns(asked: Asked) -> list[str]:
    """Return what one should know of money that was given back."""
    if not asked.refunded:
        return []
    asked.define("log_refunds")
    (found,) = asked.table("log_returned").to_pylist()
    return of_returns(found["overpaid"], found["refunded"] - found["with_purchase"])
