"""Maximum likelihood in log-parameters: one optimiser, one honest status, for every lifetime model.

All parameters of these models are positive, so everything here works on their logarithms: no bounds
are needed, and a normal approximation around the optimum never yields a negative parameter.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize

from eigenform.value.arrays import FloatArray

CONVERGED: Final = "converged"
_EDGE: Final = 14.0  # a log-parameter beyond this has run away: exp(14) is 1.2 million
_DECREMENT_MAX: Final = 1e-7  # log-likelihood still to be gained by one more Newton step
_STEP: Final = 1e-4  # for differences of the exact gradient
_NEWTON_STEPS_MAX: Final = 60
_CHORDS_MAX: Final = 12
_LOG_SD_MAX: Final = 3.0  # wider than a factor of 20 either way is no estimate
_STRIDE_MAX: Final = 1.0  # no Newton step moves a log-parameter further

Objective = Callable[[FloatArray], tuple[float, FloatArray]]


@dataclass(frozen=True, slots=True)
class Prior:
    """Independent normal beliefs about log-parameters, for samples too small to speak alone.

    medians    prior median of each parameter, in its own unit
    log_sds    prior standard deviation of each log-parameter; inf means no belief
    """

    medians: tuple[float, ...]
    log_sds: tuple[float, ...]

    def in_units(self, names: Sequence[str], *, units_per_week: float) -> "Prior":
        """Return the same beliefs for histories told in another unit than weeks: names that end in _weeks are times."""
        factors = [units_per_week if name.endswith("_weeks") else 1.0 for name in names]
        return Prior(tuple(m * f for m, f in zip(self.medians, factors, strict=True)), self.log_sds)

    def log_density(self, log_parameters: FloatArray) -> tuple[float, FloatArray]:
        """Return the log density up to a constant, and its gradient."""
        off = (log_parameters - np.log(self.medians)) / np.square(self.log_sds)
        return -0.5 * float(off @ (log_parameters - np.log(self.medians))), -off


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """Where the (penalised) log-likelihood is highest, and how sharp the peak is.

    log_covariance   inverse negative Hessian in log-parameters, shape (k, k); nan where there is no peak
    status           "converged", or in words why not
    """

    log_parameters: FloatArray
    log_covariance: FloatArray
    status: str


def maximise(
    objective: Objective,
    start: Sequence[float],
    *,
    names: Sequence[str],
    prior: Prior | None,
    sample: Objective | None = None,
) -> Optimum:
    """Climb from start to the peak of objective plus prior.

    objective  takes log-parameters of shape (k,) and returns the log-likelihood and its exact gradient
    sample     much cheaper, and nearly the same surface: the climb then starts on it, and what is left to do on
               the objective are a few steps with the sample's curvature

    A quasi-Newton walk comes first, then Newton steps; converged means that another Newton step would
    gain less than 1e-7 of log-likelihood at a point where the Hessian is negative definite.
    """
    target = objective if prior is None else _with_prior(objective, prior)
    log_start = np.log(np.asarray(start, float))
    if sample is not None:
        rough = maximise(sample, start, names=names, prior=prior)
        if rough.status == CONVERGED:
            return _newton(target, _chords(target, rough), names)
    scale = max(abs(target(log_start)[0]), 1.0)

    def negative(theta: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = target(theta)
        return -value / scale, -gradient / scale

    bounds = [(-_EDGE, _EDGE)] * len(log_start)
    walk = minimize(negative, log_start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500})
    return _newton(target, walk.x, names)


def log_draws(
    optimum_log: FloatArray, log_covariance: FloatArray, *, draws: int, rng: np.random.Generator
) -> FloatArray:
    """Draw log-parameters from the normal approximation at the peak, shape (draws, k).

    Draws come in mirrored pairs (peak plus and minus the same step), so that averages over them carry
    no first-order noise. It is an approximation: good from a few hundred customers on, and with few
    customers only as good as the prior.
    """
    root = np.linalg.cholesky(log_covariance)
    half = rng.standard_normal((-(-draws // 2), len(optimum_log))) @ root.T
    mirrored = np.stack([half, -half], axis=1).reshape(-1, len(optimum_log))
    return optimum_log + mirrored[:draws]


def _with_prior(objective: Objective, prior: Prior) -> Objective:
    def penalised(theta: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = objective(theta)
        log_density, slope = prior.log_density(theta)
        return value + log_density, gradient + slope

    return penalised


def _chords(target: Objective, rough: Optimum) -> FloatArray:
    """Return where steps with the rough optimum's curvature lead: one call each, where a Newton step takes nine."""
    theta = rough.log_parameters
    value, gradient = target(theta)
    for _ in range(_CHORDS_MAX):
        step = rough.log_covariance @ gradient
        if 0.5 * float(gradient @ step) < _DECREMENT_MAX * 0.1:
            break
        onward, onward_gradient = target(theta + step)
        if onward < value - _rounding(value):
            break
        theta, value, gradient = theta + step, onward, onward_gradient
    return theta


