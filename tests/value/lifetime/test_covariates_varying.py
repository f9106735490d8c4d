"""Covariates that change with time: against brute force, against the plain model, and on customers whose truth is known."""

import numpy as np
import pytest
from scipy.special import gammaln, logsumexp

from eigenform.value.lifetime import ImpossibleHistory, Summary
from eigenform.value.lifetime import pareto_nbd as plain
from eigenform.value.lifetime.covariates import ImpossibleCovariates, Rows, calendar, histories, varying, with_rows
from eigenform.value.lifetime.covariates.simulated import simulate
from eigenform.value.lifetime.fitted import NotConverged

WEEKS = 160
SEASON = ((np.arange(WEEKS) % 52 >= 38) & (np.arange(WEEKS) % 52 < 48)).astype(float)
NAMES = ("season", "member", "distance")
TRUTH = varying.parameters(
    r=0.8, alpha_weeks=10.0, s=0.7, beta_weeks=20.0, trans=[0.8, 0.4, -0.3], life=[-0.6, -0.5, 0.3]
)
BOTH = {"trans": NAMES, "life": NAMES}
NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)


def known(n, rng):
    facts = np.stack([rng.integers(0, 2, n), rng.integers(0, 3, n)], axis=1)
    return with_rows(calendar(NAMES[:1], np.arange(WEEKS), SEASON[:, None], WEEKS), Rows(NAMES[1:], facts))


def world(n, seed, *, ends_week=104.0, p=TRUTH):
    rng = np.random.default_rng(seed)
    dates, track = known(n, rng)
    born = rng.uniform(0, 40, n)
    return simulate(p, dates, track=track, born_week=born, age_weeks=ends_week - born, rng=rng, **BOTH)


def judged(later, week):
    """The histories as they were known in a week of the calendar, and how many purchases each made after it."""
    whole, n = later.histories, len(later.histories)
    known = later.week + whole.born_week[later.customer] <= week
    customer, when = later.customer[known], later.week[known]
    last = np.zeros(n)
    np.maximum.at(last, customer, when)
    summary = Summary(np.bincount(customer, minlength=n), last, week - whole.born_week)
    given = histories(
        summary, whole.calendar, born_week=whole.born_week, customer=customer, week=when, track=whole.track
    )
    return given, np.bincount(later.customer[~known], minlength=n)


def brute(p, given, i, purchases):
    """The log-likelihood of one customer by quadrature within every week, from the definition."""
    dates, born, age = given.calendar, given.born_week[i], given.summary.age_weeks[i]
    x, last = given.summary.repeats[i], given.summary.last_week[i]
    r, alpha, s, beta = p.base

    def factors(week):
        values = dates.values[dates.run_at(np.full(len(week), given.track[i]), week)]
        return np.exp(values @ p.coefficients[0]), np.exp(values @ p.coefficients[1])

    cuts = np.unique(np.concatenate([[born, born + last, born + age], np.arange(np.ceil(born), born + age)]))
    middles = (cuts[1:] + cuts[:-1]) / 2
    buying, leaving = factors(middles)
    reached_a = np.concatenate([[0], np.cumsum(buying * np.diff(cuts))])
    reached_b = np.concatenate([[0], np.cumsum(leaving * np.diff(cuts))])
    pieces = [-(r + x) * np.log(alpha + reached_a[-1]) - s * np.log(beta + reached_b[-1])]
    for begin, end, a, b, a0, b0 in zip(
        cuts[:-1], cuts[1:], buying, leaving, reached_a[:-1], reached_b[:-1], strict=True
    ):
        if begin >= born + last - 1e-12:
            t = (end - begin) * (NODES + 1) / 2
            density = np.log(s * b) - (r + x) * np.log(alpha + a0 + a * t) - (s + 1) * np.log(beta + b0 + b * t)
            pieces.append(logsumexp(density, b=WEIGHTS * (end - begin) / 2))
    lead = np.log(factors(born + purchases)[0]).sum()
    shared = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    return lead + shared + logsumexp(pieces), np.exp(pieces[0] - logsumexp(pieces))


