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


def mixed(
    mean: FloatArray,
    variance: FloatArray,
    nothing: FloatArray,
    *,
    shares: tuple[float, float] = (LOW_SHARE, HIGH_SHARE),
) -> Total:
    """Return the total of a base from its mean, its variance and P(0) at each of several random parameter draws.

    At each draw the sum of independent customers is 0, or gamma distributed; the draws are mixed. So a lopsided doubt
    about the parameters gives a lopsided interval, and a handful of customers may well bring nothing.
    """
    some = (mean > 0) & (variance > 0) & (nothing < 1.0)
    if not some.any():
        return Total(float(mean.mean()), float(mean.mean()), float(mean.mean()))
    chance = 1.0 - nothing[some]
    given = mean[some] / chance
    spread = np.maximum((variance[some] + np.square(mean[some])) / chance - np.square(given), 1e-12 * np.square(given))
    shape, scale, weight = np.square(given) / spread, spread / given, chance / len(mean)
    wanted = np.array(shares) - (1.0 - float(weight.sum()))
    low = np.full(2, np.log(given.min()) - 60.0)
    high = np.full(2, np.log((given + 40.0 * np.sqrt(spread)).max()))
    for _ in range(80):
        middle = 0.5 * (low + high)
        under = gammainc(shape, np.exp(middle)[:, None] / scale) @ weight < wanted
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    ends = np.where(wanted <= 0, 0.0, np.exp(high))
    return Total(float(mean.mean()), float(ends[0]), float(ends[1]))


def summed(mean: float, variance: float, *, shares: tuple[float, float] = (LOW_SHARE, HIGH_SHARE)) -> Total:
    """Return the total of a base from its mean and its whole variance, customers' and parameters', as one gamma."""
    return mixed(np.array([mean]), np.array([variance]), np.zeros(1), shares=shares)
