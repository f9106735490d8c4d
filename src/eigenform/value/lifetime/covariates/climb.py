"""The climb to base parameters and coefficients, begun on a sample where histories are many."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from eigenform.value.arrays import FloatArray
from eigenform.value.lifetime.estimation import CONVERGED, Objective, Optimum, Prior, maximise

_STEPS_MAX: Final = 40
_HALVINGS_MAX: Final = 6
_GAIN_MIN: Final = 1e-8  # of log-likelihood: one Newton step of maximise then confirms the peak


def climb(
    target: Objective,
    start: Sequence[float],
    back: FloatArray,
    names: Sequence[str],
    prior: Prior | None,
    sample: Objective | None = None,
) -> Optimum:
    """Return the optimum in the parameters' own units.

    start   of the base parameters; coefficients start at 0
    back    matrix from the climb's vector to the parameters' vector, shape (k, k)
    prior   of the base parameters at average covariates, and of the factor by which a standard deviation more of a
            covariate multiplies the rate
    sample  nearly the same surface, but cheaper, to start on
    """
    begin = np.concatenate([np.asarray(start, float), np.ones(len(names) - len(start))])
    if sample is not None:
        rough = maximise(sample, begin.tolist(), names=names, prior=prior)
        if rough.status == CONVERGED:
            begin = np.exp(_onward(target, rough, prior))
    found = maximise(target, begin.tolist(), names=names, prior=prior)
    return Optimum(back @ found.log_parameters, back @ found.log_covariance @ back.T, found.status)


def _onward(target: Objective, rough: Optimum, prior: Prior | None) -> FloatArray:
    """Return where quasi-Newton steps lead that begin with the sample's curvature and mend it on the way (BFGS).

    A sample may say little of a weak covariate; its curvature alone would then overshoot, and be cut back, each time.
    """

    def whole(theta: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = target(theta)
        log_density, slope = prior.log_density(theta) if prior else (0.0, 0.0)
        return value + log_density, gradient + slope

    theta, inverse = rough.log_parameters, rough.log_covariance
    value, gradient = whole(theta)
    for _ in range(_STEPS_MAX):
        step = inverse @ gradient
        if 0.5 * float(gradient @ step) < _GAIN_MIN:
            break
        for _ in range(_HALVINGS_MAX):
            onward, onward_gradient = whole(theta + step)
            if onward > value:
                break
            step = 0.5 * step
        else:
            break
        inverse = _mended(inverse, step, gradient - onward_gradient)
        theta, value, gradient = theta + step, onward, onward_gradient
    return theta


def _mended(inverse: FloatArray, step: FloatArray, bent: FloatArray) -> FloatArray:
    """Return the inverse curvature after a step along which the gradient fell by bent."""
    along = float(step @ bent)
    if along <= 0:
        return inverse
    keep = np.eye(len(step)) - np.outer(step, bent) / along
    return np.asarray(keep @ inverse @ keep.T + np.outer(step, step) / along, float)
