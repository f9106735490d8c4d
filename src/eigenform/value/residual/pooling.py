"""Partial pooling: what few readings say of a segment, steadied by what its sisters say.

How far segments differ (tau) is itself uncertain, most of all when there are few. So tau is integrated
over a grid, never put in as a point: a point estimate of 0 would declare all segments equal.

Source: Rubin (1981), J. Educational Statistics 6(4) 377-401; Gelman et al., Bayesian Data Analysis, 5.4.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr

from eigenform.base.errors import Refused
from eigenform.value.arrays import HIGH_SHARE, INTERVAL_SDS, LOW_SHARE, FloatArray

_GRID: Final = 241
_REACH: Final = 30.0  # tau is followed up to so many times the spread of the estimates


class ImpossibleEstimate(Refused):
    """Estimates that cannot be pooled."""

    code = "value.impossible_estimate"

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The estimates cannot be pooled: {reason}.")


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """Posterior of each segment's level and of their common distribution; arrays of shape (n,).

    mean, sd, low, high  of each segment, 80 % interval
    p_below_0            probability that the segment's level is below zero
    mu_mean, mu_sd       of the mean over segments
    tau_mean, tau_median, tau_rms  of the standard deviation between segments
    """

    mean: FloatArray
    sd: FloatArray
    low: FloatArray
    high: FloatArray
    p_below_0: FloatArray
    mu_mean: float
    mu_sd: float
    tau_mean: float
    tau_median: float
    tau_rms: float


def pool(
    estimate: FloatArray,
    standard_error: FloatArray,
    *,
    tau_scale: float | None = None,
    mu_prior: tuple[float, float] | None = None,
) -> Pooled:
    """Return what n segments' estimates say of each segment, once they are seen together.

    estimate, standard_error  per segment, shape (n,), standard_error > 0
    tau_scale                 half-normal prior scale of the spread between segments, in the estimates'
                              unit; np.inf makes the prior flat (needs 3 segments); None takes twice the
                              larger of the estimates' spread and their typical error: weak, never zero
    mu_prior                  mean and sd of a normal prior of the mean over segments; None is flat

    Segments must not have been cut by the outcome itself: pooling would then shrink a fact away.

    Raises ImpossibleEstimate for non-finite numbers, errors that are not positive, or a flat prior on
    fewer than 3 segments.
    """
    grid = _posterior(*_checked(estimate, standard_error, tau_scale), tau_scale, mu_prior)
    mean, sd = grid.moments()
    sds = np.sqrt(grid.variances)
    mu_mean = float(grid.weight @ grid.mu)
    return Pooled(
        mean=mean,
        sd=sd,
        low=mixture_quantile(grid.weight, grid.means, sds, LOW_SHARE),
        high=mixture_quantile(grid.weight, grid.means, sds, HIGH_SHARE),
        p_below_0=np.clip(grid.weight @ ndtr(-grid.means / sds), 0.0, 1.0),  # weights sum to 1 but for rounding
        mu_mean=mu_mean,
        mu_sd=float(np.sqrt(grid.weight @ (grid.mu_variance + np.square(grid.mu - mu_mean)))),
        tau_mean=float(grid.weight @ grid.tau),
        tau_median=float(np.interp(0.5, np.cumsum(grid.weight) - 0.5 * grid.weight, grid.tau)),
        tau_rms=float(np.sqrt(grid.weight @ np.square(grid.tau))),
    )


def pooled_moments(
    estimate: FloatArray, standard_error: FloatArray, *, tau_scale: float | None = None
) -> tuple[FloatArray, FloatArray]:
    """Return mean and sd as `pool` does, without its quantiles: a third of the work."""
    return _posterior(*_checked(estimate, standard_error, tau_scale), tau_scale).moments()


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """The posterior given each tau of a grid of g: tau, weight, mu, mu_variance (g,), the rest (g, n)."""

    tau: FloatArray
    weight: FloatArray
    mu: FloatArray
    mu_variance: FloatArray
    means: FloatArray
    variances: FloatArray

    def moments(self) -> tuple[FloatArray, FloatArray]:
        mean = self.weight @ self.means
        return mean, np.sqrt(self.weight @ (self.variances + np.square(self.means - mean)))


def _posterior(
    y: FloatArray, s: FloatArray, tau_scale: float | None, mu_prior: tuple[float, float] | None = None
) -> _Grid:
    spread = 2.0 * max(float(np.std(y)), float(np.median(s)))
    tau, log_prior = _tau_grid(spread, spread if tau_scale is None else tau_scale)
    precision = 1.0 / (np.square(s) + np.square(tau)[:, None])
    believed, belief = (0.0, 0.0) if mu_prior is None else (mu_prior[0], mu_prior[1] ** -2.0)
    total = precision.sum(axis=1) + belief
    mu = (precision @ y + belief * believed) / total
    misfit = 0.5 * ((precision * np.square(y - mu[:, None])).sum(axis=1) + belief * np.square(mu - believed))
    log_weight = log_prior + 0.5 * (np.log(precision).sum(axis=1) - np.log(total)) - misfit
    weight = np.exp(log_weight - log_weight.max()) * np.gradient(tau)
    own = own_weight(tau[:, None], s)
    means = own * y + (1.0 - own) * mu[:, None]
    variances = own * np.square(s) + np.square(1.0 - own) / total[:, None]
    return _Grid(tau, weight / weight.sum(), mu, 1.0 / total, means, variances)


def own_weight(tau: FloatArray, standard_error: FloatArray) -> FloatArray:
    """Return the weight of a segment's own estimate if tau were known: tau^2 / (tau^2 + standard_error^2)."""
    return np.square(tau) / (np.square(tau) + np.square(standard_error))


