"""What a treatment changed, against those whom chance left alone. Three ways, one answer, always with its doubt.

All weigh by the known probability of the arm (Hájek: weights of each arm add up to one) and hold 80 % by Student's t
with Welch's degrees of freedom. By assignment, not by what was carried out.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy.special import ndtri, stdtrit

from eigenform.value.arrays import HIGH_SHARE, FloatArray
from eigenform.value.response.outcome_model import cross_fitted
from eigenform.value.response.trial import Trial

Method = Literal["difference", "cuped", "doubly robust"]
POWER: Final = 0.8  # "would decide": an 80 % interval without 0 in so many of 100 repetitions


@dataclass(frozen=True, slots=True)
class Effect:
    """A measured effect per subject, in the outcome's unit; low and high are the ends of its 80 % interval."""

    mean: float
    sd: float
    low: float
    high: float
    method: Method
    treated: int
    withheld: int
    level: float  # the outcome of those left alone, weighted

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0


def difference(trial: Trial) -> Effect:
    """Return the difference between the arms' weighted means. Raises TooFewToTell."""
    trial.require_enough()
    return _contrast(trial, trial.outcome, "difference")


def cuped(trial: Trial, before: FloatArray) -> Effect:
    """Return the difference after taking off what was known before: the same effect, less noise.

    before  (n,) or (n, k), known before the assignment, such as the outcome in a window of the same length

    The slope comes from within the arms, so it cannot carry the effect itself. The interval narrows by about
    sqrt(1 - r^2), r being the correlation of outcome and `before` within the arms. Raises TooFewToTell.

    Source: Deng, Xu, Kohavi and Walker (2013), WSDM, 123-132.
    """
    trial.require_enough()
    x = np.asarray(before, float).reshape(len(trial.outcome), -1)
    x = x - x.mean(axis=0)
    root = np.sqrt(trial.weight)
    slope = np.linalg.lstsq(
        _within(trial, x) * root[:, None], _within(trial, trial.outcome[:, None])[:, 0] * root, rcond=None
    )[0]
    return _contrast(trial, trial.outcome - x @ slope, "cuped")


def doubly_robust(trial: Trial, covariates: FloatArray, *, rng: np.random.Generator) -> Effect:
    """Return predicted treated minus predicted withheld, corrected by the weighted errors of the predictions.

    covariates  (n, k), known before the assignment

    With known propensities it is unbiased however poor the lines are; good lines make it narrow. The predictions are
    cross-fitted, the corrections' weights add up to one in each arm. Raises TooFewToTell.

    Source: Robins, Rotnitzky and Zhao (1994), JASA 89, 846-866; cross-fitting: Chernozhukov and others (2018).
    """
    trial.require_enough()
    predicted = cross_fitted(trial, covariates, rng=rng)
    n = len(trial.outcome)
    score = predicted.uplift - predicted.uplift.mean()
    mean = float(predicted.uplift.mean())
    for arm, expected, sign in (
        (trial.treated, predicted.treated, 1.0),
        (~trial.treated, predicted.withheld, -1.0),
    ):
        share = np.where(arm, trial.weight, 0.0) / trial.weight[arm].sum()
        error = trial.outcome - expected
        correction = float(share @ error)
        mean += sign * correction
        score = score + sign * n * share * (error - correction)
    squares = [float(np.square(score[arm]).sum()) / n**2 for arm in (trial.treated, ~trial.treated)]
    parts = [(v * m / (m - 1), m - 1.0) for v, m in zip(squares, (trial.n_treated, trial.n_withheld), strict=True)]
    return _effect(trial, mean, parts, "doubly robust")


def subjects_to_decide(*, effect: float, sd_treated: float, sd_withheld: float, treated_share: float) -> int:
    """Return how many subjects in all would show an effect of this size.

    That is: the 80 % interval leaves zero out in 80 of 100 repetitions. sd_* are the outcome's deviations in the arms,
    treated_share the share assigned to treatment. Raises ValueError for an effect of 0 or a share of 0 or 1.
    """
    if effect == 0 or not 0 < treated_share < 1:
        raise ValueError(f"No number decides about an effect of {effect} with a share of {treated_share}.")
    reach = float(ndtri(HIGH_SHARE) + ndtri(POWER))
    noise = sd_treated**2 / treated_share + sd_withheld**2 / (1.0 - treated_share)
    return math.ceil(noise * (reach / effect) ** 2)


def _within(trial: Trial, x: FloatArray) -> FloatArray:
    """Return the columns of x (n, k) minus the weighted mean of each one's arm."""
    out = x.copy()
    for arm in (trial.treated, ~trial.treated):
        out[arm] -= np.average(x[arm], axis=0, weights=trial.weight[arm])
    return out


def _contrast(trial: Trial, outcome: FloatArray, method: Method) -> Effect:
    means, parts = [], []
    for arm in (trial.treated, ~trial.treated):
        weight, values = trial.weight[arm], outcome[arm]
        total, n = weight.sum(), len(values)
        mean = float(weight @ values / total)
        variance = float(np.square(weight * (values - mean)).sum() / total**2) * n / (n - 1)
        means.append(mean)
        parts.append((variance, float(total**2 / (weight @ weight)) - 1.0))
    return _effect(trial, means[0] - means[1], parts, method)


def _effect(trial: Trial, mean: float, parts: list[tuple[float, float]], method: Method) -> Effect:
    """Return the effect from each arm's variance and degrees of freedom (Welch 1947, Biometrika 34, 28-35)."""
    variance = sum(v for v, _df in parts)
    freedom = variance**2 / sum(v**2 / df for v, df in parts) if variance > 0 else 1.0
    sd = math.sqrt(variance)
    half = float(stdtrit(freedom, HIGH_SHARE)) * sd
    left = ~trial.treated
    level = float(np.average(trial.outcome[left], weights=trial.weight[left]))
    return Effect(mean, sd, mean - half, mean + half, method, trial.n_treated, trial.n_withheld, level)
