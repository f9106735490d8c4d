"""A normal hierarchy of several parameters at once: cohorts' parameters are N(mu, tau^2) around common ones.

Each cohort's data say of its k parameters theta exp(h'theta - theta'H theta / 2): a parabola, H >= 0, which may be flat
in some directions. mu has a flat prior, each tau a half-normal one. Given tau all is normal and exact, written so that
nothing is divided by tau; tau itself is integrated over weighted points, never put in as a number: with few cohorts
the likeliest tau is often 0, which would declare all cohorts equal.

Source: Gelman et al., Bayesian Data Analysis (3rd ed.), 5.4 and 15; Rubin (1981), J. Educational Statistics 6(4).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri

from eigenform.value.arrays import FloatArray

_POINTS: Final = 2048
_WIDEN: Final = 1.3  # of the proposal against the normal at the mode
_STEP: Final = 1e-3
_Z_MAX: Final = 7.5
_WEIGHT_MIN: Final = 1e-7
_NUMBERS: Final = 500_000  # in one array of all cohorts' matrices: 4 MB


@dataclass(frozen=True, slots=True, eq=False)
class Hierarchy:
    """Posterior moments of c cohorts' k parameters and of their common distribution.

    mean, covariance      of each cohort's parameters, shapes (c, k) and (c, k, k)
    mu_mean, mu_sd        of the cohorts' common mean, shape (k,)
    tau_mean, tau_median  of the standard deviation between cohorts, shape (k,)
    own_share             how much of each cohort's answer is its own data's, shape (c, k): 0 the others', 1 its own
    effective             how many independent points the weighted points over tau are worth, of 4,096
    """

    mean: FloatArray
    covariance: FloatArray
    mu_mean: FloatArray
    mu_sd: FloatArray
    tau_mean: FloatArray
    tau_median: FloatArray
    own_share: FloatArray
    effective: float


def integrate(information: FloatArray, precision: FloatArray, *, tau_scale: FloatArray) -> Hierarchy:
    """Return the posterior of c cohorts with k parameters.

    information, precision  h and H of each cohort, shapes (c, k) and (c, k, k)
    tau_scale               scale of the half-normal prior of each parameter's spread between cohorts, shape (k,)
    """
    precision = _at_least_flat(precision)
    z, log_proposal = _proposal(information, precision, tau_scale)
    tau = _tau(z, tau_scale)
    size = max(_NUMBERS // precision.size, 1)
    log_weight = -0.5 * np.square(z).sum(axis=1) - log_proposal
    for begin in range(0, len(tau), size):
        log_weight[begin : begin + size] += _given_tau(information, precision, tau[begin : begin + size]).log_marginal
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    kept = np.flatnonzero(weight > _WEIGHT_MIN)
    share = weight[kept] / weight[kept].sum()
    mean, own, second = np.zeros_like(information), np.zeros_like(information), np.zeros_like(precision)
    mu, mu_square = np.zeros(tau.shape[1]), np.zeros(tau.shape[1])
    for begin in range(0, len(kept), size):
        w, some = share[begin : begin + size], kept[begin : begin + size]
        one = _given_tau(information, precision, tau[some])
        mean += np.einsum("p,pck->ck", w, one.mean)
        second += np.einsum("p,pckl->ckl", w, one.covariance)
        second += np.einsum("p,pck,pcl->ckl", w, one.mean, one.mean)
        mu += np.einsum("p,pk->k", w, one.mu)
        mu_square += np.einsum("p,pk->k", w, np.square(one.mu) + np.diagonal(one.mu_covariance, axis1=1, axis2=2))
        own += np.einsum("p,pckk->ck", w, one.own)
    return Hierarchy(
        mean=mean,
        covariance=second - np.einsum("ck,cl->ckl", mean, mean),
        mu_mean=mu,
        mu_sd=np.sqrt(mu_square - np.square(mu)),
        tau_mean=weight @ tau,
        tau_median=np.array([_median(weight, column) for column in tau.T]),
        own_share=own,
        effective=float(1.0 / np.square(weight).sum()),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Given:
    """The posterior given each of p spreads, and how probable the data are at them."""

    log_marginal: FloatArray  # (p,)
    mu: FloatArray  # (p, k)
    mu_covariance: FloatArray  # (p, k, k)
    mean: FloatArray  # (p, c, k)
    covariance: FloatArray  # (p, c, k, k)
    own: FloatArray  # (p, c, k, k)


def _given_tau(information: FloatArray, precision: FloatArray, tau: FloatArray) -> _Given:
    """Return what follows from spreads tau, shape (p, k).

    With D = diag(tau^2) and M = (1 + H D)^-1: a cohort's data weigh M H in mu, and theta has D M of doubt left.
    """
    variance, one = np.square(tau), np.eye(tau.shape[1])
    shrink = np.linalg.inv(one + precision * variance[:, None, None, :])
    pulled = np.einsum("pckl,cl->pck", shrink, information)
    mu_covariance = np.linalg.inv((shrink @ precision).sum(axis=1))
    towards = pulled.sum(axis=1)
    mu = np.einsum("pkl,pl->pk", mu_covariance, towards)
    log_marginal = 0.5 * (np.linalg.slogdet(shrink)[1].sum(axis=1) + np.linalg.slogdet(mu_covariance)[1])
    log_marginal += 0.5 * np.einsum("ck,pk,pck->p", information, variance, pulled)
    log_marginal += 0.5 * np.einsum("pk,pk->p", towards, mu)
    back = shrink.swapaxes(2, 3)
    return _Given(
        log_marginal=log_marginal,
        mu=mu,
        mu_covariance=mu_covariance,
        mean=variance[:, None, :] * pulled + np.einsum("pckl,pl->pck", back, mu),
        covariance=variance[:, None, :, None] * shrink + back @ mu_covariance[:, None] @ shrink,
        own=one - back,
    )


def _tau(z: FloatArray, tau_scale: FloatArray) -> FloatArray:
    """Return the spreads whose prior, half-normal, is a standard normal in z."""
    return np.asarray(-tau_scale * ndtri(0.5 * ndtr(-z)), float)


def _proposal(information: FloatArray, precision: FloatArray, tau_scale: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return points of z, half around the posterior's mode and half from the prior, and their log density."""
    k = information.shape[1]

    def surprise(z: FloatArray) -> float:
        inside = np.clip(z, -_Z_MAX, _Z_MAX)
        found = _given_tau(information, precision, _tau(inside[None], tau_scale))
        return 0.5 * float(z @ z) - float(found.log_marginal[0])

    mode = minimize(surprise, np.zeros(k), method="L-BFGS-B", bounds=[(-_Z_MAX, _Z_MAX)] * k).x
    axes = np.eye(k) * _STEP
    bend = np.array(
        [
            [
                surprise(mode + a + b) - surprise(mode + a - b) - surprise(mode - a + b) + surprise(mode - a - b)
                for b in axes
            ]
            for a in axes
        ]
    ) / (4 * _STEP**2)
    spread, directions = np.linalg.eigh(0.5 * (bend + bend.T))
    root = directions * (_WIDEN / np.sqrt(np.clip(spread, 1.0, None)))  # never wider than the prior
    normal = ndtri(_even_points(_POINTS, k))
    z = np.clip(np.concatenate([mode + normal @ root.T, normal]), -_Z_MAX, _Z_MAX)
    near = np.linalg.solve(root, (z - mode).T)
    log_near = -0.5 * np.square(near).sum(axis=0) - np.linalg.slogdet(root)[1]
    return z, np.logaddexp(log_near, -0.5 * np.square(z).sum(axis=1))


def _even_points(number: int, k: int) -> FloatArray:
    """Return points that fill the unit cube evenly, without chance, shape (number, k): multiples of a golden ratio."""
    golden = 2.0
    for _ in range(50):
        golden = (1.0 + golden) ** (1.0 / (k + 1.0))
    steps = golden ** -np.arange(1.0, k + 1.0)
    return (0.5 + np.arange(1, number + 1)[:, None] * steps) % 1.0 * (1 - 2e-12) + 1e-12


def _at_least_flat(precision: FloatArray) -> FloatArray:
    """Return the precisions with what curves upwards made flat: rounding, or a ridge of which data say nothing."""
    spread, axes = np.linalg.eigh(0.5 * (precision + precision.transpose(0, 2, 1)))
    return np.einsum("ckl,cl,cml->ckm", axes, np.clip(spread, 0.0, None), axes)


def _median(weight: FloatArray, values: FloatArray) -> float:
    order = np.argsort(values)
    return float(np.interp(0.5, np.cumsum(weight[order]) - 0.5 * weight[order], values[order]))
