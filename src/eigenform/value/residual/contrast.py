"""Experience minus expectation, once each is known with its doubt."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from eigenform.base.errors import Refused
from eigenform.value.arrays import INTERVAL_SDS, FloatArray


class ImpossibleReading(Refused):
    """Readings from which no gap can be estimated."""

    code = "value.impossible_reading"

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The readings are impossible: {reason}.")


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """Experience minus expectation, arrays of shape (n,), 80 % interval."""

    mean: FloatArray
    sd: FloatArray
    low: FloatArray
    high: FloatArray
    p_below_0: FloatArray


def independent_gap(
    *, expectation_mean: FloatArray, expectation_sd: FloatArray, experience_mean: FloatArray, experience_sd: FloatArray
) -> Gap:
    """Return the gap when different people were asked for expectation and experience: variances add."""
    return _gap(np.subtract(experience_mean, expectation_mean), np.hypot(experience_sd, expectation_sd))


def paired_gap(
    *,
    expectation_mean: FloatArray,
    expectation_sd: FloatArray,
    experience_mean: FloatArray,
    experience_sd: FloatArray,
    covariance: FloatArray,
) -> Gap:
    """Return the gap when the same people answered both: variance P_PP + P_EE - 2 P_PE.

    Raises ImpossibleReading if a covariance is larger than the two deviations allow.
    """
    both = np.multiply(expectation_sd, experience_sd)
    if np.any(np.abs(covariance) > both * (1.0 + 1e-12)):
        raise ImpossibleReading(reason="a covariance exceeds the product of its standard deviations")
    variance = np.square(expectation_sd) + np.square(experience_sd) - 2.0 * np.asarray(covariance)
    return _gap(np.subtract(experience_mean, expectation_mean), np.sqrt(np.maximum(variance, 0.0)))


def _gap(mean: FloatArray, sd: FloatArray) -> Gap:
    mean, sd = np.asarray(mean, float), np.asarray(sd, float)
    certain = np.where(mean < 0, 1.0, 0.0)
    p_below_0 = np.where(sd > 0, ndtr(-mean / np.where(sd > 0, sd, 1.0)), certain)
    return Gap(mean, sd, mean - INTERVAL_SDS * sd, mean + INTERVAL_SDS * sd, p_below_0)
