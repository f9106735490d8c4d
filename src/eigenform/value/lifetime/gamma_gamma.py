"""Gamma-Gamma: what a customer spends per purchase, given the few amounts seen.

Every purchase of a customer is Gamma(p, nu) with the customer's own nu, drawn from Gamma(q, gamma).
How much somebody spends must not depend on how often they buy; check that before trusting it.

Source: Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value, brucehardie.com/notes/025.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import digamma, gammaln

from eigenform.base.errors import Refused
from eigenform.value.arrays import BoolArray, FloatArray, dot
from eigenform.value.lifetime.estimation import Objective, Prior, maximise
from eigenform.value.lifetime.fitted import Fitted, fitted
from eigenform.value.lifetime.summary import ImpossibleHistory, refuse_rows

NAMES: Final = ("p", "q", "gamma")
_SAMPLE: Final = 20_000  # customers on whom the climb starts where there are more than twice as many
_BLOCK: Final = 16_384  # customers at a time: three arrays of 128 kB

# For samples too small to speak alone: spend within and between customers varies by about half its
# mean, believed within a factor of 2 either way. Nothing is believed about the level (gamma).
WEAK_PRIOR: Final = Prior(medians=(4.0, 4.0, 1.0), log_sds=(0.7, 0.7, np.inf))


class NoMeanSpend(Refused):
    """The fitted spend distribution has no mean for somebody (p x + q <= 1)."""

    code = "value.no_mean_spend"

    def __init__(self, *, q: float, customers: int) -> None:
        self.q = q
        self.customers = customers
        super().__init__(
            f"Spend varies so much between customers (q = {q:.3g}) that {customers} of them have no finite expected "
            "spend. Fit with more customers, with a prior, or without the extreme amounts."
        )


@dataclass(frozen=True, slots=True)
class Parameters:
    """Shape p within a customer, shape q and scale gamma (in money) between customers; all positive."""

    p: float
    q: float
    gamma: float

    def __post_init__(self) -> None:
        values = (self.p, self.q, self.gamma)
        if not all(np.isfinite(value) and value > 0 for value in values):
            raise ImpossibleHistory(reason=f"Gamma-Gamma parameters must be positive and finite, not {values}")

    @property
    def population_mean(self) -> float:
        """Mean spend per purchase of a customer nobody has seen; inf if q <= 1."""
        return self.p * self.gamma / (self.q - 1.0) if self.q > 1.0 else np.inf


Fit = Fitted[Parameters]


def fit(
    repeats: FloatArray, mean_spend: FloatArray, weight: FloatArray | None = None, *, prior: Prior | None = None
) -> Fit:
    """Fit the three parameters to mean spends by maximum likelihood, or with a prior to the mode.

    repeats, mean_spend, weight   as in Summary, shape (n,). Customers without repeat purchases say
    nothing here; those whose mean is not positive cannot be gamma distributed: they are left out
    and counted in the fit's excluded, not refused.

    Raises ImpossibleHistory if shapes differ or nobody is left.
    """
    repeats, mean_spend = np.asarray(repeats, float), np.asarray(mean_spend, float)
    if weight is not None:
        weight = np.asarray(weight, float)
    shapes = [values.shape for values in (repeats, mean_spend, weight) if values is not None]
    if len(set(shapes)) > 1:
        raise ImpossibleHistory(reason=f"shapes differ: {shapes}")
    usable = np.flatnonzero(informative(repeats, mean_spend))
    x, z = repeats[usable], mean_spend[usable]
    w = np.ones(len(x)) if weight is None else weight[usable]
    refuse_rows(x != np.floor(x), "repeats must be a whole number")
    customers = float(w.sum())
    if customers <= 0:
        raise ImpossibleHistory(reason="no customer has repeat purchases of positive mean amount")
    scale = dot(w, z) / customers  # money in units of its mean: the climb does not depend on the currency
    z /= scale
    whole = _objective(x, z, w, constant=-customers * np.log(scale))
    every = slice(None, None, len(x) // _SAMPLE) if len(x) > 2 * _SAMPLE else None
    sample = None if every is None else _objective(x[every], z[every], w[every] * (customers / w[every].sum()))
    optimum = maximise(whole, (4.0, 4.0, 1.0), names=NAMES, prior=prior, sample=sample)
    came_back = (repeats > 0).sum() if weight is None else weight[repeats > 0].sum()
    return fitted(
        optimum,
        Parameters,
        whole,
        names=NAMES,
        customers=customers,
        excluded=float(came_back) - customers,
        units=np.array([1.0, 1.0, scale]),
    )


def informative(repeats: FloatArray, mean_spend: FloatArray) -> BoolArray:
    """Return who has an amount that the model can use, booleans of shape (n,)."""
    with np.errstate(invalid="ignore"):
        return (repeats > 0) & np.isfinite(mean_spend) & (mean_spend > 0)


def log_likelihood(p: Parameters, repeats: FloatArray, mean_spend: FloatArray) -> FloatArray:
    """Return the log density of each customer's mean spend, shape (n,); repeats and spend positive."""
    px = p.p * repeats
    shapes = gammaln(px + p.q) - gammaln(px) - gammaln(p.q)
    total = np.log(repeats * mean_spend)
    pooled = np.log(p.gamma + repeats * mean_spend)
    return shapes + p.q * np.log(p.gamma) + px * total - np.log(mean_spend) - (px + p.q) * pooled


