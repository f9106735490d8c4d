"""The likelihood of Pareto/NBD as a sum of two positive terms, and its exact gradient.

With a = r + x and la(t) = -a ln(alpha + t) - s ln(beta + t), a history is as likely as J(T) + I(t_x), where

    J(T)   = a integral over y > T   of (alpha + y)^-(a + 1) (beta + y)^-s    alive at T, then a purchase, then the end
    I(t_x) = s integral over y > t_x of (alpha + y)^-a (beta + y)^-(s + 1)    alive at t_x, then the end, no purchase

J + I at one and the same moment is exp(la): integration by parts. Each is exp(la) times the integral M of `gauss`,
taken along the smaller of alpha and beta so that its argument stays in (0, 1].
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import digamma

from eigenform.value.arrays import FloatArray, IntArray
from eigenform.value.lifetime.beta_geometric import log_rising
from eigenform.value.lifetime.cells import Cells
from eigenform.value.lifetime.estimation import Objective
from eigenform.value.lifetime.gauss import log_integral


class Shape(Protocol):
    """What the likelihood needs of the parameters."""

    @property
    def r(self) -> float: ...
    @property
    def alpha_weeks(self) -> float: ...
    @property
    def s(self) -> float: ...
    @property
    def beta_weeks(self) -> float: ...


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A logarithm in m points, shape (m,), and its slopes by r, alpha, s and beta, shape (4, m)."""

    log: FloatArray
    slopes: FloatArray


def log_alive(p: Shape, repeats: FloatArray, weeks: FloatArray) -> FloatArray:
    """Return la(weeks) with the constants that all terms share: ln of the chance to live and be silent until then."""
    return (
        -p.r * np.log1p(weeks / p.alpha_weeks)
        - repeats * np.log(p.alpha_weeks + weeks)
        - p.s * np.log1p(weeks / p.beta_weeks)
    )


def log_then_silent(p: Shape, repeats: FloatArray, weeks: FloatArray) -> Term:
    """Return ln J(weeks), shape (m,): alive, and the next purchase would come before the end."""
    a = p.r + repeats
    if p.alpha_weeks >= p.beta_weeks:
        term = _term(p, repeats, weeks, b=a + 1.0, times_q=True)
    else:
        term = _term(p, repeats, weeks, b=np.full_like(a, p.s), times_q=False)
    term.log[:] += np.log(a)
    term.slopes[0] += 1.0 / a
    return term


def log_then_gone(p: Shape, repeats: FloatArray, weeks: FloatArray) -> Term:
    """Return ln I(weeks), shape (m,): alive at weeks, and the end comes before the next purchase."""
    a = p.r + repeats
    if p.alpha_weeks >= p.beta_weeks:
        term = _term(p, repeats, weeks, b=a, times_q=False)
    else:
        term = _term(p, repeats, weeks, b=np.full_like(a, p.s + 1.0), times_q=True)
    term.log[:] += np.log(p.s)
    term.slopes[2] += 1.0 / p.s
    return term


def _term(p: Shape, repeats: FloatArray, weeks: FloatArray, *, b: FloatArray, times_q: bool) -> Term:
    """Return la + ln M(b, r + repeats + s, q), or with ln q added, and its slopes; b moves with r or with s."""
    by_alpha, by_beta = p.alpha_weeks + weeks, p.beta_weeks + weeks
    alpha_is_larger = p.alpha_weeks >= p.beta_weeks
    smaller, larger = (by_beta, by_alpha) if alpha_is_larger else (by_alpha, by_beta)
    q = smaller / larger
    integral = log_integral(b, p.r + p.s + repeats, q)
    by_log_q = integral.by_q * q
    log = log_alive(p, repeats, weeks) + integral.log
    if times_q:
        log += np.log(q)
        by_log_q += 1.0
    signed = by_log_q if alpha_is_larger else -by_log_q  # q falls in alpha where alpha is the larger
    slopes = np.empty((4, len(q)))
    slopes[0] = integral.by_n - np.log1p(weeks / p.alpha_weeks)
    slopes[1] = (p.r * weeks / p.alpha_weeks - repeats - signed) / by_alpha
    slopes[2] = integral.by_n - np.log1p(weeks / p.beta_weeks)
    slopes[3] = (p.s * weeks / p.beta_weeks + signed) / by_beta
    slopes[0 if alpha_is_larger else 2] += integral.by_b
    return Term(log, slopes)


def objective_of(cells: Cells, parameters: Callable[[FloatArray], Shape]) -> Objective:
    """Return the function of log-parameters that gives the log-likelihood of all cells and its exact gradient.

    The two terms live in tables over (repeats, age) and (repeats, last week). Each cell looks its two up; how much of
    it is due to which is scattered back onto the tables, whose slopes are then added up.
    """
    weight, age, last = cells.summary.weights, cells.age, cells.last
    customers_at_age = _added(age.of, weight, len(age))
    counts, position = np.unique(age.repeats, return_inverse=True)
    customers = _added(position, customers_at_age, len(counts))  # per number of repeats

    def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
        p = parameters(theta)
        silent = log_then_silent(p, age.repeats, age.weeks)
        gone = log_then_gone(p, last.repeats, last.weeks)
        lead = gone.log[last.of]
        lead -= silent.log[age.of]
        odds = np.exp(-np.abs(lead))
        value = _sum(customers_at_age, silent.log) + _sum(weight, np.maximum(lead, 0.0) + np.log1p(odds))
        share = np.where(lead > 0, 1.0, odds)
        share *= weight / (1.0 + odds)
        gone_at_last = _added(last.of, share, len(last))
        silent_at_age = customers_at_age - _added(age.of, share, len(age))
        slopes = zip(silent.slopes, gone.slopes, strict=True)
        gradient = np.array([_sum(by_age, silent_at_age) + _sum(by_last, gone_at_last) for by_age, by_last in slopes])
        value += _sum(customers, log_rising(p.r, counts))
        gradient[0] += _sum(customers, digamma(p.r + counts) - digamma(p.r))
        return value, gradient * np.exp(theta)

    return value_and_gradient


def _added(place: IntArray, weight: FloatArray, places: int) -> FloatArray:
    """Return the sum of the weights at each place, shape (places,)."""
    return np.asarray(np.bincount(place, weights=weight, minlength=places), float)


def _sum(weight: FloatArray, values: FloatArray) -> float:
    """Return the weighted sum, pairwise: a matrix product would wake threads that cost more than they save."""
    return float(np.multiply(weight, values).sum())
