"""The sum over a base: what customers do by chance evens out, what is wrong with the parameters does not."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc

from eigenform.value.arrays import HIGH_SHARE, LOW_SHARE, FloatArray


@dataclass(frozen=True, slots=True)
class Total:
    """A sum over a base, with the ends of its predictive interval (80 % unless asked otherwise)."""

    mean: float
    low: float
    high: float


def mixed(mean: FloatArray, variance: FloatArray, *, shares: tuple[float, float] = (LOW_SHARE, HIGH_SHARE)) -> Total:
    """Return the total of a base from its mean and variance at each of several random parameter draws.

    At each draw the sum of independent customers is taken for gamma distributed; the draws are mixed. So a lopsided
    doubt about the parameters gives a lopsided interval.
    """
    some = (mean > 0) & (variance > 0)
    if not some.any():
        return Total(float(mean.mean()), float(mean.mean()), float(mean.mean()))
    shape, scale = np.square(mean[some]) / variance[some], variance[some] / mean[some]
    nothing = 1.0 - float(some.mean())
    low = np.full(2, np.log(mean[some].min()) - 60.0)
    high = np.full(2, np.log((mean[some] + 40.0 * np.sqrt(variance[some])).max()))
    for _ in range(80):
        middle = 0.5 * (low + high)
        below = nothing + (1.0 - nothing) * gammainc(shape, np.exp(middle)[:, None] / scale).mean(axis=1)
        under = below < np.array(shares)
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    ends = np.where(np.array(shares) <= nothing, 0.0, np.exp(high))
    return Total(float(mean.mean()), float(ends[0]), float(ends[1]))


def summed(mean: float, variance: float, *, shares: tuple[float, float] = (LOW_SHARE, HIGH_SHARE)) -> Total:
    """Return the total of a base from its mean and its whole variance, customers' and parameters', as one gamma."""
    return mixed(np.array([mean]), np.array([variance]), shares=shares)
