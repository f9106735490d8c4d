"""Customers with a rhythm: MBG/CNBD-k against MBG/NBD, against its own definition, and on known truths."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenform.value.lifetime import ImpossibleHistory, Summary, mbg_nbd, regular
from eigenform.value.lifetime.cells import collapse
from eigenform.value.lifetime.fitted import NotConverged

RHYTHM = regular.Parameters(r=2.0, alpha_weeks=1.5, a=0.4, b=6.0, every=3)  # a purchase every three weeks or so
positive = st.floats(-3.0, 3.0).map(lambda power: 10.0**power)


def firms(n, seed, p=RHYTHM):
    rng = np.random.default_rng(seed)
    return regular.simulate(p, rng.uniform(26, 156, n), rng)


def test_with_one_arrival_per_purchase_it_is_mbg_nbd():
    rng = np.random.default_rng(0)
    plain, same = mbg_nbd.Parameters(0.6, 5.0, 0.8, 2.5), regular.Parameters(0.6, 5.0, 0.8, 2.5, every=1)
    summary = mbg_nbd.simulate(plain, rng.uniform(10, 100, 2000), rng).summary

    np.testing.assert_allclose(
        regular.log_likelihood(same, summary), mbg_nbd.log_likelihood(plain, summary), rtol=1e-12
    )
    np.testing.assert_allclose(
        regular.probability_alive(same, summary), mbg_nbd.probability_alive(plain, summary), rtol=1e-12
    )
    np.testing.assert_allclose(
        regular.expected_purchases(same, summary, 30.0), mbg_nbd.expected_purchases(plain, summary, 30.0), rtol=1e-9
    )
    np.testing.assert_allclose(
        regular.expected_new(same, [10.0, 52.0]), mbg_nbd.expected_new(plain, [10.0, 52.0]), rtol=1e-9
    )
    fit, plain_fit = regular.fit(summary, every=1), mbg_nbd.fit(summary)
    assert fit.log_likelihood == pytest.approx(plain_fit.log_likelihood, abs=1e-6)
    np.testing.assert_allclose(fit.log_parameters, plain_fit.log_parameters, atol=1e-6)


def test_the_likelihood_is_the_definition():
    """Averaged over a million draws of a customer's rate and probability to leave, from the process itself."""
    rng = np.random.default_rng(1)
    rate, leaves = rng.gamma(2.0, 1 / 1.5, 1_000_000), rng.beta(0.4, 6.0, 1_000_000)
    week, age = np.array([2.0, 5.5, 8.0]), 12.0
    interval = np.diff(week, prepend=0.0)
    bought = np.prod([rate**3 * t**2 * np.exp(-rate * t) / 2.0 for t in interval], axis=0)
    silence = rate * (age - 8.0)
    still = np.exp(-silence) * (1.0 + silence + silence**2 / 2.0)
    each = bought * ((1 - leaves) ** 3 * leaves + (1 - leaves) ** 4 * still)
    alive = (bought * (1 - leaves) ** 4 * still).mean() / each.mean()
    history = Summary([3], [8.0], [age])

    got = regular.log_likelihood(RHYTHM, history, log_intervals=np.array([np.log(interval).sum()]))

    assert got[0] == pytest.approx(np.log(each.mean()), abs=0.01)
    assert regular.probability_alive(RHYTHM, history)[0] == pytest.approx(alive, abs=0.005)


@given(
    p=st.builds(regular.Parameters, r=positive, alpha_weeks=positive, a=positive, b=positive, every=st.integers(1, 12)),
    repeats=st.sampled_from([0, 1, 7, 400, 5000]),
    age_weeks=st.floats(1e-3, 2600.0),
    share=st.floats(0.01, 1.0),
)
@settings(max_examples=150)
def test_any_history_gets_finite_numbers(p, repeats, age_weeks, share):
    history = Summary([repeats], [share * age_weeks if repeats else 0.0], [age_weeks])

    assert np.isfinite(regular.log_likelihood(p, history)[0])
    assert 0.0 <= regular.probability_alive(p, history)[0] <= 1.0


