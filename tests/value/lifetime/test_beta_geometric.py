"""BG/NBD and MBG/NBD alike: simulated truth, gradients against differences, and histories at the edge."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from eigenform.value.lifetime import ImpossibleHistory, Summary, bg_nbd, mbg_nbd
from eigenform.value.lifetime.cells import collapse, thinned
from eigenform.value.lifetime.fitted import NotConverged

MODELS = [bg_nbd, mbg_nbd]
TRUTH = (0.8, 6.0, 0.9, 3.0)
positive = st.floats(1e-3, 1e3)
both = pytest.mark.parametrize("model", MODELS, ids=["bg", "mbg"])


def simulated(model, n, seed, truth=TRUTH):
    rng = np.random.default_rng(seed)
    return model.simulate(model.Parameters(*truth), rng.integers(7, 104 * 7, n) / 7.0, rng), rng


@st.composite
def histories(draw):
    repeats = draw(st.sampled_from([0, 1, 2, 7, 400, 5000]))
    age_weeks = draw(st.sampled_from([0.0, 1 / 7, 1.0, 52.0, 2609.0]))
    assume(age_weeks > 0 or repeats == 0)
    return Summary([repeats], [draw(st.floats(0.01, 1.0)) * age_weeks if repeats else 0.0], [age_weeks])


@both
@given(values=st.tuples(positive, positive, positive, positive), history=histories(), weeks=st.floats(0.0, 520.0))
@settings(max_examples=60, deadline=None)
def test_any_history_gets_finite_numbers_that_hang_together(model, values, history, weeks):
    p = model.Parameters(*values)
    if_they_stayed = (p.r + history.repeats[0]) * weeks / (p.alpha_weeks + history.age_weeks[0])
    assume(if_they_stayed < 5_000)
    got = model.score(p, history, weeks=weeks)

    assert np.isfinite(model.log_likelihood(p, history)[0])
    assert 0.0 <= got.p_alive[0] <= 1.0
    assert 0.0 <= got.expected_purchases[0] <= got.p_alive[0] * if_they_stayed * (1 + 1e-9)
    assert got.expected_purchases[0] == model.expected_purchases(p, history, weeks)[0]


@given(values=st.tuples(positive, positive, positive, positive), age_weeks=st.floats(0.0, 500.0))
@settings(max_examples=60, deadline=None)
def test_only_mbg_doubts_who_never_came_back_and_ever_more(values, age_weeks):
    quiet = Summary([0, 0], [0, 0], [age_weeks, age_weeks + 10.0])

    earlier, later = mbg_nbd.probability_alive(mbg_nbd.Parameters(*values), quiet)

    assert later <= earlier < 1.0
    assert bg_nbd.probability_alive(bg_nbd.Parameters(*values), quiet).tolist() == [1.0, 1.0]


def test_mbg_knows_at_birth_only_who_leaves_at_once():
    p = mbg_nbd.Parameters(*TRUTH)

    assert mbg_nbd.probability_alive(p, Summary([0], [0], [0]))[0] == pytest.approx(3.0 / 3.9)
    assert float(mbg_nbd.expected_new(p, 52.0)) == pytest.approx(
        mbg_nbd.expected_purchases(p, Summary([0], [0], [0]), 52.0)[0]
    )


@both
def test_gradients_are_the_slopes_of_the_likelihood(model):
    """A sign flipped in any of the four derivatives fails here."""
    summary = simulated(model, 300, seed=4)[0].summary
    value_and_gradient = model.objective(summary)
    for theta in (np.log(TRUTH), np.log([0.2, 20.0, 2.0, 0.5]), np.log([3.0, 1.0, 0.1, 9.0])):
        value, gradient = value_and_gradient(theta)
        steps = np.eye(4) * 1e-5
        slopes = [(value_and_gradient(theta + s)[0] - value_and_gradient(theta - s)[0]) / 2e-5 for s in steps]
        assert value == pytest.approx(model.log_likelihood(model.Parameters(*np.exp(theta)), summary).sum(), rel=1e-12)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-5, atol=1e-4)


@both
def test_alive_and_purchases_agree_with_simulated_customers(model):
    truth, rng = simulated(model, 60_000, seed=11)
    history, weeks = truth.summary, 26.0
    chances = rng.geometric(truth.leave_probability)
    bought = np.where(truth.alive, np.minimum(rng.poisson(truth.rate_per_week * weeks), chances), 0)
    got = model.score(model.Parameters(*TRUTH), history, weeks=weeks)

    alive = got.p_alive
    for rows in (history.repeats == 0, history.repeats == 1, (history.repeats > 1) & (alive < 0.5), alive > 0.85):
        n = rows.sum()
        assert n > 1000
        assert truth.alive[rows].mean() == pytest.approx(alive[rows].mean(), abs=4 * 0.5 / np.sqrt(n))
        expected = got.expected_purchases[rows].mean()
        assert bought[rows].mean() == pytest.approx(expected, abs=4 * bought[rows].std() / np.sqrt(n))


@both
def test_counts_of_living_customers_agree_with_simulated_ones(model):
    """The masses add up to the mean that the other formula gives, and are the shares of simulated counts."""
    p, n, weeks = model.Parameters(*TRUTH), 200_000, 26.0
    repeats, age_weeks = np.array([0.0, 3.0, 400.0]), np.array([10.0, 50.0, 60.0])
    mass = model.count_mass(p, repeats, age_weeks, weeks, 800)
    mean = model.expected_if_alive(p, repeats, age_weeks, weeks)

    np.testing.assert_allclose(mass.sum(axis=1), 1.0, atol=1e-9)
    np.testing.assert_allclose(mass @ np.arange(800), mean, rtol=1e-8)
    rng = np.random.default_rng(2)
    chances = 3.0 if model is bg_nbd else 4.0
    rate_per_week, leave = rng.gamma(p.r + 3.0, 1.0 / (p.alpha_weeks + 50.0), n), rng.beta(p.a, p.b + chances, n)
    count = np.minimum(rng.poisson(rate_per_week * weeks), rng.geometric(leave))
    shares = np.bincount(count, minlength=12)[:12] / n
    np.testing.assert_allclose(mass[1, :12], shares, atol=5 * np.sqrt(0.25 / n))
    assert model.count_mass(p, repeats, age_weeks, 0.0, 2).tolist() == [[1.0, 0.0]] * 3


@both
def test_new_customers_buy_as_often_as_simulated_ones(model):
    weeks = np.array([0.0, 4.0, 52.0])
    truth = model.simulate(model.Parameters(*TRUTH), np.full(200_000, 52.0), np.random.default_rng(6))

    got = model.expected_new(model.Parameters(*TRUTH), weeks)

    early = (truth.week <= 4.0).sum() / 200_000
    np.testing.assert_allclose(got, [0.0, early, truth.summary.repeats.mean()], rtol=0.02)


@both
def test_a_climb_that_starts_on_a_sample_ends_at_the_peak(model):
    cells = collapse(simulated(model, 90_000, seed=9)[0].summary)
    assert len(thinned(cells)) < 0.5 * len(cells)
    assert thinned(cells).summary.customers == pytest.approx(90_000, rel=0.01)

    fit = model.fit(cells)

    _, gradient = model.objective(cells)(fit.log_parameters)
    assert fit.status == "converged"
    assert 0.5 * gradient @ fit.log_covariance @ gradient < 1e-12
    assert np.all(np.abs(fit.log_parameters - np.log(TRUTH)) < 4 * np.sqrt(np.diag(fit.log_covariance)))


@both
def test_what_cannot_be_told_is_said(model):
    one = Summary([3], [8.0], [20.0])
    for summary in (one, Summary([0], [0], [0]), Summary(np.zeros(50), np.zeros(50), np.full(50, 30.0))):
        fit = model.fit(summary)
        assert fit.status.startswith("not converged: the histories do not pin down")
        assert np.isnan(fit.standard_errors).all()
        with pytest.raises(NotConverged, match="weak prior"):
            model.score(fit, summary)
        with pytest.raises(NotConverged, match="weak prior"):
            fit.draw(draws=10, rng=np.random.default_rng(1))


@both
def test_one_customer_with_a_prior_says_hardly_more_than_the_prior(model):
    fit = model.fit(Summary([3], [8.0], [20.0]), prior=model.WEAK_PRIOR)

    log_sds = np.sqrt(np.diag(fit.log_covariance))
    assert fit.converged, fit.status
    assert np.all(log_sds > 0.75 * np.minimum(model.WEAK_PRIOR.log_sds, 1.0))
    assert 0.0 < model.score(fit, Summary([3], [8.0], [20.0])).p_alive[0] < 1.0


@both
def test_horizons_that_are_none_are_refused(model):
    p = model.Parameters(*TRUTH)
    for weeks in (-1.0, np.nan, np.inf):
        with pytest.raises(ImpossibleHistory, match="horizon"):
            model.expected_if_alive(p, np.zeros(1), np.zeros(1), weeks)
        with pytest.raises(ImpossibleHistory, match="horizon"):
            model.expected_new(p, np.array([1.0, weeks]))


@pytest.mark.slow
@both
@pytest.mark.parametrize("truth", [(0.243, 4.414, 0.793, 2.426), TRUTH], ids=["cdnow", "frequent"])
def test_exact_times_give_the_truth_back_within_two_standard_errors(model, truth):
    """Per parameter, on the log scale, in at least 90 of 100 worlds of 3,000 customers."""
    within = []
    for seed in range(100):
        fit = model.fit(simulated(model, 3000, seed, truth)[0].summary)
        off = np.abs(fit.log_parameters - np.log(truth))
        within.append(off < 2 * np.sqrt(np.diag(fit.log_covariance)))
        assert fit.converged, fit.status
    assert np.min(np.sum(within, axis=0)) >= 90
