"""The full posterior of a model's population parameters, without a sampler.

The peak and its curvature give a first guess; a pilot round of draws moves and shapes it; heavy-tailed draws from it
then get the weight by which the posterior exceeds the guess there. How many draws that is worth is reported, and where
it is too few the normal approximation at the peak is used, and said to be.

Source: Geweke (1989), Econometrica 57(6) 1317-1339 (importance weights); Kong (1992) (effective sample size).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from eigenform.value.arrays import FloatArray
from eigenform.value.lifetime.estimation import Objective, Prior, log_draws
from eigenform.value.lifetime.fitted import Fitted, NotConverged
from eigenform.value.lifetime.surface import Surface, surface

LogPrior = Callable[[FloatArray], FloatArray]

IMPORTANCE: Final = "importance weights"
NORMAL: Final = "normal approximation"
_PILOTS: Final = 260
_PILOT_WIDTH: Final = 1.5  # times the standard deviations at the peak
_TRIALS: Final = 4000
_WIDTH: Final = 1.05
_FREEDOM: Final = 12.0  # of the t distribution that draws come from: heavier tails than any posterior of ours
_NEAR: Final = 3.5  # standard deviations up to which the polynomial is asked; beyond, the likelihood itself
_CHECKS: Final = 40
_ERROR_MAX: Final = 0.05  # of the polynomial, in log density: weights off by 5 %
_EFFECTIVE_MIN: Final = 0.1  # share of the draws; below, weights say little


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Weighted draws of a model's parameters.

    fit             the peak that it was made from
    log_sample      log-parameters, shape (draws, k)
    weight          of each draw, summing to 1, shape (draws,)
    effective       how many equally weighted draws these are worth
    method          importance weights, or normal approximation where those failed
    surface_error   root mean square error of the polynomial's log density, at checked draws; 0 if none was used
    warning         in words, where the method is not the one asked for; else None
    """

    fit: Fitted[Any]
    log_sample: FloatArray
    weight: FloatArray
    effective: float
    method: str
    surface_error: float = 0.0
    warning: str | None = None

    @property
    def parameters(self) -> Any:
        """The peak: what means are told at."""
        return self.fit.parameters

    @property
    def log_parameters(self) -> FloatArray:
        """Posterior mean of the log-parameters, shape (k,)."""
        return np.asarray(self.weight @ self.log_sample, float)

    @property
    def log_covariance(self) -> FloatArray:
        """Posterior covariance of the log-parameters, shape (k, k)."""
        off = self.log_sample - self.log_parameters
        return np.asarray((off * self.weight[:, None]).T @ off, float)

    @property
    def mean(self) -> FloatArray:
        """Posterior means of the parameters in their own units, shape (k,)."""
        return np.asarray(self.weight @ np.exp(self.log_sample), float)

    @property
    def sd(self) -> FloatArray:
        """Posterior standard deviations of the parameters in their own units, shape (k,)."""
        return np.sqrt(self.weight @ np.square(np.exp(self.log_sample) - self.mean))

    def quantile(self, share: float) -> FloatArray:
        """Return the value that each parameter stays below with a given probability, shape (k,)."""
        order = np.argsort(self.log_sample, axis=0)
        reached = np.cumsum(self.weight[order], axis=0)
        at = np.minimum((reached < share).sum(axis=0), len(self.weight) - 1)
        columns = np.arange(self.log_sample.shape[1])
        return np.asarray(np.exp(self.log_sample[order[at, columns], columns]), float)

    def at(self, log_parameters: FloatArray) -> Any:
        """Return the parameters that belong to logarithms of shape (k,)."""
        return self.fit.at(log_parameters)

    def draw(self, *, draws: int, rng: np.random.Generator) -> list[Any]:
        """Draw parameters of equal weight (systematic resampling: each as often as its weight says, to within one)."""
        steps = (np.arange(draws) + rng.random()) / draws
        chosen = np.searchsorted(np.cumsum(self.weight), steps)
        return [self.at(self.log_sample[i]) for i in np.minimum(chosen, len(self.weight) - 1)]


def posterior(
    fit: Fitted[Any],
    objective: Objective,
    *,
    prior: Prior | LogPrior | None = None,
    draws: int = 4000,
    rng: np.random.Generator,
) -> Posterior:
    """Return the posterior of the parameters of a fit.

    objective  the model's log-likelihood and gradient as a function of the log-parameters: model.objective(cells)
    prior      a Prior, or a function of log-parameters (n, k) that returns the log density of the logarithms (n,);
               None is flat on the logarithms. Fit with the same prior, or near it

    Costs some four hundred evaluations of the objective whatever draws is. Raises NotConverged.
    """
    if not fit.converged:
        raise NotConverged(status=fit.status)
    log_prior = _log_prior(prior)
    centre, root = fit.log_parameters, np.asarray(np.linalg.cholesky(fit.log_covariance), float)
    pilots = _t_draws(centre, root * _PILOT_WIDTH, _PILOTS, rng)
    value, gradient = _evaluated(objective, pilots)
    near = surface(pilots, value, gradient, centre=centre, root=root)
    weight = _weights(value + log_prior(pilots), _log_t(pilots, centre, root * _PILOT_WIDTH))
    centre, root = _adapted(pilots, weight, root)
    trial = _t_draws(centre, root, _TRIALS, rng)
    weight = _weights(near.within(trial, _NEAR) + log_prior(trial), _log_t(trial, centre, root))
    proposal = _lopsided(trial, weight)
    sample = proposal.draw(draws, rng)
    told, error = _told(objective, near, sample, rng)
    weight = _weights(told + log_prior(sample), proposal.log_density(sample))
    effective = 1.0 / float(np.square(weight).sum())
    if effective < _EFFECTIVE_MIN * draws:
        return _normal(fit, draws, effective, rng)
    return Posterior(fit, sample, weight, effective, IMPORTANCE, error)


