"""What is asked of an opened log: its window as numbers for the queries, and the views that they read."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from eigenform.analytics.frames import numbers
from eigenform.analytics.purchase_log.checks import Checked, check, has_times
from eigenform.analytics.purchase_log.contracts import Columns, Window
from eigenform.analytics.purchase_log.moments import EPOCH, Moments, moments
from eigenform.analytics.purchase_log.opening import Log
from eigenform.analytics.purchase_log.refusals import LogWindowEmpty
from eigenform.value.arrays import FloatArray
from eigenform.value.lifetime import Summary
from eigenform.value.lifetime.grain import day_corrected

_ANY_AMOUNT = -1e300
_DIGITS = 11


@dataclass(frozen=True, slots=True)
class Asked:
    """A log whose rows were found good; the queries of `sql/log_*.sql` can be asked of it."""

    file: Log
    columns: Columns
    window: Window
    counted: Moments
    checked: Checked

    @property
    def held_out(self) -> float:
        """Length of the hold-out in the window's unit."""
        return (self.counted.end(self.checked.to_on) - self.counted.end(self.checked.until_on)) / self.counted.per_unit

    @property
    def refunded(self) -> bool:
        """Whether money was given back."""
        return self.columns.negative == "refund" and self.checked.refunds > 0

    @property
    def ends_early(self) -> bool:
        """Whether the log ends before the days that were asked for."""
        return self.counted.end(self.checked.ends_on) < self.counted.end(self.checked.to_on)

    @property
    def day_corrected(self) -> bool:
        """Whether the half day that each purchase day hides is to be taken out."""
        return self.window.grain == "day-corrected" and self.counted.kind == "day"

    @property
    def values(self) -> Mapping[str, float]:
        """The window as numbers, by the names that the queries give them."""
        return {
            "until_moment": self.counted.last(self.checked.until_on),
            "end_moment": self.counted.end(self.checked.until_on),
            "until_day": (self.checked.until_on - EPOCH).days,
            "last_day": (self.checked.to_on - EPOCH).days,
            "lowest_amount": 0.0 if self.columns.negative == "refund" else _ANY_AMOUNT,
            "steps": _steps(self.checked.largest_amount),
        }

    def table(self, query: str) -> pa.Table:
        """Return the answer to a query of `sql/`."""
        return self.file.table(query, **self.values)

    def define(self, query: str, *, reused: bool = False) -> None:
        """Make the answer to a query of `sql/` known by its name; reused if several queries will read all of it."""
        self.file.define(query, query, reused=reused, **self.values)

    def some(self, table: pa.Table) -> pa.Table:
        """Return a table of histories as it is. Raises LogWindowEmpty if it is empty."""
        if not table.num_rows:
            until_on = self.checked.until_on
            raise LogWindowEmpty(
                file=self.file.name, problem=f"nobody had bought by {until_on}", remedy="Let --until be later."
            )
        return table

    def summary(
        self, table: pa.Table, *, spend: FloatArray | None = None, weight: FloatArray | None = None
    ) -> Summary:  # fmt: skip
        """Return the histories of a table in the window's unit, its rows in their order."""
        last, age = numbers(table, "last") / self.counted.per_unit, numbers(table, "age") / self.counted.per_unit
        told = Summary(numbers(table, "repeats"), last, age, spend, weight)
        return _corrected(told, weeks_per_unit=self.counted.per_unit / 7.0) if self.day_corrected else told

    def times_of_actual(self) -> FloatArray | None:
        """Return of every purchase in the hold-out the time since it began, in units; None if nothing is held out."""
        if self.held_out <= 0:
            return None
        held = self.table("log_holdout")
        since = (numbers(held, "moment") - self.counted.end(self.checked.until_on)) / self.counted.per_unit
        return np.repeat(since, numbers(held, "events").astype(np.int64))

    def remarks(self, new: int) -> list[str]:
        """Return what one should know of the histories, of which so many customers have the age 0."""
        said = []
        if self.day_corrected:
            said.append("Corrected for daily dates: estimates are of purchases, of which a day may hold several.")
        if new:
            said.append(
                f"{new:,} customers bought for the first time on {self.checked.until_on}: nothing is known of them yet "
                "(age 0)."
            )
        return said


def ask(file: Log, columns: Columns, window: Window) -> Asked:
    """Return the log with its histories defined. Raises what `check` raises, LogColumnUnknown, LogUnreadable."""
    counted = moments(window)
    file.give_rows(columns, counted)
    if counted.kind == "instant" and not has_times(file):
        counted = Moments("day", window.unit)  # the same events: mere days are instants of midnight
        file.give_rows(columns, counted)
    asked = Asked(file, columns, window, counted, check(file, columns, window, counted))
    asked.define("log_histories")
    return asked


def _steps(largest_amount: float) -> float:
    """Return into how many steps a unit of money is parted: a power of ten, the largest amount being about 1e11 steps.

    Sums of some ten thousand such amounts are whole numbers that floats hold exactly.
    """
    if largest_amount <= 0:
        return 1.0
    return 10.0 ** float(np.clip(np.floor(_DIGITS - np.log10(largest_amount)), 0, _DIGITS))


def of_returns(overpaid: int, unknown: int) -> list[str]:
    """Return what one should know of money that was given back."""
    said = []
    if overpaid:
        said.append(f"{overpaid:,} customers got back more than they had paid: their spend counts as 0.")
    if unknown:
        said.append(f"{unknown:,} customers got money back but made no purchase in the log, and were left out.")
    return said


def _corrected(summary: Summary, *, weeks_per_unit: float) -> Summary:
    """Return the histories without the half day that each purchase day hides, in the unit they came in."""
    last, age = summary.last_week * weeks_per_unit, summary.age_weeks * weeks_per_unit
    weeks = day_corrected(Summary(summary.repeats, last, age))
    return Summary(
        summary.repeats,
        weeks.last_week / weeks_per_unit,
        weeks.age_weeks / weeks_per_unit,
        summary.mean_spend,
        summary.weight,
    )
