"""A hold-out by week and by tenth of the base, least expected first: where a model errs, not only how much."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.interpolate import PchipInterpolator

from eigenform.value.arrays import INTERVAL_SDS, FloatArray, dot
from eigenform.value.lifetime.ahead import CountModel
from eigenform.value.lifetime.cells import Cells
from eigenform.value.lifetime.totals import summed

_TENTHS: Final = 10
_NODES_MAX: Final = 13  # weeks at which expectations are worked out; smooth in between


@dataclass(frozen=True, slots=True)
class Week:
    """Purchases of the base in one week: predicted with the ends of an 80 % interval, and made.

    The interval knows chance and parameter doubt, not what all customers share: season, promotion, weather.
    """

    week: int
    predicted: float
    low: float
    high: float
    actual: float


@dataclass(frozen=True, slots=True)
class Decile:
    """Customers of like expectation: purchases each, predicted and made; low and high of the mean made, 80 %."""

    customers: float
    predicted: float
    actual: float
    low: float
    high: float


def by_week(expected: FloatArray, week_of_actual: FloatArray, spread: tuple[float, float]) -> tuple[Week, ...]:
    """Return the weeks; what makes the total uncertain beyond a Poisson count is shared by all of them."""
    whole = max(float(expected.sum()), 1e-300)
    shared = max(sum(spread) - whole, 0.0) / whole**2
    week = np.clip(np.ceil(week_of_actual), 1, len(expected)).astype(np.int64)
    made = np.bincount(week - 1, minlength=len(expected))
    bands = [summed(float(mean), float(mean + shared * mean * mean)) for mean in expected]
    return tuple(Week(w + 1, band.mean, band.low, band.high, float(made[w])) for w, band in enumerate(bands))


def by_decile(expected: FloatArray, actual: FloatArray, weight: FloatArray) -> tuple[Decile, ...]:
    """Return tenths of the customers by what was expected, least first; fewer where there are fewer rows.

    Where a tenth ends among customers of the same expectation, both its sides take their share of all of them: who
    comes first among equals does not matter.
    """
    alike, of = np.unique(expected, return_inverse=True)
    customers = np.bincount(of, weights=weight, minlength=len(alike))
    end = np.cumsum(customers)
    count = min(_TENTHS, len(expected))
    tenths = []
    for tenth in range(count):
        begins, ends = end[-1] * tenth / count, end[-1] * (tenth + 1) / count
        inside = np.clip(np.minimum(end, ends) - np.maximum(end - customers, begins), 0.0, None)
        rows = inside[of] > 0
        part = weight[rows] * (inside / np.maximum(customers, 1e-300))[of[rows]]
        if part.sum() > 0:
            tenths.append(_decile(expected[rows], actual[rows], part))
    return tuple(tenths)


def _decile(expected: FloatArray, actual: FloatArray, weight: FloatArray) -> Decile:
    customers = float(weight.sum())
    mean = dot(actual, weight) / customers
    spread = float(np.sqrt(dot(np.square(actual - mean), weight) / customers / customers))
    return Decile(
        customers=customers,
        predicted=dot(expected, weight) / customers,
        actual=mean,
        low=max(mean - INTERVAL_SDS * spread, 0.0),
        high=mean + INTERVAL_SDS * spread,
    )


def expected_by_week(model: CountModel, p: Any, cells: Cells, alive: FloatArray, weeks: float) -> FloatArray:
    """Return the base's expected purchases in each week, at the fitted parameters, shape (weeks rounded up,)."""
    age, until = cells.age, np.minimum(np.arange(np.ceil(weeks - 1e-9) + 1.0), weeks)
    customers = np.bincount(age.of, weights=alive * cells.summary.weights, minlength=len(age))
    chosen = np.unique(np.linspace(0, len(until) - 1, _NODES_MAX).round().astype(np.int64))
    at = [dot(customers, model.expected_if_alive(p, age.repeats, age.weeks, float(until[i]))) for i in chosen]
    return np.diff(PchipInterpolator(until[chosen], at)(until)) if len(chosen) > 1 else np.array(at)
