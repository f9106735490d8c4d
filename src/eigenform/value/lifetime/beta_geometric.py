"""What BG/NBD and MBG/NBD have in common: gamma distributed buying rates, beta distributed chances to leave.

While a customer lives, purchases come as a Poisson process with a rate of the customer's own, drawn from
Gamma(r, alpha). Each chance to leave is taken with a probability of the customer's own, drawn from Beta(a, b). The two
models differ only in when the chances come: after every repeat purchase (BG), or after the first purchase too (MBG).
So with k chances had by now, everything here is one formula, and the parameters' class says what k is.

Forms that neither overflow nor cancel: brucehardie.com/notes/027, and docs/algorithms/bg-nbd.md.
"""

from dataclasses import dataclass
from typing import ClassVar, Final, TypeVar

import numpy as np
from scipy.special import betaln, digamma, expit, gammaln

from eigenform.value.arrays import BoolArray, FloatArray, IntArray, dot
from eigenform.value.lifetime.cells import Cells, collapse, table, thinned
from eigenform.value.lifetime.counts import capped_mass, capped_mean
from eigenform.value.lifetime.estimation import Objective, Prior, maximise
from eigenform.value.lifetime.fitted import Fitted, fitted, settled
from eigenform.value.lifetime.scores import Scores
from eigenform.value.lifetime.summary import ImpossibleHistory, Summary

NAMES: Final = ("r", "alpha_weeks", "a", "b")


@dataclass(frozen=True, slots=True)
class BetaGeometric:
    """The spread of buying rates and of leaving over all customers; all positive.

    r, alpha_weeks  shape and rate of the gamma distribution of purchases per week (mean r / alpha_weeks)
    a, b            beta distribution of the probability to leave at a chance (mean a / (a + b))
    """

    r: float
    alpha_weeks: float
    a: float
    b: float

    model: ClassVar[str]
    first_chances: ClassVar[int]  # chances to leave that come with the first purchase: 0 or 1

    def __post_init__(self) -> None:
        values = (self.r, self.alpha_weeks, self.a, self.b)
        if not all(np.isfinite(value) and value > 0 for value in values):
            raise ImpossibleHistory(reason=f"{self.model} parameters must be positive and finite, not {values}")


P = TypeVar("P", bound=BetaGeometric)


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """Customers whose truth is known, and every repeat purchase of theirs.

    summary             what an observer would know, n rows
    customer, week      one entry per repeat purchase: whose, and weeks after that customer's first
    rate_per_week       each customer's true rate while alive, shape (n,)
    leave_probability   each customer's true probability to leave at a chance, shape (n,)
    alive               whether still a customer at age_weeks, shape (n,)
    """

    summary: Summary
    customer: IntArray
    week: FloatArray
    rate_per_week: FloatArray
    leave_probability: FloatArray
    alive: BoolArray


def log_likelihood(p: BetaGeometric, summary: Summary) -> FloatArray:
    """Return the log-likelihood of each customer's history, shape (n,), with all constants.

    Safe for no repeat purchase, for thousands, and for ages from hours to decades: the two ways in which
    a history can arise (still alive, or gone after the last purchase) are added as logarithms.
    """
    x = summary.repeats
    silent, gone = _two_logs(p, summary)
    levels, level_of = np.unique(x, return_inverse=True)
    return _shared_log(p, levels)[level_of] + np.logaddexp(silent, gone)


def probability_alive(p: BetaGeometric, summary: Summary) -> FloatArray:
    """Return the probability that each customer is still a customer, shape (n,).

    BG/NBD gives 1.0 to who never came back: it lets people leave only after a repeat purchase. That is a
    property of the model, not a finding about the customer; MBG/NBD has no such rule.

    Source: Fader, Hardie and Lee (2008), brucehardie.com/notes/021.
    """
    silent, gone = _two_logs(p, summary)
    return expit(silent - gone)


def expected_purchases(p: BetaGeometric, summary: Summary, horizon_weeks: float) -> FloatArray:
    """Return the expected number of purchases in the next horizon_weeks, shape (n,).

    A mean over customers with the same history. It is not a forecast for one of them: most will buy
    less, a few much more. Equals equation (10) of Fader, Hardie and Lee (2005), summed without its
    poles at a = 1 and a + b + x = 1.
    """
    entries = table(summary.repeats, summary.age_weeks)
    if_alive = expected_if_alive(p, entries.repeats, entries.weeks, horizon_weeks)
    return probability_alive(p, summary) * if_alive[entries.of]


