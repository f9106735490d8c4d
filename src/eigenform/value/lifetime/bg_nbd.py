"""BG/NBD: how often customers buy, and when they silently leave.

While a customer lives, purchases come as a Poisson process with a rate of the customer's own, drawn
from Gamma(r, alpha). After every repeat purchase the customer leaves with a probability of their own,
drawn from Beta(a, b). Nobody sees the leaving.

Source: Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2)
275-284; forms that neither overflow nor cancel: brucehardie.com/notes/027, and docs/algorithms/bg-nbd.md.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import betaln, digamma, expit, gammaln

from eigenform.value.arrays import BoolArray, FloatArray, IntArray
from eigenform.value.lifetime.cells import Cells, collapse, table
from eigenform.value.lifetime.counts import expected_count
from eigenform.value.lifetime.estimation import Objective, Prior, maximise
from eigenform.value.lifetime.fitted import Fitted, fitted, settled
from eigenform.value.lifetime.scores import Scores
from eigenform.value.lifetime.summary import ImpossibleHistory, Summary

NAMES: Final = ("r", "alpha_weeks", "a", "b")

# For samples too small to speak alone. A typical customer buys every few months and a typical share of
# a fifth leaves after a purchase; each is believed within a factor of 3 (alpha 7) either way.
WEAK_PRIOR: Final = Prior(medians=(0.5, 8.0, 0.6, 2.5), log_sds=(1.0, 2.0, 1.0, 1.0))


@dataclass(frozen=True, slots=True)
class Parameters:
    """The spread of buying rates and of leaving over all customers; all positive.

    r, alpha_weeks  shape and rate of the gamma distribution of purchases per week (mean r / alpha_weeks)
    a, b            beta distribution of the probability to leave after a purchase (mean a / (a + b))
    """

    r: float
    alpha_weeks: float
    a: float
    b: float

    def __post_init__(self) -> None:
        values = (self.r, self.alpha_weeks, self.a, self.b)
        if not all(np.isfinite(value) and value > 0 for value in values):
            raise ImpossibleHistory(reason=f"BG/NBD parameters must be positive and finite, not {values}")


Fit = Fitted[Parameters]


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """Customers whose truth is known, and every repeat purchase of theirs.

    summary             what an observer would know, n rows
    customer, week      one entry per repeat purchase: whose, and weeks after that customer's first
    rate_per_week       each customer's true rate while alive, shape (n,)
    leave_probability   each customer's true probability to leave after a repeat purchase, shape (n,)
    alive               whether still a customer at age_weeks, shape (n,)
    """

    summary: Summary
    customer: IntArray
    week: FloatArray
    rate_per_week: FloatArray
    leave_probability: FloatArray
    alive: BoolArray


def log_likelihood(p: Parameters, summary: Summary) -> FloatArray:
    """Return the log-likelihood of each customer's history, shape (n,), with all constants.

    Safe for no repeat purchase, for thousands, and for ages from hours to decades: the two ways in which
    a history can arise (still alive, or gone after the last purchase) are added as logarithms.
    """
    x = summary.repeats
    silent, gone = _two_logs(p, x, summary.last_week, summary.age_weeks)
    return _shared_log(p, x) + np.logaddexp(silent, gone)


def fit(summary: Summary | Cells, *, prior: Prior | None = None) -> Fit:
    """Fit the four parameters by maximum likelihood, or with a prior to the posterior mode.

    Equal histories are counted once with their weight, so a million customers cost what their distinct
    histories cost. Without a prior this is plain maximum likelihood as published; WEAK_PRIOR is for
    small samples. Never falls back in silence: read status.
    """
    cells = collapse(summary)
    optimum = maximise(_objective(cells.summary), _start(cells.summary), names=NAMES, prior=prior)
    return fitted(
        optimum,
        Parameters,
        names=NAMES,
        log_likelihood=lambda p: float(log_likelihood(p, cells.summary) @ cells.summary.weights),
        customers=cells.summary.customers,
    )


def probability_alive(p: Parameters, summary: Summary) -> FloatArray:
    """Return the probability that each customer is still a customer, shape (n,).

    Who never came back gets 1.0: the model lets people leave only after a repeat purchase. That is a
    property of the model, not a finding about the customer.

    Source: Fader, Hardie and Lee (2008), brucehardie.com/notes/021.
    """
    silent, gone = _two_logs(p, summary.repeats, summary.last_week, summary.age_weeks)
    return expit(silent - gone)


def expected_purchases(p: Parameters, summary: Summary, horizon_weeks: float) -> FloatArray:
    """Return the expected number of purchases in the next horizon_weeks, shape (n,).

    A mean over customers with the same history. It is not a forecast for one of them: most will buy
    less, a few much more. Equals equation (10) of Fader, Hardie and Lee (2005), summed without its
    poles at a = 1 and a + b + x = 1.
    """
    if not (np.isfinite(horizon_weeks) and horizon_weeks >= 0):
        raise ImpossibleHistory(reason=f"the horizon is {horizon_weeks} weeks; it must be 0 or more")
    repeats, age_weeks, index = alive_cells(summary)
    return probability_alive(p, summary) * expected_if_alive(p, repeats, age_weeks, horizon_weeks)[index]


def alive_cells(summary: Summary) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return the distinct (repeats, age_weeks), all that a living customer's future hangs on, and who is in which."""
    entries = table(summary.repeats, summary.age_weeks)
    return entries.repeats, entries.weeks, entries.of


