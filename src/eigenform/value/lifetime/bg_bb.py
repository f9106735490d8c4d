"""BG/BB: giving, renewing or visiting at fixed occasions, of customers who silently leave.

Time comes in occasions (a yearly appeal, a monthly box, a weekly market). While a customer lives, each occasion is used
with a probability of the customer's own, drawn from Beta(alpha, beta). Before each occasion the customer leaves with a
probability of their own, drawn from Beta(gamma, delta). Nobody sees the leaving.

Summary is read in occasions: repeats = occasions used, last_week = the last one used (0 if none), age_weeks = occasions
that there were since the customer came. Occasions are numbered from 1, so repeats <= last_week.

Source: Fader, Hardie and Shang (2010), Customer-Base Analysis in a Discrete-Time Noncontractual Setting, Marketing
Science 29(6) 1086-1108; docs/algorithms/bg-bb.md.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import betaln, expit, gammaln

from eigenform.value.arrays import BoolArray, FloatArray, IntArray, dot
from eigenform.value.lifetime.beta_geometric import log_rising
from eigenform.value.lifetime.cells import Cells, collapse, table
from eigenform.value.lifetime.estimation import Objective, Prior, maximise
from eigenform.value.lifetime.fitted import Fitted, fitted, settled
from eigenform.value.lifetime.occasions import Ways
from eigenform.value.lifetime.scores import Scores
from eigenform.value.lifetime.summary import ImpossibleHistory, Summary

NAMES: Final = ("alpha", "beta", "gamma", "delta")

# For samples too small to speak alone. A typical customer uses half of the occasions and a tenth leaves before each;
# each is believed within a factor of 3 either way.
WEAK_PRIOR: Final = Prior(medians=(1.0, 1.0, 0.5, 4.0), log_sds=(1.0, 1.0, 1.0, 1.0))


@dataclass(frozen=True, slots=True)
class Parameters:
    """The spread of using occasions and of leaving over all customers; all positive.

    alpha, beta   beta distribution of the probability to use an occasion (mean alpha / (alpha + beta))
    gamma, delta  beta distribution of the probability to leave before an occasion (mean gamma / (gamma + delta))
    """

    alpha: float
    beta: float
    gamma: float
    delta: float

    def __post_init__(self) -> None:
        values = (self.alpha, self.beta, self.gamma, self.delta)
        if not all(np.isfinite(value) and value > 0 for value in values):
            raise ImpossibleHistory(reason=f"BG/BB parameters must be positive and finite, not {values}")


Fit = Fitted[Parameters]


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """Customers whose truth is known, and every occasion they used.

    summary             what an observer would know, n rows
    customer, occasion  one entry per occasion used: by whom, and its number from 1
    use_probability, leave_probability  each customer's own, shape (n,)
    alive               whether still a customer at the next occasion, shape (n,)
    """

    summary: Summary
    customer: IntArray
    occasion: IntArray
    use_probability: FloatArray
    leave_probability: FloatArray
    alive: BoolArray


def fit(summary: Summary | Cells, *, prior: Prior | None = None) -> Fit:
    """Fit the four parameters by maximum likelihood, or with a prior to the posterior mode.

    Without a prior this is plain maximum likelihood as published; WEAK_PRIOR is for small samples. Never falls back
    in silence: read status. Raises ImpossibleHistory for weeks that are no whole occasions.
    """
    cells = collapse(summary)
    whole = objective(cells)
    optimum = maximise(whole, (1.0, 1.0, 0.5, 3.0), names=NAMES, prior=prior)
    return fitted(optimum, Parameters, whole, names=NAMES, customers=cells.summary.customers)


def log_likelihood(p: Parameters, summary: Summary) -> FloatArray:
    """Return the log-likelihood of each customer's pattern of occasions, shape (n,).

    Of one order in which the occasions were used, as in the paper; not of the number of ways to order them.
    """
    ways = Ways.of(summary)
    silent, gone = ways.logs(p)
    return np.logaddexp(silent, ways.log_sums(gone))


def probability_alive(p: Parameters, summary: Summary) -> FloatArray:
    """Return the probability that each customer is still one at the next occasion, shape (n,).

    Source: equation (11) of Fader, Hardie and Shang (2010).
    """
    ways, n = Ways.of(summary), summary.age_weeks
    silent, gone = ways.logs(p)
    stays = (p.delta + n) / (p.gamma + p.delta + n)
    return expit(silent - ways.log_sums(gone)) * stays


def expected_purchases(p: Parameters, summary: Summary, horizon_weeks: float) -> FloatArray:
    """Return the expected number of occasions used among the next horizon_weeks occasions, shape (n,).

    A mean over customers with the same pattern, summed without the pole that the printed form has at gamma = 1.
    Source: equation (13) of Fader, Hardie and Shang (2010).
    """
    entries = table(summary.repeats, summary.age_weeks)
    if_alive = expected_if_alive(p, entries.repeats, entries.weeks, horizon_weeks)
    return probability_alive(p, summary) * if_alive[entries.of]


def expected_if_alive(p: Parameters, repeats: FloatArray, age_weeks: FloatArray, horizon_weeks: float) -> FloatArray:
    """Return the expected occasions used among the next ones, if still a customer at the first of them, shape (m,)."""
    occasions = _occasions(horizon_weeks)
    lasting, total = np.ones(len(repeats)), np.zeros(len(repeats))
    for ahead in range(occasions):
        total += lasting
        stayed = p.delta + age_weeks + 1.0 + ahead
        lasting *= stayed / (p.gamma + stayed)
    return total * (p.alpha + repeats) / (p.alpha + p.beta + age_weeks)


def count_mass(
    p: Parameters, repeats: FloatArray, age_weeks: FloatArray, horizon_weeks: float, counts: int
) -> FloatArray:
    """Return the probabilities that 0, 1 … counts - 1 of the next occasions are used, if still a customer at the first.

    repeats, age_weeks  shape (m,); the result has shape (m, counts)
    """
    occasions, k = _occasions(horizon_weeks), np.arange(counts, dtype=float)
    mass, lasting = np.zeros((len(repeats), counts)), np.ones(len(repeats))
    if occasions == 0:
        mass[:, 0] = 1.0
        return mass
    used, unused = (p.alpha + repeats)[:, None], (p.beta + age_weeks - repeats)[:, None]
    for stayed in range(1, occasions + 1):
        some = k[k <= stayed]
        ways = gammaln(stayed + 1.0) - gammaln(some + 1.0) - gammaln(stayed - some + 1.0)
        of_stayed = np.exp(ways + betaln(used + some, unused + stayed - some) - betaln(used, unused))
        stays = (p.delta + age_weeks + stayed) / (p.gamma + p.delta + age_weeks + stayed)
        ends_here = lasting * (1.0 - stays) if stayed < occasions else lasting
        mass[:, : len(some)] += ends_here[:, None] * of_stayed
        lasting = lasting * stays
    return mass


def expected_new(p: Parameters, weeks: float | FloatArray) -> FloatArray:
    """Return the expected occasions used of somebody who comes now, among as many occasions, in the shape of weeks."""
    ages = np.asarray(weeks, float)
    longest = _occasions(float(ages.max(initial=0.0)))
    ahead = np.arange(1.0, longest + 1.0)
    alive = np.exp(log_rising(p.delta, ahead) - log_rising(p.gamma + p.delta, ahead))
    reached = np.concatenate([[0.0], np.cumsum(alive)]) * p.alpha / (p.alpha + p.beta)
    return np.asarray(reached[ages.astype(np.int64)])[()]


def score(model: Fit | Parameters, summary: Summary | Cells, *, weeks: float = 1.0) -> Scores:
    """Return P(alive at the next occasion) and the expected use of the next `weeks` occasions, arrays of shape (n,).

    Raises NotConverged for a fit that found no peak.
    """
    p, cells = settled(model), collapse(summary)
    alive = probability_alive(p, cells.summary)
    if_alive = expected_if_alive(p, cells.age.repeats, cells.age.weeks, weeks)
    return Scores(alive[cells.of], (alive * if_alive[cells.age.of])[cells.of])


def simulate(p: Parameters, age_weeks: FloatArray, rng: np.random.Generator) -> Simulated:
    """Simulate customers who have had age_weeks occasions each from the model itself, shape (n,), with their truth."""
    age_weeks = np.asarray(age_weeks, float)
    use_probability = rng.beta(p.alpha, p.beta, len(age_weeks))
    leave_probability = np.clip(rng.beta(p.gamma, p.delta, len(age_weeks)), 1e-12, 1.0)
    stayed = rng.geometric(leave_probability) - 1
    had = np.minimum(stayed, age_weeks).astype(np.int64)
    customer = np.repeat(np.arange(len(age_weeks)), had)
    occasion = np.arange(len(customer)) - np.repeat(np.cumsum(had) - had, had) + 1
    made = rng.random(len(customer)) < use_probability[customer]
    customer, occasion = customer[made], occasion[made]
    last = np.zeros(len(age_weeks))
    np.maximum.at(last, customer, occasion)
    used = np.bincount(customer, minlength=len(age_weeks)).astype(float)
    summary = Summary(used, last, age_weeks)
    return Simulated(summary, customer, occasion, use_probability, leave_probability, stayed > age_weeks)


def objective(summary: Summary | Cells) -> Objective:
    """Return the log-likelihood and its gradient as a function of the log-parameters, in the order of NAMES."""
    cells = collapse(summary).summary
    ways, weight = Ways.of(cells), cells.weights

    def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
        p = Parameters(*map(float, np.exp(theta)))
        silent, gone = ways.logs(p)
        whole = np.logaddexp(silent, ways.log_sums(gone))
        stayed = weight * np.exp(silent - whole)
        left = weight[ways.row] * np.exp(gone - whole[ways.row])
        by_silent, by_gone = ways.slopes(p)
        slopes = np.einsum("ij,j->i", by_silent, stayed) + np.einsum("ij,j->i", by_gone, left)
        return dot(weight, whole), slopes * np.exp(theta)

    return value_and_gradient


def _occasions(horizon_weeks: float) -> int:
    if not (np.isfinite(horizon_weeks) and horizon_weeks >= 0 and horizon_weeks == np.floor(horizon_weeks)):
        raise ImpossibleHistory(
            reason=f"the horizon is {horizon_weeks} occasions; it must be a whole number, 0 or more"
        )
    return int(horizon_weeks)
