"""Purchase histories laid on a calendar of covariates."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from eigenform.value.arrays import FloatArray, IntArray
from eigenform.value.lifetime.covariates.calendar import MOMENT_WEEKS, Calendar
from eigenform.value.lifetime.covariates.rows import ImpossibleCovariates
from eigenform.value.lifetime.summary import ImpossibleHistory, Summary

_SAME_WEEK: Final = 1e-3  # ten minutes: the last purchase and last_week are the same


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """What n customers did, and what was in force meanwhile.

    summary       as for every count model
    calendar      of covariates
    track         which track of the calendar each customer lives under, shape (n,)
    born_week     week of the calendar in which the first purchase was made, shape (n,)
    at_purchases  covariates in force at the repeat purchases, summed over them, shape (n, k)
    """

    summary: Summary
    calendar: Calendar
    track: IntArray
    born_week: FloatArray
    at_purchases: FloatArray

    def __len__(self) -> int:
        return len(self.summary)

    def rows(self, chosen: np.ndarray) -> "Histories":
        """Return some of the histories, by position."""
        x, last, age = self.summary.repeats, self.summary.last_week, self.summary.age_weeks
        summary = Summary(x[chosen], last[chosen], age[chosen], weight=self.summary.weights[chosen])
        return Histories(summary, self.calendar, self.track[chosen], self.born_week[chosen], self.at_purchases[chosen])


def histories(
    summary: Summary,
    calendar: Calendar,
    *,
    born_week: FloatArray,
    customer: IntArray,
    week: FloatArray,
    track: IntArray | None = None,
) -> Histories:
    """Lay histories on a calendar.

    born_week       calendar week of each customer's first purchase, shape (n,)
    customer, week  one entry per repeat purchase: whose, and weeks after that customer's first
    track           which track each customer lives under; None if the calendar has one for all

    Raises ImpossibleCovariates, naming the first customer whom the calendar does not cover, and ImpossibleHistory for
    purchases that contradict the summary.
    """
    n = len(summary)
    born, customer, week = np.asarray(born_week, float), np.asarray(customer, np.int64), np.asarray(week, float)
    lives = np.zeros(n, np.int64) if track is None else np.asarray(track, np.int64)
    if track is None and calendar.tracks != 1:
        raise ImpossibleCovariates(reason=f"the calendar has {calendar.tracks} tracks; say which one each customer has")
    if born.shape != (n,) or lives.shape != (n,) or customer.shape != week.shape:
        raise ImpossibleCovariates(reason=f"born_week has shape {born.shape}, track {lives.shape}, for {n} customers")
    _refuse(~np.isfinite(born), "born_week is not a number")
    _refuse((lives < 0) | (lives >= calendar.tracks), f"track is not one of the calendar's {calendar.tracks}")
    _refuse(
        born < calendar.begins_week[calendar.first[lives]] - MOMENT_WEEKS,
        "the first purchase was made before the calendar begins",
    )
    _refuse(
        born + summary.age_weeks > calendar.ends_week + MOMENT_WEEKS,
        f"the calendar ends in week {calendar.ends_week:g}, before the day of judgement",
    )
    _refuse_contradiction(summary, customer, week)
    runs = calendar.run_at(lives[customer], born[customer] + week)
    at = np.zeros((n, len(calendar.names)))
    for column in range(len(calendar.names)):
        at[:, column] = np.bincount(customer, weights=calendar.values[runs, column], minlength=n)
    return Histories(summary, calendar, lives, born, at)


def refuse_short(given: Histories, horizon_weeks: float) -> None:
    """Raise ImpossibleCovariates at the first customer whose horizon the calendar does not reach."""
    ends = given.born_week + given.summary.age_weeks + horizon_weeks
    _refuse(
        ends > given.calendar.ends_week + MOMENT_WEEKS,
        f"the horizon ends after week {given.calendar.ends_week:g}, where the calendar ends; "
        "say what will be in force until then",
    )


def _refuse_contradiction(summary: Summary, customer: IntArray, week: FloatArray) -> None:
    n = len(summary)
    if len(customer) and (customer.min() < 0 or customer.max() >= n):
        raise ImpossibleHistory(reason=f"a purchase belongs to customer {customer.max()}, there are {n}")
    bad = ~np.isfinite(week) | (week <= 0)
    if bad.any():
        raise ImpossibleHistory(
            reason="a repeat purchase is not after the first one", row=int(customer[np.argmax(bad)])
        )
    wrong = np.bincount(customer, minlength=n) != summary.repeats
    if wrong.any():
        raise ImpossibleHistory(reason="the purchases are not as many as repeats says", row=int(np.argmax(wrong)))
    last = np.zeros(n)
    np.maximum.at(last, customer, week)
    off = np.abs(last - summary.last_week) > _SAME_WEEK
    if off.any():
        raise ImpossibleHistory(reason="the last purchase is not in last_week", row=int(np.argmax(off)))


def _refuse(bad: np.ndarray, reason: str) -> None:
    if bad.any():
        raise ImpossibleCovariates(reason=reason, row=int(np.argmax(bad)))
