"""How surely expectations are known: intervals of P(alive) and expected purchases by doubt about the parameters alone.

They say how well the mean over customers with one history is known, and shrink as the base grows. What one customer
will do is a far wider interval and does not shrink: that is `predictive`.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from eigenform.value.arrays import INTERVAL_SDS, FloatArray
from eigenform.value.lifetime.ahead import CountModel
from eigenform.value.lifetime.cells import Cells, collapse
from eigenform.value.lifetime.doubt import Doubtful, beside_of
from eigenform.value.lifetime.summary import Summary

_SURE = 1e-15  # closer to 0 or 1 a probability has no logit


@dataclass(frozen=True, slots=True, eq=False)
class ExpectationIntervals:
    """Ends of 80 % intervals by parameter doubt alone, arrays of shape (n,)."""

    p_alive_low_param: FloatArray
    p_alive_high_param: FloatArray
    expected_purchases_low_param: FloatArray
    expected_purchases_high_param: FloatArray


def expectation_intervals(
    model: CountModel, fit: Doubtful, base: Summary | Cells, *, weeks: float
) -> ExpectationIntervals:
    """Return how surely each customer's expectations are known.

    To first order in the logarithms of the parameters, symmetric in logit P(alive) and in ln expected purchases.
    """
    cells = collapse(base)
    told = [_told(model, p, cells, weeks) for p in (fit.parameters, *beside_of(fit))]
    alive, purchases = (np.array([one[i] for one in told]) for i in (0, 1))
    alive_ends, purchases_ends = _ends(alive), _ends(purchases)
    return ExpectationIntervals(
        expit(alive_ends[0])[cells.of],
        expit(alive_ends[1])[cells.of],
        np.exp(purchases_ends[0])[cells.of],
        np.exp(purchases_ends[1])[cells.of],
    )


def _told(model: CountModel, p: object, cells: Cells, weeks: float) -> tuple[FloatArray, FloatArray]:
    alive = model.probability_alive(p, cells.summary)
    mean = alive * model.expected_if_alive(p, cells.age.repeats, cells.age.weeks, weeks)[cells.age.of]
    return logit(np.clip(alive, _SURE, 1.0 - _SURE)), np.log(np.maximum(mean, 1e-300))


def _ends(told: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the ends per column from the value at the fit (first row) and those up and down each axis."""
    middle, up, down = told[0], told[1::2], told[2::2]
    reach = INTERVAL_SDS * np.sqrt(np.square(up - down).sum(axis=0) / (4.0 * len(up)))
    return middle - reach, middle + reach
