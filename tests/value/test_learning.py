"""What is reckoned with after measuring: between the assumption and the measurement, by their precision."""

import numpy as np
import pytest

from eigenform.value.residual.pooling import pool
from eigenform.value.response.learning import ImpossiblePrior, basis_of, learn

PRIOR = {"prior_mean": 0.02, "prior_sd": 0.02}


def test_without_a_measurement_the_assumption_stands():
    found = learn(**PRIOR, estimate=np.zeros(0), standard_error=np.zeros(0))

    assert (found.level_mean, found.level_sd, found.other_sd, found.weight) == (0.02, 0.02, 0.02, 0)


def test_a_sharp_measurement_wins_and_a_dull_one_hardly_counts():
    sharp = learn(**PRIOR, estimate=np.array([0.08]), standard_error=np.array([1e-4]))
    dull = learn(**PRIOR, estimate=np.array([0.08]), standard_error=np.array([0.5]))

    assert sharp.mean[0] == sharp.level_mean == pytest.approx(0.08, abs=1e-4)
    even = learn(**PRIOR, estimate=np.array([0.08]), standard_error=np.array([0.02]))
    assert (even.level_mean, even.level_sd) == pytest.approx((0.05, 0.02 / np.sqrt(2)))
    assert (basis_of(even.weight), even.weight) == ("measured", 0.5)
    assert dull.mean[0] == pytest.approx(0.02, abs=0.001)
    assert (basis_of(dull.weight), dull.weight) == ("assumed", pytest.approx(0.0, abs=0.01))


def test_it_is_measured_once_the_measurement_outweighs_the_assumption():
    """Four segments, tau nearly integrated out: the level's precision grows past twice the prior's."""
    estimate = np.array([0.05, 0.06, 0.055, 0.05])
    wide = learn(**PRIOR, estimate=estimate, standard_error=np.full(4, 0.06))
    narrow = learn(**PRIOR, estimate=estimate, standard_error=np.full(4, 0.005))

    assert (basis_of(wide.weight), basis_of(narrow.weight)) == ("assumed", "measured")
    assert 0.0 < wide.weight < 0.5 < narrow.weight < 1.0
    assert narrow.weight == pytest.approx(1.0 - (narrow.level_sd / 0.02) ** 2)


def test_a_known_spread_gives_the_textbook_answer():
    """As the segments' spread is bound to zero the level is the precision-weighted mean of prior and estimates."""
    y, s = np.array([0.06, 0.02]), np.array([0.01, 0.02])
    found = pool(y, s, tau_scale=1e-9, mu_prior=(0.03, 0.01))
    precision = np.array([1e4, 1e4, 2500.0])
    mean = precision @ [0.03, 0.06, 0.02] / precision.sum()

    assert found.mu_mean == pytest.approx(mean, rel=1e-6)
    assert found.mu_sd == pytest.approx(precision.sum() ** -0.5, rel=1e-6)
    np.testing.assert_allclose(found.mean, mean, rtol=1e-6)


def test_a_flat_prior_is_what_pooling_was():
    y, s = np.array([28.0, 8.0, -3.0, 7.0]), np.array([15.0, 10.0, 16.0, 11.0])

    np.testing.assert_allclose(pool(y, s, mu_prior=(0.0, 1e6)).mean, pool(y, s).mean, rtol=1e-6)


def test_segments_are_drawn_together_yet_stay_apart():
    found = learn(**PRIOR, estimate=np.array([0.00, 0.08]), standard_error=np.array([0.01, 0.01]))

    assert 0.0 < found.mean[0] < found.level_mean < found.mean[1] < 0.08
    assert found.mean[1] - found.mean[0] > 0.04
    assert found.other_sd > found.level_sd
    np.testing.assert_allclose(found.own_weight, 1.0 - np.square(found.sd / 0.02))
    assert found.own_weight.min() > 0.7 > found.weight  # each is known, what they have in common is not


def test_intervals_hold_the_truth_in_80_of_100_worlds():
    rng = np.random.default_rng(1)
    hits, n = 0, 0
    for _ in range(300):
        level, tau = rng.normal(0.02, 0.02), abs(rng.normal(0.0, 0.02))
        truth = rng.normal(level, tau, 5)
        se = rng.uniform(0.005, 0.05, 5)
        found = learn(**PRIOR, estimate=rng.normal(truth, se), standard_error=se)
        hits += int(((found.low <= truth) & (truth <= found.high)).sum())
        n += 5

    assert hits / n == pytest.approx(0.8, abs=0.035)


def test_an_assumption_without_doubt_is_refused():
    with pytest.raises(ImpossiblePrior):
        learn(prior_mean=0.02, prior_sd=0.0, estimate=np.array([0.1]), standard_error=np.array([0.1]))