def _newton(target: Objective, theta: FloatArray, names: Sequence[str]) -> Optimum:
    for _ in range(_NEWTON_STEPS_MAX):
        value, gradient = target(theta)
        curvature = -_hessian(target, theta)
        step, decrement = _step(curvature, gradient)
        if decrement is not None and decrement < _DECREMENT_MAX:
            return _peak(theta + step, np.asarray(np.linalg.inv(curvature), float), names)
        moved = _line_search(target, theta, value - (_rounding(value) if decrement is not None else 0.0), step)
        if moved is None:
            return _given_up(theta, _why_stuck(curvature, names))
        theta = moved
        if np.any(np.abs(theta) >= _EDGE):
            worst = int(np.argmax(np.abs(theta)))
            where = "infinity" if theta[worst] > 0 else "zero"
            return _given_up(theta, f"the histories do not pin down {names[worst]}: it runs to {where}")
    return _given_up(theta, f"still climbing after {_NEWTON_STEPS_MAX} Newton steps")


def _peak(theta: FloatArray, log_covariance: FloatArray, names: Sequence[str]) -> Optimum:
    log_sds = np.sqrt(np.diag(log_covariance))
    if log_sds.max() > _LOG_SD_MAX:
        return _given_up(theta, f"the histories do not pin down {names[int(np.argmax(log_sds))]}")
    return Optimum(theta, log_covariance, CONVERGED)


def _step(curvature: FloatArray, gradient: FloatArray) -> tuple[FloatArray, float | None]:
    """Return a step uphill and what it should gain; None where the surface is not peaked."""
    spread, axes = np.linalg.eigh(curvature)
    peaked = bool(spread[0] > 1e-10 * max(spread[-1], 1e-300))
    bent = np.maximum(np.abs(spread), 1e-10 * max(abs(spread[-1]), 1e-300))
    step = axes @ ((axes.T @ gradient) / bent)
    decrement = 0.5 * float(gradient @ step) if peaked else None
    longest = float(np.abs(step).max())
    return (step * (_STRIDE_MAX / longest) if longest > _STRIDE_MAX else step), decrement


def _why_stuck(curvature: FloatArray, names: Sequence[str]) -> str:
    """Return why no step raises the likelihood: on a ridge as flat as rounding, or for no known reason."""
    spread, axes = np.linalg.eigh(curvature)
    if spread[0] < _LOG_SD_MAX**-2:
        return f"the histories do not pin down {names[int(np.argmax(np.abs(axes[:, 0])))]}"
    return "no step from here raises the likelihood"


def _rounding(value: float) -> float:
    """Return by how much a sum over millions of cells may be off: a gain below it cannot be seen in the value."""
    return 1e-12 * abs(value)


def _line_search(target: Objective, theta: FloatArray, value: float, step: FloatArray) -> FloatArray | None:
    for halvings in range(30):
        candidate = np.clip(theta + step * 0.5**halvings, -_EDGE, _EDGE)
        if target(candidate)[0] > value:
            return candidate
    return None


def _hessian(target: Objective, theta: FloatArray) -> FloatArray:
    axes = np.eye(len(theta)) * _STEP
    hessian = np.array([(target(theta + axis)[1] - target(theta - axis)[1]) / (2 * _STEP) for axis in axes])
    return 0.5 * (hessian + hessian.T)


def _given_up(theta: FloatArray, reason: str) -> Optimum:
    return Optimum(theta, np.full((len(theta), len(theta)), np.nan), f"not converged: {reason}")