def mixture_quantile(weight: FloatArray, means: FloatArray, sds: FloatArray, share: float) -> FloatArray:
    """Return quantiles of n mixtures of normals: weight (g,), means and sds (g, n); result (n,).

    Newton steps from the moment-matched normal, kept inside a bracket that always holds the answer.
    """
    mean = weight @ means
    sd = np.sqrt(weight @ (np.square(sds) + np.square(means - mean)))
    kept = weight > 1e-9
    weight, means, sds = weight[kept] / weight[kept].sum(), means[kept], sds[kept]
    low, high = mean - 12.0 * sd, mean + 12.0 * sd
    at = mean + np.sign(share - 0.5) * INTERVAL_SDS * sd
    for _ in range(40):
        z = (at - means) / sds
        off = weight @ ndtr(z) - share
        if np.max(np.abs(off)) < 1e-10:
            break
        low, high = np.where(off < 0, at, low), np.where(off > 0, at, high)
        slope = weight @ (np.exp(-0.5 * np.square(z)) / (sds * np.sqrt(2.0 * np.pi)))
        step = at - off / np.maximum(slope, 1e-300)
        inside = (step > low) & (step < high)
        step = np.where(inside, step, 0.5 * (low + high))
        at = np.where(np.abs(off) < 1e-10, at, step)
    return at


def _tau_grid(spread: float, scale: float) -> tuple[FloatArray, FloatArray]:
    """Return spreads between segments from 0 upwards, dense near 0, and their log prior density."""
    tau = _REACH * spread * np.square(np.linspace(0.0, 1.0, _GRID))
    if np.isinf(scale):
        return tau, np.zeros_like(tau)
    tau = np.minimum(_REACH * spread, 8.0 * scale) * np.square(np.linspace(0.0, 1.0, _GRID))
    return tau, -0.5 * np.square(tau / scale)


def _checked(
    estimate: FloatArray, standard_error: FloatArray, tau_scale: float | None
) -> tuple[FloatArray, FloatArray]:
    y, s = np.asarray(estimate, float), np.asarray(standard_error, float)
    if y.ndim != 1 or y.shape != s.shape or len(y) == 0:
        raise ImpossibleEstimate(reason=f"estimates have shape {y.shape}, standard errors {s.shape}")
    if not (np.isfinite(y).all() and np.isfinite(s).all() and (s > 0).all()):
        raise ImpossibleEstimate(reason="every estimate and standard error must be finite, errors above 0")
    if tau_scale is not None and (np.isnan(tau_scale) or tau_scale <= 0):
        raise ImpossibleEstimate(reason=f"tau_scale is {tau_scale}; a spread must be above 0")
    if tau_scale is not None and np.isinf(tau_scale) and len(y) < 3:
        raise ImpossibleEstimate(reason="a flat prior on the spread needs at least 3 segments")
    return y, s