def _normal(fit: Fitted[Any], draws: int, effective: float, rng: np.random.Generator) -> Posterior:
    sample = log_draws(fit.log_parameters, fit.log_covariance, draws=draws, rng=rng)
    warning = (
        f"{draws:,} weighted draws were worth only {effective:,.0f}: the posterior is far from any bell shape. The "
        "normal approximation at its peak is used instead; its intervals are rough."
    )
    return Posterior(fit, sample, np.full(draws, 1.0 / draws), float(draws), NORMAL, warning=warning)


def _log_prior(prior: Prior | LogPrior | None) -> LogPrior:
    if prior is None:
        return lambda theta: np.zeros(len(theta))
    if isinstance(prior, Prior):
        known = prior
        return lambda theta: np.array([known.log_density(row)[0] for row in theta])
    return prior


def _evaluated(objective: Objective, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    found = [objective(row) for row in theta]
    return np.array([value for value, _ in found]), np.array([gradient for _, gradient in found])


def _told(
    objective: Objective, near: Surface, sample: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, float]:
    """Return the log-likelihood of each draw, by the polynomial where it is good, and its error where checked."""
    told = near(sample)
    far = np.square(near.whitened(sample)).sum(axis=1) > _NEAR**2
    checked = rng.choice(np.flatnonzero(~far), min(_CHECKS, int((~far).sum())), replace=False)
    exact, _ = _evaluated(objective, sample[checked])
    off = told[checked] - exact
    error = float(np.sqrt(np.mean(np.square(off - off.mean()))))
    if error > _ERROR_MAX:
        return _evaluated(objective, sample)[0], 0.0
    told[checked] = exact
    told[far] = _evaluated(objective, sample[far])[0] if far.any() else 0.0
    return told, error


def _t_draws(centre: FloatArray, root: FloatArray, draws: int, rng: np.random.Generator) -> FloatArray:
    """Draw from a multivariate t, mirrored in pairs, shape (draws, k)."""
    half = -(-draws // 2)
    normal = rng.standard_normal((half, len(centre))) @ root.T
    steps = normal / np.sqrt(rng.chisquare(_FREEDOM, half) / _FREEDOM)[:, None]
    return centre + np.stack([steps, -steps], axis=1).reshape(-1, len(centre))[:draws]


def _log_t(theta: FloatArray, centre: FloatArray, root: FloatArray) -> FloatArray:
    square = np.square(np.linalg.solve(root, (theta - centre).T)).sum(axis=0)
    return np.asarray(-0.5 * (_FREEDOM + len(centre)) * np.log1p(square / _FREEDOM), float)


def _weights(log_density: FloatArray, log_proposed: FloatArray) -> FloatArray:
    log_weight = log_density - log_proposed
    weight = np.exp(log_weight - log_weight.max())
    return np.asarray(weight / weight.sum(), float)


@dataclass(frozen=True, slots=True, eq=False)
class _Lopsided:
    """A t distribution with an upper and a lower spread along each axis, half of the draws on either side.

    Posteriors of few or loosely held parameters are drawn out to one side; a symmetric proposal wastes draws there.
    """

    centre: FloatArray
    root: FloatArray
    up: FloatArray
    down: FloatArray

    def draw(self, draws: int, rng: np.random.Generator) -> FloatArray:
        plain = _t_draws(np.zeros(len(self.centre)), np.eye(len(self.centre)), draws, rng)
        return self.centre + (plain * np.where(plain > 0, self.up, self.down)) @ self.root.T

    def log_density(self, theta: FloatArray) -> FloatArray:
        along = np.linalg.solve(self.root, (theta - self.centre).T).T
        spread = np.where(along > 0, self.up, self.down)
        zero = np.zeros(len(self.centre))
        return _log_t(along / spread, zero, np.eye(len(zero))) - np.log(spread).sum(axis=1)


def _lopsided(trial: FloatArray, weight: FloatArray) -> _Lopsided:
    """Return the proposal whose medians and spreads to either side are those of weighted draws."""
    mean = weight @ trial
    off = trial - mean
    spread, axes = np.linalg.eigh((off * weight[:, None]).T @ off)
    root = np.asarray(axes * np.sqrt(np.maximum(spread, 1e-300)), float)
    along = np.linalg.solve(root, off.T).T
    order = np.argsort(along, axis=0)
    reached = np.cumsum(weight[order], axis=0)
    columns = np.arange(along.shape[1])
    middle = along[order[(reached < 0.5).sum(axis=0), columns], columns]
    away = along - middle

    def side(rows: FloatArray) -> FloatArray:
        return np.sqrt((weight[:, None] * rows * np.square(away)).sum(axis=0) / (weight[:, None] * rows).sum(axis=0))

    return _Lopsided(mean + root @ middle, root, _WIDTH * side(away > 0), _WIDTH * side(away <= 0))


def _adapted(pilots: FloatArray, weight: FloatArray, root: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the pilots' weighted mean and spread; the spread is drawn to the peak's where few pilots count."""
    centre = weight @ pilots
    off = pilots - centre
    counted = 1.0 / float(np.square(weight).sum())
    trust = counted / (counted + 2.0 * len(centre))
    covariance = trust * ((off * weight[:, None]).T @ off) + (1.0 - trust) * (root @ root.T)
    return centre, np.asarray(np.linalg.cholesky(covariance), float)
