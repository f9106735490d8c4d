"""The likelihood of Pareto/NBD on a calendar of covariates, and its exact gradient by going backwards once.

With A(u) and B(u) the exposure to buying and leaving that a customer has had u weeks after the first purchase,

    g(u) = -(r + x) ln(alpha + A(u)) - s ln(beta + B(u))

is the log-likelihood of being a customer at u and silent since the last purchase, up to a constant of x. From one point
of the grid to the next the customer leaves with the chance i (module `leaving`) or stays with d = exp of the rise of g.
So the chance of what was seen, relative to being there at a point, is R = i + d R' with R' at the next point and R = 1
on the day of judgement: numbers between 0 and 1 only, whatever x and T are. A customer's log-likelihood is g + ln R at
the last purchase, plus a constant and the covariates in force at the purchases.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from eigenform.value.arrays import FloatArray, IntArray, dot
from eigenform.value.lifetime.covariates.calendar import Calendar
from eigenform.value.lifetime.covariates.grid import Grid
from eigenform.value.lifetime.covariates.leaving import Left, left


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Factors of buying and leaving in each run, what they add up to until each run begins, and the base parameters.

    bought and left are the exposures from the calendar's beginning to the beginning of each run.
    """

    r: float
    alpha_weeks: float
    s: float
    beta_weeks: float
    buying: FloatArray
    leaving: FloatArray
    bought: FloatArray
    left: FloatArray


def rates(base: FloatArray, log_buying: FloatArray, log_leaving: FloatArray, known: Calendar) -> Rates:
    """Return rates from base parameters and the runs' log factors, arrays of shape (runs,)."""
    buying, leaving = np.exp(log_buying), np.exp(log_leaving)
    r, alpha_weeks, s, beta_weeks = map(float, base)
    bought, gone = (_until(factor * (known.ends - known.begins_week), known.first) for factor in (buying, leaving))
    return Rates(r, alpha_weeks, s, beta_weeks, buying, leaving, bought, gone)


@dataclass(frozen=True, slots=True, eq=False)
class Passed:
    """What going through a grid from its end gave, arrays of shape (points,)."""

    with_alpha: FloatArray  # alpha + A
    with_beta: FloatArray
    p: FloatArray
    q: FloatArray
    gone: Left
    stays: FloatArray
    seen: FloatArray  # R
    log_here: FloatArray  # g


def forward(at: Rates, grid: Grid) -> Passed:
    """Return the chances of all points of a grid."""
    with_alpha = at.alpha_weeks + _exposure(at.buying, at.bought, grid)
    with_beta = at.beta_weeks + _exposure(at.leaving, at.left, grid)
    p = at.buying[grid.run] * grid.until_weeks / with_alpha
    q = at.leaving[grid.run] * grid.until_weeks / with_beta
    c = at.r + grid.repeats
    gone = left(c, at.s, p, q)
    stays = np.exp(-c * np.log1p(p) - at.s * np.log1p(q))
    seen = np.ones(len(p))
    for here, after in grid.steps():
        seen[here] = gone.value[here] + stays[here] * seen[after]
    log_here = -c * np.log(with_alpha) - at.s * np.log(with_beta)
    return Passed(with_alpha, with_beta, p, q, gone, stays, seen, log_here)


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """Log-likelihood of a grid and its slopes by r, alpha, s, beta and by the log factors of the grid's runs."""

    value: float
    base: FloatArray
    log_buying: FloatArray
    log_leaving: FloatArray