def test_likelihood_and_alive_are_the_definitions():
    made = world(60, seed=1)
    given = made.histories

    each = varying.log_likelihood(TRUTH, given, **BOTH)
    alive = varying.probability_alive(TRUTH, given, **BOTH)

    assert given.summary.repeats.max() > 10
    for i in range(60):
        want = brute(TRUTH, given, i, made.week[made.customer == i])
        np.testing.assert_allclose([each[i], alive[i]], want, rtol=1e-9)


def test_without_covariates_it_is_the_plain_model():
    given = world(300, seed=2).histories
    p = varying.parameters(r=0.6, alpha_weeks=9.0, s=1.0, beta_weeks=14.0)
    same = plain.Parameters(0.6, 9.0, 1.0, 14.0)

    np.testing.assert_allclose(varying.log_likelihood(p, given), plain.log_likelihood(same, given.summary), rtol=1e-9)
    np.testing.assert_allclose(
        varying.probability_alive(p, given), plain.probability_alive(same, given.summary), rtol=1e-8
    )
    np.testing.assert_allclose(
        varying.expected_purchases(p, given, 40.0), plain.expected_purchases(same, given.summary, 40.0), rtol=1e-8
    )


def test_a_life_of_extremes_stays_finite():
    """Five thousand purchases; one second; half a century; half of it unknown to any other customer."""
    dates = calendar(("price",), np.array([0.0, 1000.0]), np.array([[3.0], [-3.0]]), 5000.0)
    summary = Summary([5000, 0, 400, 0], [2599.0, 0, 1e-4, 0], [2600.0, 1e-5, 2600.0, 2600.0])
    customer = np.repeat([0, 2], [5000, 400])
    week = np.concatenate([np.linspace(0.1, 2599.0, 5000), np.linspace(1e-6, 1e-4, 400)])
    given = histories(summary, dates, born_week=np.full(4, 0.0), customer=customer, week=week)
    for base in ((1e-2, 1e-2, 1e-2, 1e2), (5.0, 1e3, 2.0, 1e-2)):
        r, alpha_weeks, s, beta_weeks = base
        p = varying.parameters(r=r, alpha_weeks=alpha_weeks, s=s, beta_weeks=beta_weeks, trans=[0.5], life=[-0.5])
        scores = varying.score(p, given, weeks=100.0, trans=["price"], life=["price"])
        assert np.isfinite(varying.log_likelihood(p, given, trans=["price"], life=["price"])).all()
        assert ((scores.p_alive >= 0) & (scores.p_alive <= 1)).all()
        assert np.isfinite(scores.expected_purchases).all()


def test_slopes_are_those_of_the_likelihood():
    given = world(400, seed=3).histories
    cells, _ = varying.distinct(given)
    blocks = (given.calendar.columns(NAMES), given.calendar.columns(NAMES[1:]))
    chosen = varying.plan(varying.NAMES, varying.SHIFTS, blocks, varying.watched(cells))
    objective = varying.objective(cells, chosen)
    theta = np.concatenate([np.log([0.9, 7.0, 0.6, 30.0]), [0.5, 0.2, -0.3, -0.4, 0.5]])

    _, slopes = objective(theta)

    numeric = [(objective(theta + 1e-5 * axis)[0] - objective(theta - 1e-5 * axis)[0]) / 2e-5 for axis in np.eye(9)]
    np.testing.assert_allclose(slopes, numeric, atol=1e-5)


def test_how_customers_are_shared_out_changes_nothing(monkeypatch):
    """One row for all of a cohort, rows of two customers, grids of a few points: the same likelihood."""
    made = world(200, seed=4)
    s = made.histories.summary
    cohort = histories(
        s,
        made.histories.calendar,
        born_week=np.zeros(200),
        customer=made.customer,
        week=made.week,
        track=made.histories.track,
    )
    want = varying.log_likelihood(TRUTH, cohort, **BOTH)

    monkeypatch.setattr("eigenform.value.lifetime.covariates.grid._CELLS_PER_ROW_MAX", 2)
    monkeypatch.setattr("eigenform.value.lifetime.covariates.grid._POINTS_MAX", 50)

    np.testing.assert_allclose(varying.log_likelihood(TRUTH, cohort, **BOTH), want, rtol=1e-12)


