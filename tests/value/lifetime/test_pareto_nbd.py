"""Pareto/NBD on customers whose truth is known, and on histories at the edge of what can happen."""

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from eigenform.value.lifetime import ImpossibleHistory, Summary, pareto_nbd

TRUTH = pareto_nbd.Parameters(r=0.8, alpha_weeks=6.0, s=0.7, beta_weeks=12.0)
AGE_WEEKS_MAX = 104

positive = st.floats(-3.0, 3.0).map(lambda exponent: 10.0**exponent)
parameters = st.builds(pareto_nbd.Parameters, r=positive, alpha_weeks=positive, s=positive, beta_weeks=positive)


@st.composite
def histories(draw):
    repeats = draw(st.sampled_from([0, 1, 2, 7, 400, 5000]))
    age_weeks = draw(st.sampled_from([0.0, 1 / 7, 1.0, 52.0, 2600.0]) | st.floats(1e-3, 2600.0))
    assume(age_weeks > 0 or repeats == 0)
    last_week = draw(st.floats(0.01, 1.0)) * age_weeks if repeats else 0.0
    return Summary([repeats], [last_week], [age_weeks])


def vector(p):
    return np.array([p.r, p.alpha_weeks, p.s, p.beta_weeks])


def simulated(n, seed, p=TRUTH):
    rng = np.random.default_rng(seed)
    return pareto_nbd.simulate(p, rng.uniform(1.0, AGE_WEEKS_MAX, n), rng), rng


@given(p=parameters, history=histories(), horizon_weeks=st.floats(0.0, 520.0))
@example(p=pareto_nbd.Parameters(1e-6, 1e-6, 1e-6, 1e6), history=Summary([0], [0], [0]), horizon_weeks=52.0)
@example(p=pareto_nbd.Parameters(1e-6, 1e6, 1e-6, 1e-6), history=Summary([5000], [0.01], [2600]), horizon_weeks=52.0)
@example(p=pareto_nbd.Parameters(1e6, 1e-6, 1e6, 1e6), history=Summary([5000], [2600], [2600]), horizon_weeks=52.0)
@example(p=pareto_nbd.Parameters(3.0, 5.0, 1.0, 5.0), history=Summary([5000], [0.1], [1 / 7]), horizon_weeks=52.0)
def test_any_history_gets_finite_numbers_that_hang_together(p, history, horizon_weeks):
    if_they_stayed = (p.r + history.repeats[0]) * horizon_weeks / (p.alpha_weeks + history.age_weeks[0])
    alive = pareto_nbd.probability_alive(p, history)[0]
    expected = pareto_nbd.expected_purchases(p, history, horizon_weeks)[0]
    more = pareto_nbd.expected_purchases(p, history, horizon_weeks + 1.0)[0]
    for_ever = pareto_nbd.discounted_purchases(p, history, 0.002)[0]
    value, gradient = pareto_nbd.objective(history)(np.log(vector(p)))

    assert value == pytest.approx(pareto_nbd.log_likelihood(p, history)[0], rel=1e-9, abs=1e-9)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()
    assert 0.0 <= alive <= 1.0
    assert 0.0 <= expected <= alive * if_they_stayed * (1 + 1e-9)
    assert expected <= more * (1 + 1e-9)
    assert expected * np.exp(-0.002 * horizon_weeks) <= for_ever * (1 + 1e-9)


@given(p=parameters, history=histories())
def test_the_gradient_is_that_of_the_likelihood(p, history):
    theta, step = np.log(vector(p)), 1e-4
    climb = pareto_nbd.objective(history)

    def rise(axis, size):
        return (climb(theta + size * axis)[0] - climb(theta - size * axis)[0]) / (2 * size)

    gradient, value = climb(theta)[1], abs(climb(theta)[0])
    for slope, axis in zip(gradient, np.eye(4), strict=True):
        extrapolated = (4 * rise(axis, step) - rise(axis, 2 * step)) / 3
        assert slope == pytest.approx(extrapolated, rel=1e-5, abs=1e-5 + 1e-9 * value)


