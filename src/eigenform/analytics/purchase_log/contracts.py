"""What is asked of a purchase log, and what comes out of it."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

import pyarrow as pa

from eigenform.value.arrays import FloatArray
from eigenform.value.lifetime import Summary

Unit = Literal["day", "week", "month", "year"]
Grain = Literal["day", "exact", "day-corrected"]
Negative = Literal["refund", "purchase"]
UNITS: Final = get_args(Unit)
GRAINS: Final = get_args(Grain)
NEGATIVES: Final = get_args(Negative)
DAYS_PER_UNIT: Final = {"day": 1.0, "week": 7.0, "month": 365.2425 / 12.0, "year": 365.2425}


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of the log are what.

    amount       a column, or two joined as `Quantity*UnitPrice`; None if spend does not matter
    currency     a column with each row's currency; more than one currency is refused
    date_format  as strptime has it, for dates that are not ISO; None for ISO
    negative     what an amount below 0 is: money given back for earlier purchases, or a purchase at a loss
    """

    customer: str
    date: str
    amount: str | None = None
    currency: str | None = None
    date_format: str | None = None
    negative: Negative = "refund"


@dataclass(frozen=True, slots=True)
class Window:
    """Which stretch of time is looked at, and how finely.

    until_on  last day of the calibration; None for to_on, and then nothing is held out
    to_on     last day of the hold-out; None for the last day of the log
    unit      of all times in the answer
    grain     day: purchases of one customer on one day are one event; exact: events are as they are timed
    counted   times are numbers of whole periods of the unit (calendar months, years; weeks from Monday), as models
              with a yearly or monthly occasion take them; several purchases within a period are one event
    today     purchases after this day cannot have happened yet, unless to_on says so; None for no such limit
    """

    until_on: date | None = None
    to_on: date | None = None
    unit: Unit = "week"
    grain: Grain = "day"
    counted: bool = False
    today: date | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PurchaseLog:
    """Purchase histories of n customers, in the order of their ids; or of n rows that several customers share.

    summary    as the models take it, in the window's unit
    customers  each row's id as it stands in the file, shape (n,); None where customers share rows
    actual     purchase events of each customer in the hold-out, shape (n,); None if nothing is held out
    held_out   length of the hold-out in the window's unit, 0 if nothing is held out
    time_of_actual  when each purchase of the hold-out was made, in units since it began, shape (purchases,); None if
               it was not asked for
    ends_early  whether the log ends before to_on
    warnings   what was left out or read in a way that one should know of, in sentences
    """

    summary: Summary
    customers: pa.ChunkedArray | None
    actual: FloatArray | None
    held_out: float
    time_of_actual: FloatArray | None
    until_on: date
    to_on: date
    unit: Unit
    grain: Grain
    rows_read: int
    ends_early: bool
    warnings: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.summary)
