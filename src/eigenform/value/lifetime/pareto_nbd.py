"""Pareto/NBD: how often customers buy, and when they silently leave, at any moment and not only after a purchase.

While a customer lives, purchases come as a Poisson process with a rate of the customer's own, drawn from
Gamma(r, alpha). Their life ends at a rate of their own, drawn from Gamma(s, beta). Nobody sees the end.

Source: Schmittlein, Morrison and Colombo (1987), Counting Your Customers, Management Science 33(1) 1-24; Fader and
Hardie, brucehardie.com/notes/009. The form used here, and why: docs/algorithms/pareto-nbd.md.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import exprel

from eigenform.value.arrays import BoolArray, FloatArray, IntArray
from eigenform.value.lifetime.beta_geometric import log_rising
from eigenform.value.lifetime.cells import Cells, Table, collapse, table, thinned
from eigenform.value.lifetime.estimation import Objective, Prior, maximise
from eigenform.value.lifetime.fitted import Fitted, fitted, settled
from eigenform.value.lifetime.pareto_future import count_mass, discounted_if_alive, refuse_horizon
from eigenform.value.lifetime.pareto_likelihood import log_alive, log_then_gone, log_then_silent, objective_of
from eigenform.value.lifetime.scores import Scores
from eigenform.value.lifetime.summary import ImpossibleHistory, Summary

__all__ = [
    "NAMES",
    "WEAK_PRIOR",
    "Fit",
    "Parameters",
    "Simulated",
    "count_mass",
    "discounted_if_alive",
    "discounted_purchases",
    "expected_if_alive",
    "expected_new",
    "expected_purchases",
    "fit",
    "log_likelihood",
    "objective",
    "probability_alive",
    "score",
    "simulate",
]

NAMES: Final = ("r", "alpha_weeks", "s", "beta_weeks")

# For samples too small to speak alone. A typical customer buys every few months and stays for a year or so; each is
# believed within a factor of 3 (alpha and beta 7) either way.
WEAK_PRIOR: Final = Prior(medians=(0.6, 8.0, 0.7, 16.0), log_sds=(1.0, 2.0, 1.0, 2.0))


@dataclass(frozen=True, slots=True)
class Parameters:
    """The spread of buying rates and of lifetimes over all customers; all positive.

    r, alpha_weeks  shape and rate of the gamma distribution of purchases per week (mean r / alpha_weeks)
    s, beta_weeks   shape and rate of the gamma distribution of endings per week (mean s / beta_weeks); half of all
                    customers are gone after beta_weeks (2 ** (1 / s) - 1) weeks
    """

    r: float
    alpha_weeks: float
    s: float
    beta_weeks: float

    def __post_init__(self) -> None:
        values = (self.r, self.alpha_weeks, self.s, self.beta_weeks)
        if not all(np.isfinite(value) and value > 0 for value in values):
            raise ImpossibleHistory(reason=f"Pareto/NBD parameters must be positive and finite, not {values}")


Fit = Fitted[Parameters]


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """Customers whose truth is known, and every repeat purchase of theirs.

    summary         what an observer would know, n rows
    customer, week  one entry per repeat purchase: whose, and weeks after that customer's first
    rate_per_week   each customer's true rate while alive, shape (n,)
    life_weeks      how long each customer truly stays, from the first purchase, shape (n,)
    alive           whether still a customer at age_weeks, shape (n,)
    """

    summary: Summary
    customer: IntArray
    week: FloatArray
    rate_per_week: FloatArray
    life_weeks: FloatArray
    alive: BoolArray


def fit(summary: Summary | Cells, *, prior: Prior | None = None) -> Fit:
    """Fit the four parameters by maximum likelihood, or with a prior to the posterior mode.

    Equal histories are counted once with their weight, and the hypergeometric functions once for each distinct
    (repeats, week). Without a prior this is plain maximum likelihood as published; WEAK_PRIOR is for small samples.
    Never falls back in silence: read status.
    """
    cells = collapse(summary)
    whole, some = objective(cells), thinned(cells)
    optimum = maximise(
        whole,
        _start(cells.summary),
        names=NAMES,
        prior=prior,
        sample=None if some is cells else objective(some),
    )
    return fitted(optimum, Parameters, whole, names=NAMES, customers=cells.summary.customers)


def objective(summary: Summary | Cells) -> Objective:
    """Return the log-likelihood and its exact gradient as a function of the log-parameters, in the order of NAMES."""
    return objective_of(collapse(summary), lambda theta: Parameters(*map(float, np.exp(theta))))


def log_likelihood(p: Parameters, summary: Summary | Cells) -> FloatArray:
    """Return the log-likelihood of each history, with all constants; one per row of a summary, or per cell.

    The two ways in which a history can arise (a purchase would have come first, or the end came first after the last
    purchase) are positive and added as logarithms: safe for no repeat purchase, for thousands, for ages from hours to
    decades, and for any ratio of alpha to beta.
    """
    age, last = _entries(summary)
    silent = log_then_silent(p, age.repeats, age.weeks).log + log_rising(p.r, age.repeats)
    gone = log_then_gone(p, last.repeats, last.weeks).log + log_rising(p.r, last.repeats)
    return np.logaddexp(silent[age.of], gone[last.of])


def probability_alive(p: Parameters, summary: Summary | Cells) -> FloatArray:
    """Return the probability of still being a customer, one per row of a summary, or per cell.

    Source: Schmittlein, Morrison and Colombo (1987), equations 11-13.
    """
    age, last = _entries(summary)
    silent = log_then_silent(p, age.repeats, age.weeks).log
    alive = log_alive(p, age.repeats, age.weeks)
    gone = log_then_gone(p, last.repeats, last.weeks).log
    either = np.logaddexp((silent - alive)[age.of], gone[last.of] - alive[age.of])
    return np.exp(-np.maximum(either, 0.0))


def expected_purchases(p: Parameters, summary: Summary | Cells, horizon_weeks: float) -> FloatArray:
    """Return the expected number of purchases in the next horizon_weeks, one per row of a summary, or per cell.

    A mean over customers with the same history. It is not a forecast for one of them: most will buy less, a few much
    more. Source: Schmittlein, Morrison and Colombo (1987), equation 22, without its pole at s = 1.
    """
    age, _ = _entries(summary)
    return probability_alive(p, summary) * expected_if_alive(p, age.repeats, age.weeks, horizon_weeks)[age.of]


def discounted_purchases(p: Parameters, summary: Summary | Cells, discount_per_week: float) -> FloatArray:
    """Return DERT: all purchases still to come, for ever, discounted to now; one per row of a summary, or per cell.

    discount_per_week  continuous, > 0: a purchase t weeks from now counts exp(-discount_per_week t)
    Source: Fader, Hardie and Lee (2005), RFM and CLV, Journal of Marketing Research 42(4) 415-430.
    """
    age, _ = _entries(summary)
    return probability_alive(p, summary) * discounted_if_alive(p, age.repeats, age.weeks, discount_per_week)[age.of]


def expected_if_alive(p: Parameters, repeats: FloatArray, age_weeks: FloatArray, horizon_weeks: float) -> FloatArray:
    """Return the expected purchases in the horizon of customers known to be alive, shape (m,)."""
    refuse_horizon(horizon_weeks)
    rate_per_week = (p.r + repeats) / (p.alpha_weeks + age_weeks)
    return rate_per_week * _weeks_to_live(p, age_weeks, horizon_weeks)


def expected_new(p: Parameters, weeks: float | FloatArray) -> FloatArray:
    """Return the expected repeat purchases of a customer nobody has seen, within weeks of the first; shape of weeks."""
    refuse_horizon(weeks)
    return p.r / p.alpha_weeks * _weeks_to_live(p, np.zeros(()), np.asarray(weeks, float))


def score(model: Fit | Parameters, summary: Summary | Cells, *, weeks: float = 52.0) -> Scores:
    """Return P(alive) and the expected purchases within weeks for every customer, arrays of shape (n,).

    Raises NotConverged for a fit that found no peak.
    """
    p, cells = settled(model), collapse(summary)
    alive = probability_alive(p, cells)
    count = expected_if_alive(p, cells.age.repeats, cells.age.weeks, weeks)
    return Scores(alive[cells.of], (alive * count[cells.age.of])[cells.of])


def simulate(p: Parameters, age_weeks: FloatArray, rng: np.random.Generator) -> Simulated:
    """Simulate customers of given ages from the model itself, shape (n,), with their truth."""
    age_weeks = np.asarray(age_weeks, float)
    n = len(age_weeks)
    rate_per_week = rng.gamma(p.r, 1.0 / p.alpha_weeks, n)
    ending_per_week = np.maximum(rng.gamma(p.s, 1.0 / p.beta_weeks, n), 1e-300)
    life_weeks = rng.exponential(1.0, n) / ending_per_week
    active_weeks = np.minimum(life_weeks, age_weeks)
    repeats = rng.poisson(rate_per_week * active_weeks)
    customer = np.repeat(np.arange(n), repeats)
    week = rng.uniform(0.0, 1.0, len(customer)) * active_weeks[customer]
    week = week[np.lexsort((week, customer))]
    last_week = np.zeros(n)
    last_week[repeats > 0] = week[np.cumsum(repeats)[repeats > 0] - 1]
    summary = Summary(repeats.astype(float), last_week, age_weeks)
    return Simulated(summary, customer, week, rate_per_week, life_weeks, life_weeks > age_weeks)


def _entries(given: Summary | Cells) -> tuple[Table, Table]:
    if isinstance(given, Cells):
        return given.age, given.last
    return table(given.repeats, given.age_weeks), table(given.repeats, given.last_week)


def _weeks_to_live(p: Parameters, age_weeks: FloatArray, horizon_weeks: float | FloatArray) -> FloatArray:
    """Return the mean weeks of life left within the horizon, of customers alive at age_weeks."""
    stretch = np.log1p(horizon_weeks / (p.beta_weeks + age_weeks))
    return np.asarray((p.beta_weeks + age_weeks) * stretch * exprel((1.0 - p.s) * stretch))


def _start(cells: Summary) -> tuple[float, float, float, float]:
    weeks, purchases = float(cells.age_weeks @ cells.weights), float(cells.repeats @ cells.weights)
    if weeks <= 0 or purchases <= 0:
        return 0.6, 10.0, 0.6, 10.0
    alpha_weeks = float(np.clip(0.4 * weeks / purchases, 1e-3, 1e4))
    return 0.6, alpha_weeks, 0.6, float(np.clip(0.3 * weeks / cells.customers, 1e-3, 1e4))