def expected_if_alive(p: BetaGeometric, repeats: FloatArray, age_weeks: FloatArray, horizon_weeks: float) -> FloatArray:
    """Return the expected purchases in the horizon of customers known to be alive, shape (m,)."""
    share = _share(p, age_weeks, horizon_weeks)
    return capped_mean(shape=p.r + repeats, share=share, leave_a=p.a, leave_b=p.b + _chances(p, repeats))


def count_mass(
    p: BetaGeometric, repeats: FloatArray, age_weeks: FloatArray, horizon_weeks: float, counts: int
) -> FloatArray:
    """Return the probabilities of 0, 1 … counts - 1 purchases in the horizon, of customers known to be alive.

    repeats, age_weeks  shape (m,); the result has shape (m, counts), and what a row lacks to 1 lies beyond
    """
    share = _share(p, age_weeks, horizon_weeks)
    return capped_mass(shape=p.r + repeats, share=share, leave_a=p.a, leave_b=p.b + _chances(p, repeats), counts=counts)


def expected_new(p: BetaGeometric, weeks: float | FloatArray) -> FloatArray:
    """Return the expected repeat purchases of somebody who buys for the first time now, in the shape of weeks."""
    ages = np.asarray(weeks, float)
    _refuse_horizon(ages)
    share, nobody = (ages / (p.alpha_weeks + ages)).ravel(), np.zeros(ages.size)
    leave_b = nobody + p.b + p.first_chances
    mean = capped_mean(shape=p.r + nobody, share=share, leave_a=p.a, leave_b=leave_b)
    stayed = p.b / (p.a + p.b) if p.first_chances else 1.0
    return np.asarray(stayed * mean.reshape(ages.shape))[()]


def score(model: "Fitted[P] | P", summary: Summary | Cells, *, weeks: float = 52.0) -> Scores:
    """Return P(alive) and the expected purchases within weeks for every customer, arrays of shape (n,).

    Raises NotConverged for a fit that found no peak.
    """
    p, cells = settled(model), collapse(summary)
    alive = probability_alive(p, cells.summary)
    if_alive = expected_if_alive(p, cells.age.repeats, cells.age.weeks, weeks)
    return Scores(alive[cells.of], (alive * if_alive[cells.age.of])[cells.of])


def simulate(p: BetaGeometric, age_weeks: FloatArray, rng: np.random.Generator) -> Simulated:
    """Simulate customers of given ages from the model itself, shape (n,), with their truth.

    A customer's purchases are the arrivals of a Poisson process up to the one after which they leave.
    """
    age_weeks = np.asarray(age_weeks, float)
    rate_per_week = rng.gamma(p.r, 1.0 / p.alpha_weeks, len(age_weeks))
    leave_probability = np.clip(rng.beta(p.a, p.b, len(age_weeks)), 1e-12, 1.0)
    arrivals = rng.poisson(rate_per_week * age_weeks)
    leaves_after = rng.geometric(leave_probability) - p.first_chances
    customer = np.repeat(np.arange(len(age_weeks)), arrivals)
    week = rng.uniform(0.0, 1.0, len(customer)) * age_weeks[customer]
    order = np.lexsort((week, customer))
    rank = np.arange(len(customer)) - np.repeat(np.cumsum(arrivals) - arrivals, arrivals)
    made = rank < leaves_after[customer]
    customer, week = customer[made], week[order][made]
    last_week = np.zeros(len(age_weeks))
    np.maximum.at(last_week, customer, week)
    summary = Summary(np.minimum(arrivals, leaves_after), last_week, age_weeks)
    return Simulated(summary, customer, week, rate_per_week, leave_probability, arrivals < leaves_after)


def fit(
    make: type[P], summary: Summary | Cells, *, start: tuple[float, float, float], prior: Prior | None
) -> Fitted[P]:
    """Fit the four parameters by maximum likelihood, or with a prior to the posterior mode.

    start  r, a and b from where to climb; alpha_weeks comes from the data
    """
    cells = collapse(summary)
    whole, some = objective(make, cells), thinned(cells)
    r, a, b = start
    optimum = maximise(
        whole,
        (r, _start_alpha_weeks(r, cells.summary), a, b),
        names=NAMES,
        prior=prior,
        sample=None if some is cells else objective(make, some),
    )
    return fitted(optimum, make, whole, names=NAMES, customers=cells.summary.customers)


