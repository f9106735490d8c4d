"""Daily dates bend the parameters; the correction takes the bend out. Exact times of the same customers are the judge."""

import numpy as np
import pytest

from eigenform.value.lifetime import ImpossibleHistory, Summary, bg_nbd, mbg_nbd, pareto_nbd
from eigenform.value.lifetime.cells import collapse
from eigenform.value.lifetime.grain import day_corrected


def exact_and_daily(model, values, n, seed=1):
    """The same customers with exact times, and with one purchase a day at most, seen to the end of the last day."""
    rng = np.random.default_rng(seed)
    days, first_time = rng.integers(181, 546, n).astype(float), rng.random(n)
    truth = model.simulate(model.Parameters(*values), (days + 1.0 - first_time) / 7.0, rng)
    day = np.floor(first_time[truth.customer] + truth.week * 7.0).astype(int)
    customer, day = np.divmod(np.unique(truth.customer * 1000 + day), 1000)
    customer, day = customer[day > 0], day[day > 0]
    last_day = np.zeros(n)
    np.maximum.at(last_day, customer, day)
    return truth.summary, Summary(np.bincount(customer, minlength=n), last_day / 7.0, days / 7.0)


@pytest.mark.parametrize(
    ("model", "values", "bend", "left"),
    [
        (bg_nbd, (0.243, 4.414, 0.793, 2.426), 0.03, 0.012),
        (mbg_nbd, (0.525, 6.183, 0.891, 1.614), 0.03, 0.015),
        (pareto_nbd, (0.553, 10.578, 0.606, 11.669), 0.02, 0.012),
        (bg_nbd, (1.5, 2.0, 0.5, 6.0), 0.15, 0.03),
    ],
    ids=["bg cdnow", "mbg cdnow", "pareto cdnow", "bg frequent buyers"],
)
def test_alpha_loses_its_bend(model, values, bend, left):
    exact, daily = exact_and_daily(model, values, 40_000)

    alpha = [model.fit(summary).parameters.alpha_weeks for summary in (exact, daily, day_corrected(daily))]

    assert alpha[1] / alpha[0] - 1.0 > bend
    assert abs(alpha[2] / alpha[0] - 1.0) < left


def test_half_a_day_a_purchase_day_is_taken_off_and_cells_still_share():
    summary = Summary(
        [2, 0, 2], [3.0, 0.0, 3.0], [9.0, 9.0, 9.0], np.array([5.0, np.nan, 7.0]), np.array([1.0, 2.0, 3.0])
    )

    got = day_corrected(summary)

    np.testing.assert_allclose(got.age_weeks, [9.0 - 1 / 7, 9.0, 9.0 - 1 / 7])
    np.testing.assert_allclose(got.last_week, [3.0 - 1 / 7, 0.0, 3.0 - 1 / 7])
    assert got.weights.tolist() == [1.0, 2.0, 3.0]
    assert len(collapse(got)) == 2


def test_more_purchase_days_than_days_are_refused():
    every_day = day_corrected(Summary([70], [10.0], [10.0]))
    assert every_day.last_week[0] == pytest.approx(5.0)
    with pytest.raises(ImpossibleHistory, match="several a day"):
        day_corrected(Summary([1, 71], [1.0, 10.0], [10.0, 10.0]))