@pytest.mark.parametrize("every", [1, 2, 5])
def test_slopes_are_those_of_the_likelihood(every):
    cells = collapse(firms(300, seed=2).summary)
    objective, theta = regular.objective(cells, every), np.log([1.5, 2.0, 0.5, 4.0])

    numeric = [(objective(theta + 1e-5 * axis)[0] - objective(theta - 1e-5 * axis)[0]) / 2e-5 for axis in np.eye(4)]

    np.testing.assert_allclose(objective(theta)[1], numeric, rtol=1e-6)


def test_the_rhythm_and_the_parameters_are_found():
    made = firms(2500, seed=3)

    fit = regular.fit(made.summary, log_intervals=made.log_intervals)

    assert fit.status == "converged"
    assert fit.parameters.every == 3
    assert len(fit.log_likelihood_by_every) == 4
    assert fit.log_likelihood == max(fit.log_likelihood_by_every)
    sds = np.sqrt(np.diag(fit.log_covariance))
    assert (np.abs(fit.log_parameters - np.log([2.0, 1.5, 0.4, 6.0])) < 3 * sds).all()
    assert sds.max() < 0.12
    assert {p.every for p in fit.draw(draws=4, rng=np.random.default_rng(0))} == {3}


def test_fits_cover_the_truth_in_80_of_100_worlds():
    truth, covered = np.log([2.0, 1.5, 0.4, 6.0]), []
    for seed in range(100):
        fit = regular.fit(firms(400, seed).summary, every=3)
        covered.append(np.abs(fit.log_parameters - truth) < 1.2816 * np.sqrt(np.diag(fit.log_covariance)))
        assert fit.converged, fit.status
    assert 0.74 < np.mean(covered) < 0.86


def test_purchases_at_random_have_no_rhythm():
    made = firms(1500, seed=4, p=regular.Parameters(0.8, 6.0, 0.9, 3.0, every=1))

    fit = regular.fit(made.summary, log_intervals=made.log_intervals)

    assert fit.parameters.every == 1
    assert len(fit.log_likelihood_by_every) == 2


def test_cdnow_customers_buy_without_rhythm(shared_data):
    """Weeks 1 to 39 of the sample, from the log; the likelihood at k = 1 is MBG/NBD's."""
    days, start, end = {}, date(1997, 1, 1), date(1997, 9, 30)
    for line in (shared_data / "cdnow" / "CDNOW_sample.txt").read_text().splitlines():
        who, stamp = line.split()[1:3]
        days.setdefault(who, set()).add((date.fromisoformat(stamp) - start).days)
    histories = [sorted(d for d in each if d <= (end - start).days) for each in days.values()]
    customer = np.repeat(np.arange(len(histories)), [len(each) - 1 for each in histories])
    week = np.array([(d - each[0]) / 7.0 for each in histories for d in each[1:]])
    last = np.array([(each[-1] - each[0]) / 7.0 for each in histories])
    age = np.array([((end - start).days - each[0]) / 7.0 for each in histories])
    summary = Summary([len(each) - 1 for each in histories], last, age)
    assert (len(summary), summary.repeats.sum()) == (2357, 2457)

    fit = regular.fit(summary, log_intervals=regular.log_intervals(customer, week, customers=len(summary)))

    assert fit.parameters.every == 1
    assert fit.log_likelihood_by_every[0] == pytest.approx(-9582.14, abs=0.02)


def test_alive_and_purchases_agree_with_simulated_customers():
    n, horizon, rng = 60_000, 26.0, np.random.default_rng(5)
    age = rng.uniform(26, 156, n)
    watched = regular.simulate(RHYTHM, age + horizon, rng)
    before = watched.week <= age[watched.customer]
    bought = np.bincount(watched.customer[~before], minlength=n)
    repeats, last = np.bincount(watched.customer[before], minlength=n), np.zeros(n)
    np.maximum.at(last, watched.customer[before], watched.week[before])
    history = Summary(repeats, last, age)
    scores = regular.score(RHYTHM, history, weeks=horizon)
    judged = firms(60_000, seed=6)
    alive = regular.probability_alive(RHYTHM, judged.summary)

    for rows in (repeats == 0, repeats == 1, repeats > 20, scores.p_alive < 0.3, (age - last < 2) & (repeats > 3)):
        assert rows.sum() > 1000
        error = 4 * bought[rows].std() / np.sqrt(rows.sum())
        assert bought[rows].mean() == pytest.approx(scores.expected_purchases[rows].mean(), abs=error)
    for rows in (judged.summary.repeats == 0, judged.summary.repeats == 2, alive > 0.9, (alive > 0.2) & (alive < 0.7)):
        assert judged.alive[rows].mean() == pytest.approx(alive[rows].mean(), abs=2 / np.sqrt(rows.sum()))