def expected_spend(p: Parameters, repeats: FloatArray, mean_spend: FloatArray) -> FloatArray:
    """Return each customer's expected amount per future purchase, shape (n,).

    A weighted mean of what was seen and what the population spends; without usable amounts it is the
    population's. It is a mean over equal histories and assumes that spend does not drift.

    Raises NoMeanSpend where p x + q <= 1: the distribution then has no mean.
    Source: equation (5) of Fader and Hardie (2013).
    """
    repeats, mean_spend = np.asarray(repeats, float), np.asarray(mean_spend, float)
    shape, rate = posterior(p, repeats, mean_spend)
    without = shape <= 1.0
    if without.any():
        raise NoMeanSpend(q=p.q, customers=int(without.sum()))
    return p.p * rate / (shape - 1.0)


def posterior(p: Parameters, repeats: FloatArray, mean_spend: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return shape and rate of the gamma posterior of each customer's nu, arrays of shape (n,)."""
    known = informative(repeats, mean_spend)
    seen = np.where(known, repeats, 0.0)
    spent = np.where(known, repeats * np.where(known, mean_spend, 0.0), 0.0)
    return p.p * seen + p.q, p.gamma + spent


def _objective(x: FloatArray, z: FloatArray, weight: FloatArray, constant: float = 0.0) -> Objective:
    """Return the log-likelihood and gradient; special functions once per number of repeats, a log per customer."""
    per_count = np.asarray(np.bincount(x.astype(np.int64), weights=weight), float)
    counts = np.flatnonzero(per_count).astype(float)
    customers = per_count[per_count != 0]
    spent, events = x * z, x * weight
    log_spent, log_means = dot(events, np.log(spent)), dot(weight, np.log(z))

    def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
        p, q, gamma = np.exp(theta)
        log_pooled, log_events, inverse, events_inverse = _sums(gamma, spent, weight, events)
        shapes = gammaln(p * counts + q) - gammaln(p * counts) - gammaln(q) + q * np.log(gamma)
        value = constant + customers @ shapes + p * (log_spent - log_events) - log_means - q * log_pooled
        both = digamma(p * counts + q)
        d_p = customers @ (counts * (both - digamma(p * counts))) + log_spent - log_events
        d_q = customers @ (both - digamma(q) + np.log(gamma)) - log_pooled
        d_gamma = customers.sum() * q / gamma - p * events_inverse - q * inverse
        return float(value), np.array([d_p, d_q, d_gamma]) * np.exp(theta)

    return value_and_gradient


def _sums(gamma: float, spent: FloatArray, weight: FloatArray, events: FloatArray) -> FloatArray:
    """Return the sums over customers of ln (gamma + spent) and of 1 / (gamma + spent), by weight and by events.

    A block at a time, so that the blocks stay in the processor's cache.
    """
    sums = np.zeros(4)
    for begin in range(0, len(spent), _BLOCK):
        rows = slice(begin, begin + _BLOCK)
        pooled = spent[rows] + gamma
        logs = np.log(pooled)
        inverses = np.divide(1.0, pooled, out=pooled)
        by = weight[rows], events[rows]
        sums += [dot(by[0], logs), dot(by[1], logs), dot(by[0], inverses), dot(by[1], inverses)]
    return sums
