"""Margins that may be zero or negative, of customers whose truth is known."""

import numpy as np
import pytest

from eigenform.value.lifetime import ImpossibleHistory, gamma_gamma, spend
from eigenform.value.lifetime.fitted import NotConverged

TRUTH = spend.Parameters(mean=8.0, between_sd=10.0, within_sd=15.0)


def margins(n, seed, *, heavy=False):
    """Mean margins of customers; heavy ones have the same spreads, but exponential scatter within."""
    rng = np.random.default_rng(seed)
    repeats = rng.integers(1, 8, n).astype(float)
    own = rng.normal(TRUTH.mean, TRUTH.between_sd, n)
    scatter = (rng.gamma(repeats) - repeats) / repeats if heavy else rng.standard_normal(n) / np.sqrt(repeats)
    return repeats, own + TRUTH.within_sd * scatter, own


@pytest.mark.parametrize("heavy", [False, True], ids=["normal", "exponential"])
def test_intervals_cover_the_truth_in_80_of_100_worlds(heavy):
    """Also where margins are skewed: standard errors do not lean on the normal curve."""
    covered = []
    for seed in range(100):
        repeats, mean_spend, _ = margins(1000, seed, heavy=heavy)
        fit = spend.fit(repeats, mean_spend)
        p, sds = fit.parameters, np.sqrt(np.diag(fit.covariance))
        off = [p.mean - 8.0, np.log(p.between_sd / 10.0), np.log(p.within_sd / 15.0)]
        covered.append(np.abs(off) < 1.2816 * sds)
        assert fit.converged, fit.status
    assert 0.74 < np.mean(covered) < 0.86


def test_expected_margin_is_unbiased_among_customers_who_look_alike():
    repeats, mean_spend, own = margins(80_000, 4)

    got, variance = spend.posterior(TRUTH, repeats, mean_spend)

    assert (mean_spend < 0).mean() > 0.2
    for rows in (mean_spend < -10, (mean_spend > -2) & (mean_spend < 2), mean_spend > 25, repeats == 1):
        assert own[rows].mean() == pytest.approx(got[rows].mean(), abs=4 * own[rows].std() / np.sqrt(rows.sum()))
        assert np.mean((own[rows] - got[rows]) ** 2) == pytest.approx(variance[rows].mean(), rel=0.06)


def test_sums_of_future_margins_spread_as_said():
    rng = np.random.default_rng(3)
    repeats, mean_spend, own = margins(60_000, 5)
    future = 3 * own + TRUTH.within_sd * np.sqrt(3) * rng.standard_normal(60_000)

    mean, sd = spend.sum_of(TRUTH, repeats, mean_spend, np.full(60_000, 3.0))

    assert np.mean(np.abs(future - mean) < 1.2816 * sd) == pytest.approx(0.8, abs=0.01)


def test_gradients_are_the_slopes_of_the_likelihood():
    repeats, mean_spend, _ = margins(50, 2)
    value_and_gradient = spend._objective(repeats, mean_spend / 15, np.full(50, 2.0))
    theta = np.array([0.3, -0.2, 0.4])

    _, gradient = value_and_gradient(theta)

    steps = np.eye(3) * 1e-6
    slopes = [(value_and_gradient(theta + s)[0] - value_and_gradient(theta - s)[0]) / 2e-6 for s in steps]
    np.testing.assert_allclose(gradient, slopes, rtol=1e-6)


def test_zero_refund_and_unknown_are_marked_and_nobody_raises():
    repeats, mean_spend = np.array([0.0, 2, 1, 3, 2]), np.array([np.nan, 0.0, -40.0, np.nan, 25.0])

    odd = spend.oddities(repeats, mean_spend)
    fit = spend.fit(repeats, mean_spend, prior=spend.WEAK_PRIOR)

    assert odd.only_zero.tolist() == [False, True, False, False, False]
    assert odd.net_refund.tolist() == [False, False, True, False, False]
    assert odd.unknown.tolist() == [False, False, False, True, False]
    assert (fit.customers, fit.excluded, fit.status) == (3, 1, "converged")
    got = spend.expected_spend(fit.parameters, repeats, mean_spend)
    assert got[2] < got[0] == got[3] == fit.parameters.mean < got[1] < got[4]


def test_the_model_is_chosen_by_how_common_returns_are():
    repeats, mean_spend = np.full(100, 2.0), np.full(100, 30.0)
    assert spend.model_for(repeats, mean_spend) == "gamma-gamma"
    mean_spend[:2] = 0.0, -5.0
    assert spend.model_for(repeats, mean_spend) == "gamma-gamma"
    mean_spend[2] = -1.0
    assert spend.model_for(repeats, mean_spend) == "normal"
    assert gamma_gamma.fit(repeats, mean_spend, prior=gamma_gamma.WEAK_PRIOR).excluded == 3


def test_a_spread_that_is_not_there_is_said():
    fit = spend.fit(np.array([1.0, 1.0, 2.0]), np.array([5.0, 5.0, 5.0]))

    assert fit.status.startswith("not converged")
    with pytest.raises(NotConverged):
        fit.draw(draws=10, rng=np.random.default_rng(1))
    with pytest.raises(ImpossibleHistory, match="other than zero"):
        spend.fit(np.array([1.0, 2.0]), np.zeros(2))


def test_another_currency_changes_only_the_unit():
    repeats, mean_spend, _ = margins(400, 8)

    euros, cents = spend.fit(repeats, mean_spend), spend.fit(repeats, mean_spend * 100.0)

    np.testing.assert_allclose(cents.standard_errors, euros.standard_errors * 100.0, rtol=1e-5)
    assert cents.parameters.mean == pytest.approx(100.0 * euros.parameters.mean, rel=1e-6)
    drawn = np.array([p.mean for p in cents.draw(draws=4000, rng=np.random.default_rng(1))])
    assert drawn.std() == pytest.approx(cents.standard_errors[0], rel=0.05)
