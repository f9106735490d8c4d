"""What groups of customers are worth together, and how many of them are still there, each with its interval."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eigenform.customers.decisions.report import Interval
from eigenform.value.arrays import INTERVAL_SDS
from eigenform.value.lifetime import Summary, bg_nbd
from eigenform.value.lifetime.cells import collapse
from eigenform.value.lifetime.worth import Worth

_DRAWS: Final = 16  # of the parameters, in mirrored pairs: the doubt that all customers share


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Totals over marked customers; `again(rows)` judges the worth of some of them as the whole base was judged."""

    worth: Worth
    again: Callable[[NDArray[np.bool_]], Worth]
    p_alive: NDArray[np.float64]  # (draws, cells)
    cell: NDArray[np.int64]  # (n,)

    def total(self, marked: NDArray[np.bool_]) -> Interval:
        """Return what the customers marked are worth together."""
        if not marked.any():
            return Interval(0.0, 0.0, 0.0)
        part = self.worth if marked.all() else self.again(marked)
        return Interval(float(self.worth.mean[marked].sum()), part.total_low, part.total_high)

    def alive(self, marked: NDArray[np.bool_]) -> Interval:
        """Return how many of the customers marked are still there: each of them is or is not, and parameters vary."""
        size = np.bincount(self.cell[marked], minlength=self.p_alive.shape[1])
        p = self.worth.p_alive[marked]
        variance = float((p * (1 - p)).sum() + (self.p_alive @ size).var())
        mean, half = float(p.sum()), INTERVAL_SDS * variance**0.5
        return Interval(mean, max(mean - half, 0.0), min(mean + half, float(len(p))))


def groups(
    summary: Summary,
    worth: Worth,
    counts: bg_nbd.Fit,
    *,
    again: Callable[[NDArray[np.bool_]], Worth],
    rng: np.random.Generator,
) -> Groups:
    """Return what tells totals of any group of the customers in `summary`."""
    cells = collapse(summary)
    drawn = [bg_nbd.probability_alive(p, cells.summary) for p in counts.draw(draws=_DRAWS, rng=rng)]
    return Groups(worth, again, np.stack(drawn), cells.of)
