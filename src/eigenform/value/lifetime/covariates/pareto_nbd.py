"""Pareto/NBD with covariates that hold for a customer's whole life.

Buying rates and leaving rates are proportional: customer i buys at exp(g'x_i) times a rate drawn from Gamma(r, alpha)
and leaves at exp(d'z_i) times a rate drawn from Gamma(s, beta). That is Pareto/NBD with alpha_i = alpha exp(-g'x_i) and
beta_i = beta exp(-d'z_i).

Source: Fader and Hardie (2007), Incorporating Time-Invariant Covariates into the Pareto/NBD and BG/NBD Models,
brucehardie.com/notes/019.
"""

from typing import Final

import numpy as np
from scipy.special import digamma, expm1, gammaln

from eigenform.value.arrays import FloatArray
from eigenform.value.lifetime import pareto_nbd as without
from eigenform.value.lifetime.counted import Counted
from eigenform.value.lifetime.covariates import constant, effects
from eigenform.value.lifetime.covariates.effects import Fit, Parameters, PerHistory, Shift
from eigenform.value.lifetime.covariates.leaving import Left, left
from eigenform.value.lifetime.covariates.rows import Rows
from eigenform.value.lifetime.estimation import Prior
from eigenform.value.lifetime.fitted import settled
from eigenform.value.lifetime.scores import Scores
from eigenform.value.lifetime.summary import Summary

NAMES: Final = ("r", "alpha_weeks", "s", "beta_weeks")
SHIFTS: Final = (Shift(((1, -1.0),), "buying"), Shift(((3, -1.0),), "leaving"))
_START: Final = (0.8, 10.0, 0.8, 20.0)


def parameters(
    *, r: float, alpha_weeks: float, s: float, beta_weeks: float, trans: object = (), life: object = ()
) -> Parameters:
    """Return parameters: the base's, the coefficients of buying (trans) and of leaving (life)."""
    base = np.array([r, alpha_weeks, s, beta_weeks])
    return Parameters(NAMES, base, (np.asarray(trans, float), np.asarray(life, float)))


def fit(summary: Summary, *, trans: Rows | None = None, life: Rows | None = None, prior: Prior | None = None) -> Fit:
    """Fit the four base parameters and the coefficients by maximum likelihood, or with a prior to the posterior mode.

    trans, life  covariates of buying and of leaving, one row per customer; None means none

    Raises ImpossibleCovariates for rows that do not fit or teach nothing. Never falls back in silence: read status.
    """
    blocks = constant.both(summary, trans, life)
    weeks, purchases = float(summary.age_weeks @ summary.weights), float(summary.repeats @ summary.weights)
    alpha_weeks = float(np.clip(_START[0] * weeks / purchases, 1e-3, 1e4)) if weeks > 0 and purchases > 0 else 10.0
    start = (_START[0], alpha_weeks, _START[2], float(np.clip(2.0 * alpha_weeks, 1.0, 1e3)))
    return constant.fit(summary, blocks, names=NAMES, shifts=SHIFTS, per_history=per_history, start=start, prior=prior)


def weak_prior(coefficients: int) -> Prior:
    """Return a weak prior for small samples: of the base, and a factor of 2 or a half per standard deviation more."""
    return effects.weak_prior(without.WEAK_PRIOR, coefficients)


def log_likelihood(
    p: Parameters, summary: Summary, *, trans: Rows | None = None, life: Rows | None = None
) -> FloatArray:
    """Return the log-likelihood of each customer's history, shape (n,), with all constants."""
    return per_history(summary)(_own(p, summary, trans, life))[0]


def probability_alive(
    p: Parameters, summary: Summary, *, trans: Rows | None = None, life: Rows | None = None
) -> FloatArray:
    """Return the probability that each customer is still a customer, shape (n,)."""
    own = np.exp(_own(p, summary, trans, life))
    gone, stays, _ = _stretch(own, summary)
    return stays / (gone.value + stays)


def expected_purchases(
    p: Parameters, summary: Summary, horizon_weeks: float, *, trans: Rows | None = None, life: Rows | None = None
) -> FloatArray:
    """Return the expected number of purchases in the next horizon_weeks, shape (n,)."""
    constant.refuse_horizon(horizon_weeks)
    r, alpha, s, beta = np.exp(_own(p, summary, trans, life))
    rate_per_week = (r + summary.repeats) / (alpha + summary.age_weeks)
    waits = beta + summary.age_weeks
    weeks_as_customer = waits * _lasting(s, np.log1p(horizon_weeks / waits))
    alive = probability_alive(p, summary, trans=trans, life=life)
    return alive * rate_per_week * weeks_as_customer


