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


def test_gradient_is_the_slope_of_the_likelihood():
    """A sign flipped in any of the three derivatives fails here."""
    repeats, mean_spend, _ = spenders(60, 3)
    weight = np.linspace(0.5, 2.0, 60)
    value_and_gradient = gamma_gamma._objective(repeats, mean_spend, weight)
    for theta in (np.log([5.0, 4.0, 20.0]), np.log([0.3, 1.2, 90.0])):
        value, gradient = value_and_gradient(theta)
        steps = np.eye(3) * 1e-5
        slopes = [(value_and_gradient(theta + s)[0] - value_and_gradient(theta - s)[0]) / 2e-5 for s in steps]
        np.testing.assert_allclose(gradient, slopes, rtol=1e-6)
        each = gamma_gamma.log_likelihood(gamma_gamma.Parameters(*np.exp(theta)), repeats, mean_spend)
        assert value == pytest.approx(each @ weight, rel=1e-11)


def test_a_climb_that_starts_on_a_sample_ends_at_the_peak():
    repeats, mean_spend, _ = spenders(50_000, 6)
    weight = np.where(np.arange(50_000) % 7 == 0, 3.0, 1.0)

    fit = gamma_gamma.fit(repeats, mean_spend, weight)

    p = fit.parameters
    _, gradient = gamma_gamma._objective(repeats, mean_spend, weight)(fit.log_parameters)
    assert 0.5 * gradient @ fit.log_covariance @ gradient < 1e-12
    assert fit.log_likelihood == pytest.approx(gamma_gamma.log_likelihood(p, repeats, mean_spend) @ weight, rel=1e-12)
    assert fit.customers == weight.sum()


def test_twenty_spenders_with_a_prior_get_a_wide_but_sane_answer():
    for seed in range(10):
        repeats, mean_spend, _ = spenders(20, seed)
        fit = gamma_gamma.fit(repeats, mean_spend, prior=gamma_gamma.WEAK_PRIOR)
        log_sds = np.sqrt(np.diag(fit.log_covariance))
        assert fit.converged, fit.status
        assert 0.15 < log_sds.min() < log_sds.max() < 1.0
        assert 18 < fit.parameters.population_mean < 80  # truth 33


@pytest.mark.parametrize("repeats", [1.0, 5000.0])
@pytest.mark.parametrize("mean_spend", [1e-3, 1e7])
def test_any_amount_and_count_gets_finite_numbers(repeats, mean_spend):
    for p in (gamma_gamma.Parameters(1e-3, 1.001, 1e-3), gamma_gamma.Parameters(500.0, 80.0, 1e5)):
        x, z = np.array([repeats]), np.array([mean_spend])
        assert np.isfinite(gamma_gamma.log_likelihood(p, x, z)[0])
        assert 0 < gamma_gamma.expected_spend(p, x, z)[0] < np.inf


@pytest.mark.parametrize("amounts", [[20.0], [20.0, 20.0, 20.0, 20.0]], ids=["one spender", "all spend the same"])
def test_what_amounts_cannot_tell_is_said(amounts):
    fit = gamma_gamma.fit(np.full(len(amounts), 3.0), np.array(amounts))

    assert fit.status.startswith("not converged: the histories do not pin down")
    assert np.isnan(fit.standard_errors).all()
    assert gamma_gamma.fit(np.full(len(amounts), 3.0), np.array(amounts), prior=gamma_gamma.WEAK_PRIOR).converged


@pytest.mark.slow
def test_the_truth_lies_within_two_standard_errors_in_90_of_100_worlds():
    within = []
    for seed in range(100):
        repeats, mean_spend, _ = spenders(3000, seed)
        fit = gamma_gamma.fit(repeats, mean_spend)
        off = np.abs(fit.log_parameters - np.log([TRUTH.p, TRUTH.q, TRUTH.gamma]))
        within.append(off < 2 * np.sqrt(np.diag(fit.log_covariance)))
    assert np.min(np.sum(within, axis=0)) >= 90


def test_counts_that_are_none_are_refused():
    with pytest.raises(ImpossibleHistory, match="whole number"):
        gamma_gamma.fit(np.array([1.5, 2.0]), np.array([10.0, 12.0]))
    with pytest.raises(ImpossibleHistory, match="shapes differ"):
        gamma_gamma.fit(np.array([1.0, 2.0]), np.array([10.0]))


def test_nothing_to_fit_is_refused():
    with pytest.raises(ImpossibleHistory, match="no customer has repeat purchases"):
        gamma_gamma.fit(np.array([0.0, 2.0]), np.array([np.nan, 0.0]))