def score(model: Fit | Parameters, summary: Summary | Cells, *, weeks: float = 52.0) -> Scores:
    """Return P(alive) and the expected purchases within weeks for every customer, arrays of shape (n,).

    Raises NotConverged for a fit that found no peak.
    """
    p, cells = settled(model), collapse(summary)
    alive = probability_alive(p, cells.summary)
    count = expected_if_alive(p, cells.age.repeats, cells.age.weeks, weeks)
    return Scores(alive[cells.of], (alive * count[cells.age.of])[cells.of])


def expected_if_alive(p: Parameters, repeats: FloatArray, age_weeks: FloatArray, horizon_weeks: float) -> FloatArray:
    """Return the expected purchases in the horizon of customers known to be alive, shape (n,)."""
    share = horizon_weeks / (p.alpha_weeks + age_weeks + horizon_weeks)
    return expected_count(shape=p.r + repeats, share=share, leave_a=p.a, leave_b=p.b + repeats)


def simulate(p: Parameters, age_weeks: FloatArray, rng: np.random.Generator) -> Simulated:
    """Simulate customers of given ages from the model itself, shape (n,), with their truth.

    A customer's purchases are the arrivals of a Poisson process up to the one after which they leave.
    """
    age_weeks = np.asarray(age_weeks, float)
    rate_per_week = rng.gamma(p.r, 1.0 / p.alpha_weeks, len(age_weeks))
    leave_probability = np.clip(rng.beta(p.a, p.b, len(age_weeks)), 1e-12, 1.0)
    arrivals = rng.poisson(rate_per_week * age_weeks)
    leaves_after = rng.geometric(leave_probability)
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


def log_rising(start: float, steps: FloatArray) -> FloatArray:
    """Return ln of start (start + 1) … (start + steps - 1), without the cancellation of two large gammas."""
    some = np.maximum(steps, 1.0)
    return np.where(steps > 0, gammaln(some) - betaln(start, some), 0.0)


def _shared_log(p: Parameters, x: FloatArray) -> FloatArray:
    return log_rising(p.r, x) + log_rising(p.b, x) - log_rising(p.a + p.b, x)


def _two_logs(
    p: Parameters, x: FloatArray, last_week: FloatArray, age_weeks: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return ln of the chance to be alive and silent since, and to have left, up to the shared factor."""
    silent = -p.r * np.log1p(age_weeks / p.alpha_weeks) - x * np.log(p.alpha_weeks + age_weeks)
    gone = -p.r * np.log1p(last_week / p.alpha_weeks) - x * np.log(p.alpha_weeks + last_week)
    gone = gone + np.log(p.a) - np.log(p.b + np.maximum(x, 1.0) - 1.0)
    return silent, np.where(x > 0, gone, -np.inf)


def _start(cells: Summary) -> tuple[float, float, float, float]:
    weeks = float(cells.age_weeks @ cells.weights)
    purchases = float(cells.repeats @ cells.weights)
    alpha_weeks = 0.5 * weeks / purchases if weeks > 0 and purchases > 0 else 10.0
    return 0.5, float(np.clip(alpha_weeks, 1e-3, 1e4)), 0.8, 2.5


def _objective(cells: Summary) -> Objective:
    x, last, age, weight = cells.repeats, cells.last_week, cells.age_weeks, cells.weights
    bought = x > 0
    counts, position = np.unique(x, return_inverse=True)
    customers = np.bincount(position, weights=weight)  # per number of repeats: special functions once each

    def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
        p = Parameters(*map(float, np.exp(theta)))
        silent, gone = _two_logs(p, x, last, age)
        left = np.where(bought, expit(gone - silent), 0.0) * weight
        stayed = weight - left
        value = float(customers @ _shared_log(p, counts) + np.logaddexp(silent, gone) @ weight)
        past = np.maximum(p.b + x - 1.0, np.where(bought, 0.0, 1.0))
        d_r = -stayed @ np.log1p(age / p.alpha_weeks) - left @ np.log1p(last / p.alpha_weeks)
        d_r += customers @ (digamma(p.r + counts) - digamma(p.r))
        d_alpha = stayed @ _by_alpha(p, x, age) + left @ _by_alpha(p, x, last)
        both = customers @ (digamma(p.a + p.b) - digamma(p.a + p.b + counts))
        d_a = both + left.sum() / p.a
        d_b = both + customers @ (digamma(p.b + counts) - digamma(p.b)) - left @ (1.0 / past)
        return value, np.array([d_r, d_alpha, d_a, d_b]) * np.exp(theta)

    return value_and_gradient


def _by_alpha(p: Parameters, x: FloatArray, weeks: FloatArray) -> FloatArray:
    return (p.r * weeks / p.alpha_weeks - x) / (p.alpha_weeks + weeks)
