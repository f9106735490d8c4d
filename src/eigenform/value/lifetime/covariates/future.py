"""How much buying a living customer has ahead, given what the calendar says will be in force.

For a customer alive on the day of judgement T, the leaving rate is Gamma(s, beta + B(T)), so that they are still there
at u with probability ((beta + B(T)) / (beta + B(u)))^s. The expected purchases are the mean buying rate times

    integral from T to T + horizon of a(u) ((beta + B(T)) / (beta + B(u)))^s du,

which within a run of constant covariates has a closed form. Given when they leave, the count is negative binomial in
the exposure until then; its distribution is the mixture over the moment of leaving, and over staying to the end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import gammaln

from eigenform.value.arrays import FloatArray, IntArray
from eigenform.value.lifetime.covariates.histories import Histories
from eigenform.value.lifetime.covariates.likelihood import Rates

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_MUCH: Final = 0.02  # chance to leave within one stretch beyond which one moment does not stand for all


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    """A stretch of the horizon in which rates are constant, for those customers whom it concerns.

    rows             which customers, arrays below of shape (len(rows),)
    buying, leaving  factors in force
    with_beta        beta + B when it begins
    weeks            its length
    bought           exposure to buying in the horizon before it
    """

    rows: IntArray
    buying: FloatArray
    leaving: FloatArray
    with_beta: FloatArray
    weeks: FloatArray
    bought: FloatArray


def weeks_of_buying(at: Rates, given: Histories, with_beta: FloatArray, horizon_weeks: float) -> FloatArray:
    """Return that integral for every customer, shape (n,); with_beta is beta + B on the day of judgement."""
    total = np.zeros(len(given))
    for one in _stretches(at, given, with_beta, horizon_weeks):
        growth = np.log1p(one.leaving * one.weeks / one.with_beta)
        there = np.exp(-at.s * np.log(one.with_beta / with_beta[one.rows]))
        total[one.rows] += one.buying / one.leaving * there * one.with_beta * _lasting(at.s, growth)
    return total


def mass_of_buying(
    at: Rates, given: Histories, with_alpha: FloatArray, with_beta: FloatArray, horizon_weeks: float, counts: int
) -> FloatArray:
    """Return the probabilities of 0, 1 … counts - 1 purchases of living customers in the horizon, shape (n, counts).

    with_alpha, with_beta  alpha + A and beta + B on the day of judgement, shape (n,)
    """
    n, k = len(given), np.arange(counts, dtype=float)
    c = at.r + given.summary.repeats
    ways = gammaln(c[:, None] + k) - gammaln(c)[:, None] - gammaln(k + 1.0)
    mass, bought, there = np.zeros((n, counts)), np.zeros(n), np.ones(n)

    def add(rows: IntArray, chance: FloatArray, exposure: FloatArray) -> None:
        share = exposure / (with_alpha[rows] + exposure)
        log_share = np.log(np.maximum(share, 1e-300))
        density = ways[rows] + (c[rows] * np.log1p(-share))[:, None] + k * log_share[:, None]
        mass[rows] += chance[:, None] * np.exp(density)

    for one in _stretches(at, given, with_beta, horizon_weeks):
        left = -np.expm1(-at.s * np.log1p(one.leaving * one.weeks / one.with_beta))
        some = left > _MUCH
        for chosen, nodes, weights in ((some, _NODES, _WEIGHTS), (~some, [0.0], [2.0])):
            for node, weight in zip(nodes, weights, strict=True):
                gone = left[chosen] * (node + 1.0) / 2.0
                weeks = one.with_beta[chosen] / one.leaving[chosen] * np.expm1(-np.log1p(-gone) / at.s)
                exposure = one.bought[chosen] + one.buying[chosen] * np.minimum(weeks, one.weeks[chosen])
                rows = one.rows[chosen]
                add(rows, there[rows] * left[chosen] * weight / 2.0, exposure)
        there[one.rows] *= 1.0 - left
        bought[one.rows] = one.bought + one.buying * one.weeks
    add(np.arange(n), there, bought)
    return mass


def _stretches(at: Rates, given: Histories, with_beta: FloatArray, horizon_weeks: float) -> Iterator[_Stretch]:
    known = given.calendar
    ends_of_runs = known.ends
    begin = given.born_week + given.summary.age_weeks
    until = begin + horizon_weeks
    run = known.run_at(given.track, begin)
    last_run = known.first[given.track + 1] - 1
    grown, bought, rows = with_beta.copy(), np.zeros(len(given)), np.arange(len(given))
    while len(rows):
        now = run[rows]
        stop = np.where(now < last_run[rows], np.minimum(ends_of_runs[now], until[rows]), until[rows])
        weeks = np.maximum(stop - begin[rows], 0.0)
        yield _Stretch(rows, at.buying[now], at.leaving[now], grown[rows], weeks, bought[rows])
        grown[rows] += at.leaving[now] * weeks
        bought[rows] += at.buying[now] * weeks
        begin[rows] += weeks
        run[rows] += 1
        rows = rows[(stop < until[rows]) & (now < last_run[rows])]


def _lasting(s: float, growth: FloatArray) -> FloatArray:
    """Return (1 - exp(-(s - 1) g)) / (s - 1), which is g at s = 1."""
    off = (s - 1.0) * growth
    near = np.abs(off) < 1e-8
    safe = np.where(near, 1.0, off)
    return growth * np.where(near, 1.0 - 0.5 * off, -np.expm1(-safe) / safe)