def test_masses_add_up_to_the_mean_and_intervals_hold_the_future():
    n, horizon, rng = 3000, 26.0, np.random.default_rng(7)
    age = rng.uniform(26, 156, n)
    watched = regular.simulate(RHYTHM, age + horizon, rng)
    before = watched.week <= age[watched.customer]
    bought = np.bincount(watched.customer[~before], minlength=n)
    repeats, last = np.bincount(watched.customer[before], minlength=n), np.zeros(n)
    np.maximum.at(last, watched.customer[before], watched.week[before])
    history = Summary(repeats, last, age)
    mass = regular.count_mass(RHYTHM, history, horizon, 400)
    mean = regular.probability_alive(RHYTHM, history) * (mass @ np.arange(400))

    np.testing.assert_allclose(mean, regular.expected_purchases(RHYTHM, history, horizon), rtol=1e-9)

    told = regular.predict(regular.fit(history, every=3), history, weeks=horizon, rng=rng)

    inside = (told.low <= bought) & (bought <= told.high)
    assert 0.8 <= inside.mean() < 0.93
    assert (bought < told.low).mean() < 0.1
    assert (bought > told.high).mean() < 0.1


def test_a_silence_tells_more_of_somebody_with_a_rhythm():
    """Thirteen purchases, one every four weeks, then none for twelve: three times the usual interval."""
    history = Summary([12], [48.0], [60.0])
    at_random, weakly, strongly = (
        regular.Parameters(r=2.0, alpha_weeks=4.5 / every, a=0.4, b=6.0, every=every) for every in (1, 3, 12)
    )

    alive = [regular.probability_alive(p, history)[0] for p in (at_random, weakly, strongly)]

    np.testing.assert_allclose(alive, [0.7160, 0.3013, 0.0003], atol=5e-5)


def test_log_intervals_are_sums_of_logarithms():
    got = regular.log_intervals(np.array([2, 0, 2, 2]), np.array([5.0, 1.5, 2.0, 9.0]), customers=3)

    np.testing.assert_allclose(got, [np.log(1.5), 0.0, np.log(2.0 * 3.0 * 4.0)])


def test_what_cannot_be_is_refused():
    history = Summary([0, 2], [0, 5], [9, 9])
    with pytest.raises(ImpossibleHistory, match="at one moment") as refused:
        regular.log_intervals(np.array([0, 1, 1]), np.array([1.0, 2.0, 2.0]), customers=2)
    assert refused.value.row == 1
    with pytest.raises(ImpossibleHistory, match="give log_intervals or every"):
        regular.fit(history)
    with pytest.raises(ImpossibleHistory, match="log_intervals is not a number") as refused:
        regular.fit(history, log_intervals=[0.0, np.nan])
    assert refused.value.row == 1
    with pytest.raises(ImpossibleHistory, match="without purchases") as refused:
        regular.fit(history, log_intervals=[1.0, 1.0])
    assert refused.value.row == 0
    with pytest.raises(ImpossibleHistory, match="there are 2 customers"):
        regular.fit(history, log_intervals=[0.0])
    with pytest.raises(ImpossibleHistory, match="whole number"):
        regular.fit(history, every=0)
    with pytest.raises(ImpossibleHistory, match="horizon"):
        regular.score(RHYTHM, history, weeks=-1.0)
    with pytest.raises(NotConverged):
        regular.score(regular.fit(history, every=2), history)
