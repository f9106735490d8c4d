"""Fitting Pareto/NBD: the truth is found again, small bases are told as such, and the archived peer agrees."""

import numpy as np
import pytest

from eigenform.value.lifetime import Summary, pareto_nbd
from eigenform.value.lifetime.cells import collapse, thinned
from eigenform.value.lifetime.fitted import NotConverged

TRUTH = pareto_nbd.Parameters(r=0.8, alpha_weeks=6.0, s=0.7, beta_weeks=12.0)


def vector(p):
    return np.array([p.r, p.alpha_weeks, p.s, p.beta_weeks])


def simulated(n, seed, p=TRUTH):
    rng = np.random.default_rng(seed)
    return pareto_nbd.simulate(p, rng.uniform(1.0, 104.0, n), rng).summary


@pytest.fixture(scope="module")
def base():
    return simulated(3000, seed=5)


@pytest.fixture(scope="module")
def base_fit(base):
    return pareto_nbd.fit(base)


@pytest.mark.slow
def test_the_truth_is_found_again_in_at_least_90_of_100_worlds():
    """Exact times; each parameter on the log scale within 2 standard errors."""
    near = []
    for seed in range(100):
        fit = pareto_nbd.fit(simulated(3000, seed))
        off = fit.log_parameters - np.log(vector(TRUTH))
        near.append(np.abs(off) < 2 * np.sqrt(np.diag(fit.log_covariance)))
        assert fit.converged, fit.status
    assert np.sum(near, axis=0).min() >= 90


def test_standard_errors_are_the_curvature_of_the_likelihood(base, base_fit):
    hessian, theta = -np.linalg.inv(base_fit.log_covariance), base_fit.log_parameters

    def at(step):
        return pareto_nbd.log_likelihood(pareto_nbd.Parameters(*np.exp(theta + step)), base).sum()

    for i, axis in enumerate(np.eye(4) * 1e-3):
        assert (at(axis) - 2 * at(0) + at(-axis)) / 1e-6 == pytest.approx(hessian[i, i], rel=2e-3)
        assert (at(axis) - at(-axis)) / 2e-3 == pytest.approx(0.0, abs=2e-2)
    np.testing.assert_allclose(base_fit.standard_errors, np.exp(theta) * np.sqrt(np.diag(base_fit.log_covariance)))
    assert base_fit.log_likelihood == pytest.approx(at(0))


def test_lifetimes_finds_the_same_peak_within_its_precision(base, base_fit):
    lifetimes = pytest.importorskip("lifetimes")
    peer = lifetimes.ParetoNBDFitter()

    peer.fit(base.repeats, base.last_week, base.age_weeks, initial_params=np.ones(4))  # else at random, with luck

    theirs = pareto_nbd.Parameters(*(float(peer.params_[name]) for name in ("r", "alpha", "s", "beta")))
    np.testing.assert_allclose(vector(base_fit.parameters), vector(theirs), rtol=2e-3)
    assert pareto_nbd.log_likelihood(theirs, base).sum() <= base_fit.log_likelihood + 1e-6
    few = base.rows(slice(0, 200))
    alive = peer.conditional_probability_alive(few.repeats, few.last_week, few.age_weeks)
    expected = peer.conditional_expected_number_of_purchases_up_to_time(26.0, few.repeats, few.last_week, few.age_weeks)
    np.testing.assert_allclose(pareto_nbd.probability_alive(theirs, few), alive, rtol=1e-8)
    np.testing.assert_allclose(pareto_nbd.expected_purchases(theirs, few, 26.0), expected, rtol=1e-8)


def test_a_weight_counts_like_repeated_rows():
    whole = simulated(400, seed=8)
    threefold = whole.rows(np.tile(np.arange(400), 3))

    weighted = pareto_nbd.fit(Summary(whole.repeats, whole.last_week, whole.age_weeks, weight=np.full(400, 3.0)))
    repeated = pareto_nbd.fit(threefold)

    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood)
    np.testing.assert_allclose(vector(weighted.parameters), vector(repeated.parameters), rtol=1e-5)
    assert weighted.customers == repeated.customers == 1200


def test_a_base_too_large_for_one_climb_ends_at_the_same_peak():
    exact = simulated(50_000, seed=21)
    cells = collapse(exact)
    assert len(thinned(cells)) < len(cells)

    fit = pareto_nbd.fit(cells)

    assert fit.converged, fit.status
    assert fit.customers == 50_000
    gradient = pareto_nbd.objective(cells)(fit.log_parameters)[1]
    assert 0.5 * gradient @ fit.log_covariance @ gradient < 1e-6


def test_scores_are_per_customer_and_come_from_cells(base, base_fit):
    twice = base.rows(np.concatenate([np.arange(3000), np.arange(0, 3000, 7)]))

    scores = pareto_nbd.score(base_fit, twice, weeks=26.0)

    np.testing.assert_allclose(scores.p_alive, pareto_nbd.probability_alive(base_fit.parameters, twice))
    np.testing.assert_allclose(
        scores.expected_purchases, pareto_nbd.expected_purchases(base_fit.parameters, twice, 26.0)
    )


def test_nobody_came_back_is_said_and_not_hidden():
    fit = pareto_nbd.fit(Summary(np.zeros(100), np.zeros(100), np.full(100, 20.0)))

    assert not fit.converged
    assert fit.status.startswith("not converged: the histories do not pin down")
    assert np.isnan(fit.standard_errors).all()
    with pytest.raises(NotConverged, match="pin down"):
        pareto_nbd.score(fit, Summary([0], [0], [20.0]))


@pytest.mark.parametrize(
    "summary",
    [
        Summary([3], [20.0], [30.0]),
        Summary([0], [0.0], [0.0]),
        Summary([5000, 5000], [0.1, 0.1], [1 / 7, 2600.0]),
    ],
    ids=["one customer", "one customer of today", "two frantic ones"],
)
def test_histories_that_say_too_little_get_a_reason(summary):
    fit = pareto_nbd.fit(summary)

    assert not fit.converged
    assert fit.status.startswith("not converged: ")
    assert np.isnan(fit.log_covariance).all()


def test_twenty_customers_without_a_prior_get_an_estimate_or_a_reason():
    settled = []
    for seed in range(20):
        fit = pareto_nbd.fit(simulated(20, seed))
        settled.append(fit.converged)
        if fit.converged:
            assert np.sqrt(np.diag(fit.log_covariance)).max() <= 3.0
        else:
            assert fit.status.startswith("not converged: ")
            assert np.isnan(fit.log_covariance).all()
    assert 0 < sum(settled) < 20


def test_twenty_customers_with_a_prior_get_a_wide_but_sane_answer():
    for seed in range(12):
        fit = pareto_nbd.fit(simulated(20, seed), prior=pareto_nbd.WEAK_PRIOR)
        p, log_sds = fit.parameters, np.sqrt(np.diag(fit.log_covariance))
        assert fit.converged, fit.status
        assert 0.2 < log_sds.min() < log_sds.max() < 1.7
        assert 0.04 < p.r / p.alpha_weeks < 0.6  # truth 0.13 a week
        half_life_weeks = p.beta_weeks * (2 ** (1 / p.s) - 1)
        assert 2 < half_life_weeks < 400  # truth 20 weeks
