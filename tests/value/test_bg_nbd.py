"""BG/NBD on customers whose truth is known, and on histories at the edge of what can happen."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from eigenform.value.lifetime import ImpossibleHistory, Summary, bg_nbd

TRUTH = bg_nbd.Parameters(r=0.8, alpha_weeks=6.0, a=0.9, b=3.0)
AGE_WEEKS_MAX = 104

positive = st.floats(1e-3, 1e3)
parameters = st.builds(bg_nbd.Parameters, r=positive, alpha_weeks=positive, a=positive, b=positive)


@st.composite
def histories(draw):
    repeats = draw(st.sampled_from([0, 1, 2, 7, 400, 5000]))
    age_weeks = draw(st.floats(1e-3, 2600.0))
    last_week = draw(st.floats(0.01, 1.0)) * age_weeks if repeats else 0.0
    return Summary([repeats], [last_week], [age_weeks])


def simulated(n, seed):
    rng = np.random.default_rng(seed)
    return bg_nbd.simulate(TRUTH, rng.integers(1, AGE_WEEKS_MAX * 7, n) / 7.0, rng), rng


@given(p=parameters, history=histories(), horizon_weeks=st.floats(0.0, 520.0))
@settings(max_examples=150, deadline=None)
def test_any_history_gets_finite_numbers_that_hang_together(p, history, horizon_weeks):
    if_they_stayed = (p.r + history.repeats[0]) * (horizon_weeks + 1) / (p.alpha_weeks + history.age_weeks[0])
    assume(if_they_stayed < 20_000)
    alive = bg_nbd.probability_alive(p, history)[0]
    expected = bg_nbd.expected_purchases(p, history, horizon_weeks)[0]

    assert np.isfinite(bg_nbd.log_likelihood(p, history)[0])
    assert 0.0 <= alive <= 1.0
    assert 0.0 <= expected <= alive * if_they_stayed * (1 + 1e-9)
    assert expected <= bg_nbd.expected_purchases(p, history, horizon_weeks + 1.0)[0] * (1 + 1e-9)


@given(p=parameters, age_weeks=st.floats(0.1, 500.0))
@settings(max_examples=50, deadline=None)
def test_the_longer_the_silence_the_likelier_gone(p, age_weeks):
    last_week = age_weeks * np.array([0.2, 0.5, 0.9, 1.0])

    alive = bg_nbd.probability_alive(p, Summary([3, 3, 3, 3], last_week, np.full(4, age_weeks)))

    assert np.all(np.diff(alive) >= 0)


def test_a_million_purchases_are_refused_instead_of_summed():
    with pytest.raises(ImpossibleHistory, match="time unit"):
        bg_nbd.expected_purchases(TRUTH, Summary([5000], [0.5], [1.0]), 52.0 * 1000)


def test_who_never_came_back_counts_as_alive():
    assert bg_nbd.probability_alive(TRUTH, Summary([0], [0], [500.0]))[0] == 1.0


def test_likelihoods_of_all_counts_add_up_to_one():
    """Ages and counts are given; integrating over the last week leaves the count's probability."""
    age_weeks, nodes = 10.0, 4000
    middles = (np.arange(nodes) + 0.5) * age_weeks / nodes
    total = np.exp(bg_nbd.log_likelihood(TRUTH, Summary([0], [0], [age_weeks])))[0]
    for x in range(1, 60):
        density = np.exp(bg_nbd.log_likelihood(TRUTH, Summary(np.full(nodes, x), middles, np.full(nodes, age_weeks))))
        # the x - 1 purchases before the last one lie anywhere before it
        total += (density * middles ** (x - 1)).sum() * age_weeks / nodes / np.prod(np.arange(1.0, x))
    assert total == pytest.approx(1.0, abs=1e-3)


def test_alive_and_purchases_agree_with_simulated_customers():
    truth, rng = simulated(60_000, seed=11)
    history, horizon_weeks = truth.summary, 26.0
    arrivals = rng.poisson(truth.rate_per_week * horizon_weeks)
    bought = np.where(truth.alive, np.minimum(arrivals, rng.geometric(truth.leave_probability)), 0)
    alive = bg_nbd.probability_alive(TRUTH, history)
    expected = bg_nbd.expected_purchases(TRUTH, history, horizon_weeks)

    for rows in (history.repeats == 0, history.repeats == 1, (history.repeats > 1) & (alive < 0.5), alive > 0.9):
        n = rows.sum()
        assert n > 1000
        assert truth.alive[rows].mean() == pytest.approx(alive[rows].mean(), abs=4 * 0.5 / np.sqrt(n))
        assert bought[rows].mean() == pytest.approx(expected[rows].mean(), abs=4 * bought[rows].std() / np.sqrt(n))


def test_simulated_purchases_and_summary_tell_the_same_story():
    truth, _ = simulated(2000, seed=3)

    counted = np.bincount(truth.customer, minlength=2000)
    assert counted.tolist() == truth.summary.repeats.tolist()
    assert np.all(truth.week <= truth.summary.age_weeks[truth.customer])
    last = np.array([truth.week[truth.customer == i].max(initial=0.0) for i in range(200)])
    np.testing.assert_array_equal(last, truth.summary.last_week[:200])


