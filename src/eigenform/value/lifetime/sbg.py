"""Shifted beta-geometric: how long subscribers stay, where a contract shows who has left.

At each renewal a customer gives up the contract with a probability of their own, drawn from Beta(alpha, beta).
Those who leave easily leave first, so the retention rate of those who are left rises with every period, although
nobody changes: a constant rate would value old and new customers wrongly.

Summary is read in periods: last_week = repeats = how often the contract was renewed, age_weeks = how often it could
have been. Who renewed every time is a customer still; who did not left at the next renewal.

Source: Fader and Hardie (2007), How to Project Customer Retention, Journal of Interactive Marketing 21(1) 76-90; Fader
and Hardie (2010), Customer-Base Valuation in a Contractual Setting, Marketing Science 29(1) 85-93;
docs/algorithms/sbg.md.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import digamma

from eigenform.base.errors import Refused
from eigenform.value.arrays import FloatArray, dot
from eigenform.value.lifetime.beta_geometric import log_rising
from eigenform.value.lifetime.cells import Cells, collapse
from eigenform.value.lifetime.estimation import Objective, Prior, maximise
from eigenform.value.lifetime.fitted import Fitted, fitted, settled
from eigenform.value.lifetime.gauss import log_integral
from eigenform.value.lifetime.scores import Scores
from eigenform.value.lifetime.summary import ImpossibleHistory, Summary, refuse_rows

NAMES: Final = ("alpha", "beta")

# For samples too small to speak alone: a quarter of new customers leaves at the first renewal, believed within a factor
# of 3 or so either way.
WEAK_PRIOR: Final = Prior(medians=(1.0, 3.0), log_sds=(1.0, 1.0))


class NoMeanLifetime(Refused):
    """The mean lifetime is infinite, and nothing discounts it."""

    code = "value.no_mean_lifetime"

    def __init__(self, *, alpha: float) -> None:
        self.alpha = alpha
        super().__init__(
            f"So many customers may stay for ever (alpha = {alpha:.3g} <= 1) that their mean lifetime is infinite. "
            "Ask for it with a discount above 0."
        )


@dataclass(frozen=True, slots=True)
class Parameters:
    """Beta distribution of the probability to leave at a renewal (mean alpha / (alpha + beta)); both positive."""

    alpha: float
    beta: float

    def __post_init__(self) -> None:
        if not all(np.isfinite(value) and value > 0 for value in (self.alpha, self.beta)):
            raise ImpossibleHistory(reason=f"sBG parameters must be positive and finite, not {(self.alpha, self.beta)}")


Fit = Fitted[Parameters]


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """Subscribers whose truth is known.

    summary            what an observer knows, n rows
    lifetime_periods   how many periods each truly stays, at least 1, shape (n,)
    leave_probability  each customer's own, shape (n,)
    """

    summary: Summary
    lifetime_periods: FloatArray
    leave_probability: FloatArray


def fit(summary: Summary | Cells, *, prior: Prior | None = None) -> Fit:
    """Fit both parameters by maximum likelihood, or with a prior to the posterior mode.

    Without a prior this is plain maximum likelihood as published; WEAK_PRIOR is for small samples. Never falls back
    in silence: read status. Raises ImpossibleHistory for histories that are no renewals.
    """
    cells = collapse(summary)
    whole = objective(cells)
    optimum = maximise(whole, (1.0, 3.0), names=NAMES, prior=prior)
    return fitted(optimum, Parameters, whole, names=NAMES, customers=cells.summary.customers)


def log_likelihood(p: Parameters, summary: Summary) -> FloatArray:
    """Return ln of the chance of each customer's renewals, shape (n,)."""
    renewed, left = _renewals(summary)
    stayed = log_rising(p.beta, renewed) - log_rising(p.alpha + p.beta, renewed + left)
    return stayed + left * np.log(p.alpha)


def survival(p: Parameters, periods: FloatArray) -> FloatArray:
    """Return the share of new customers that renews at least so many times, in the shape of periods (whole numbers)."""
    times = np.asarray(periods, float)
    return np.exp(log_rising(p.beta, times) - log_rising(p.alpha + p.beta, times))


def retention(p: Parameters, periods: FloatArray) -> FloatArray:
    """Return the share that renews for the t-th time among those who renewed t - 1 times, in the shape of periods t.

    It rises with t because the restless leave first, not because anybody becomes more loyal.
    """
    times = np.asarray(periods, float)
    return (p.beta + times - 1.0) / (p.alpha + p.beta + times - 1.0)


