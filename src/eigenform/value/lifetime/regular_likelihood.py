"""The likelihood of MBG/CNBD-k, and its gradient.

With c = r + k x arrivals' worth of shape, and u = (T - t_x) / (alpha + T), being a customer still and silent since t_x
means that 0, 1 … k - 1 arrivals fell into the silence:

    S(u) = sum over j < k of u^j c (c + 1) … (c + j - 1) / j!

Everything else is MBG/NBD with k x in place of x where time is spoken of.

Source: Reutterer, Platzer and Schroeder (2020), International Journal of Research in Marketing 38(1) 194-215.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import digamma, gammaln

from eigenform.value.arrays import FloatArray, dot
from eigenform.value.lifetime.beta_geometric import log_rising
from eigenform.value.lifetime.cells import Cells
from eigenform.value.lifetime.estimation import Objective
from eigenform.value.lifetime.summary import ImpossibleHistory, Summary

NAMES: Final = ("r", "alpha_weeks", "a", "b")


@dataclass(frozen=True, slots=True)
class Parameters:
    """The spread of buying rates and of leaving over all customers, and the rhythm; all positive.

    r, alpha_weeks  shape and rate of the gamma distribution of arrivals per week; purchases come every k-th
    a, b            beta distribution of the probability to leave after a purchase, the first too
    every           k, a whole number: arrivals per purchase
    """

    r: float
    alpha_weeks: float
    a: float
    b: float
    every: int = 1

    def __post_init__(self) -> None:
        values = (self.r, self.alpha_weeks, self.a, self.b)
        if not all(np.isfinite(value) and value > 0 for value in values):
            raise ImpossibleHistory(reason=f"MBG/CNBD-k parameters must be positive and finite, not {values}")
        if self.every != int(self.every) or self.every < 1:
            raise ImpossibleHistory(reason=f"every is {self.every}; it must be a whole number, 1 or more")


def objective(cells: Cells, every: int) -> Objective:
    """Return the log-likelihood of all cells and its gradient, as a function of the log-parameters."""
    x, last, age = cells.summary.repeats, cells.summary.last_week, cells.summary.age_weeks
    weight = cells.summary.weights
    counts, count_of = np.unique(x, return_inverse=True)
    customers = np.bincount(count_of, weights=weight)

    def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
        r, alpha_weeks, a, b = map(float, np.exp(theta))
        p = Parameters(r, alpha_weeks, a, b, every)
        stayed, gone, terms = two_logs(p, cells.summary)
        left = weight * np.exp(-np.logaddexp(0.0, stayed - gone))
        stay = weight - left
        by_shape, by_log_silence = _slopes_of_silence(p.r + every * x, terms)
        value = dot(customers, shared_log(p, counts)) + dot(weight, np.logaddexp(stayed, gone))
        d_r = dot(stay, by_shape - np.log1p(age / alpha_weeks)) - dot(left, np.log1p(last / alpha_weeks))
        d_r += dot(customers, digamma(r + every * counts) - digamma(r))
        d_alpha = dot(left, (r * last / alpha_weeks - every * x) / (alpha_weeks + last))
        d_alpha += dot(stay, (r * age / alpha_weeks - every * x - by_log_silence) / (alpha_weeks + age))
        both = dot(customers, digamma(a + b) - digamma(a + b + counts + 1.0))
        d_a = both + left.sum() / a
        d_b = both + dot(customers, digamma(b + counts) - digamma(b)) + dot(stay, 1.0 / (b + x))
        return value, np.array([d_r, d_alpha, d_a, d_b]) * np.exp(theta)

    return value_and_gradient


def two_logs(p: Parameters, summary: Summary) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return ln of the chances to be a customer and silent since, and to have left, and the terms of S.

    Both up to the shared factor and of shape (n,); the terms are of shape (every, n).
    """
    x, last, age = summary.repeats, summary.last_week, summary.age_weeks
    shape = p.r + p.every * x
    terms = np.ones((p.every, len(x)))
    silence = (age - last) / (p.alpha_weeks + age)
    for j in range(1, p.every):
        terms[j] = terms[j - 1] * silence * (shape + j - 1.0) / j
    shared = -p.every * x * np.log(p.alpha_weeks)
    stayed = shared - shape * np.log1p(age / p.alpha_weeks) + np.log(terms.sum(axis=0)) + np.log(p.b + x)
    gone = shared - shape * np.log1p(last / p.alpha_weeks) + np.log(p.a)
    return stayed, gone, terms


def shared_log(p: Parameters, repeats: FloatArray) -> FloatArray:
    """Return ln of the factor that both ways of falling silent share, shape (n,)."""
    chances = repeats + 1.0
    return log_rising(p.r, p.every * repeats) + log_rising(p.b, repeats) - log_rising(p.a + p.b, chances)


def rhythm_log(every: int, repeats: FloatArray, log_intervals: FloatArray) -> FloatArray:
    """Return ln of the factor of k and the intervals alone, shape (n,): 0 for k = 1."""
    return (every - 1.0) * log_intervals - repeats * gammaln(every)


def _slopes_of_silence(shape: FloatArray, terms: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the derivatives of ln S by the shape and by ln u, shape (n,)."""
    total, by_shape, by_log_u = terms.sum(axis=0), np.zeros(len(shape)), np.zeros(len(shape))
    rising = np.zeros(len(shape))
    for j in range(1, len(terms)):
        rising += 1.0 / (shape + j - 1.0)
        by_shape += terms[j] * rising
        by_log_u += terms[j] * j
    return by_shape / total, by_log_u / total