def test_a_track_each_is_the_same_as_shared_tracks():
    made = world(150, seed=5)
    given = made.histories
    values = [given.calendar.values[given.calendar.run_at(np.full(WEEKS, t), np.arange(WEEKS))] for t in given.track]
    own = calendar(NAMES, np.arange(WEEKS), np.array(values), WEEKS)
    apart = histories(
        given.summary,
        own,
        born_week=given.born_week,
        customer=made.customer,
        week=made.week,
        track=np.arange(150),
    )

    np.testing.assert_allclose(
        varying.log_likelihood(TRUTH, apart, **BOTH), varying.log_likelihood(TRUTH, given, **BOTH), rtol=1e-12
    )
    np.testing.assert_allclose(
        varying.expected_purchases(TRUTH, apart, 50.0, **BOTH),
        varying.expected_purchases(TRUTH, given, 50.0, **BOTH),
        rtol=1e-12,
    )


def test_the_fit_finds_what_made_the_customers():
    made = world(6000, seed=6)

    fit = varying.fit(made.histories, **BOTH)

    assert fit.status == "converged"
    sds = np.sqrt(np.diag(fit.log_covariance))
    assert (np.abs(fit.log_parameters - TRUTH.vector) < 3 * sds).all()
    assert sds[4:7].max() < 0.06
    assert sds[7:].max() < 0.3


def test_the_season_is_mistaken_for_loyalty_without_it():
    """Who is judged right after the season looks alive and busy to a model that knows no season."""
    given, after = judged(world(6000, seed=7, ends_week=140.0), 101.0)
    fit, ignorant = varying.fit(given, **BOTH), plain.fit(given.summary)

    told = varying.score(fit, given, weeks=39.0, **BOTH).expected_purchases.sum()
    untold = plain.score(ignorant, given.summary, weeks=39.0).expected_purchases.sum()

    assert told == pytest.approx(after.sum(), rel=0.06)
    assert untold > 1.2 * after.sum()


def test_scores_agree_with_simulated_customers():
    made = world(40_000, seed=8)
    given, horizon = made.histories, 40.0
    alive = varying.probability_alive(TRUTH, given, **BOTH)
    expected = varying.expected_purchases(TRUTH, given, horizon, **BOTH)
    values = given.calendar.columns(NAMES).values
    buying = np.exp(values @ TRUTH.coefficients[0])
    judged = given.born_week + given.summary.age_weeks
    until = np.minimum(made.left_week + given.born_week, judged + horizon)
    exposure = np.zeros(len(given))
    for week in range(104, 144):
        here = np.clip(until - week, 0, 1)
        exposure += here * buying[given.calendar.run_at(given.track, np.full(len(given), week + 0.5))]
    bought = np.random.default_rng(9).poisson(made.rate_per_week * np.where(made.alive, exposure, 0.0))

    for group in (given.summary.repeats == 0, given.summary.repeats > 5, alive < 0.3, given.track == 4):
        n = group.sum()
        assert n > 1000
        assert made.alive[group].mean() == pytest.approx(alive[group].mean(), abs=4 * 0.5 / np.sqrt(n))
        assert bought[group].mean() == pytest.approx(expected[group].mean(), abs=4 * bought[group].std() / np.sqrt(n))


def test_masses_add_up_to_the_mean_and_without_covariates_are_the_plain_ones():
    given = world(500, seed=12).histories
    mass = varying.count_mass(TRUTH, given, 40.0, 300, **BOTH)
    alive = varying.probability_alive(TRUTH, given, **BOTH)
    np.testing.assert_allclose(mass.sum(axis=1), 1.0, atol=1e-6)
    mean = alive * (mass @ np.arange(300))
    np.testing.assert_allclose(mean, varying.expected_purchases(TRUTH, given, 40.0, **BOTH), rtol=1e-4)

    p = varying.parameters(r=0.6, alpha_weeks=9.0, s=1.0, beta_weeks=14.0)
    x, age = given.summary.repeats, given.summary.age_weeks
    want = plain.count_mass(plain.Parameters(0.6, 9.0, 1.0, 14.0), x, age, 40.0, 50)
    np.testing.assert_allclose(varying.count_mass(p, given, 40.0, 50), want, atol=1e-5)


