"""What each customer will bring within a horizon, with an interval, and what the whole base will.

How the interval is made: parameters are drawn from what the fits leave uncertain; for each draw every
customer's own future is simulated (still there or not, how many purchases, of which amounts, when). So
an interval holds both kinds of doubt: about the parameters, and about what this customer will happen to do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from eigenform.base.errors import Refused
from eigenform.base.periods import WEEKS_PER_YEAR
from eigenform.value.arrays import HIGH_SHARE, LOW_SHARE, FloatArray
from eigenform.value.lifetime import bg_nbd, gamma_gamma
from eigenform.value.lifetime.summary import Summary

CUSTOMERS_MIN: Final = 20
REPEATERS_MIN: Final = 5
_CHUNK: Final = 4096  # customers at a time: with 200 draws an array of futures is 6.5 MB
_MEAN_DRAWS_MAX: Final = 8  # parameter draws, in mirrored pairs, over which the mean is averaged
_NODES: Final = 3  # of the quadrature over the horizon that discounts the mean


class CannotTell(Refused):
    """Worth that the data at hand cannot support."""

    code = "value.cannot_tell_worth"

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(f"Worth cannot be told: {reason}.")


@dataclass(frozen=True, slots=True, eq=False)
class Worth:
    """Margin of future purchases within the horizon, discounted to today; arrays of shape (n,).

    mean                expected worth: counts averaged over parameter draws, amounts at the fitted parameters
    low, high           80 % predictive interval of each customer: what they will bring, not what such
                        customers bring on average. Often 0 to something, for most buy nothing for long
    p_alive             probability of still being a customer
    expected_purchases  mean of the purchases in the horizon; expected_purchases_low and _high predictive
    total_mean, total_low, total_high  of the sum over the base (weighted by the summary's weights)
    unit                "money" (of mean_spend, times margin_share), or "purchases" if no spend was given
    without_spend       customers valued at the population's spend because none of theirs is known

    It holds no purchases of customers still to be won, none after the horizon, and no acquisition cost.
    It assumes that people go on as they did: it knows no season, no promotion and no act of the firm.
    """

    mean: FloatArray
    low: FloatArray
    high: FloatArray
    p_alive: FloatArray
    expected_purchases: FloatArray
    expected_purchases_low: FloatArray
    expected_purchases_high: FloatArray
    total_mean: float
    total_low: float
    total_high: float
    unit: Literal["money", "purchases"]
    horizon_weeks: float
    without_spend: int


def enough(summary: Summary) -> str | None:
    """Return in plain words why worth cannot be told from these histories, or None if it can."""
    weight = summary.weights
    repeaters = float(weight[summary.repeats > 0].sum())
    if summary.customers < CUSTOMERS_MIN:
        return f"there are {summary.customers:.0f} customers with purchases, at least {CUSTOMERS_MIN} are needed"
    if repeaters == 0:
        return "nobody has bought a second time yet, so nothing is known about coming back"
    if repeaters < REPEATERS_MIN:
        return f"only {repeaters:.0f} customers have bought again, at least {REPEATERS_MIN} are needed"
    return None


def worth(
    summary: Summary,
    *,
    purchases: bg_nbd.Fit,
    spend: gamma_gamma.Fit | None,
    horizon_weeks: float,
    discount_per_year: float,
    draws: int = 200,
    rng: np.random.Generator,
    margin_share: float = 1.0,
) -> Worth:
    """Return what each customer will bring within the horizon, with 80 % predictive intervals.

    discount_per_year  0.1 makes money a year from now worth 1 / 1.1
    draws              futures per customer; the ends of a customer's interval carry their sampling noise
    margin_share       share of revenue that is margin; 1.0 makes worth revenue, to be labelled so

    Raises CannotTell if the histories are too few or a fit did not converge.
    Source: Fader, Hardie and Lee (2005) for the counts, Fader and Hardie (2013) for the amounts; the
    interval is our simulation, see docs/algorithms/worth.md.
    """
    _refuse_unfit(summary, purchases, spend, horizon_weeks, discount_per_year)
    plan = _Plan(
        counts=purchases.draw(draws=draws, rng=rng),
        amounts=None if spend is None else spend.draw(draws=draws, rng=rng),
        mean_amounts=None if spend is None else spend.parameters,
        horizon_weeks=horizon_weeks,
        discount_per_week=float(np.log1p(discount_per_year) / WEEKS_PER_YEAR),
        margin_share=margin_share if spend is not None else 1.0,
    )
    columns = {name: np.empty(len(summary)) for name in _COLUMNS}
    totals = np.zeros(draws)
    for begin in range(0, len(summary), _CHUNK):
        rows = slice(begin, begin + _CHUNK)
        chunk = summary.rows(rows)
        futures, bought = _futures(chunk, plan, rng)
        totals += chunk.weights @ futures
        columns["low"][rows], columns["high"][rows] = np.quantile(futures, (LOW_SHARE, HIGH_SHARE), axis=1)
        ends = np.quantile(bought, (LOW_SHARE, HIGH_SHARE), axis=1, method="inverted_cdf")
        columns["expected_purchases_low"][rows], columns["expected_purchases_high"][rows] = ends
    columns["p_alive"], columns["expected_purchases"], columns["mean"] = _means(summary, plan)
    low, high = np.quantile(totals, (LOW_SHARE, HIGH_SHARE))
    return Worth(
        **columns,
        total_mean=float(columns["mean"] @ summary.weights),
        total_low=float(low),
        total_high=float(high),
        unit="purchases" if spend is None else "money",
        horizon_weeks=horizon_weeks,
        without_spend=int((~gamma_gamma.informative(summary.repeats, summary.spend)).sum()) if spend else 0,
    )


_COLUMNS: Final = (
    "mean",
    "low",
    "high",
    "p_alive",
    "expected_purchases",
    "expected_purchases_low",
    "expected_purchases_high",
)


@dataclass(frozen=True, slots=True)
class _Plan:
    counts: Sequence[bg_nbd.Parameters]
    amounts: Sequence[gamma_gamma.Parameters] | None
    mean_amounts: gamma_gamma.Parameters | None
    horizon_weeks: float
    discount_per_week: float
    margin_share: float


def _refuse_unfit(
    summary: Summary,
    purchases: bg_nbd.Fit,
    spend: gamma_gamma.Fit | None,
    horizon_weeks: float,
    discount_per_year: float,
) -> None:
    if not purchases.converged:
        raise CannotTell(reason=f"the purchase model did not settle ({purchases.status})")
    if spend is not None and not spend.converged:
        raise CannotTell(reason=f"the spend model did not settle ({spend.status})")
    if not (np.isfinite(horizon_weeks) and horizon_weeks > 0):
        raise CannotTell(reason=f"the horizon is {horizon_weeks} weeks, it must be more than 0")
    if not (np.isfinite(discount_per_year) and discount_per_year >= 0):
        raise CannotTell(reason=f"the discount is {discount_per_year} a year, it must be 0 or more")
    if len(summary) == 0:
        raise CannotTell(reason="there are no customers")


def _futures(summary: Summary, plan: _Plan, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Return one discounted worth and one purchase count per customer and draw, shapes (n, draws)."""
    values = np.zeros((len(summary), len(plan.counts)))
    bought = np.zeros_like(values)
    for draw, p in enumerate(plan.counts):
        rows, count, reach = _future_purchases(summary, p, plan.horizon_weeks, rng)
        if not len(rows):
            continue
        bought[rows, draw] = count
        value = count * _mean_discount(count, reach, plan)
        if plan.amounts is not None:
            spend = plan.amounts[draw]
            shape, rate = gamma_gamma.posterior(spend, summary.repeats[rows], summary.spend[rows])
            per_purchase = rng.gamma(spend.p * count) * rate / rng.gamma(shape) / count
            value = value * per_purchase * plan.margin_share
        values[rows, draw] = value
    return values, bought


def _future_purchases(
    summary: Summary, p: bg_nbd.Parameters, horizon_weeks: float, rng: np.random.Generator
) -> tuple[np.ndarray, FloatArray, FloatArray]:
    """Return who buys, how often, and the week of the last purchase (nan if cut by the horizon only).

    For a living customer the count is exactly the smaller of a Poisson count in the horizon and the
    geometric number of purchases after which they leave. Given k of n arrivals are made, the k-th of
    n uniform times is horizon times Beta(k, n - k + 1).
    """
    rows = np.flatnonzero(rng.random(len(summary)) < bg_nbd.probability_alive(p, summary))
    repeats, age_weeks = summary.repeats[rows], summary.age_weeks[rows]
    rate_per_week = rng.gamma(p.r + repeats) / (p.alpha_weeks + age_weeks)
    arrivals = rng.poisson(rate_per_week * horizon_weeks)
    some = arrivals > 0
    rows, arrivals, repeats = rows[some], arrivals[some], repeats[some]
    leave_probability = np.clip(rng.beta(p.a, p.b + repeats), 1e-15, 1.0)
    count = np.minimum(arrivals, rng.geometric(leave_probability))
    left = count < arrivals
    reach = np.full(len(rows), np.nan)
    reach[left] = horizon_weeks * rng.beta(count[left], arrivals[left] - count[left] + 1)
    return rows, count.astype(float), reach


def _mean_discount(count: FloatArray, reach: FloatArray, plan: _Plan) -> FloatArray:
    """Return the mean discount of count purchases: uniform over the horizon, or up to the last one at reach."""
    rate = plan.discount_per_week
    if rate == 0:
        return np.ones(len(count))
    stayed = np.isnan(reach)
    until = np.where(stayed, plan.horizon_weeks, np.maximum(reach, 1e-9))
    spread = -np.expm1(-rate * until) / (rate * until)
    return np.where(stayed, spread, ((count - 1.0) * spread + np.exp(-rate * until)) / count)


def _means(summary: Summary, plan: _Plan) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return p_alive, expected purchases and expected worth, each averaged over parameter draws.

    The means are computed, not simulated, so that equal histories get equal means and ranks carry no
    noise. Discounting integrates the expected purchases over the horizon (Gauss-Legendre).
    """
    chosen = plan.counts[:_MEAN_DRAWS_MAX]
    nodes, node_weights = np.polynomial.legendre.leggauss(_NODES)
    weeks = 0.5 * plan.horizon_weeks * (nodes + 1.0)
    shares = 0.5 * plan.horizon_weeks * node_weights * plan.discount_per_week * np.exp(-plan.discount_per_week * weeks)
    repeats, age_weeks, index = bg_nbd.alive_cells(summary)
    p_alive, purchases, discounted = (np.zeros(len(summary)) for _ in range(3))
    for p in chosen:
        alive = bg_nbd.probability_alive(p, summary) / len(chosen)
        whole = bg_nbd.expected_if_alive(p, repeats, age_weeks, plan.horizon_weeks)
        partial = whole * np.exp(-plan.discount_per_week * plan.horizon_weeks)
        if plan.discount_per_week > 0:
            for week, share in zip(weeks, shares, strict=True):
                partial += share * bg_nbd.expected_if_alive(p, repeats, age_weeks, float(week))
        p_alive += alive
        purchases += alive * whole[index]
        discounted += alive * partial[index]
    if plan.mean_amounts is None:
        return p_alive, purchases, discounted
    amount = gamma_gamma.expected_spend(plan.mean_amounts, summary.repeats, summary.spend)
    return p_alive, purchases, discounted * amount * plan.margin_share
