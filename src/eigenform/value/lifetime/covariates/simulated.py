"""Customers made by the model itself on a calendar of covariates, with their truth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eigenform.value.arrays import BoolArray, FloatArray, IntArray
from eigenform.value.lifetime.covariates.calendar import Calendar
from eigenform.value.lifetime.covariates.effects import Parameters
from eigenform.value.lifetime.covariates.histories import Histories, histories
from eigenform.value.lifetime.summary import Summary


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """Customers whose truth is known.

    histories       what an observer would know, n rows
    customer, week  one entry per repeat purchase: whose, and weeks after that customer's first
    rate_per_week   true buying rate while all covariates of buying are 0, shape (n,)
    leaves_per_week true leaving rate while all covariates of leaving are 0, shape (n,)
    left_week       when each left, in weeks after the first purchase; inf if after the calendar's end
    alive           whether still a customer at age_weeks
    """

    histories: Histories
    customer: IntArray
    week: FloatArray
    rate_per_week: FloatArray
    leaves_per_week: FloatArray
    left_week: FloatArray
    alive: BoolArray


def simulate(
    p: Parameters,
    calendar: Calendar,
    *,
    track: IntArray,
    born_week: FloatArray,
    age_weeks: FloatArray,
    rng: np.random.Generator,
    trans: Sequence[str] = (),
    life: Sequence[str] = (),
) -> Simulated:
    """Simulate customers of given tracks, first purchases and ages, each array of shape (n,).

    Exposure is drawn evenly and put back into weeks: purchases are a Poisson process in the exposure to buying, and the
    exposure to leaving at which a customer leaves is exponential.
    """
    r, alpha_weeks, s, beta_weeks = p.base
    buying = _Exposure(calendar, np.exp(calendar.columns(trans).values @ p.coefficients[0]))
    leaving = _Exposure(calendar, np.exp(calendar.columns(life).values @ p.coefficients[1]))
    n = len(born_week)
    rate, leaves = rng.gamma(r, 1.0 / alpha_weeks, n), rng.gamma(s, 1.0 / beta_weeks, n)
    with np.errstate(divide="ignore"):
        lasts = rng.exponential(size=n) / leaves
    left_week = leaving.week(track, leaving.until(track, born_week) + lasts) - born_week
    until = np.minimum(left_week, age_weeks)
    begin = buying.until(track, born_week)
    exposure = buying.until(track, born_week + until) - begin
    count = rng.poisson(rate * exposure)
    customer = np.repeat(np.arange(n), count)
    at = begin[customer] + rng.uniform(size=len(customer)) * exposure[customer]
    week = buying.week(track[customer], at) - born_week[customer]
    week = np.clip(week, 1e-9, age_weeks[customer])
    order = np.lexsort((week, customer))
    week = week[order]
    last = np.zeros(n)
    np.maximum.at(last, customer, week)
    known = histories(
        Summary(count.astype(float), last, age_weeks),
        calendar,
        born_week=born_week,
        customer=customer,
        week=week,
        track=track,
    )
    return Simulated(known, customer, week, rate, leaves, left_week, left_week > age_weeks)


class _Exposure:
    """What a factor adds up to from the calendar's beginning, and back."""

    def __init__(self, known: Calendar, factor: FloatArray) -> None:
        self.known, self.factor = known, factor
        added = factor * (known.ends - known.begins_week)
        total = np.cumsum(added) - added
        self.at_begin = total - np.repeat(total[known.first[:-1]], np.diff(known.first))
        self.span = 2.0 * float((self.at_begin + added).max()) + 1.0
        of_run = np.repeat(np.arange(known.tracks), np.diff(known.first))
        self.keys = of_run * self.span + self.at_begin

    def until(self, track: IntArray, week: FloatArray) -> FloatArray:
        run = self.known.run_at(track, week)
        return self.at_begin[run] + self.factor[run] * (week - self.known.begins_week[run])

    def week(self, track: IntArray, exposure: FloatArray) -> FloatArray:
        """Return the calendar week at which the exposure is reached, inf if not before the calendar's end."""
        within = np.minimum(exposure, 0.5 * self.span)
        run = np.searchsorted(self.keys, track * self.span + within, side="right") - 1
        week = self.known.begins_week[run] + (within - self.at_begin[run]) / self.factor[run]
        return np.where((exposure > within) | (week > self.known.ends_week), np.inf, week)
