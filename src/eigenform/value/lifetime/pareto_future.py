"""What Pareto/NBD says of the purchases still to come: how many in a horizon, and their discounted sum for ever.

Of a customer known to be alive at age T with x repeat purchases, the rate is Gamma(r + x, alpha + T) and the ending
Gamma(s, beta + T), independent of each other. Purchases in a horizon t are those of a negative binomial process up to
the horizon or the end, whichever comes first:

    P(k) = NB(k; t) S(t) + integral over u in (0, t) of NB(k; u) f(u) du,      S(t) = (1 + t / (beta + T))^-s,  f = -S'.

All terms are positive, so small probabilities keep their digits. The published closed form subtracts 2F1 terms.
"""

from typing import Final

import numpy as np
from scipy.special import gammaln

from eigenform.value.arrays import FloatArray
from eigenform.value.lifetime.pareto_likelihood import Shape
from eigenform.value.lifetime.summary import ImpossibleHistory

_RULES: Final = (24, 48, 96, 192, 384)  # Gauss-Legendre rules to choose from
_NODES_PER_ROOT: Final = 2.5
_CHUNK_VALUES: Final = 1 << 16  # nodes times rows at a time: the running terms stay in the processor's cache
_FALL_MAX: Final = 600.0  # beyond this exp underflows and the terms are worked out one by one, in logarithms
_DISCOUNT_NODES, _DISCOUNT_WEIGHTS = (np.asarray(array, float) for array in np.polynomial.legendre.leggauss(64))


def count_mass(p: Shape, repeats: FloatArray, age_weeks: FloatArray, horizon_weeks: float, counts: int) -> FloatArray:
    """Return the probabilities of 0, 1 … counts - 1 purchases in the horizon, of customers known to be alive.

    repeats, age_weeks of shape (m,); the result has shape (m, counts). Absolute error below 1e-9. What a row lacks to 1
    is the probability of counts purchases or more.
    Source: the integral above; its mean is `expected_if_alive`, Schmittlein, Morrison and Colombo (1987).
    """
    refuse_horizon(horizon_weeks)
    mass = np.empty((len(repeats), counts))
    shape, rate_weeks, life_weeks = p.r + repeats, p.alpha_weeks + age_weeks, p.beta_weeks + age_weeks
    fall = shape * np.log1p(horizon_weeks / rate_weeks) + p.s * np.log1p(horizon_weeks / life_weeks)
    reached = np.minimum(4.0 * shape * horizon_weeks / rate_weeks + 20.0, counts)
    size = np.searchsorted(_RULES[:-1], _NODES_PER_ROOT * np.sqrt(fall + reached))
    for choice in np.unique(size):
        chosen = np.flatnonzero(size == choice)
        step = max(_CHUNK_VALUES // _RULES[choice], 1)
        for begin in range(0, len(chosen), step):
            rows = chosen[begin : begin + step]
            mass[rows] = _mass(
                shape[rows], rate_weeks[rows], p.s, life_weeks[rows], horizon_weeks, counts, _RULES[choice]
            )
    return mass


def refuse_horizon(weeks: float | FloatArray) -> None:
    """Raise ImpossibleHistory unless every horizon is finite and not negative."""
    if not (np.isfinite(weeks).all() and np.all(np.asarray(weeks) >= 0)):
        raise ImpossibleHistory(reason=f"the horizon is {weeks} weeks; it must be 0 or more")


def discounted_if_alive(p: Shape, repeats: FloatArray, age_weeks: FloatArray, discount_per_week: float) -> FloatArray:
    """Return the expected purchases for ever after, each discounted to now, of customers known to be alive, shape (m,).

    discount_per_week  continuous: a purchase t weeks from now counts exp(-discount_per_week t); > 0. A yearly rate d is
                       ln(1 + d) / 52.18. Times P(alive) it is DERT, the discounted expected residual transactions
    Source: Fader, Hardie and Lee (2005), RFM and CLV, Journal of Marketing Research 42(4) 415-430.
    """
    if not (np.isfinite(discount_per_week) and discount_per_week > 0):
        raise ImpossibleHistory(reason=f"the discount is {discount_per_week} a week; for ever needs more than 0")
    entries, of = np.unique(age_weeks, return_inverse=True)
    life_weeks = p.beta_weeks + entries
    weeks = life_weeks * _discounted_life(p.s, discount_per_week * life_weeks)
    return (p.r + repeats) / (p.alpha_weeks + age_weeks) * weeks[of]


def _mass(
    shape: FloatArray,
    rate_weeks: FloatArray,
    s: float,
    life_weeks: FloatArray,
    horizon: float,
    counts: int,
    size: int,
) -> FloatArray:
    at, weight = _rule(s, rate_weeks, life_weeks, horizon, size)
    share = at / (rate_weeks[:, None] + at)
    log_none = -shape[:, None] * np.log1p(at / rate_weeks[:, None])
    mass = np.empty((len(shape), counts))
    if log_none.min(initial=0.0) < -_FALL_MAX:
        return _mass_by_logarithms(mass, shape, np.log(share), log_none, weight)
    term = weight * np.exp(log_none)
    for k in range(counts):
        mass[:, k] = term.sum(axis=1)
        term *= share
        term *= ((shape + k) / (k + 1.0))[:, None]
    return mass


def _mass_by_logarithms(
    mass: FloatArray, shape: FloatArray, log_share: FloatArray, log_none: FloatArray, weight: FloatArray
) -> FloatArray:
    for k in range(mass.shape[1]):
        ways = gammaln(shape + k) - gammaln(shape) - gammaln(k + 1.0)
        mass[:, k] = (weight * np.exp(ways[:, None] + k * log_share + log_none)).sum(axis=1)
    return mass


def _rule(
    s: float, rate_weeks: FloatArray, life_weeks: FloatArray, horizon: float, size: int
) -> tuple[FloatArray, FloatArray]:
    """Return the moments u and the probabilities to end near each, shape (m, size + 1); last the horizon, outlived.

    The moments are spaced evenly in ln(1 + u / scale), in which the integrand is analytic within pi of the real line.
    """
    nodes, node_weights = np.polynomial.legendre.leggauss(size)
    scale = np.minimum(rate_weeks, life_weeks)[:, None]
    width = np.log1p(horizon / scale)
    stretched = 0.5 * width * (nodes + 1.0)
    at = np.empty((len(rate_weeks), size + 1))
    at[:, :-1], at[:, -1] = scale * np.expm1(stretched), horizon
    life = life_weeks[:, None]
    weight = np.empty_like(at)
    log_density = np.log(s / life) - (s + 1.0) * np.log1p(at[:, :-1] / life) + stretched
    weight[:, :-1] = 0.5 * width * scale * node_weights * np.exp(log_density)
    weight[:, -1] = np.exp(-s * np.log1p(horizon / life_weeks))
    return at, weight


def _discounted_life(s: float, per_life: FloatArray) -> FloatArray:
    """Return the integral over v > 0 of (1 + v)^-s exp(-per_life v), shape of per_life; equals exp(y) E_s(y)."""
    height = max(1.0 - s, 0.0) * np.log1p(1.0 / per_life)
    end = np.log1p((40.0 + height) / per_life)
    if s > 1.0:
        end = np.minimum(end, 40.0 / (s - 1.0))
    w = 0.5 * end[:, None] * (_DISCOUNT_NODES + 1.0)
    values = np.exp((1.0 - s) * w - per_life[:, None] * np.expm1(w))
    return np.asarray(0.5 * end * (values @ _DISCOUNT_WEIGHTS))
