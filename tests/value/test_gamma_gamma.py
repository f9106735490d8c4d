"""Gamma-Gamma on spenders whose truth is known."""

import numpy as np
import pytest

from eigenform.value.lifetime import gamma_gamma
from eigenform.value.lifetime.summary import ImpossibleHistory

TRUTH = gamma_gamma.Parameters(p=5.0, q=4.0, gamma=20.0)


def spenders(n, seed):
    rng = np.random.default_rng(seed)
    repeats = rng.integers(1, 8, n).astype(float)
    nu = rng.gamma(TRUTH.q, 1.0 / TRUTH.gamma, n)
    return repeats, rng.gamma(TRUTH.p * repeats) / nu / repeats, TRUTH.p / nu


def test_fit_covers_the_truth_in_80_of_100_worlds():
    covered = []
    for seed in range(120):
        repeats, mean_spend, _ = spenders(1500, seed)
        fit = gamma_gamma.fit(repeats, mean_spend)
        p, sds = fit.parameters, np.sqrt(np.diag(fit.log_covariance))
        covered.append(np.abs(np.log([p.p / TRUTH.p, p.q / TRUTH.q, p.gamma / TRUTH.gamma])) < 1.2816 * sds)
    assert 0.75 < np.mean(covered) < 0.85


def test_expected_spend_is_unbiased_among_customers_who_look_alike():
    repeats, mean_spend, true_mean = spenders(50_000, 4)

    got = gamma_gamma.expected_spend(TRUTH, repeats, mean_spend)

    for rows in (mean_spend < 20, (mean_spend > 30) & (mean_spend < 40), mean_spend > 70):
        assert true_mean[rows].mean() == pytest.approx(got[rows].mean(), rel=0.03)


def test_spend_without_a_positive_mean_is_left_out_and_counted():
    repeats, mean_spend, _ = spenders(300, 1)
    with_odd = np.append(repeats, [2.0, 1.0, 3.0, 0.0])
    spend_with_odd = np.append(mean_spend, [0.0, -5.0, np.nan, np.nan])

    odd, plain = gamma_gamma.fit(with_odd, spend_with_odd), gamma_gamma.fit(repeats, mean_spend)

    assert odd.excluded == 3
    assert odd.customers == plain.customers == 300
    assert odd.parameters == plain.parameters


def test_another_currency_changes_only_the_scale():
    repeats, mean_spend, _ = spenders(500, 2)

    euros, cents = gamma_gamma.fit(repeats, mean_spend), gamma_gamma.fit(repeats, mean_spend * 100.0)

    assert cents.parameters.p == pytest.approx(euros.parameters.p, rel=1e-6)
    assert cents.parameters.q == pytest.approx(euros.parameters.q, rel=1e-6)
    assert cents.parameters.gamma == pytest.approx(euros.parameters.gamma * 100.0, rel=1e-6)


def test_nobody_seen_gets_the_population_mean():
    got = gamma_gamma.expected_spend(TRUTH, np.array([0.0, 2.0]), np.array([np.nan, 0.0]))

    np.testing.assert_allclose(got, TRUTH.p * TRUTH.gamma / (TRUTH.q - 1.0))


def test_no_mean_is_refused_not_made_up():
    wild = gamma_gamma.Parameters(p=1.0, q=0.8, gamma=5.0)

    assert wild.population_mean == np.inf
    assert gamma_gamma.expected_spend(wild, np.array([2.0]), np.array([10.0]))[0] == pytest.approx(25 / 1.8)
    with pytest.raises(gamma_gamma.NoMeanSpend, match="1 of them"):
        gamma_gamma.expected_spend(wild, np.array([0.0, 2.0]), np.array([np.nan, 10.0]))


def test_nothing_to_fit_is_refused():
    with pytest.raises(ImpossibleHistory, match="no customer has repeat purchases"):
        gamma_gamma.fit(np.array([0.0, 2.0]), np.array([np.nan, 0.0]))
