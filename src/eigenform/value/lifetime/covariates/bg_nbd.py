"""BG/NBD with covariates that hold for a customer's whole life.

alpha_i = alpha exp(-g'x_i) makes buying faster or slower. Leaving after a repeat purchase is shifted in one of two
ways:

- "odds": a_i = a exp(d'z_i / 2), b_i = b exp(-d'z_i / 2), so that exp(d) multiplies the odds a / b of leaving: one
  coefficient per covariate, of which some hundred customers can tell something;
- "both": a_i = a exp(d'z_i), b_i = b exp(e'z_i), as published: two per covariate, which also bend the spread. It often
  runs away, and then the status says so.

Source: Fader and Hardie (2007), Incorporating Time-Invariant Covariates into the Pareto/NBD and BG/NBD Models,
brucehardie.com/notes/019.
"""

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from scipy.special import betaln, digamma, expit, gammaln

from eigenform.value.arrays import FloatArray
from eigenform.value.lifetime import bg_nbd as without
from eigenform.value.lifetime.counted import Counted
from eigenform.value.lifetime.covariates import constant, effects
from eigenform.value.lifetime.covariates.effects import Fit, Parameters, PerHistory, Shift
from eigenform.value.lifetime.covariates.rows import Rows
from eigenform.value.lifetime.estimation import Prior
from eigenform.value.lifetime.fitted import settled
from eigenform.value.lifetime.made import expected_made
from eigenform.value.lifetime.scores import Scores
from eigenform.value.lifetime.summary import Summary

NAMES: Final = ("r", "alpha_weeks", "a", "b")
_BUYING: Final = Shift(((1, -1.0),), "buying")
SHIFTS: Final[dict[str, tuple[Shift, ...]]] = {
    "odds": (_BUYING, Shift(((2, 0.5), (3, -0.5)), "leaving")),
    "both": (_BUYING, Shift(((2, 1.0),), "leaving, a"), Shift(((3, 1.0),), "leaving, b")),
}
_START: Final = (0.5, 0.8, 2.5)


def parameters(
    *, r: float, alpha_weeks: float, a: float, b: float, trans: object = (), life: Sequence[object] = ((),)
) -> Parameters:
    """Return parameters: the base's, the coefficients of buying (trans) and of leaving.

    life  one block of coefficients for the odds, or two for a and b
    """
    blocks = tuple(np.asarray(block, float) for block in (trans, *life))
    return Parameters(NAMES, np.array([r, alpha_weeks, a, b]), blocks)


def fit(
    summary: Summary,
    *,
    trans: Rows | None = None,
    life: Rows | None = None,
    leaving: Literal["odds", "both"] = "odds",
    prior: Prior | None = None,
) -> Fit:
    """Fit the four base parameters and the coefficients by maximum likelihood, or with a prior to the posterior mode.

    trans, life  covariates of buying and of leaving, one row per customer; None means none
    leaving      what life shifts: the odds of leaving, or a and b each on its own

    Raises ImpossibleCovariates for rows that do not fit or teach nothing. Never falls back in silence: read status.
    """
    weeks, purchases = float(summary.age_weeks @ summary.weights), float(summary.repeats @ summary.weights)
    r, a, b = _START
    alpha_weeks = float(np.clip(r * weeks / purchases, 1e-3, 1e4)) if weeks > 0 and purchases > 0 else 10.0
    return constant.fit(
        summary,
        _blocks(summary, trans, life, leaving),
        names=NAMES,
        shifts=SHIFTS[leaving],
        per_history=per_history,
        start=(r, alpha_weeks, a, b),
        prior=prior,
    )


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
    """Return the probability that each customer is still a customer, shape (n,); 1 without a repeat purchase."""
    silent, gone = _two_logs(np.exp(_own(p, summary, trans, life)), summary)
    return expit(silent - gone)


def expected_purchases(
    p: Parameters, summary: Summary, horizon_weeks: float, *, trans: Rows | None = None, life: Rows | None = None
) -> FloatArray:
    """Return the expected number of purchases in the next horizon_weeks, shape (n,)."""
    constant.refuse_horizon(horizon_weeks)
    own = np.exp(_own(p, summary, trans, life))
    r, alpha, a, b = own
    share = horizon_weeks / (alpha + summary.age_weeks + horizon_weeks)
    made = expected_made(shape=r + summary.repeats, share=share, leave_a=a, leave_b=b + summary.repeats)
    silent, gone = _two_logs(own, summary)
    return expit(silent - gone) * made


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
    leaving = "odds" if len(model.parameters.coefficients) == 2 else "both"
    return constant.predict(
        without,
        model,
        summary,
        SHIFTS[leaving],
        _blocks(summary, trans, life, leaving),
        scores=score(model, summary, weeks=weeks, trans=trans, life=life),
        alive=lambda p: probability_alive(p, summary, trans=trans, life=life),
        weeks=weeks,
        draws=draws,
        rng=rng,
    )


def per_history(summary: Summary) -> PerHistory:
    """Return the function from log-parameters, shape (4, n), to log-likelihoods (n,) and slopes (4, n)."""
    x, last, age = summary.repeats, summary.last_week, summary.age_weeks

    def value_and_slopes(log_parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
        own = np.exp(log_parameters)
        r, alpha, a, b = own
        silent, gone = _two_logs(own, summary)
        left = expit(gone - silent)
        value = _log_rising(r, x) + _log_rising(b, x) - _log_rising(a + b, x) + np.logaddexp(silent, gone)
        by_r = digamma(r + x) - digamma(r) - (1.0 - left) * np.log1p(age / alpha) - left * np.log1p(last / alpha)
        by_alpha = (1.0 - left) * (r * age - x * alpha) / (alpha + age) + left * (r * last - x * alpha) / (alpha + last)
        total = digamma(a + b) - digamma(a + b + x)
        by_a = total + left / a
        by_b = total + digamma(b + x) - digamma(b) - left / np.where(x > 0, b + x - 1.0, 1.0)
        return value, np.stack([r * by_r, by_alpha, a * by_a, b * by_b])

    return value_and_slopes


def _two_logs(own: FloatArray, summary: Summary) -> tuple[FloatArray, FloatArray]:
    """Return ln of the chance to be alive and silent since, and to have left, up to the shared factor."""
    r, alpha, a, b = own
    x, last, age = summary.repeats, summary.last_week, summary.age_weeks
    silent = -(r + x) * np.log1p(age / alpha) - x * np.log(alpha)
    gone = -(r + x) * np.log1p(last / alpha) - x * np.log(alpha) + np.log(a / np.where(x > 0, b + x - 1.0, 1.0))
    return silent, np.where(x > 0, gone, -np.inf)


def _log_rising(start: FloatArray, steps: FloatArray) -> FloatArray:
    """Return ln of start (start + 1) … (start + steps - 1), without the cancellation of two large gammas."""
    some = np.maximum(steps, 1.0)
    return np.where(steps > 0, gammaln(some) - betaln(start, some), 0.0)


def _blocks(summary: Summary, trans: Rows | None, life: Rows | None, leaving: str) -> tuple[Rows, ...]:
    buying, going = constant.both(summary, trans, life)
    return (buying, *[going] * (len(SHIFTS[leaving]) - 1))


def _own(p: Parameters, summary: Summary, trans: Rows | None, life: Rows | None) -> FloatArray:
    leaving = "odds" if len(p.coefficients) == 2 else "both"
    return constant.own_log_parameters(p, SHIFTS[leaving], _blocks(summary, trans, life, leaving), len(summary))