def test_intervals_hold_what_simulated_customers_did():
    given, after = judged(world(4000, seed=13, ends_week=140.0), 101.0)

    told = varying.predict(varying.fit(given, **BOTH), given, weeks=39.0, rng=np.random.default_rng(0), **BOTH)

    inside = (told.low <= after) & (after <= told.high)
    assert 0.8 <= inside.mean() < 0.97  # counts are lumpy, so an interval holds more than it must
    assert (after > told.high).mean() < 0.1
    busy = given.summary.repeats > 10
    assert 0.75 < inside[busy].mean() < 0.9
    assert (told.high >= told.low).all()


def test_the_horizon_needs_a_calendar():
    given = world(20, seed=10).histories

    varying.expected_purchases(TRUTH, given, 56.0, **BOTH)
    with pytest.raises(ImpossibleCovariates, match="say what will be in force until then") as refused:
        varying.expected_purchases(TRUTH, given, 56.1, **BOTH)
    assert refused.value.row == 0


def test_a_fit_without_a_peak_is_not_scored():
    given = world(40, seed=11).histories
    fit = varying.fit(given, **BOTH)

    assert not fit.converged
    with pytest.raises(NotConverged):
        varying.score(fit, given, weeks=10.0, **BOTH)
    with pytest.raises(NotConverged):
        fit.draw(draws=2, rng=np.random.default_rng(0))
    assert varying.fit(given, **BOTH, prior=varying.weak_prior(6)).converged


def dated(**changes):
    parts = {
        "summary": Summary([1, 0], [2.0, 0], [10.0, 10.0]),
        "born_week": [3.0, 0.0],
        "customer": [0],
        "week": [2.0],
        "begins_week": [0.0, 5.0],
        "values": [[0.0], [1.0]],
        "ends_week": 20.0,
    }
    parts |= changes
    dates = calendar(("sale",), np.array(parts["begins_week"]), np.array(parts["values"]), parts["ends_week"])
    return histories(
        parts["summary"],
        dates,
        born_week=np.array(parts["born_week"]),
        customer=np.array(parts["customer"]),
        week=np.array(parts["week"]),
        track=parts.get("track"),
    )


def test_a_purchase_as_a_period_begins_counts_to_that_period():
    assert dated().at_purchases.tolist() == [[1.0], [0.0]]
    assert dated(week=[1.9995]).at_purchases.tolist() == [[0.0], [0.0]]


@pytest.mark.parametrize(
    ("changes", "error", "said", "row"),
    [
        ({"ends_week": 12.0}, ImpossibleCovariates, "the calendar ends in week 12, before the day of judgement", 0),
        ({"born_week": [3.0, -1.0]}, ImpossibleCovariates, "before the calendar begins", 1),
        ({"born_week": [3.0, np.nan]}, ImpossibleCovariates, "born_week is not a number", 1),
        ({"track": [0, 1]}, ImpossibleCovariates, "track is not one of the calendar's 1", 1),
        ({"values": [[0.0], [np.nan]]}, ImpossibleCovariates, "sale is nan", 1),
        ({"values": [[0.0]]}, ImpossibleCovariates, "expected tracks x 2 periods x 1 covariates", None),
        ({"begins_week": [5.0, 0.0]}, ImpossibleCovariates, "begin one after another", None),
        ({"customer": [1]}, ImpossibleHistory, "not as many as repeats says", 0),
        ({"customer": [7]}, ImpossibleHistory, "belongs to customer 7, there are 2", None),
        ({"week": [4.0]}, ImpossibleHistory, "the last purchase is not in last_week", 0),
        ({"week": [0.0]}, ImpossibleHistory, "not after the first one", 0),
    ],
)
def test_what_does_not_fit_together_is_refused_with_its_row(changes, error, said, row):
    with pytest.raises(error) as refused:
        dated(**changes)

    assert said in str(refused.value)
    assert refused.value.row == row


def test_a_covariate_that_never_changed_while_anybody_was_watched_is_refused():
    given = dated(values=[[1.0], [1.0]])

    with pytest.raises(ImpossibleCovariates, match="sale is the same for everybody"):
        varying.fit(given, trans=["sale"])
    with pytest.raises(ImpossibleCovariates, match="the calendar has no price, only sale"):
        varying.fit(given, trans=["price"])
