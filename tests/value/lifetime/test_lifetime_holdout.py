"""Hold-outs of customers whose truth is known: calibrated where the model is true, told where it is not."""

from dataclasses import replace

import numpy as np
import pytest

from eigenform.value.lifetime import ImpossibleHistory, Summary, bg_nbd, mbg_nbd, pareto_nbd
from eigenform.value.lifetime.compare import compare
from eigenform.value.lifetime.fitted import Fitted
from eigenform.value.lifetime.holdout import judge
from eigenform.value.lifetime.registry import COUNT_MODELS

TRUTHS = {
    bg_nbd: bg_nbd.Parameters(0.8, 6.0, 0.9, 3.0),
    mbg_nbd: mbg_nbd.Parameters(0.8, 6.0, 0.9, 3.0),
    pareto_nbd: pareto_nbd.Parameters(0.8, 6.0, 0.6, 12.0),
}
WEEKS = 39.0


def world(model, n, seed):
    """Return histories up to a day, purchases in the weeks since, and the week of each."""
    rng = np.random.default_rng(seed)
    age = rng.integers(7 * 20, 7 * 60, n) / 7.0
    whole = model.simulate(TRUTHS[model], age + WEEKS, rng)
    past = whole.week <= age[whole.customer]
    last = np.zeros(n)
    np.maximum.at(last, whole.customer[past], whole.week[past])
    summary = Summary(np.bincount(whole.customer[past], minlength=n), last, age)
    since = ~past
    actual = np.bincount(whole.customer[since], minlength=n).astype(float)
    return summary, actual, (whole.week - age[whole.customer])[since]


def held(model, n, seed, **changes):
    summary, actual, when = world(model, n, seed)
    wanted = {"weeks": WEEKS, "rng": np.random.default_rng(seed), "week_of_actual": when, **changes}
    return judge(model, model.fit(summary), summary, actual, **wanted)


@pytest.mark.parametrize("model", TRUTHS)
@pytest.mark.parametrize("n", [1500, 40_000])
def test_a_true_model_covers_what_it_promises(model, n):
    got = held(model, n, seed=3)

    assert got.coverage_80 == pytest.approx(0.8, abs=3 * 0.4 / np.sqrt(n) + 0.005)
    assert got.coverage_80_interval >= 0.79
    assert got.predicted == pytest.approx(got.actual, rel=0.12 if n < 2000 else 0.03)
    assert not got.naive_wins


def test_errors_are_those_of_a_plain_loop():
    summary, actual, when = world(bg_nbd, 300, 5)
    fit = bg_nbd.fit(summary)

    got = judge(bg_nbd, fit, summary, actual, weeks=WEEKS, rng=np.random.default_rng(1), week_of_actual=when)

    expected = bg_nbd.expected_purchases(fit.parameters, summary, WEEKS)
    assert got.mae == pytest.approx(np.mean([abs(e - a) for e, a in zip(expected, actual, strict=True)]))
    assert got.rmse == pytest.approx(np.sqrt(np.mean(np.square(expected - actual))))
    assert got.naive_mae == pytest.approx(np.mean(np.abs(summary.repeats / summary.age_weeks * WEEKS - actual)))
    assert (got.predicted, got.actual) == (pytest.approx(expected.sum()), actual.sum())


def test_the_score_is_the_sum_over_counts_that_it_is_defined_by():
    """At one parameter point the forecast is (1 - alive) at 0 plus alive times the model's mass."""
    summary, actual, _ = world(bg_nbd, 60, 7)
    p = TRUTHS[bg_nbd]
    sure = Fitted(p, bg_nbd.NAMES, np.zeros((4, 4)), np.zeros(4), 0.0, 60.0, "converged")

    got = judge(bg_nbd, sure, summary, actual, weeks=WEEKS, rng=np.random.default_rng(1), draws=1)

    counts = 600
    mass = bg_nbd.count_mass(p, summary.repeats, summary.age_weeks, WEEKS, counts)
    alive = bg_nbd.probability_alive(p, summary)
    mass = alive[:, None] * mass
    mass[:, 0] += 1.0 - alive
    reached = np.cumsum(mass, axis=1)
    steps = np.arange(counts)[None] >= actual[:, None]
    np.testing.assert_allclose(got.crps_each, np.square(reached - steps).sum(axis=1), atol=1e-6)
    assert got.crps == pytest.approx(got.crps_each.mean())


def test_weeks_and_tenths_add_up_to_the_whole():
    got = held(mbg_nbd, 3000, seed=2)

    assert [week.week for week in got.by_week] == list(range(1, 40))
    assert sum(week.actual for week in got.by_week) == got.actual
    assert sum(week.predicted for week in got.by_week) == pytest.approx(got.predicted, rel=1e-3)
    inside = [week.low <= week.actual <= week.high for week in got.by_week]
    assert 0.65 < np.mean(inside) < 0.95
    assert sum(tenth.customers * tenth.actual for tenth in got.by_decile) == pytest.approx(got.actual)
    assert sum(tenth.customers * tenth.predicted for tenth in got.by_decile) == pytest.approx(got.predicted)
    assert np.all(np.diff([tenth.predicted for tenth in got.by_decile]) >= 0)