def discounted_lifetime(p: Parameters, *, renewals: FloatArray, discount_per_period: float) -> FloatArray:
    """Return the discounted number of periods of customers who have just renewed so many times, in renewals' shape.

    The period now beginning counts as one, the next as 1 / (1 + discount) if it is reached; renewals 0 is a new
    customer. Times the margin per period it is what they will bring, without what winning or keeping them costs.

    Raises NoMeanLifetime without a discount where alpha <= 1.
    Source: 2F1(1, beta + n; alpha + beta + n; 1 / (1 + d)), Fader and Hardie (2010), here without overflow near d = 0.
    """
    n = np.asarray(renewals, float)
    if not (np.isfinite(discount_per_period) and discount_per_period >= 0):
        raise ImpossibleHistory(reason=f"the discount is {discount_per_period} a period; it must be 0 or more")
    if discount_per_period == 0:
        if p.alpha <= 1.0:
            raise NoMeanLifetime(alpha=p.alpha)
        return (p.alpha + p.beta + n - 1.0) / (p.alpha - 1.0)
    next_one = (p.beta + n) / (p.alpha + p.beta + n) / (1.0 + discount_per_period)
    after, whole = (p.beta + n + 1.0).ravel(), (p.alpha + p.beta + n).ravel()
    worn = np.full(n.size, discount_per_period / (1.0 + discount_per_period))
    from_next = whole * np.exp(log_integral(after, whole, worn).log)
    return 1.0 + next_one * from_next.reshape(n.shape)


def probability_alive(p: Parameters, summary: Summary) -> FloatArray:  # noqa: ARG001 - as every count model's
    """Return 1.0 for who renewed every time and 0.0 for who has left, shape (n,): the contract shows it."""
    _, left = _renewals(summary)
    return 1.0 - left


def expected_purchases(p: Parameters, summary: Summary, horizon_weeks: float) -> FloatArray:
    """Return the expected number of renewals among the next horizon_weeks, shape (n,); 0 for who has left."""
    if not (np.isfinite(horizon_weeks) and horizon_weeks >= 0 and horizon_weeks == np.floor(horizon_weeks)):
        raise ImpossibleHistory(reason=f"the horizon is {horizon_weeks} periods; it must be a whole number, 0 or more")
    renewed, left = _renewals(summary)
    lasting, total = 1.0 - left, np.zeros(len(renewed))
    for ahead in range(1, int(horizon_weeks) + 1):
        lasting = lasting * retention(p, renewed + ahead)
        total += lasting
    return total


def score(model: Fit | Parameters, summary: Summary | Cells, *, weeks: float = 1.0) -> Scores:
    """Return who is a customer and the expected renewals among the next `weeks` periods, arrays of shape (n,).

    Raises NotConverged for a fit that found no peak.
    """
    p, cells = settled(model), collapse(summary)
    alive = probability_alive(p, cells.summary)
    return Scores(alive[cells.of], expected_purchases(p, cells.summary, weeks)[cells.of])


def simulate(p: Parameters, age_weeks: FloatArray, rng: np.random.Generator) -> Simulated:
    """Simulate customers who could have renewed age_weeks times each from the model itself, shape (n,)."""
    age_weeks = np.asarray(age_weeks, float)
    leave_probability = np.clip(rng.beta(p.alpha, p.beta, len(age_weeks)), 1e-12, 1.0)
    lifetime_periods = rng.geometric(leave_probability).astype(float)
    renewed = np.minimum(lifetime_periods - 1.0, age_weeks)
    return Simulated(Summary(renewed, renewed, age_weeks), lifetime_periods, leave_probability)


def objective(summary: Summary | Cells) -> Objective:
    """Return the log-likelihood and its gradient as a function of the log-parameters, in the order of NAMES."""
    cells = collapse(summary).summary
    renewed, left = _renewals(cells)
    weight, had = cells.weights, renewed + left

    def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
        p = Parameters(*map(float, np.exp(theta)))
        both = -dot(weight, digamma(p.alpha + p.beta + had) - digamma(p.alpha + p.beta))
        d_alpha = both + dot(weight, left) / p.alpha
        d_beta = both + dot(weight, digamma(p.beta + renewed) - digamma(p.beta))
        return dot(weight, log_likelihood(p, cells)), np.array([d_alpha, d_beta]) * np.exp(theta)

    return value_and_gradient


def _renewals(summary: Summary) -> tuple[FloatArray, FloatArray]:
    """Return how often each customer renewed, and 1.0 for those who then left. Refuses what are no renewals."""
    refuse_rows(summary.age_weeks != np.floor(summary.age_weeks), "age_weeks must be a whole number of renewals here")
    refuse_rows(summary.repeats != summary.last_week, "repeats and last_week must both be the number of renewals here")
    return summary.repeats, (summary.last_week < summary.age_weeks).astype(float)
