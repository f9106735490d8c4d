"""From what was assumed and what was measured to what the next turn reckons with.

The policy's assumption is where the segments' common level is believed to lie before anything is measured. Measured
effects pull it, each by its precision, and each segment keeps its own as far as the segments are seen to differ.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from eigenform.base.errors import Refused
from eigenform.value.arrays import INTERVAL_SDS, FloatArray
from eigenform.value.residual.pooling import ImpossibleEstimate, pool

Basis = Literal["assumed", "measured"]
MEASURED_FROM_WEIGHT: Final = 0.5


class ImpossiblePrior(Refused):
    """An assumption without a doubt cannot learn."""

    code = "value.impossible_prior"

    def __init__(self, *, sd: float) -> None:
        self.sd = sd
        super().__init__(f"The assumed effect has a standard deviation of {sd}; it must be above 0 to learn.")


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What to reckon with, in the prior's unit.

    mean, sd, low, high   (n,) of each measured segment, shrunken, 80 % interval
    level_mean, level_sd  of the common level
    other_sd              of a segment that was not measured: the level's doubt and the spread between segments
    weight                share of the level that the measurement stands for, 0 (assumed) to 1
    own_weight            (n,) likewise of each segment
    """

    mean: FloatArray
    sd: FloatArray
    low: FloatArray
    high: FloatArray
    level_mean: float
    level_sd: float
    other_sd: float
    weight: float
    own_weight: FloatArray


def learn(*, prior_mean: float, prior_sd: float, estimate: FloatArray, standard_error: FloatArray) -> Learned:
    """Return the assumption once it has seen n segments' measured effects.

    estimate, standard_error  (n,) in the prior's unit; n may be 0, then the assumption stands as it is

    How far segments differ is integrated over (half-normal prior, as wide as the assumption's own doubt), so that a
    few segments neither collapse into one nor fall apart. The weight is 1 - (sd of the level / sd of the prior)^2.
    Raises ImpossiblePrior for a prior without doubt, ImpossibleEstimate for standard errors that are not above 0.
    """
    if not prior_sd > 0:
        raise ImpossiblePrior(sd=prior_sd)
    estimate = np.asarray(estimate, float)
    if len(estimate) == 0:
        none = np.zeros(0)
        return Learned(none, none, none, none, prior_mean, prior_sd, prior_sd, 0.0, none)
    if len(estimate) == 1:
        return _of_one(prior_mean, prior_sd, float(estimate[0]), float(np.asarray(standard_error, float)[0]))
    found = pool(estimate, standard_error, tau_scale=prior_sd, mu_prior=(prior_mean, prior_sd))
    return Learned(
        mean=found.mean,
        sd=found.sd,
        low=found.low,
        high=found.high,
        level_mean=found.mu_mean,
        level_sd=found.mu_sd,
        other_sd=float(np.hypot(found.mu_sd, found.tau_rms)),
        weight=max(1.0 - (found.mu_sd / prior_sd) ** 2, 0.0),
        own_weight=np.maximum(1.0 - np.square(found.sd / prior_sd), 0.0),
    )


def basis_of(weight: float) -> Basis:
    """Return "measured" once the measurement stands for at least one half: it outweighs the assumption."""
    return "measured" if weight >= MEASURED_FROM_WEIGHT else "assumed"


def _of_one(prior_mean: float, prior_sd: float, estimate: float, error: float) -> Learned:
    """One estimate is of the very thing assumed: the normal's textbook update, no segments to differ."""
    if not (np.isfinite(estimate) and error > 0):
        raise ImpossibleEstimate(reason=f"an estimate of {estimate} with a standard error of {error}")
    weight = prior_sd**2 / (prior_sd**2 + error**2)
    mean, sd = prior_mean + weight * (estimate - prior_mean), float(np.sqrt(weight)) * error
    ends = np.array([mean - INTERVAL_SDS * sd]), np.array([mean + INTERVAL_SDS * sd])
    return Learned(np.array([mean]), np.array([sd]), *ends, mean, sd, sd, weight, np.array([weight]))