def slopes(at: Rates, grid: Grid, weeks: FloatArray) -> Slopes:
    """Return the log-likelihood of a grid's customers but for their covariates at purchases, and its slopes."""
    done, weight, c = forward(at, grid), grid.weight, at.r + grid.repeats
    chance = weight / done.seen
    for here, after in reversed(grid.steps()):
        chance[after] += chance[here] * done.stays[here]
    stayed = np.zeros(len(chance))
    for here, after in grid.steps():
        stayed[here] = chance[here] * done.stays[here] * done.seen[after]
    value = dot(weight, done.log_here + np.log(done.seen)) + _constants(at, grid)
    by_log_p = chance * done.gone.by_log_p - stayed * c * done.p / (1.0 + done.p)
    by_log_q = chance * done.gone.by_log_q - stayed * at.s * done.q / (1.0 + done.q)
    by_c = chance * done.gone.by_c - stayed * np.log1p(done.p) - weight * np.log(done.with_alpha)
    by_s = chance * done.gone.by_s - stayed * np.log1p(done.q) - weight * np.log(done.with_beta)
    by_alpha = -(weight * c + by_log_p) / done.with_alpha
    by_beta = -(weight * at.s + by_log_q) / done.with_beta
    customers, d_r = float(weight.sum()), _by_shape(at.r, weight, grid.repeats)
    base = np.array(
        [
            by_c.sum() + d_r + customers * np.log(at.alpha_weeks),
            by_alpha.sum() + customers * at.r / at.alpha_weeks,
            by_s.sum() + customers * np.log(at.beta_weeks),
            by_beta.sum() + customers * at.s / at.beta_weeks,
        ]
    )
    return Slopes(
        value,
        base,
        _by_run(by_alpha, by_log_p, at.buying, grid, weeks),
        _by_run(by_beta, by_log_q, at.leaving, grid, weeks),
    )


def _constants(at: Rates, grid: Grid) -> float:
    of_cells = grid.weight > 0
    weight, x = grid.weight[of_cells], grid.repeats[of_cells]
    each = at.r * np.log(at.alpha_weeks) + at.s * np.log(at.beta_weeks) - gammaln(at.r)
    counts, customers = _counted(weight, x)
    return dot(customers, each + gammaln(at.r + counts))


def _by_shape(r: float, weight: FloatArray, repeats: FloatArray) -> float:
    counts, customers = _counted(weight, repeats)
    return dot(customers, digamma(r + counts) - digamma(r))


def _counted(weight: FloatArray, repeats: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the numbers of purchases that occur, and how many customers made so many."""
    customers = np.bincount(repeats.astype(np.int64), weight).astype(float)
    counts = np.flatnonzero(customers)
    return counts.astype(float), customers[counts]


def _exposure(factor: FloatArray, until: FloatArray, grid: Grid) -> FloatArray:
    """Return the exposure from the first purchase to each point."""
    now = until[grid.run] + factor[grid.run] * grid.since_weeks
    return now - until[grid.born_run] - factor[grid.born_run] * grid.born_since_weeks


def _by_run(
    by_exposure: FloatArray, by_log_step: FloatArray, factor: FloatArray, grid: Grid, weeks: FloatArray
) -> FloatArray:
    """Return slopes by the runs' log factors from slopes by exposure at points and by log steps between them."""
    begin, end = grid.runs.start, grid.runs.stop
    runs, run, born = end - begin, grid.run - begin, grid.born_run - begin
    by_until = np.bincount(run, by_exposure, runs) - np.bincount(born, by_exposure, runs)
    by_factor = np.bincount(run, by_exposure * grid.since_weeks, runs)
    by_factor -= np.bincount(born, by_exposure * grid.born_since_weeks, runs)
    later = by_until.sum() - np.cumsum(by_until)
    return factor[grid.runs] * (by_factor + weeks[grid.runs] * later) + np.bincount(run, by_log_step, runs)


def _until(added: FloatArray, first: IntArray) -> FloatArray:
    """Return what was added before each run, from nothing anew at each track.

    Going back to nothing keeps the sum small: over a million tracks its last digits would otherwise be gone.
    """
    steps = np.append(0.0, added[:-1])
    steps[first[1:-1]] -= np.add.reduceat(added, first[:-1])[:-1]
    return np.asarray(np.cumsum(steps), float)
