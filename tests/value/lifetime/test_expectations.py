"""Intervals of expectations: they hold the true expectation, and shrink as the base grows."""

import numpy as np

from eigenform.value.lifetime import Summary, bg_nbd, mbg_nbd
from eigenform.value.lifetime.expectations import expectation_intervals

ASKED = Summary([0, 1, 3, 12], [0.0, 5.0, 20.0, 38.0], [30.0, 30.0, 26.0, 40.0])
TRUTH = mbg_nbd.Parameters(0.8, 6.0, 0.9, 3.0)


def fitted(n, seed):
    rng = np.random.default_rng(seed)
    return mbg_nbd.fit(mbg_nbd.simulate(TRUTH, rng.uniform(5.0, 80.0, n), rng).summary)


def test_the_true_expectation_lies_inside_in_four_of_five_worlds():
    alive, purchases = mbg_nbd.probability_alive(TRUTH, ASKED), mbg_nbd.expected_purchases(TRUTH, ASKED, 26.0)
    inside = []
    for seed in range(80):
        got = expectation_intervals(mbg_nbd, fitted(800, seed), ASKED, weeks=26.0)
        inside.append((got.p_alive_low_param <= alive) & (alive <= got.p_alive_high_param))
        inside.append(
            (got.expected_purchases_low_param <= purchases) & (purchases <= got.expected_purchases_high_param)
        )

    assert 0.72 < np.mean(inside) < 0.88


def test_four_times_the_customers_halve_the_interval():
    few, many = (expectation_intervals(mbg_nbd, fitted(n, 1), ASKED, weeks=26.0) for n in (5_000, 20_000))

    def width(got):
        return np.log(got.expected_purchases_high_param / got.expected_purchases_low_param)

    np.testing.assert_allclose(width(many) / width(few), 0.5, atol=0.08)
    assert np.all(few.p_alive_low_param < few.p_alive_high_param)


def test_who_is_alive_by_the_model_is_surely_so():
    fit = bg_nbd.fit(
        bg_nbd.simulate(bg_nbd.Parameters(0.8, 6.0, 0.9, 3.0), np.full(500, 40.0), np.random.default_rng(1)).summary
    )

    got = expectation_intervals(bg_nbd, fit, ASKED, weeks=26.0)

    assert got.p_alive_low_param[0] > 1.0 - 1e-12
    assert got.expected_purchases_low_param[0] < got.expected_purchases_high_param[0]