@given(p=parameters, age_weeks=st.floats(0.1, 500.0), repeats=st.sampled_from([1, 3, 60, 3000]))
def test_the_longer_the_silence_the_likelier_gone(p, age_weeks, repeats):
    last_week = age_weeks * np.array([0.2, 0.5, 0.9, 1.0])
    silent_since = 5.0 + np.array([0.0, 1.0, 50.0, 500.0])

    of_equal_age = pareto_nbd.probability_alive(p, Summary(np.full(4, repeats), last_week, np.full(4, age_weeks)))
    growing_old = pareto_nbd.probability_alive(p, Summary(np.full(4, repeats), np.full(4, 5.0), silent_since))

    assert np.all(np.diff(of_equal_age) >= -1e-12)
    assert np.all(np.diff(growing_old) <= 1e-12)
    assert of_equal_age[-1] == pytest.approx(1.0)
    assert growing_old[0] == pytest.approx(1.0)


@pytest.mark.parametrize("towards", [-1e-9, 1e-9])
def test_nothing_jumps_where_alpha_passes_beta(towards):
    equal, beside = (pareto_nbd.Parameters(0.6, 10.0, 0.7, 10.0 + off) for off in (0.0, towards))
    history = Summary([0, 3, 400], [0, 20, 30], [38, 38, 38])

    at, near = (pareto_nbd.objective(history)(np.log(vector(p))) for p in (equal, beside))

    assert at[0] == pytest.approx(near[0], rel=1e-9)
    np.testing.assert_allclose(at[1], near[1], rtol=1e-7)


def test_likelihoods_of_all_counts_add_up_to_one():
    """Ages and counts are given; integrating over the last week leaves the count's probability."""
    age_weeks, nodes = 10.0, 4000
    middles = (np.arange(nodes) + 0.5) * age_weeks / nodes
    total = np.exp(pareto_nbd.log_likelihood(TRUTH, Summary([0], [0], [age_weeks])))[0]
    mean = 0.0
    for x in range(1, 60):
        history = Summary(np.full(nodes, x), middles, np.full(nodes, age_weeks))
        density = np.exp(pareto_nbd.log_likelihood(TRUTH, history))
        # the x - 1 purchases before the last one lie anywhere before it
        chance = (density * middles ** (x - 1)).sum() * age_weeks / nodes / np.prod(np.arange(1.0, x))
        total, mean = total + chance, mean + x * chance
    assert total == pytest.approx(1.0, abs=1e-5)
    assert mean == pytest.approx(float(pareto_nbd.expected_new(TRUTH, age_weeks)), abs=1e-3)


def test_alive_and_purchases_agree_with_simulated_customers():
    truth, rng = simulated(60_000, seed=11)
    history, horizon_weeks = truth.summary, 26.0
    weeks_left = np.clip(truth.life_weeks - history.age_weeks, 0.0, horizon_weeks)
    bought = rng.poisson(truth.rate_per_week * weeks_left)
    alive = pareto_nbd.probability_alive(TRUTH, history)
    expected = pareto_nbd.expected_purchases(TRUTH, history, horizon_weeks)

    for rows in (history.repeats == 0, history.repeats == 1, (history.repeats > 1) & (alive < 0.5), alive > 0.9):
        n = rows.sum()
        assert n > 1000
        assert truth.alive[rows].mean() == pytest.approx(alive[rows].mean(), abs=4 * 0.5 / np.sqrt(n))
        assert bought[rows].mean() == pytest.approx(expected[rows].mean(), abs=4 * bought[rows].std() / np.sqrt(n))


def test_simulated_purchases_and_summary_tell_the_same_story():
    truth, _ = simulated(2000, seed=3)

    counted = np.bincount(truth.customer, minlength=2000)
    assert counted.tolist() == truth.summary.repeats.tolist()
    assert np.all(truth.week <= np.minimum(truth.life_weeks, truth.summary.age_weeks)[truth.customer])
    last = np.array([truth.week[truth.customer == i].max(initial=0.0) for i in range(200)])
    np.testing.assert_array_equal(last, truth.summary.last_week[:200])
    assert truth.alive.tolist() == (truth.life_weeks > truth.summary.age_weeks).tolist()


@pytest.mark.parametrize(
    ("p", "repeats", "age_weeks", "horizon_weeks", "counts", "wanted"),
    [
        (
            (0.553, 10.578, 0.606, 11.669),
            2.0,
            38.86,
            39.0,
            [0, 1, 5],
            [0.318960688121, 0.252295999306, 0.0367960929103],
        ),
        ((0.5, 200.0, 0.5, 0.05), 0.0, 0.0, 260.0, [0, 3], [0.988358796224, 0.000753104756007]),
        ((5.3, 0.5, 1.3, 69.0), 3.0, 0.0, 260.0, [0, 40, 150], [0.0012870520672, 0.00116251705003, 0.00090550681732]),
        (
            (0.4, 84.0, 7.0, 16.0),
            3000.0,
            20.0,
            52.0,
            [0, 10, 60],
            [0.00669056885472, 0.00619900709247, 0.0042773625082],
        ),
        ((2.0, 30.0, 20.0, 400.0), 10.0, 300.0, 52.0, [0, 2], [0.467995446413, 0.144607259259]),
    ],
)
def test_count_mass_equals_25_digit_arithmetic(p, repeats, age_weeks, horizon_weeks, counts, wanted):
    mass = pareto_nbd.count_mass(
        pareto_nbd.Parameters(*p), np.array([repeats]), np.array([age_weeks]), horizon_weeks, max(counts) + 1
    )[0]

    np.testing.assert_allclose(mass[counts], wanted, rtol=1e-8, atol=1e-12)


