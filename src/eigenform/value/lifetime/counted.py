"""80 % predictive intervals of purchases where every history has a future of its own: with covariates, or a rhythm.

The models without either share futures over (repeats, age), and have `predictive` for that, with money and totals.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from eigenform.value.arrays import HIGH_SHARE, LOW_SHARE, FloatArray, IntArray
from eigenform.value.lifetime.doubt import Doubtful, points
from eigenform.value.lifetime.scores import Scores
from eigenform.value.lifetime.summary import ImpossibleHistory

_FIRST: Final = 16  # purchases that the first try allows for; each further try allows for four times as many
_COUNT_MAX: Final = 1 << 14
_FLOATS: Final = 1 << 20

# parameters, rows of the histories, counts -> P(0), P(1) … P(counts - 1) if alive, shape (rows, counts)
MassIfAlive = Callable[[Any, IntArray, int], FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Purchases of n customers in the horizon, arrays of shape (n,).

    p_alive             probability of still being a customer
    expected_purchases  mean, at the fitted parameters
    low, high           ends of the 80 % predictive interval, whole numbers: what this customer will do, averaged over
                        what the parameters may be. For most, low is 0
    """

    p_alive: FloatArray
    expected_purchases: FloatArray
    low: FloatArray
    high: FloatArray


def counted(
    model: Doubtful,
    scores: Scores,
    *,
    alive: Callable[[Any], FloatArray],
    mass_if_alive: MassIfAlive,
    draws: int,
    rng: np.random.Generator,
) -> Counted:
    """Return the purchases of n histories with their intervals.

    scores         at the fitted parameters
    alive          P(alive) of every history at given parameters, shape (n,)
    mass_if_alive  probabilities of 0, 1 … purchases of living customers at given parameters
    draws          parameter points, at most: many histories need fewer (module `doubt`)

    Raises ImpossibleHistory where a customer would buy more than 16,384 times.
    """
    n = len(scores.p_alive)
    doubt = points(model, cells=n, draws=draws, rng=rng)
    lives = np.array([alive(p) for p in doubt.parameters])
    low, high = np.zeros(n), np.zeros(n)
    left, counts = np.arange(n), _FIRST
    while len(left):
        if counts > _COUNT_MAX:
            raise ImpossibleHistory(reason="over 16,384 purchases would fall in the horizon", row=int(left[0]))
        beyond = []
        for begin in range(0, len(left), max(_FLOATS // counts, 1)):
            rows = left[begin : begin + max(_FLOATS // counts, 1)]
            mass = np.zeros((len(rows), counts))
            for p, living in zip(doubt.parameters, lives, strict=True):
                mass += living[rows, None] * mass_if_alive(p, rows, counts)
            below = np.cumsum(mass, axis=1) / len(doubt) + (1.0 - lives[:, rows].mean(axis=0))[:, None]
            low[rows], high[rows] = _first(below, LOW_SHARE), _first(below, HIGH_SHARE)
            beyond.append(rows[below[:, -1] < HIGH_SHARE])
        left, counts = np.concatenate(beyond), counts * 4
    return Counted(scores.p_alive, scores.expected_purchases, low, high)


def _first(below: FloatArray, share: float) -> IntArray:
    """Return the first count that so large a share does not exceed."""
    return np.asarray(np.argmax(below >= share - 1e-12, axis=1), np.int64)
