"""BG/BB and sBG on customers whose truth is known, and at the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import hyp2f1

from eigenform.value.lifetime import ImpossibleHistory, Summary, bg_bb, sbg
from eigenform.value.lifetime.fitted import NotConverged

GIVERS = bg_bb.Parameters(1.2, 0.75, 0.66, 2.8)
SUBSCRIBERS = sbg.Parameters(0.7, 3.0)
positive = st.floats(1e-3, 1e3)


def givers(n, seed):
    rng = np.random.default_rng(seed)
    return bg_bb.simulate(GIVERS, rng.integers(1, 13, n).astype(float), rng), rng


def subscribers(n, seed):
    rng = np.random.default_rng(seed)
    return sbg.simulate(SUBSCRIBERS, rng.integers(0, 9, n).astype(float), rng)


@pytest.mark.parametrize(("model", "data"), [(bg_bb, givers(200, 3)[0]), (sbg, subscribers(200, 3))], ids=["bb", "sbg"])
def test_gradients_are_the_slopes_of_the_likelihood(model, data):
    """A sign flipped in any derivative fails here."""
    value_and_gradient = model.objective(data.summary)
    k = len(model.NAMES)
    for theta in (np.zeros(k), np.linspace(-1.0, 1.5, k)):
        value, gradient = value_and_gradient(theta)
        steps = np.eye(k) * 1e-5
        slopes = [(value_and_gradient(theta + s)[0] - value_and_gradient(theta - s)[0]) / 2e-5 for s in steps]
        np.testing.assert_allclose(gradient, slopes, rtol=1e-6, atol=1e-6)
        total = model.log_likelihood(model.Parameters(*np.exp(theta)), data.summary).sum()
        assert value == pytest.approx(total, rel=1e-12)


def test_patterns_of_four_occasions_have_probabilities_that_add_up_to_one():
    every = np.array(np.meshgrid(*[[0, 1]] * 4)).reshape(4, -1).T
    last = (every * np.arange(1, 5)).max(axis=1)

    total = np.exp(bg_bb.log_likelihood(GIVERS, Summary(every.sum(axis=1), last, np.full(16, 4.0)))).sum()

    assert total == pytest.approx(1.0, abs=1e-12)


def test_givers_live_and_give_as_often_as_simulated_ones():
    truth, rng = givers(80_000, 7)
    history, ahead = truth.summary, 5
    survives = rng.geometric(truth.leave_probability)  # given alive at the next occasion, for how many from there on
    given_later = np.where(truth.alive, rng.binomial(np.minimum(survives, ahead), truth.use_probability), 0)
    got = bg_bb.score(GIVERS, history, weeks=ahead)

    for rows in (history.repeats == 0, history.last_week == history.age_weeks, got.p_alive < 0.5, history.repeats == 3):
        n = rows.sum()
        assert n > 1000
        assert truth.alive[rows].mean() == pytest.approx(got.p_alive[rows].mean(), abs=2 / np.sqrt(n))
        expected = got.expected_purchases[rows].mean()
        assert given_later[rows].mean() == pytest.approx(expected, abs=4 * given_later[rows].std() / np.sqrt(n))


def test_counts_of_living_givers_add_up_to_their_mean():
    repeats, age = np.array([0.0, 3.0, 6.0]), np.full(3, 6.0)

    mass = bg_bb.count_mass(GIVERS, repeats, age, 5.0, 6)

    np.testing.assert_allclose(mass.sum(axis=1), 1.0)
    np.testing.assert_allclose(mass @ np.arange(6), bg_bb.expected_if_alive(GIVERS, repeats, age, 5.0))
    assert bg_bb.count_mass(GIVERS, repeats, age, 0.0, 2).tolist() == [[1.0, 0.0]] * 3
    assert bg_bb.count_mass(GIVERS, repeats, age, 5.0, 2).shape == (3, 2)


def test_new_givers_give_as_often_as_simulated_ones():
    truth = bg_bb.simulate(GIVERS, np.full(100_000, 6.0), np.random.default_rng(1))

    got = bg_bb.expected_new(GIVERS, np.array([0.0, 1.0, 6.0]))

    np.testing.assert_allclose(
        got, [0, (truth.occasion == 1).mean() * len(truth.occasion) / 1e5, truth.summary.repeats.mean()], rtol=0.01
    )
    assert float(bg_bb.expected_new(GIVERS, 6.0)) == got[2]


@given(values=st.tuples(positive, positive, positive, positive), age=st.integers(0, 2600), share=st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_any_pattern_gets_finite_numbers(values, age, share):
    p, last = bg_bb.Parameters(*values), float(int(age * share))
    history = Summary([last], [last], [age])

    got = bg_bb.score(p, history, weeks=10)

    assert np.isfinite(bg_bb.log_likelihood(p, history)[0])
    assert 0.0 <= got.p_alive[0] <= 1.0
    assert 0.0 <= got.expected_purchases[0] <= 10.0 * got.p_alive[0] * (1 + 1e-9)


@pytest.mark.parametrize(
    ("summary", "told"),
    [
        (Summary([1], [1.5], [3.0]), "number of an occasion"),
        (Summary([1], [1.0], [3.5]), "whole number of occasions"),
        (Summary([3], [2.0], [5.0]), "more occasions"),
    ],
)
def test_weeks_that_are_no_occasions_are_refused(summary, told):
    with pytest.raises(ImpossibleHistory, match=told):
        bg_bb.fit(summary)
    with pytest.raises(ImpossibleHistory, match="whole number"):
        bg_bb.expected_purchases(GIVERS, Summary([1], [1], [3]), 2.5)


def test_small_and_one_sided_bases_get_an_answer_or_a_reason():
    never = Summary(np.zeros(30), np.zeros(30), np.full(30, 6.0))
    assert bg_bb.fit(never).status.startswith("not converged")
    wide = bg_bb.fit(givers(20, 5)[0].summary, prior=bg_bb.WEAK_PRIOR)
    assert wide.converged, wide.status
    assert 0.3 < np.sqrt(np.diag(wide.log_covariance)).min() < np.sqrt(np.diag(wide.log_covariance)).max() < 1.2

    loyal = Summary(np.full(30, 4.0), np.full(30, 4.0), np.full(30, 4.0))
    assert "do not pin down" in sbg.fit(loyal).status
    with pytest.raises(NotConverged):
        sbg.score(sbg.fit(loyal), loyal)
    assert sbg.fit(loyal, prior=sbg.WEAK_PRIOR).converged


def test_subscribers_stay_as_long_as_simulated_ones():
    truth = subscribers(60_000, 2)
    history, ahead = truth.summary, 3
    later = np.clip(truth.lifetime_periods - 1 - history.age_weeks, 0, ahead)
    got = sbg.score(SUBSCRIBERS, history, weeks=ahead)

    stayed = history.last_week == history.age_weeks
    assert got.p_alive.tolist() == stayed.astype(float).tolist()
    assert got.expected_purchases[~stayed].max() == 0.0
    for age in (0, 3, 8):
        rows = stayed & (history.age_weeks == age)
        expected = got.expected_purchases[rows].mean()
        assert later[rows].mean() == pytest.approx(expected, abs=4 * later[rows].std() / np.sqrt(rows.sum()))
    np.testing.assert_allclose(
        sbg.survival(SUBSCRIBERS, np.array([0.0, 1.0, 5.0])),
        [1.0, *[(truth.lifetime_periods > t).mean() for t in (1, 5)]],
        atol=0.01,
    )


@pytest.mark.parametrize("discount", [1e-6, 0.01, 0.1, 3.0])
def test_discounted_lifetime_is_the_hypergeometric_form(discount):
    renewals = np.array([0.0, 1.0, 20.0, 500.0])
    p = sbg.Parameters(2.5, 0.3)

    got = sbg.discounted_lifetime(p, renewals=renewals, discount_per_period=discount)

    wanted = hyp2f1(1.0, p.beta + renewals, p.alpha + p.beta + renewals, 1.0 / (1.0 + discount))
    known = np.isfinite(wanted)  # scipy's own form overflows for 500 renewals at a millionth
    np.testing.assert_allclose(got[known], wanted[known], rtol=1e-9)
    assert got[3] < (p.alpha + p.beta + 499.0) / (p.alpha - 1.0)  # undiscounted


def test_a_lifetime_without_end_or_discount_is_refused():
    one = np.array([2.0])
    assert sbg.discounted_lifetime(sbg.Parameters(2.0, 3.0), renewals=one, discount_per_period=0.0) == pytest.approx(
        6.0
    )
    with pytest.raises(sbg.NoMeanLifetime, match="discount above 0"):
        sbg.discounted_lifetime(SUBSCRIBERS, renewals=one, discount_per_period=0.0)
    with pytest.raises(ImpossibleHistory, match="discount"):
        sbg.discounted_lifetime(SUBSCRIBERS, renewals=one, discount_per_period=-0.1)
    with pytest.raises(ImpossibleHistory, match="number of renewals"):
        sbg.fit(Summary([2], [3.0], [5.0]))


@pytest.mark.slow
@pytest.mark.parametrize("model", [bg_bb, sbg], ids=["bb", "sbg"])
def test_the_truth_lies_within_two_standard_errors_in_90_of_100_worlds(model):
    truth = np.log([getattr(GIVERS if model is bg_bb else SUBSCRIBERS, name) for name in model.NAMES])
    within = []
    for seed in range(100):
        data = givers(3000, seed)[0] if model is bg_bb else subscribers(3000, seed)
        fit = model.fit(data.summary)
        assert fit.converged, fit.status
        within.append(np.abs(fit.log_parameters - truth) < 2 * np.sqrt(np.diag(fit.log_covariance)))
    assert np.min(np.sum(within, axis=0)) >= 90
