"""The posterior against other programs, against a grid, and against truths drawn from the prior."""

from dataclasses import replace

import numpy as np
import pytest

from eigenform.value.lifetime import Summary, bg_nbd, pareto_nbd
from eigenform.value.lifetime.cells import collapse
from eigenform.value.lifetime.fitted import Fitted, NotConverged
from eigenform.value.lifetime.holdout import judge
from eigenform.value.lifetime.posterior import IMPORTANCE, NORMAL, posterior
from eigenform.value.lifetime.predictive import predict
from eigenform.value.lifetime.surface import surface


def weibull(log_x, scale):
    """Log density of ln X for X from Weibull(2, scale)."""
    return 2.0 * np.log(np.exp(log_x) / scale) - np.square(np.exp(log_x) / scale)


def bg_prior(theta):
    """Weibull on r and alpha; a / (a + b) uniform and a + b from Pareto(1, 1), told for ln a and ln b."""
    r, alpha, a, b = theta.T
    both = np.logaddexp(a, b)
    return weibull(r, 1.0) + weibull(alpha, 10.0) + np.where(both > 0, a + b - 3.0 * both, -np.inf)


def pareto_prior(theta):
    r, alpha, s, beta = theta.T
    return weibull(r, 1.0) + weibull(alpha, 10.0) + weibull(s, 1.0) + weibull(beta, 10.0)


@pytest.fixture(scope="module")
def cdnow(shared_data):
    path = shared_data / "cdnow" / "cdnow_customers_summary.csv"
    x, last, age = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(1, 2, 3), unpack=True)
    return collapse(Summary(x, last, age))


@pytest.mark.parametrize(
    ("model", "prior", "mean", "sd"),
    [
        (bg_nbd, bg_prior, [0.2457, 4.513, 0.781, 2.414], [0.0128, 0.386, 0.189, 0.740]),
        (pareto_nbd, pareto_prior, [0.564, 10.71, 0.604, 11.54], [0.046, 0.84, 0.114, 3.66]),
    ],
)
def test_cdnow_has_the_means_and_spreads_that_other_programs_find(cdnow, model, prior, mean, sd):
    got = posterior(model.fit(cdnow), model.objective(cdnow), prior=prior, draws=4000, rng=np.random.default_rng(1))

    assert got.method == IMPORTANCE
    assert got.effective > 3000
    assert got.surface_error < 0.01
    np.testing.assert_array_less(np.abs(got.mean - mean), 0.08 * np.array(sd))
    np.testing.assert_allclose(got.sd, sd, rtol=0.06)


def test_the_polynomial_equals_the_likelihood_where_it_is_asked(cdnow):
    fit, objective = pareto_nbd.fit(cdnow), pareto_nbd.objective(cdnow)
    root, rng = np.linalg.cholesky(fit.log_covariance), np.random.default_rng(3)
    pilots = fit.log_parameters + 1.5 * rng.standard_normal((260, 4)) @ root.T
    found = [objective(row) for row in pilots]

    near = surface(
        pilots, np.array([v for v, _ in found]), np.array([g for _, g in found]), centre=fit.log_parameters, root=root
    )

    others = fit.log_parameters + rng.standard_normal((50, 4)) @ root.T
    np.testing.assert_allclose(near(others), [objective(row)[0] for row in others], atol=0.02)
    assert near.within(fit.log_parameters[None] + 9.0 * root[0], 3.5)[0] == -np.inf


def fitted(log_parameters, log_covariance):
    p = bg_nbd.Parameters(*np.exp(log_parameters))
    return Fitted(p, bg_nbd.NAMES, log_covariance, np.ones(4), 0.0, 100.0, "converged")


def skewed(theta):
    """A log density with a known shape: logarithms of four gamma variables of shape 6, and its gradient."""
    return float((6.0 * theta - np.exp(theta)).sum()), 6.0 - np.exp(theta)


def test_a_known_density_has_its_known_mean_spread_and_quantiles():
    fit = fitted(np.full(4, np.log(6.0)), np.eye(4) / 6.0)

    got = posterior(fit, skewed, draws=8000, rng=np.random.default_rng(2))

    np.testing.assert_allclose(got.mean, 6.0, atol=0.12)
    np.testing.assert_allclose(got.sd, np.sqrt(6.0), rtol=0.05)
    np.testing.assert_allclose(got.quantile(0.1), 3.1519, rtol=0.04)
    np.testing.assert_allclose(got.quantile(0.9), 9.2747, rtol=0.04)
    assert got.weight.sum() == pytest.approx(1.0)
    assert got.effective == pytest.approx(1.0 / np.square(got.weight).sum())


def test_resampled_draws_have_the_posterior_mean():
    fit = fitted(np.full(4, np.log(6.0)), np.eye(4) / 6.0)
    got = posterior(fit, skewed, draws=4000, rng=np.random.default_rng(2))

    drawn = got.draw(draws=2000, rng=np.random.default_rng(3))

    assert np.mean([p.a for p in drawn]) == pytest.approx(got.mean[2], rel=0.01)
    assert np.std([p.b for p in drawn]) == pytest.approx(got.sd[3], rel=0.03)


