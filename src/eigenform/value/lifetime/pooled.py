"""A count model for several cohorts or segments at once: each has parameters of its own, steadied by the others'.

Every cohort's log-parameters are drawn from a normal distribution common to all, whose spread tau is learnt from how
far cohorts differ. A cohort of twenty customers then says what the others say with a little of its own, one of ten
thousand what its own data say. Both come out as ordinary fits, good for scores and intervals.

Each cohort is fitted with what the others say as its prior; the mode and the curvature found there give the parabola
by which its data enter the hierarchy (module `hierarchy`); what the hierarchy says is the next prior, until it settles.

Source: Gelman et al., Bayesian Data Analysis (3rd ed.), 5.4 and 13.3 (normal approximation);
docs/algorithms/pooled-cohorts.md. Cohorts must not be cut by the outcome itself (as "those who bought often"): pooling
would then shrink a fact away.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import numpy as np

from eigenform.value.arrays import FloatArray, dot
from eigenform.value.lifetime.cells import Cells, collapse
from eigenform.value.lifetime.estimation import CONVERGED, Prior
from eigenform.value.lifetime.fitted import Fitted, NotConverged
from eigenform.value.lifetime.hierarchy import Hierarchy, integrate
from eigenform.value.lifetime.summary import ImpossibleHistory, Summary

TAU_SCALE: Final = (
    0.5  # of log-parameters: two cohorts in three lie within a factor of 1.6 of the common one, or closer
)
COHORTS_MIN: Final = 2
_ROUNDS_MAX: Final = 12
_SETTLED: Final = 0.02  # of a standard deviation
_TAU_MIN: Final = 0.05  # of the prior under which a cohort is fitted: tighter ones hide its curvature in rounding


class CountModel(Protocol):
    """A module with a count model: bg_nbd, mbg_nbd, pareto_nbd."""

    NAMES: tuple[str, ...]
    WEAK_PRIOR: Prior

    def fit(self, summary: Summary | Cells, *, prior: Prior | None = None) -> Fitted[Any]: ...

    def log_likelihood(self, p: Any, summary: Summary) -> FloatArray: ...


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """One fit per cohort, and what they have in common.

    fits                  per cohort, in the order given: parameters at the posterior mean of their logarithms
    own_share             shape (cohorts, k): how much of each parameter is the cohort's own data's, 0 to 1
    common                medians of the parameters over cohorts, shape (k,)
    common_log_sd         how uncertain their logarithms are
    tau_mean, tau_median  of the standard deviation of log-parameters between cohorts, shape (k,)
    rounds                until it settled
    effective             how many independent points the integral over tau rests on, of 4,096
    status                "converged", or in words why not
    """

    fits: tuple[Fitted[Any], ...]
    own_share: FloatArray
    common: FloatArray
    common_log_sd: FloatArray
    tau_mean: FloatArray
    tau_median: FloatArray
    rounds: int
    effective: float
    status: str


def fit(model: CountModel, cohorts: Sequence[Summary | Cells], *, tau_scale: float = TAU_SCALE) -> Pooled:
    """Fit a count model to cohorts whose parameters are alike but not the same.

    cohorts    histories of each; a customer belongs to one
    tau_scale  half-normal prior scale of the spread of log-parameters between cohorts

    Raises ImpossibleHistory for fewer than two cohorts or an empty one, NotConverged if not even all cohorts together
    with a weak prior have a peak.
    """
    if len(cohorts) < COHORTS_MIN:
        raise ImpossibleHistory(reason=f"{len(cohorts)} cohort: there is nothing to pool it with")
    if not (np.isfinite(tau_scale) and tau_scale > 0):
        raise ImpossibleHistory(reason=f"tau_scale is {tau_scale}; a spread must be above 0")
    cells = [_cells(one, position) for position, one in enumerate(cohorts)]
    whole = model.fit(_together(cells), prior=model.WEAK_PRIOR)
    if not whole.converged:
        raise NotConverged(status=whole.status)
    scales, centre = np.full(len(model.NAMES), tau_scale), whole.log_parameters
    mu, tau, before = centre, scales, np.full((len(cells), len(scales)), np.inf)
    for rounds in range(1, _ROUNDS_MAX + 1):
        fits, information, precision = _parabolas(model, cells, mu, tau, centre)
        found = integrate(information, precision, tau_scale=scales)
        off = np.abs(found.mean - before) / np.sqrt(np.diagonal(found.covariance, axis1=1, axis2=2))
        if off.max() < _SETTLED:
            return _pooled(model, cells, fits, found, centre, rounds, CONVERGED)
        mu, tau, before = centre + found.mu_mean, np.maximum(found.tau_mean, _TAU_MIN), found.mean
    return _pooled(model, cells, fits, found, centre, rounds, f"not converged: still moving after {rounds} rounds")


def _parabolas(
    model: CountModel, cells: Sequence[Cells], mu: FloatArray, tau: FloatArray, centre: FloatArray
) -> tuple[list[Fitted[Any]], FloatArray, FloatArray]:
    """Return each cohort's fit with the prior N(mu, tau^2), and h and H of its data alone around the centre."""
    prior = Prior(tuple(np.exp(mu)), tuple(tau))
    fits = [model.fit(one, prior=prior) for one in cells]
    k, believed = len(mu), np.diag(1.0 / np.square(tau))
    information, precision = np.zeros((len(cells), k)), np.zeros((len(cells), k, k))
    for position, one in enumerate(fits):
        if one.converged:
            mode = one.log_parameters
            precision[position] = np.linalg.inv(one.log_covariance) - believed
            slope = (mode - mu) / np.square(tau)  # of the data's log-likelihood, against the prior's
            information[position] = precision[position] @ (mode - centre) + slope
    return fits, information, precision


