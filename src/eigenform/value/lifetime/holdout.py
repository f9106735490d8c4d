"""How a fitted model did on weeks that it had not seen: means, whole distributions, and against a naive rule.

Nothing here is fitted. A mean error says little about counts that are mostly 0, so each customer's whole predicted
distribution is held against what they did: by the randomised probability integral transform (Czado, Gneiting and
Held 2009, Biometrics 65(4) 1254-1261) and the continuous ranked probability score (Gneiting and Raftery 2007, JASA
102, 359-378), which is proper: on average nothing scores better than the truth.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from eigenform.value.arrays import FloatArray, dot
from eigenform.value.lifetime.ahead import CountModel, look_ahead
from eigenform.value.lifetime.cells import Cells, collapse
from eigenform.value.lifetime.doubt import Doubtful, centre, points
from eigenform.value.lifetime.holdout_parts import Decile, Week, by_decile, by_week, expected_by_week
from eigenform.value.lifetime.past_counts import Told, told
from eigenform.value.lifetime.rows import rows_of
from eigenform.value.lifetime.summary import ImpossibleHistory, Summary
from eigenform.value.lifetime.totals import Total

_DRIFT_SDS: Final = 1.645  # a band that a true model leaves in one hold-out of ten
_DRIFT_MIN: Final = 0.03  # a smaller share off is no news, however sure
_COVERED_FROM, _COVERED_TO = 0.1, 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Holdout:
    """What a model foretold of n customers, and what came.

    predicted, actual      purchases of the base; predicted has an 80 % interval, predicted_low to predicted_high
    mae, rmse              mean absolute and root mean square error a customer
    naive_mae              the same error of each customer's past rate carried on
    crps                   mean continuous ranked probability score, in purchases a customer; less is better
    crps_each              the score of each customer, shape (n,)
    coverage_80            share of customers whose randomised transform lies in [0.1, 0.9]; 0.8 if all is right
    coverage_80_interval   share inside their printed interval of whole purchases; 0.8 or more if all is right
    by_week                empty if nobody said when the purchases were
    by_decile              ten groups of equal size, least expected first
    drift                  in words, if the base as a whole left the prediction's 90 % band and is 3 % off; else None
    naive_wins             whether the naive rule's mean absolute error is smaller
    """

    weeks: float
    customers: float
    predicted: float
    predicted_low: float
    predicted_high: float
    actual: float
    mae: float
    rmse: float
    naive_mae: float
    crps: float
    crps_each: FloatArray
    coverage_80: float
    coverage_80_interval: float
    by_week: tuple[Week, ...]
    by_decile: tuple[Decile, ...]
    drift: str | None
    naive_wins: bool


def judge(
    model: CountModel,
    fit: Doubtful,
    summary: Summary,
    actual: FloatArray,
    *,
    weeks: float,
    rng: np.random.Generator,
    week_of_actual: FloatArray | None = None,
    draws: int = 200,
    cells: Cells | None = None,
) -> Holdout:
    """Hold a fit to histories up to a day against the purchases in the weeks after it.

    actual          purchases of each customer in the hold-out, whole numbers of shape (n,)
    week_of_actual  of every hold-out purchase the week it fell in, counted from 1 (or weeks since the day, rounded
                    up), shape (purchases,); None leaves by_week empty
    rng             for the randomised transform, and for parameter draws where the base is small

    Raises ImpossibleHistory if the shapes differ or a count is not a whole number.
    """
    actual = _refused(summary, np.asarray(actual, float), weeks)
    cells = collapse(summary) if cells is None else cells
    outcomes, see = told(cells, actual)
    rows, p = rows_of(summary, cells, amounts=False), fit.parameters
    at = points(fit, cells=len(cells), draws=draws, rng=rng)
    ahead = look_ahead(model, fit, cells, weeks=weeks, at=at, see=see)
    total = ahead.total(rows, rng=rng)
    central = look_ahead(model, fit, cells, weeks=weeks, at=centre(fit)) if at.random else ahead
    spread = central.spread(rows)
    alive = model.probability_alive(p, cells.summary)
    if_alive = model.expected_if_alive(p, cells.age.repeats, cells.age.weeks, weeks)
    expected = (alive * if_alive[cells.age.of])[cells.of]
    weekly: tuple[Week, ...] = ()
    if week_of_actual is not None:
        weekly = by_week(expected_by_week(model, p, cells, alive, weeks), np.asarray(week_of_actual, float), spread)
    return _held(
        summary, weeks, expected, actual, outcomes, total, spread, weekly, _covered(outcomes, summary.weight, rng)
    )


def _held(
    summary: Summary,
    weeks: float,
    expected: FloatArray,
    actual: FloatArray,
    outcomes: Told,
    total: Total,
    spread: tuple[float, float],
    weekly: tuple[Week, ...],
    covered: FloatArray,
) -> Holdout:
    share = summary.weights / summary.customers
    predicted, came = dot(expected, summary.weights), dot(actual, summary.weights)
    rate = np.where(summary.age_weeks > 0, summary.repeats / np.maximum(summary.age_weeks, 1e-12), 0.0)
    mae, naive_mae = (dot(np.abs(means - actual), share) for means in (expected, rate * weeks))
    crps = outcomes.crps[outcomes.of]
    return Holdout(
        weeks=weeks,
        customers=summary.customers,
        predicted=predicted,
        predicted_low=total.low,
        predicted_high=total.high,
        actual=came,
        mae=mae,
        rmse=float(np.sqrt(dot(np.square(expected - actual), share))),
        naive_mae=naive_mae,
        crps=dot(crps, share),
        crps_each=crps,
        coverage_80=dot(covered, share),
        coverage_80_interval=dot(outcomes.inside[outcomes.of], share),
        by_week=weekly,
        by_decile=by_decile(expected, actual, summary.weights),
        drift=_drift(predicted, came, spread),
        naive_wins=naive_mae < mae,
    )


def _refused(summary: Summary, actual: FloatArray, weeks: float) -> FloatArray:
    if actual.shape != summary.repeats.shape:
        raise ImpossibleHistory(reason=f"actual has shape {actual.shape}, repeats has {summary.repeats.shape}")
    bad = ~np.isfinite(actual) | (actual < 0) | (actual != np.floor(actual))
    if bad.any():
        raise ImpossibleHistory(reason="purchases in the hold-out must be whole numbers", row=int(np.argmax(bad)))
    if not (np.isfinite(weeks) and weeks > 0):
        raise ImpossibleHistory(reason=f"the hold-out has {weeks} weeks; it must have more than 0")
    return actual


def _covered(outcomes: Told, weight: FloatArray | None, rng: np.random.Generator) -> FloatArray:
    """Return whether each customer's transform, drawn evenly between P(less) and P(no more), lies in the middle.

    Of a row that customers share it is the share of them of whom it does, each drawn by themselves: a share of
    customers is then one of whole customers. Weights that are no numbers of customers take the share to be expected.
    """
    at_least, more = outcomes.at_least[outcomes.of], outcomes.more[outcomes.of]
    if weight is None:
        transform = 1.0 - at_least + rng.random(len(at_least)) * (at_least - more)
        return ((transform >= _COVERED_FROM) & (transform <= _COVERED_TO)).astype(float)
    inside = np.minimum(1.0 - more, _COVERED_TO) - np.maximum(1.0 - at_least, _COVERED_FROM)
    expected = np.asarray(np.clip(inside / np.maximum(at_least - more, 1e-300), 0.0, 1.0), float)
    if np.any(weight != np.floor(weight)):
        return expected
    return rng.binomial(weight.astype(np.int64), expected) / np.maximum(weight, 1.0)


def _drift(predicted: float, came: float, spread: tuple[float, float]) -> str | None:
    """Return a warning in words if the base left the band, by more than anybody would call chance or care for."""
    reach = _DRIFT_SDS * float(np.sqrt(sum(spread)))
    off = abs(came - predicted)
    if off <= max(reach, _DRIFT_MIN * predicted):
        return None
    fewer = "fewer" if predicted < came else "more"
    return (
        f"{came:,.0f} purchases came and {predicted:,.0f} were foretold ({off / max(came, 1.0):.0%} {fewer}); chance "
        f"and doubt allow {max(predicted - reach, 0.0):,.0f} to {predicted + reach:,.0f}. The forecast is off: either "
        "customers changed or the model does not fit them. The next forecast is likely to err likewise."
    )
