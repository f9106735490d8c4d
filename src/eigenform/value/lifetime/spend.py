"""Amounts that may be zero or negative: margins after returns, refunds and gifts, with customers pooled.

Gamma-Gamma knows positive amounts only. Where returns are common, each customer has a mean margin per purchase of
their own, drawn from Normal(mean, between_sd), and the purchases scatter about it with within_sd. What is expected of
a customer is then what they brought, pulled towards the mean of all, the more so the fewer purchases were seen: the
credibility estimate of Bühlmann and Straub (1970), which is the best linear one even where margins are not normal.

How much somebody brings per purchase must not depend on how often they buy; check that before trusting it.

Source: Bühlmann and Straub (1970), Mitteilungen der Vereinigung schweizerischer Versicherungsmathematiker 70, 111-133;
Gelman et al. (2013), Bayesian Data Analysis, section 5.4; docs/algorithms/gamma-gamma.md.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from eigenform.value.arrays import BoolArray, FloatArray, dot
from eigenform.value.lifetime.estimation import CONVERGED, Objective, Prior, log_draws, maximise
from eigenform.value.lifetime.fitted import NotConverged
from eigenform.value.lifetime.summary import ImpossibleHistory

NAMES: Final = ("mean", "between_sd", "within_sd")
NOT_POSITIVE_MAX: Final = 0.02  # share of repeat customers whose mean is not positive, up to which Gamma-Gamma serves

# For samples too small to speak alone: margins between and within customers vary by about their root mean square,
# believed within a factor of 3 either way. Nothing is believed about the mean.
WEAK_PRIOR: Final = Prior(medians=(1.0, 0.5, 0.5), log_sds=(np.inf, 1.0, 1.0))


@dataclass(frozen=True, slots=True)
class Parameters:
    """Mean margin per purchase of all customers, its standard deviation between them, and within one; in money."""

    mean: float
    between_sd: float
    within_sd: float

    def __post_init__(self) -> None:
        known = np.isfinite([self.mean, self.between_sd, self.within_sd]).all()
        if not (known and self.between_sd > 0 and self.within_sd > 0):
            raise ImpossibleHistory(reason=f"spend parameters must be finite, and spreads positive, not {self}")


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What margins say about the parameters.

    covariance       of (mean, ln between_sd, ln within_sd), mean in money, shape (3, 3); nan if not converged. It
                     allows for margins that are not normal (sandwich form)
    standard_errors  of mean, between_sd, within_sd in money, shape (3,)
    log_likelihood   of the data alone, as if margins were normal
    customers        how many customers it rests on: those with repeat purchases of known mean
    excluded         how many had repeat purchases of unknown mean
    status           "converged", or in words why not
    """

    parameters: Parameters
    covariance: FloatArray
    standard_errors: FloatArray
    log_likelihood: float
    customers: float
    excluded: float
    status: str
    names: tuple[str, ...] = NAMES

    @property
    def converged(self) -> bool:
        """Whether the peak of the likelihood was found."""
        return self.status == CONVERGED

    def draw(self, *, draws: int, rng: np.random.Generator) -> list[Parameters]:
        """Draw parameters from the normal approximation at the peak, in mirrored pairs."""
        if not self.converged:
            raise NotConverged(status=self.status)
        p = self.parameters
        centre = np.array([p.mean, np.log(p.between_sd), np.log(p.within_sd)])
        rows = log_draws(centre, self.covariance, draws=draws, rng=rng)
        return [Parameters(float(row[0]), *map(float, np.exp(row[1:]))) for row in rows]


@dataclass(frozen=True, slots=True, eq=False)
class Oddities:
    """Repeat customers whose amounts are unusual, booleans of shape (n,): marked, so that a page can say so.

    only_zero   their repeat purchases sum to nothing: gifts, samples, or returned to the last piece
    net_refund  they got back more than they paid
    unknown     they came back, but no amount is known
    """

    only_zero: BoolArray
    net_refund: BoolArray
    unknown: BoolArray


def oddities(repeats: FloatArray, mean_spend: FloatArray) -> Oddities:
    """Return which repeat customers have amounts of zero, below zero or unknown."""
    back, known = np.asarray(repeats) > 0, np.isfinite(mean_spend)
    amount = np.where(known, mean_spend, 1.0)
    return Oddities(back & (amount == 0), back & (amount < 0), back & ~known)


def model_for(
    repeats: FloatArray, mean_spend: FloatArray, weight: FloatArray | None = None
) -> Literal["gamma-gamma", "normal"]:
    """Return which spend model suits: Gamma-Gamma while hardly any mean is zero or negative, else this one.

    Gamma-Gamma leaves out, and counts, who has no positive mean. Beyond 2 % of the repeat customers that would bend
    what is told of all, so the model that takes them as they are is to be used.
    """
    odd = oddities(repeats, mean_spend)
    weights = np.ones(len(odd.unknown)) if weight is None else np.asarray(weight, float)
    known = informative(repeats, mean_spend)
    not_positive = weights[odd.only_zero | odd.net_refund].sum()
    return "normal" if not_positive > NOT_POSITIVE_MAX * weights[known].sum() else "gamma-gamma"


