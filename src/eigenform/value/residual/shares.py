"""Pooled shares: which share of readings fell short in each segment, steadied by its sisters.

Segments' true shares follow Beta(m k, (1 - m) k); m (their mean) and k (how alike they are) are
integrated over a grid. Prior: uniform on m and on 1 / sqrt(k), after Gelman et al., Bayesian Data
Analysis, 5.3.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import betainc, betaincinv, betaln

from eigenform.value.arrays import HIGH_SHARE, LOW_SHARE, FloatArray
from eigenform.value.residual.pooling import ImpossibleEstimate

_GRID: Final = (24, 14)  # points for m and for 1 / sqrt(k)
_ROUNDS: Final = 4  # each closes in on where the last one found weight
_WEIGHT_MIN: Final = 1e-4  # of the likeliest grid point: the rest is dropped


@dataclass(frozen=True, slots=True, eq=False)
class PooledShare:
    """Posterior of each segment's share, arrays of shape (n,), 80 % interval.

    low and high come from the beta distribution with the posterior's mean and sd (within 0.01 of the
    exact mixture where that has one hump).
    """

    mean: FloatArray
    sd: FloatArray
    low: FloatArray
    high: FloatArray
    _weight: FloatArray
    _a: FloatArray
    _b: FloatArray

    def probability_above(self, tolerance: float) -> FloatArray:
        """Return the probability that each segment's share is above the tolerance, shape (n,)."""
        if not 0.0 <= tolerance <= 1.0:
            raise ImpossibleEstimate(reason=f"the tolerance is {tolerance}; a share lies between 0 and 1")
        return np.clip(self._weight @ (1.0 - betainc(self._a, self._b, tolerance)), 0.0, 1.0)


def pool_shares(short: FloatArray, n: FloatArray) -> PooledShare:
    """Return the posterior of each segment's share from counts, once all are seen together.

    short, n   readings that fell short, and all readings, shape (segments,); 0 <= short <= n. Weighted
               readings enter with their effective number (`effective_counts`). A segment without
               readings gets what its sisters suggest, with all of its doubt.
    """
    short, n = np.asarray(short, float), np.asarray(n, float)
    _refuse(short, n)
    m, k, weight = _posterior_grid(short, n)
    a, b = (m * k)[:, None] + short, ((1.0 - m) * k)[:, None] + n - short
    means = a / (a + b)
    mean = weight @ means
    variance = weight @ (means * (1.0 - means) / (a + b + 1.0) + np.square(means - mean))
    size = np.maximum(mean * (1.0 - mean) / variance - 1.0, 1e-6)
    low, high = (betaincinv(mean * size, (1.0 - mean) * size, share) for share in (LOW_SHARE, HIGH_SHARE))
    return PooledShare(mean, np.sqrt(variance), low, high, weight, a, b)


def _posterior_grid(short: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return grid points m and k, and their posterior weight, closing in on where the weight is."""
    seen = n > 0
    (hits, trials), times = np.unique(np.stack([short[seen], n[seen]]), axis=1, return_counts=True)
    edges = np.array([[0.0, 1.0], [0.0, 1.0]])
    for _ in range(_ROUNDS):
        steps = (edges[:, 1] - edges[:, 0]) / _GRID
        m, root = (edges[axis, 0] + (np.arange(_GRID[axis]) + 0.5) * steps[axis] for axis in (0, 1))
        m, root = (grid.ravel() for grid in np.meshgrid(m, root))
        k = 1.0 / np.square(root)
        log_weight = _log_fit(m * k, (1.0 - m) * k, hits, trials, times.astype(float))
        weight = np.exp(log_weight - log_weight.max())
        kept = weight > _WEIGHT_MIN
        m, root, k, weight = m[kept], root[kept], k[kept], weight[kept] / weight[kept].sum()
        found = np.array([[m.min(), m.max()], [root.min(), root.max()]])
        closer = np.clip(found + steps[:, None] * np.array([-1.0, 1.0]), 0.0, 1.0)
        if np.all(closer[:, 1] - closer[:, 0] > 0.7 * (edges[:, 1] - edges[:, 0])):
            break
        edges = closer
    return m, k, weight


def _log_fit(a: FloatArray, b: FloatArray, hits: FloatArray, trials: FloatArray, times: FloatArray) -> FloatArray:
    total = np.zeros(len(a))
    for begin in range(0, len(hits), 512):  # bounds the memory
        part = slice(begin, begin + 512)
        missed = trials[part] - hits[part]
        total += (betaln(a[:, None] + hits[part], b[:, None] + missed) - betaln(a, b)[:, None]) @ times[part]
    return total


def effective_counts(
    cell: np.ndarray, short: np.ndarray, weight: FloatArray, cells: int
) -> tuple[FloatArray, FloatArray]:
    """Return short and n per cell in effective readings: (sum w)^2 / sum w^2, and the weighted share of it."""
    total = np.bincount(cell, weights=weight, minlength=cells)
    squares = np.bincount(cell, weights=np.square(weight), minlength=cells)
    fell = np.bincount(cell, weights=weight * short, minlength=cells)
    n = np.divide(np.square(total), squares, out=np.zeros(cells), where=squares > 0)
    share = np.divide(fell, total, out=np.zeros(cells), where=total > 0)
    return np.clip(share, 0.0, 1.0) * n, n


def _refuse(short: FloatArray, n: FloatArray) -> None:
    if short.ndim != 1 or short.shape != n.shape or len(n) == 0:
        raise ImpossibleEstimate(reason=f"short has shape {short.shape}, n has {n.shape}")
    if not (np.isfinite(short).all() and np.isfinite(n).all() and (short >= 0).all() and (short <= n).all()):
        raise ImpossibleEstimate(reason="every count must be finite with 0 <= short <= n")