def test_a_prior_moves_the_posterior_as_two_normals_say():
    """Normal likelihood (mean 0, sd 1) and prior (mean 1, sd 1) of each logarithm meet at 0.5 with variance 0.5."""

    def normal(theta):
        return -0.5 * float(theta @ theta), -theta

    got = posterior(
        fitted(np.zeros(4), np.eye(4)),
        normal,
        prior=replace(bg_nbd.WEAK_PRIOR, medians=(np.e,) * 4, log_sds=(1.0,) * 4),
        draws=4000,
        rng=np.random.default_rng(4),
    )

    np.testing.assert_allclose(got.log_parameters, 0.5, atol=0.05)
    np.testing.assert_allclose(got.log_covariance, 0.5 * np.eye(4), atol=0.06)


def test_a_posterior_like_no_bell_falls_back_and_says_so():
    def two_far_peaks(theta):
        away = [-0.5 * np.square((theta - m) / 0.02).sum() for m in (0.0, 6.0)]
        value = np.logaddexp(*away)
        share = np.exp(away[0] - value)
        return float(value), -(share * theta + (1 - share) * (theta - 6.0)) / 0.02**2

    got = posterior(fitted(np.zeros(4), np.eye(4) * 4.0), two_far_peaks, draws=500, rng=np.random.default_rng(1))

    assert got.method == NORMAL
    assert got.warning.startswith("500 weighted draws were worth only ")
    np.testing.assert_allclose(got.log_covariance, np.eye(4) * 4.0, atol=1.0)


def test_a_fit_without_a_peak_has_no_posterior():
    with pytest.raises(NotConverged):
        posterior(replace(fitted(np.zeros(4), np.eye(4)), status="flat"), skewed, rng=np.random.default_rng(1))


def prior_world(model, n, seed, weeks):
    """Return a small firm drawn from the model's weak prior, and what its customers did next."""
    rng, prior = np.random.default_rng(seed), model.WEAK_PRIOR
    truth = model.Parameters(*np.exp(np.log(prior.medians) + np.array(prior.log_sds) * rng.standard_normal(4)))
    age = rng.uniform(10.0, 80.0, n)
    whole = model.simulate(truth, age + weeks, rng)
    past, last = whole.week <= age[whole.customer], np.zeros(n)
    np.maximum.at(last, whole.customer[past], whole.week[past])
    summary = Summary(np.bincount(whole.customer[past], minlength=n), last, age)
    return truth, summary, np.bincount(whole.customer[~past], minlength=n).astype(float)


def covered(seeds):
    """Return whether posterior and predictive intervals of 20 customers held parameters, customers and totals."""
    parameters, customers, totals = [], [], []
    for seed in seeds:
        truth, summary, actual = prior_world(bg_nbd, 20, seed, weeks=26.0)
        fit = bg_nbd.fit(summary, prior=bg_nbd.WEAK_PRIOR)
        if not fit.converged or summary.repeats.sum() > 2000:
            continue
        rng = np.random.default_rng(seed)
        found = posterior(fit, bg_nbd.objective(summary), prior=bg_nbd.WEAK_PRIOR, draws=1000, rng=rng)
        held = judge(bg_nbd, found, summary, actual, weeks=26.0, rng=rng, draws=100)
        values = np.array([truth.r, truth.alpha_weeks, truth.a, truth.b])
        parameters.append((found.quantile(0.1) <= values) & (values <= found.quantile(0.9)))
        customers.append(held.coverage_80)
        totals.append(held.predicted_low <= held.actual <= held.predicted_high)
    return np.mean(parameters), np.mean(customers), np.mean(totals)


def test_twenty_customers_get_a_wide_and_honest_interval():
    parameters, customers, totals = covered(range(40))

    assert parameters == pytest.approx(0.8, abs=0.1)
    assert customers == pytest.approx(0.8, abs=0.06)
    assert totals == pytest.approx(0.8, abs=0.17)


@pytest.mark.slow
def test_twenty_customers_are_covered_in_four_of_five_worlds():
    parameters, customers, totals = covered(range(1000, 1300))

    assert parameters == pytest.approx(0.8, abs=0.04)
    assert customers == pytest.approx(0.8, abs=0.03)
    assert totals == pytest.approx(0.8, abs=0.06)


def test_a_posterior_predicts_in_place_of_a_fit():
    rng = np.random.default_rng(3)
    summary = bg_nbd.simulate(bg_nbd.Parameters(0.8, 6.0, 0.9, 3.0), rng.uniform(10.0, 80.0, 60), rng).summary
    fit = bg_nbd.fit(summary, prior=bg_nbd.WEAK_PRIOR)
    found = posterior(fit, bg_nbd.objective(summary), prior=bg_nbd.WEAK_PRIOR, rng=np.random.default_rng(1))

    both = [
        predict(bg_nbd, model, summary, spend=None, weeks=26.0, rng=np.random.default_rng(2)) for model in (fit, found)
    ]

    np.testing.assert_array_equal(both[0].expected_purchases, both[1].expected_purchases)
    widths = [total.high - total.low for total in (both[0].purchases_total, both[1].purchases_total)]
    assert widths[1] == pytest.approx(widths[0], rel=0.3)
    assert widths[1] != widths[0]