@given(p=parameters, repeats=st.sampled_from([0.0, 1.0, 30.0]), age_weeks=st.floats(0.0, 500.0))
def test_count_mass_adds_up_to_one_and_to_the_mean(p, repeats, age_weeks):
    horizon_weeks = 26.0
    shape, mean = p.r + repeats, (p.r + repeats) * horizon_weeks / (p.alpha_weeks + age_weeks)
    longest = mean + 14 * np.sqrt(mean * (1 + mean / shape)) + 60 * (1 + mean / shape)
    assume(longest < 4000)

    mass = pareto_nbd.count_mass(p, np.array([repeats]), np.array([age_weeks]), horizon_weeks, int(longest) + 1)[0]

    expected = pareto_nbd.expected_if_alive(p, np.array([repeats]), np.array([age_weeks]), horizon_weeks)[0]
    assert np.all(mass >= 0)
    assert mass.sum() == pytest.approx(1.0, abs=1e-6)
    assert mass @ np.arange(len(mass)) == pytest.approx(expected, rel=1e-5, abs=1e-8)


def test_count_mass_agrees_with_simulated_customers():
    truth, rng = simulated(120_000, seed=4)
    fresh = (truth.summary.repeats == 2) & (truth.summary.age_weeks > 50) & truth.alive
    weeks_left = np.minimum(truth.life_weeks - truth.summary.age_weeks, 26.0)[fresh]
    bought = rng.poisson(truth.rate_per_week[fresh] * weeks_left)
    n = fresh.sum()

    mass = pareto_nbd.count_mass(TRUTH, np.full(n, 2.0), truth.summary.age_weeks[fresh], 26.0, 5).mean(axis=0)

    assert n > 800
    for k in range(5):
        assert (bought == k).mean() == pytest.approx(mass[k], abs=4 * np.sqrt(mass[k] / n))


def test_no_horizon_no_purchases():
    mass = pareto_nbd.count_mass(TRUTH, np.array([0.0, 9.0]), np.array([0.0, 30.0]), 0.0, 3)

    np.testing.assert_allclose(mass, [[1, 0, 0], [1, 0, 0]], atol=1e-15)
    assert pareto_nbd.expected_purchases(TRUTH, Summary([3], [5], [8]), 0.0)[0] == 0.0


def test_discounting_for_ever_is_the_limit_of_discounting_week_by_week():
    history, discount_per_week = Summary([0, 4, 12], [0, 30, 8], [40, 40, 40]), 0.003
    weeks = np.linspace(0.0, 6000.0, 60_001)
    until = np.array([pareto_nbd.expected_purchases(TRUTH, history, week) for week in weeks[::100]])
    middle = np.exp(-discount_per_week * 0.5 * (weeks[::100][1:] + weeks[::100][:-1]))

    got = pareto_nbd.discounted_purchases(TRUTH, history, discount_per_week)

    np.testing.assert_allclose(got, middle @ np.diff(until, axis=0), rtol=5e-3)


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_impossible_horizons_are_refused(bad):
    one = np.array([1.0])
    for ask in (
        lambda: pareto_nbd.expected_purchases(TRUTH, Summary([1], [1], [2]), bad),
        lambda: pareto_nbd.count_mass(TRUTH, one, one, bad, 3),
        lambda: pareto_nbd.expected_new(TRUTH, bad),
        lambda: pareto_nbd.discounted_purchases(TRUTH, Summary([1], [1], [2]), bad),
    ):
        with pytest.raises(ImpossibleHistory):
            ask()


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_impossible_parameters_are_refused(bad):
    with pytest.raises(ImpossibleHistory, match="positive"):
        pareto_nbd.Parameters(r=0.2, alpha_weeks=1.0, s=bad, beta_weeks=1.0)