def test_a_base_that_buys_more_than_before_is_off_the_forecast():
    summary, actual, _ = world(bg_nbd, 4000, 9)
    fit = bg_nbd.fit(summary)

    def drift(counts):
        return judge(bg_nbd, fit, summary, counts, weeks=WEEKS, rng=np.random.default_rng(1)).drift

    assert drift(actual) is None
    more = actual + (np.random.default_rng(2).random(4000) < 0.3)
    assert "fewer); chance and doubt allow" in drift(more)
    assert "either customers changed or the model does not fit them" in drift(more)
    assert "more); chance and doubt allow" in drift(np.floor(actual * 0.6))


@pytest.mark.parametrize("model", [bg_nbd, pareto_nbd])
def test_a_true_model_is_seldom_called_drifted(model):
    """The band is left by chance in one of ten; make slow asks a hundred seeds."""
    assert sum(held(model, 600, seed, draws=2).drift is not None for seed in range(30)) <= 6


@pytest.mark.slow
@pytest.mark.parametrize("model", TRUTHS)
def test_a_true_model_is_called_drifted_in_at_most_a_tenth_of_hold_outs(model):
    assert sum(held(model, 2000, seed, draws=2).drift is not None for seed in range(100)) <= 15


def test_the_naive_rule_is_named_where_it_wins():
    """Somebody buys every second week without fail: carrying the rate on is right, the model expects them to leave."""
    steady = np.full(200, 10.0)
    summary = Summary(steady, np.full(200, 20.0), np.full(200, 20.0))
    fit = replace(bg_nbd.fit(world(bg_nbd, 500, 1)[0]), status="converged")

    got = judge(bg_nbd, fit, summary, steady, weeks=20.0, rng=np.random.default_rng(1))

    assert got.naive_mae == 0.0
    assert got.naive_wins


def test_the_true_model_is_found_among_three_or_said_to_be_close():
    summary, actual, when = world(pareto_nbd, 8000, 11)

    got = compare(summary, actual, weeks=WEEKS, rng=np.random.default_rng(1), week_of_actual=when)

    assert {one.model for one in got.models} == set(COUNT_MODELS)
    scores = [one.holdout.crps for one in got.models]
    assert scores == sorted(scores)
    assert got.best == got.models[0].model == "pareto-nbd"
    assert got.because.startswith("pareto-nbd has the smallest calibrated error on 39 weeks")
    assert "It beats the naive rule" in got.because


def test_where_no_model_can_be_fitted_the_reason_is_told():
    nobody = Summary(np.zeros(30), np.zeros(30), np.full(30, 20.0))

    class Flat:
        WEAK_PRIOR = bg_nbd.WEAK_PRIOR

        @staticmethod
        def fit(summary, *, prior=None):
            return bg_nbd.fit(nobody)

    got = compare(nobody, np.zeros(30), weeks=10.0, rng=np.random.default_rng(1), models={"flat": Flat})

    assert got.best is None
    assert got.models[0].weak_prior
    assert got.because.startswith("No model could be fitted: flat: not converged")


@pytest.mark.parametrize(
    ("actual", "weeks", "told"),
    [([1.0], 4.0, "shape"), ([1.0, 0.5], 4.0, "row 1"), ([1.0, -1.0], 4.0, "row 1"), ([1.0, 1.0], 0.0, "weeks")],
)
def test_impossible_hold_outs_are_refused(actual, weeks, told):
    fit = bg_nbd.fit(world(bg_nbd, 500, 1)[0])
    summary = Summary([1, 0], [2.0, 0.0], [5.0, 5.0])

    with pytest.raises(ImpossibleHistory, match=told):
        judge(bg_nbd, fit, summary, np.array(actual), weeks=weeks, rng=np.random.default_rng(1))


def test_customers_who_share_a_row_are_covered_in_whole_numbers():
    """A share of customers is k of n of them, however the base is told; a weight of 1 is one draw."""
    summary, actual, _ = world(bg_nbd, 300, 4)
    fit = bg_nbd.fit(summary)
    told = np.stack([summary.repeats, summary.last_week, summary.age_weeks, actual])
    rows, weight = np.unique(told, axis=1, return_counts=True)
    shared = Summary(rows[0], rows[1], rows[2], weight=weight.astype(float))

    got = judge(bg_nbd, fit, shared, rows[3], weeks=WEEKS, rng=np.random.default_rng(1))

    covered = got.coverage_80 * 300
    assert covered == pytest.approx(round(covered), abs=1e-9)
    assert got.coverage_80 == pytest.approx(0.8, abs=0.08)


def test_a_model_is_judged_in_company_as_it_is_alone():
    summary, actual, _ = world(bg_nbd, 300, 4)
    shared = Summary(summary.repeats, summary.last_week, summary.age_weeks, weight=np.full(300, 3.0))
    alone = judge(bg_nbd, bg_nbd.fit(shared), shared, actual, weeks=WEEKS, rng=np.random.default_rng(1))
    models = {"mbg-nbd": mbg_nbd, "bg-nbd": bg_nbd}

    found = compare(shared, actual, weeks=WEEKS, rng=np.random.default_rng(1), models=models)

    (together,) = (one.holdout for one in found.models if one.model == "bg-nbd")
    for name in ("coverage_80", "coverage_80_interval", "predicted_low", "predicted_high", "crps"):
        assert getattr(together, name) == getattr(alone, name)
