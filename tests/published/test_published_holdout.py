"""The hold-out of CDNOW's tenth: 39 weeks to learn from, 39 to be tried on, 1,882 purchases that nobody had seen.

Predictions and errors as four other programs have them at the same parameters; coverage is ours.
"""

from datetime import date

import numpy as np
import pytest

from eigenform.value.lifetime import Summary
from eigenform.value.lifetime.compare import compare

CUT_ON = date(1997, 9, 30)


@pytest.fixture(scope="module")
def compared(shared_data):
    days = {}
    with (shared_data / "cdnow" / "CDNOW_sample.txt").open(encoding="utf-8") as file:
        for _, customer, day, *_ in map(str.split, file):
            days.setdefault(customer, set()).add((date(int(day[:4]), int(day[4:6]), int(day[6:])) - CUT_ON).days)
    known = [sorted(d for d in theirs if d <= 0) for theirs in days.values()]
    summary = Summary([len(k) - 1 for k in known], [(k[-1] - k[0]) / 7.0 for k in known], [-k[0] / 7.0 for k in known])
    since = [[d / 7.0 for d in theirs if d > 0] for theirs in days.values()]
    actual = np.array([len(weeks) for weeks in since], float)
    when = np.array([week for weeks in since for week in weeks])
    return compare(summary, actual, weeks=39.0, rng=np.random.default_rng(1), week_of_actual=when)


@pytest.mark.parametrize(
    ("model", "predicted", "mae", "rmse"),
    [("bg-nbd", 1653, 0.7855, 1.6080), ("mbg-nbd", 1577, 0.7648, 1.6072), ("pareto-nbd", 1666, 0.7545, 1.6028)],
)
def test_predictions_and_errors_equal_those_of_other_programs(compared, model, predicted, mae, rmse):
    got = next(one.holdout for one in compared.models if one.model == model)

    assert (got.customers, got.actual) == (2357, 1882)
    assert round(got.predicted) == predicted
    assert got.mae == pytest.approx(mae, abs=5e-5)
    assert got.rmse == pytest.approx(rmse, abs=6e-5)
    assert got.naive_mae == pytest.approx(1.0237, abs=5e-5)
    assert 0.75 <= got.coverage_80 <= 0.85
    assert got.coverage_80_interval >= 0.8
    assert got.drift.startswith("1,882 purchases came and ")
    assert f"{predicted:,} were foretold" in got.drift


def test_the_three_models_are_too_close_to_tell_apart(compared):
    scores = {one.model: one.holdout.crps for one in compared.models}

    assert compared.best == "mbg-nbd"
    assert scores["mbg-nbd"] == pytest.approx(0.5098, abs=2e-4)
    assert max(scores.values()) - min(scores.values()) < 1e-3
    assert "too close to tell them apart" in compared.because
    assert "It beats the naive rule" in compared.because
    assert "The forecast is off" in compared.because
