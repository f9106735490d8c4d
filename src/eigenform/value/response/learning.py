"""From what was assumed and what was measured to what the next turn reckons with.

The policy's assumption is where the segments' common level is believed to lie before anything is measured. Measured
effects pull it, each by its precision, and each segment keeps its own as far as the segments are seen to differ.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from eigenform.base.errors import Refused
from eigenform.value.arrays import FloatArray
from eigenform.value.residual.pooling import pool

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
    basis                 "measured" once that is at least one half: the measurement outweighs the assumption
    """

    mean: FloatArray
    sd: FloatArray
    low: FloatArray
    high: FloatArray
    level_mean: float
    level_sd: float
    other_sd: float
    weight: float
    basis: Basis


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
        return Learned(none, none, none, none, prior_mean, prior_sd, prior_sd, 0.0, "assumed")
    found = pool(estimate, standard_error, tau_scale=prior_sd, mu_prior=(prior_mean, prior_sd))
    weight = max(1.0 - (found.mu_sd / prior_sd) ** 2, 0.0)
    return Learned(
        mean=found.mean,
        sd=found.sd,
        low=found.low,
        high=found.high,
        level_mean=found.mu_mean,
        level_sd=found.mu_sd,
        other_sd=float(np.hypot(found.mu_sd, found.tau_rms)),
        weight=weight,
        basis="measured" if weight >= MEASURED_FROM_WEIGHT else "assumed",
    )