def score(
    model: Fit | Parameters,
    summary: Summary,
    *,
    weeks: float = 52.0,
    trans: Rows | None = None,
    life: Rows | None = None,
) -> Scores:
    """Return P(alive) and the expected purchases within weeks for every customer, arrays of shape (n,)."""
    p = settled(model)
    alive = probability_alive(p, summary, trans=trans, life=life)
    return Scores(alive, expected_purchases(p, summary, weeks, trans=trans, life=life))


def predict(
    model: Fit,
    summary: Summary,
    *,
    weeks: float = 52.0,
    draws: int = 200,
    rng: np.random.Generator,
    trans: Rows | None = None,
    life: Rows | None = None,
) -> Counted:
    """Return P(alive) and the purchases within weeks with 80 % predictive intervals, arrays of shape (n,)."""
    return constant.predict(
        without,
        model,
        summary,
        SHIFTS,
        constant.both(summary, trans, life),
        scores=score(model, summary, weeks=weeks, trans=trans, life=life),
        alive=lambda p: probability_alive(p, summary, trans=trans, life=life),
        weeks=weeks,
        draws=draws,
        rng=rng,
    )


def per_history(summary: Summary) -> PerHistory:
    """Return the function from log-parameters, shape (4, n), to log-likelihoods (n,) and slopes (4, n).

    r and s are taken from the first history: covariates shift alpha and beta only.
    """
    x, last = summary.repeats, summary.last_week
    counts, count_of = np.unique(x, return_inverse=True)

    def value_and_slopes(log_parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
        own = np.exp(log_parameters)
        r, alpha, s, beta = own[0, 0], own[1], own[2, 0], own[3]
        gone, stays, grown = _stretch(own, summary)
        total = gone.value + stays
        (grown_p, log_p), (grown_q, log_q) = grown
        seen_alpha, seen_beta = np.log1p(last / alpha), np.log1p(last / beta)
        value = (gammaln(r + counts) - gammaln(r))[count_of] - (r + x) * seen_alpha - x * np.log(alpha)
        value += np.log(total) - s * seen_beta
        by_log_p = (gone.by_log_p - stays * (r + x) * grown_p) / total
        by_log_q = (gone.by_log_q - stays * s * grown_q) / total
        by_r = (digamma(r + counts) - digamma(r))[count_of] - seen_alpha + (gone.by_c - stays * log_p) / total
        by_s = (gone.by_s - stays * log_q) / total - seen_beta
        by_alpha = (r * last - (x + by_log_p) * alpha) / (alpha + last)
        by_beta = (s * last - by_log_q * beta) / (beta + last)
        return value, np.stack([r * by_r, by_alpha, s * by_s, by_beta])

    return value_and_slopes


def _stretch(own: FloatArray, summary: Summary) -> tuple[Left, FloatArray, tuple[tuple[FloatArray, FloatArray], ...]]:
    """Return the chances to have left and to have stayed since the last purchase, relative to being there then."""
    r, alpha, s, beta = own[0, 0], own[1], own[2, 0], own[3]
    silent = summary.age_weeks - summary.last_week
    p, q = silent / (alpha + summary.last_week), silent / (beta + summary.last_week)
    log_p, log_q = np.log1p(p), np.log1p(q)
    stays = np.exp(-(r + summary.repeats) * log_p - s * log_q)
    return left(r + summary.repeats, float(s), p, q), stays, ((p / (1.0 + p), log_p), (q / (1.0 + q), log_q))


def _lasting(s: FloatArray, log_growth: FloatArray) -> FloatArray:
    """Return (1 - exp(-(s - 1) g)) / (s - 1), which is g at s = 1."""
    off = s - 1.0
    near = np.abs(off * log_growth) < 1e-8
    safe = np.where(near, 1.0, off)
    return np.where(near, log_growth * (1.0 - 0.5 * off * log_growth), -expm1(-safe * log_growth) / safe)


def _own(p: Parameters, summary: Summary, trans: Rows | None, life: Rows | None) -> FloatArray:
    return constant.own_log_parameters(p, SHIFTS, constant.both(summary, trans, life), len(summary))
