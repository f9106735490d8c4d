"""What groups of customers are worth together, and how many of them are still there, each with its interval.

A group's interval is not the sum of its customers' intervals: what each happens to do evens out, what is wrong with the
parameters does not. So every total is made anew from the same tables, with only the customers marked counted.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenform.customers.decisions.report import Interval
from eigenform.value.arrays import INTERVAL_SDS
from eigenform.value.lifetime import Summary, gamma_gamma
from eigenform.value.lifetime.ahead import Ahead, CountModel, look_ahead
from eigenform.value.lifetime.cells import Cells
from eigenform.value.lifetime.doubt import centre
from eigenform.value.lifetime.fitted import Fitted
from eigenform.value.lifetime.rows import rows_of
from eigenform.value.lifetime.worth import Worth


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Totals over marked customers, boolean arrays of shape (n,)."""

    base: Summary
    worth: Worth
    ahead: Ahead
    spend: gamma_gamma.Fit
    rng: np.random.Generator

    def total(self, marked: NDArray[np.bool_]) -> Interval:
        """Return what the customers marked are worth together; the discount is that of their expected worth."""
        if not marked.any():
            return Interval(0.0, 0.0, 0.0)
        rows = rows_of(_counted(self.base, marked), self.ahead.cells, amounts=True)
        told = self.ahead.total(rows, spend=self.spend, rng=self.rng)  # not discounted
        mean = float(self.worth.mean[marked].sum())
        discount = mean / told.mean if told.mean > 0 else 1.0
        return Interval(mean, discount * told.low, discount * told.high)

    def alive(self, marked: NDArray[np.bool_]) -> Interval:
        """Return how many of the customers marked are still there: each of them is or is not, and parameters vary."""
        cells = self.ahead.cells
        customers = np.bincount(cells.of[marked], minlength=len(cells)).astype(float)
        p = self.worth.p_alive[marked]
        variance = float((p * (1 - p)).sum()) + self.ahead.alive_doubt(customers)
        mean, half = float(p.sum()), INTERVAL_SDS * variance**0.5
        return Interval(mean, max(mean - half, 0.0), min(mean + half, float(len(p))))


def groups(
    base: Summary,
    cells: Cells,
    worth: Worth,
    *,
    model: CountModel,
    counts: Fitted[Any],
    spend: gamma_gamma.Fit,
    rng: np.random.Generator,
) -> Groups:
    """Return what tells totals of any group of the customers of a base; `worth` is that of the whole base."""
    ahead = look_ahead(model, counts, cells, weeks=worth.horizon_weeks, at=centre(counts))
    return Groups(base, worth, ahead, spend, rng)


def _counted(base: Summary, marked: NDArray[np.bool_]) -> Summary:
    return Summary(base.repeats, base.last_week, base.age_weeks, base.mean_spend, weight=marked.astype(float))
