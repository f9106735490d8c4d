"""Expected gain of a deed: effect times worth, with both doubts in its interval."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr

from eigenform.base.errors import Refused
from eigenform.value.arrays import HIGH_SHARE, LOW_SHARE, FloatArray

# Three-point distribution from the 10 %, 50 % and 90 % quantiles with these masses keeps mean and variance
# of many skewed distributions to a few per cent (Swanson's rule; Keefer and Bodily 1983, Management
# Science 29(5) 595-609).
_MASSES: Final = np.array([0.3, 0.4, 0.3])
_SPREAD_MIN: Final = 1e-290


class ImpossibleGain(Refused):
    """An effect or a worth with which no gain can be computed."""

    code = "value.impossible_gain"

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The gain cannot be computed: {reason}.")


@dataclass(frozen=True, slots=True, eq=False)
class Gain:
    """Product of an effect and a worth, arrays of shape (n,), 80 % interval."""

    mean: FloatArray
    low: FloatArray
    high: FloatArray


def product_interval(
    effect_mean: FloatArray,
    effect_sd: FloatArray,
    worth_mean: FloatArray,
    worth_low: FloatArray,
    worth_high: FloatArray,
) -> Gain:
    """Return mean and 80 % interval of effect times worth, taken as independent; arguments broadcast.

    effect_mean, effect_sd  of a normal effect (a share of worth, for instance 0.02 = 2 % more)
    worth_mean, worth_low, worth_high  mean and 80 % interval; need not be symmetric

    The mean is exactly the product of the means. For the interval worth stands on three points (low,
    middle, high with masses .3, .4, .3; the middle keeps the mean), so the product is a mixture of
    three normals whose quantiles are found exactly. Worth and effect may well be related (who is worth
    most may respond least): this knows nothing of it.

    Raises ImpossibleGain for numbers that are not finite, a negative sd, or low above high.
    """
    values = np.broadcast_arrays(effect_mean, effect_sd, worth_mean, worth_low, worth_high)
    effect, sd, mean, low, high = (np.atleast_1d(np.asarray(value, float)) for value in values)
    if not all(np.isfinite(value).all() for value in (effect, sd, mean, low, high)):
        raise ImpossibleGain(reason="effect and worth must be finite numbers; a worth that cannot be told has no gain")
    if (sd < 0).any() or (low > high).any():
        raise ImpossibleGain(reason="a standard deviation is negative or a low end lies above its high end")
    middle = (mean - _MASSES[0] * low - _MASSES[2] * high) / _MASSES[1]
    points = np.stack([low, middle, high])
    ends = [_quantile(points * effect, np.abs(points) * sd, share) for share in (LOW_SHARE, HIGH_SHARE)]
    return Gain(effect * mean, ends[0], ends[1])


def _quantile(means: FloatArray, sds: FloatArray, share: float) -> FloatArray:
    """Bisect the mixture's distribution function: points without spread make steps that Newton cannot climb."""
    low, high = (means - 9.0 * sds).min(axis=0), (means + 9.0 * sds).max(axis=0)
    spread = sds > _SPREAD_MIN  # a narrower one is a step: dividing by it would overflow
    safe = np.where(spread, sds, 1.0)
    for _ in range(60):
        at = 0.5 * (low + high)
        below = np.where(spread, ndtr((at - means) / safe), at >= means)
        reached = _MASSES @ below >= share
        low, high = np.where(reached, low, at), np.where(reached, at, high)
    return high