def informative(repeats: FloatArray, mean_spend: FloatArray) -> BoolArray:
    """Return who has an amount that the model can use, booleans of shape (n,): any finite mean of repeat purchases."""
    return (np.asarray(repeats) > 0) & np.isfinite(mean_spend)


def fit(
    repeats: FloatArray, mean_spend: FloatArray, weight: FloatArray | None = None, *, prior: Prior | None = None
) -> Fit:
    """Fit the three parameters to mean margins by maximum likelihood, or with a prior to the mode.

    repeats, mean_spend, weight   as in Summary, shape (n,); means may be zero or negative

    Raises ImpossibleHistory if nobody has a known mean, or if all means are zero.
    """
    repeats, mean_spend = np.asarray(repeats, float), np.asarray(mean_spend, float)
    weights = np.ones(len(repeats)) if weight is None else np.asarray(weight, float)
    if not repeats.shape == mean_spend.shape == weights.shape:
        raise ImpossibleHistory(reason=f"shapes differ: {repeats.shape}, {mean_spend.shape}, {weights.shape}")
    usable = informative(repeats, mean_spend) & (weights > 0)
    if not (mean_spend[usable] != 0).any():
        raise ImpossibleHistory(reason="no customer has repeat purchases of a known amount other than zero")
    x, z, w = repeats[usable], mean_spend[usable], weights[usable]
    scale = float(np.sqrt(dot(w, z * z) / w.sum()))  # money in units of its root mean square
    z = z / scale
    start = float(np.exp(dot(w, z) / w.sum())), 0.5, 0.5  # the climb takes logarithms; of the mean it takes the mean
    optimum = maximise(_objective(x, z, w), start, names=NAMES, prior=prior)
    theta = optimum.log_parameters
    parameters = Parameters(theta[0] * scale, *map(float, np.exp(theta[1:]) * scale))
    units = np.array([scale, 1.0, 1.0])
    scatter = np.einsum("ij,kj,j->ik", *[_slopes(theta, x, z)] * 2, w)
    robust = optimum.log_covariance @ scatter @ optimum.log_covariance if prior is None else optimum.log_covariance
    covariance = robust * np.outer(units, units)
    sds = np.sqrt(np.diag(covariance))
    return Fit(
        parameters=parameters,
        covariance=covariance,
        standard_errors=sds * [1.0, parameters.between_sd, parameters.within_sd],
        log_likelihood=dot(log_likelihood(parameters, x, z * scale), w),
        customers=float(w.sum()),
        excluded=float(weights[oddities(repeats, mean_spend).unknown].sum()),
        status=optimum.status,
    )


def log_likelihood(p: Parameters, repeats: FloatArray, mean_spend: FloatArray) -> FloatArray:
    """Return the log density of each customer's mean margin, shape (n,)."""
    variance = p.between_sd**2 + p.within_sd**2 / repeats
    return -0.5 * (np.log(2.0 * np.pi * variance) + np.square(mean_spend - p.mean) / variance)


def posterior(p: Parameters, repeats: FloatArray, mean_spend: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance of each customer's own mean margin per purchase, given what was seen, shape (n,)."""
    known = informative(repeats, mean_spend)
    seen = np.where(known, repeats, 0.0)
    trust = seen * p.between_sd**2 / (seen * p.between_sd**2 + p.within_sd**2)
    return p.mean + trust * (np.where(known, mean_spend, p.mean) - p.mean), (1.0 - trust) * p.between_sd**2


def expected_spend(p: Parameters, repeats: FloatArray, mean_spend: FloatArray) -> FloatArray:
    """Return each customer's expected margin per future purchase, shape (n,); it may be negative.

    A weighted mean of what was seen and what all customers bring. It assumes that margins do not drift.
    """
    return posterior(p, repeats, mean_spend)[0]


def sum_of(
    p: Parameters, repeats: FloatArray, mean_spend: FloatArray, counts: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation of what so many future purchases of each customer bring, shape (n,)."""
    mean, variance = posterior(p, repeats, mean_spend)
    return counts * mean, np.sqrt(counts * p.within_sd**2 + np.square(counts) * variance)


def _objective(x: FloatArray, z: FloatArray, weight: FloatArray) -> Objective:
    def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
        p = Parameters(float(theta[0]), *map(float, np.exp(theta[1:])))
        return dot(weight, log_likelihood(p, x, z)), np.einsum("ij,j->i", _slopes(theta, x, z), weight)

    return value_and_gradient


def _slopes(theta: FloatArray, x: FloatArray, z: FloatArray) -> FloatArray:
    """Return each customer's derivatives of the log density by mean, ln between_sd and ln within_sd, shape (3, n)."""
    between, within = np.exp(2.0 * theta[1]), np.exp(2.0 * theta[2]) / x
    variance, off = between + within, z - theta[0]
    by_variance = 0.5 * (np.square(off) / variance - 1.0) / variance
    return np.stack([off / variance, 2.0 * between * by_variance, 2.0 * within * by_variance])