def objective(make: type[P], cells: Cells) -> Objective:
    """Return the log-likelihood of all cells and its gradient, as a function of the log-parameters.

    Logarithms are worked out once per (repeats, age) and (repeats, last week). A cell needs one exponential:
    the odds of having left; summed up per entry they give the whole gradient.
    """
    age, last, weight = cells.age, cells.last, cells.summary.weights
    chances = cells.summary.repeats + make.first_chances
    able = np.flatnonzero(chances > 0)  # to leave by now; a BG customer without repeats never had the chance
    age_of, last_of, able_weight = age.of[able], last.of[able], weight[able]
    age_weight = np.bincount(age.of, weights=weight, minlength=len(age))
    counts, level_of = np.unique(age.repeats, return_inverse=True)
    customers = np.bincount(level_of, weights=age_weight)
    had = counts + make.first_chances

    def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
        p = make(*map(float, np.exp(theta)))
        silent, by_r_age, by_alpha_age = _silent(p, age.repeats, age.weeks)
        gone, by_r_last, by_alpha_last = _silent(p, last.repeats, last.weeks)
        past = _past_chances(p, last.repeats)
        gone += np.log(p.a / past)
        off = gone[last_of] - silent[age_of]
        odds = np.exp(-np.abs(off))
        value = dot(customers, _shared_log(p, counts)) + dot(age_weight, silent)
        value += dot(able_weight, np.maximum(off, 0.0) + np.log1p(odds))
        left = able_weight * np.where(off > 0, 1.0, odds) / (1.0 + odds)
        left_last = np.bincount(last_of, weights=left, minlength=len(last))
        stayed_age = age_weight - np.bincount(age_of, weights=left, minlength=len(age))
        d_r = dot(stayed_age, by_r_age) + dot(left_last, by_r_last)
        d_r += dot(customers, digamma(p.r + counts) - digamma(p.r))
        d_alpha = dot(stayed_age, by_alpha_age) + dot(left_last, by_alpha_last)
        both = dot(customers, digamma(p.a + p.b) - digamma(p.a + p.b + had))
        d_a = both + left_last.sum() / p.a
        d_b = both + dot(customers, digamma(p.b + had) - digamma(p.b)) - dot(left_last, 1.0 / past)
        return value, np.array([d_r, d_alpha, d_a, d_b]) * np.exp(theta)

    return value_and_gradient


def _silent(p: BetaGeometric, x: FloatArray, weeks: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return ln of (alpha / (alpha + weeks))^r / (alpha + weeks)^x, and its derivatives by r and alpha."""
    growth = np.log1p(weeks / p.alpha_weeks)
    log_density = -(p.r + x) * growth - x * np.log(p.alpha_weeks)
    return log_density, -growth, (p.r * weeks / p.alpha_weeks - x) / (p.alpha_weeks + weeks)


def _two_logs(p: BetaGeometric, summary: Summary) -> tuple[FloatArray, FloatArray]:
    """Return ln of the chance to be alive and silent since, and to have left, up to the shared factor."""
    x = summary.repeats
    silent, gone = _silent(p, x, summary.age_weeks)[0], _silent(p, x, summary.last_week)[0]
    gone += np.log(p.a / _past_chances(p, x))
    if not p.first_chances:
        gone[x == 0] = -np.inf
    return silent, gone


def _shared_log(p: BetaGeometric, x: FloatArray) -> FloatArray:
    chances = _chances(p, x)
    return log_rising(p.r, x) + log_rising(p.b, chances) - log_rising(p.a + p.b, chances)


def log_rising(start: float, steps: FloatArray) -> FloatArray:
    """Return ln of start (start + 1) … (start + steps - 1), without the cancellation of two large gammas."""
    some = np.maximum(steps, 1.0)
    return np.where(steps > 0, gammaln(some) - betaln(start, some), 0.0)


def _chances(p: BetaGeometric, repeats: FloatArray) -> FloatArray:
    return repeats + p.first_chances


def _past_chances(p: BetaGeometric, repeats: FloatArray) -> FloatArray:
    """Return b plus the chances before the last one; b where there was none, and nothing is done with it."""
    return p.b + np.maximum(_chances(p, repeats) - 1.0, 0.0)


def _share(p: BetaGeometric, age_weeks: FloatArray, horizon_weeks: float) -> FloatArray:
    _refuse_horizon(np.asarray(horizon_weeks))
    return horizon_weeks / (p.alpha_weeks + np.asarray(age_weeks, float) + horizon_weeks)


def _refuse_horizon(weeks: FloatArray) -> None:
    if not (np.isfinite(weeks).all() and (weeks >= 0).all()):
        raise ImpossibleHistory(reason=f"the horizon is {weeks} weeks; it must be 0 or more")


def _start_alpha_weeks(r: float, cells: Summary) -> float:
    """Return the rate at which the base would have bought as often as it did if nobody had left."""
    weeks, purchases = dot(cells.age_weeks, cells.weights), dot(cells.repeats, cells.weights)
    return float(np.clip(r * weeks / purchases, 1e-3, 1e4)) if weeks > 0 and purchases > 0 else 10.0