def test_fit_covers_the_truth_in_80_of_100_worlds():
    covered = []
    for seed in range(120):
        fit = bg_nbd.fit(simulated(1500, seed)[0].summary)
        p, sds = fit.parameters, np.sqrt(np.diag(fit.log_covariance))
        off = np.log([p.r / TRUTH.r, p.alpha_weeks / TRUTH.alpha_weeks, p.a / TRUTH.a, p.b / TRUTH.b])
        covered.append(np.abs(off) < 1.2816 * sds)
        assert fit.converged, fit.status
    assert 0.75 < np.mean(covered) < 0.85


def test_standard_errors_are_the_curvature_of_the_likelihood():
    summary = simulated(3000, seed=5)[0].summary
    fit = bg_nbd.fit(summary)
    hessian = -np.linalg.inv(fit.log_covariance)

    def at(step):
        return bg_nbd.log_likelihood(bg_nbd.Parameters(*np.exp(theta + step)), summary).sum()

    p = fit.parameters
    theta = np.log([p.r, p.alpha_weeks, p.a, p.b])
    axes = np.eye(4) * 1e-3
    for i in range(4):
        curvature = (at(axes[i]) - 2 * at(0) + at(-axes[i])) / 1e-6
        slope = (at(axes[i]) - at(-axes[i])) / 2e-3
        assert curvature == pytest.approx(hessian[i, i], rel=1e-3)
        assert slope == pytest.approx(0.0, abs=2e-2)
    np.testing.assert_allclose(fit.standard_errors, np.exp(theta) * np.sqrt(np.diag(fit.log_covariance)))


def test_a_weight_counts_like_repeated_rows():
    whole = simulated(400, seed=8)[0].summary
    halves = Summary(whole.repeats, whole.last_week, whole.age_weeks, weight=np.full(400, 3.0))
    threefold = Summary(np.tile(whole.repeats, 3), np.tile(whole.last_week, 3), np.tile(whole.age_weeks, 3))

    weighted, repeated = bg_nbd.fit(halves), bg_nbd.fit(threefold)

    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood)
    assert weighted.parameters.a == pytest.approx(repeated.parameters.a, rel=1e-5)
    assert weighted.customers == repeated.customers == 1200


def test_nobody_came_back_is_said_and_not_hidden():
    fit = bg_nbd.fit(Summary(np.zeros(100), np.zeros(100), np.full(100, 20.0)))

    assert not fit.converged
    assert fit.status.startswith("not converged: the histories do not pin down")
    assert np.isnan(fit.standard_errors).all()


def test_twenty_customers_without_a_prior_get_an_estimate_or_a_reason():
    """Plain maximum likelihood on 20 customers often has a flat ridge: no estimate, however flat the gradient."""
    settled = []
    for seed in range(25):
        fit = bg_nbd.fit(simulated(20, seed)[0].summary)
        settled.append(fit.converged)
        if fit.converged:
            assert np.sqrt(np.diag(fit.log_covariance)).max() <= 3.0
        else:
            assert "do not pin down" in fit.status
            assert np.isnan(fit.log_covariance).all()
    assert 5 < sum(settled) < 25


def test_twenty_customers_with_a_prior_get_a_wide_but_sane_answer():
    for seed in range(12):
        fit = bg_nbd.fit(simulated(20, seed)[0].summary, prior=bg_nbd.WEAK_PRIOR)
        p, log_sds = fit.parameters, np.sqrt(np.diag(fit.log_covariance))
        assert fit.converged, fit.status
        assert 0.2 < log_sds.min() < log_sds.max() < 1.2
        assert 0.05 < p.r / p.alpha_weeks < 0.6  # truth 0.13 a week
        assert 0.05 < p.a / (p.a + p.b) < 0.6  # truth 0.23


def test_draws_are_mirrored_and_spread_as_the_covariance_says():
    fit = bg_nbd.fit(simulated(1500, seed=2)[0].summary)

    drawn = fit.draw(draws=4000, rng=np.random.default_rng(1))

    logs = np.log([[p.r, p.alpha_weeks, p.a, p.b] for p in drawn])
    p = fit.parameters
    np.testing.assert_allclose(logs.mean(axis=0), np.log([p.r, p.alpha_weeks, p.a, p.b]), atol=1e-9)
    np.testing.assert_allclose(np.cov(logs.T), fit.log_covariance, rtol=0.15, atol=2e-4)


@pytest.mark.parametrize(
    ("repeats", "last_week", "age_weeks", "told"),
    [
        ([1, 2], [1.0, 9.0], [5.0, 5.0], "row 1"),
        ([0], [2.0], [5.0], "no repeat purchase"),
        ([2], [0.0], [5.0], "are one purchase"),
        ([1.5], [1.0], [5.0], "whole number"),
        ([-1], [0.0], [5.0], "whole number"),
        ([np.nan], [0.0], [5.0], "finite"),
        ([1, 1], [1.0], [5.0], "shape"),
        ([[1]], [[1.0]], [[5.0]], "dimensions"),
    ],
)
def test_impossible_histories_are_refused_by_name(repeats, last_week, age_weeks, told):
    with pytest.raises(ImpossibleHistory, match=told):
        Summary(repeats, last_week, age_weeks)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_impossible_parameters_are_refused(bad):
    with pytest.raises(ImpossibleHistory, match="positive"):
        bg_nbd.Parameters(r=0.2, alpha_weeks=bad, a=1.0, b=1.0)


def test_a_summary_cannot_be_changed_from_outside():
    repeats = np.array([1.0])
    summary = Summary(repeats, [1.0], [5.0])
    repeats[0] = 7.0

    assert summary.repeats[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        summary.repeats[0] = 2.0
