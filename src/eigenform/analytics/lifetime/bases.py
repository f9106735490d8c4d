"""From a source to the histories that a model takes, with what is known of the days after them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from eigenform.analytics import frames, purchase_log
from eigenform.analytics.engines import on_cluster
from eigenform.analytics.lifetime.contracts import Source, SourceUnclear, SummaryColumns
from eigenform.analytics.lifetime.named import COUNTED_NAMES, SPEND_NAMES
from eigenform.analytics.purchase_log.contracts import DAYS_PER_UNIT, PurchaseLog
from eigenform.analytics.purchase_log.file import LogFile
from eigenform.value.arrays import FloatArray
from eigenform.value.lifetime import Summary, gamma_gamma
from eigenform.value.lifetime.worth import NOBODY_AGAIN, ONE, CannotTell, enough

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """Histories of n customers (or of weighted rows), in periods of the unit."""

    summary: Summary
    customers: pa.ChunkedArray | None
    unit: str
    actual: FloatArray | None = None
    held_out: float = 0.0
    time_of_actual: FloatArray | None = None
    until_on: date | None = None
    to_on: date | None = None
    ends_early: bool = False  # whether the log ends before to_on
    warnings: tuple[str, ...] = ()
    amounts_named: bool = False

    @property
    def units_per_week(self) -> float:
        """How many units a week has."""
        return 7.0 / DAYS_PER_UNIT[self.unit]


def base(source: Source, *, model: str, by_customer: bool = False) -> Base:
    """Read the histories as a model wants them.

    by_customer  whether each customer is wanted, with amounts; else distinct histories with their number of customers

    Raises what the reading raises, and SourceUnclear.
    """
    if isinstance(source.columns, SummaryColumns):
        return _of_summaries(source, source.columns)
    where, window = source.engine_url, replace(source.window, counted=model in COUNTED_NAMES)
    if by_customer or (model in SPEND_NAMES and not on_cluster(where)):
        read = of_log(purchase_log.read(source.data, source.columns, window, engine_url=where))
        return replace(read, amounts_named=source.columns.amount is not None)
    if model in SPEND_NAMES:
        return of_log(purchase_log.read_spend(source.data, source.columns, window, engine_url=where))
    log = purchase_log.read_shared(source.data, source.columns, window, timed_holdout=True, engine_url=where)
    return of_log(log)


def of_log(log: PurchaseLog) -> Base:
    """Return what a log was read into as a base."""
    return Base(
        summary=log.summary,
        customers=log.customers,
        unit=log.unit,
        actual=log.actual,
        held_out=log.held_out,
        time_of_actual=log.time_of_actual,
        until_on=log.until_on,
        to_on=log.to_on,
        ends_early=log.ends_early,
        warnings=log.warnings,
    )


def _of_summaries(source: Source, columns: SummaryColumns) -> Base:
    if on_cluster(source.engine_url):
        raise SourceUnclear(problem="a file of histories is read here; leave --engine out")
    if source.window.until_on or source.window.to_on:
        raise SourceUnclear(problem="days cannot be held out of a file of histories; give a log with --date for that")
    read = frames.from_arrow(
        _frame(source.data),
        repeats=columns.repeats,
        last=columns.last,
        age=columns.age,
        mean_spend=columns.mean_spend,
        weight=columns.weight,
        customer=columns.customer,
    )
    return Base(read.summary, read.customers, source.window.unit)


def _frame(data: Any) -> Any:
    if not isinstance(data, str | Path):
        return data
    with LogFile(data) as file:
        return file.ask("SELECT * FROM log_raw")


def refuse_too_few(summary: Summary) -> None:
    """Refuse histories that worth cannot be told from. Raises CannotTell."""
    reason = enough(summary)
    if reason is not None:
        raise CannotTell(reason=reason)


def spend_unknown(summary: Summary) -> str | None:
    """Return in plain words why nothing can be learnt of amounts that were named, or None if something can."""
    if not (summary.weights[summary.repeats > 0]).sum():
        return "nobody has bought a second time yet, so nothing is known about what later purchases bring"
    if not np.isfinite(summary.spend[summary.repeats > 0]).any():
        return "no amount of a repeat purchase is known"
    if not gamma_gamma.informative(summary.repeats, summary.spend).any():
        return "no customer's repeat purchases brought more than 0"
    return None


def refuse_unknowable(summary: Summary) -> None:
    """Refuse histories from which no purchase-count model can learn. Raises CannotTell."""
    if summary.customers == 1:
        raise CannotTell(reason=ONE)
    if not (summary.weights[summary.repeats > 0]).sum():
        raise CannotTell(reason=NOBODY_AGAIN)
