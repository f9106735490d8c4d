"""What each customer will bring within a horizon, with an interval, and what the whole base will.

The door to `predictive` for whoever decides by worth: it refuses what the data cannot carry, and says it in words.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from eigenform.base.errors import Refused
from eigenform.value.arrays import FloatArray
from eigenform.value.lifetime import bg_nbd, gamma_gamma
from eigenform.value.lifetime.ahead import CountModel
from eigenform.value.lifetime.cells import Cells
from eigenform.value.lifetime.fitted import Fitted
from eigenform.value.lifetime.predictive import Predicted, predict
from eigenform.value.lifetime.summary import Summary

CUSTOMERS_MIN: Final = 20
REPEATERS_MIN: Final = 5
ONE: Final = "there is one customer, and a model of the base needs many"
NOBODY_AGAIN: Final = "nobody has bought a second time yet, so nothing is known about coming back"


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
                        customers bring on average. Often 0 to something, for most buy nothing for long; and where
                        nine in ten bring nothing, high is 0 too, below the mean
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
    if summary.customers == 1:
        return ONE
    if summary.customers < CUSTOMERS_MIN:
        return f"there are {summary.customers:.0f} customers with purchases, at least {CUSTOMERS_MIN} are needed"
    if repeaters == 0:
        return NOBODY_AGAIN
    if repeaters < REPEATERS_MIN:
        who = "one customer has" if repeaters == 1 else f"{repeaters:.0f} customers have"
        return f"only {who} bought again, at least {REPEATERS_MIN} are needed"
    return None


def worth(
    summary: Summary,
    *,
    purchases: Fitted[Any],
    spend: gamma_gamma.Fit | None,
    horizon_weeks: float,
    discount_per_year: float,
    draws: int = 200,
    rng: np.random.Generator,
    margin_share: float = 1.0,
    model: CountModel = bg_nbd,
    cells: Cells | None = None,
) -> Worth:
    """Return what each customer will bring within the horizon, with 80 % predictive intervals.

    purchases          fit of model, the module of the purchase counts
    discount_per_year  0.1 makes money a year from now worth 1 / 1.1
    draws              parameter draws at most; a large base takes a few fixed points instead and no chance at all
    margin_share       share of revenue that is margin; 1.0 makes worth revenue, to be labelled so
    cells              of the summary, if they are at hand

    Raises CannotTell if the histories are too few or a fit did not converge.
    Source: docs/algorithms/worth.md and predictive-intervals.md; the models' own sources for counts and amounts.
    """
    _refuse_unfit(summary, purchases, spend, horizon_weeks, discount_per_year)
    predicted = predict(
        model,
        purchases,
        summary,
        spend=spend,
        weeks=horizon_weeks,
        discount_per_year=discount_per_year,
        draws=draws,
        rng=rng,
        margin_share=margin_share,
        cells=cells,
    )
    unknown = ~gamma_gamma.informative(summary.repeats, summary.spend)
    return _worth(predicted, horizon_weeks, without_spend=None if spend is None else int(unknown.sum()))


def _worth(predicted: Predicted, horizon_weeks: float, *, without_spend: int | None) -> Worth:
    return Worth(
        mean=predicted.value,
        low=predicted.value_low,
        high=predicted.value_high,
        p_alive=predicted.p_alive,
        expected_purchases=predicted.expected_purchases,
        expected_purchases_low=predicted.expected_purchases_low,
        expected_purchases_high=predicted.expected_purchases_high,
        total_mean=predicted.value_total.mean,
        total_low=predicted.value_total.low,
        total_high=predicted.value_total.high,
        unit="purchases" if without_spend is None else "money",
        horizon_weeks=horizon_weeks,
        without_spend=without_spend or 0,
    )


def _refuse_unfit(
    summary: Summary,
    purchases: Fitted[Any],
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