def _pooled(
    model: CountModel,
    cells: Sequence[Cells],
    fits: Sequence[Fitted[Any]],
    found: Hierarchy,
    centre: FloatArray,
    rounds: int,
    status: str,
) -> Pooled:
    bad = [f"cohort {position}: {one.status}" for position, one in enumerate(fits) if not one.converged]
    pooled = tuple(
        _at(model, one, group, centre + mean, covariance)
        for one, group, mean, covariance in zip(fits, cells, found.mean, found.covariance, strict=True)
    )
    return Pooled(
        fits=pooled,
        own_share=np.clip(found.own_share, 0.0, 1.0),
        common=np.exp(centre + found.mu_mean),
        common_log_sd=found.mu_sd,
        tau_mean=found.tau_mean,
        tau_median=found.tau_median,
        rounds=rounds,
        effective=found.effective,
        status=status if not bad else f"not converged: {'; '.join(bad)}",
    )


def _at(model: CountModel, one: Fitted[Any], cells: Cells, mean: FloatArray, covariance: FloatArray) -> Fitted[Any]:
    """Return a cohort's fit moved to where the hierarchy puts it."""
    parameters = one.at(mean)
    return replace(
        one,
        parameters=parameters,
        log_covariance=covariance,
        standard_errors=np.exp(mean) * np.sqrt(np.diag(covariance)),
        log_likelihood=dot(model.log_likelihood(parameters, cells.summary), cells.summary.weights),
    )


def _cells(cohort: Summary | Cells, position: int) -> Cells:
    cells = cohort if isinstance(cohort, Cells) else None
    if cells is None and len(cohort) == 0:
        raise ImpossibleHistory(reason=f"cohort {position} has no customers; leave it out")
    return cells or collapse(cohort)


def _together(cells: Sequence[Cells]) -> Cells:
    parts = [one.summary for one in cells]
    columns = ("repeats", "last_week", "age_weeks", "weights")
    repeats, last, age, weight = (np.concatenate([getattr(part, name) for part in parts]) for name in columns)
    return collapse(Summary(repeats, last, age, weight=weight))
