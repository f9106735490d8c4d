"""Which purchase model is used and why: tried on purchases that it has not seen, or not tried for a stated reason."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from eigenform.customers.decisions import trial
from eigenform.customers.decisions.trial import Earlier, choose
from eigenform.value.lifetime import bg_nbd

TRUTH = bg_nbd.Parameters(r=0.8, alpha_weeks=8.0, a=0.6, b=2.5)
WEEKS = 20


def earlier(*, customers=400, seed=1, weeks=WEEKS, **changes):
    """Return what was known of simulated customers on a day, and what they bought in the weeks after it."""
    rng = np.random.default_rng(seed)
    age_weeks = np.floor(rng.uniform(5, 40, customers) * 7) / 7
    made = bg_nbd.simulate(TRUTH, age_weeks + weeks, rng)
    since = made.week > age_weeks[made.customer]
    last_week = np.zeros(customers)
    np.maximum.at(last_week, made.customer[~since], made.week[~since])
    told = Earlier(
        cut_on=date(2025, 10, 13),
        weeks=weeks,
        history_weeks=60.0,
        repeats=np.bincount(made.customer[~since], minlength=customers).astype(float),
        last_week=last_week,
        age_weeks=age_weeks,
        bought_since=np.bincount(made.customer[since], minlength=customers).astype(float),
        whole=np.ones(customers, dtype=bool),
        week_of_purchase=np.ceil(made.week[since] - age_weeks[made.customer[since]]),
    )
    return replace(told, **changes)


def chosen(told, seed=3):
    return choose(told, rng=np.random.default_rng(seed))


@pytest.fixture(scope="module")
def told():
    return earlier()


@pytest.fixture(scope="module")
def found(told):
    return chosen(told)


def test_all_models_are_tried_on_the_same_purchases(told, found):
    assert [t.model for t in found.trial.tried] == ["bg-nbd", "mbg-nbd", "pareto-nbd"]
    assert (found.trial.cut_on, found.trial.weeks, found.trial.customers) == ("2025-10-13", WEEKS, 400)
    assert found.trial.purchases == told.bought_since.sum() == sum(week.actual for week in found.trial.by_week)
    assert len(found.trial.by_week) == WEEKS
    assert sum(group.customers for group in found.trial.by_group) == 400


def test_the_truth_is_told_well_by_the_model_that_made_it(told, found):
    by_name = {t.model: t for t in found.trial.tried}
    made = told.bought_since.sum()

    assert by_name["bg-nbd"].low <= made <= by_name["bg-nbd"].high
    assert 0.75 <= by_name["bg-nbd"].coverage_80 <= 0.85
    assert by_name["bg-nbd"].score <= 1.005 * min(t.score for t in found.trial.tried)
    assert (found.model, found.trial.model) == ("bg-nbd", "bg-nbd")
    assert found.trial.drift is None
    assert not found.trial.naive_wins


def test_of_models_that_chance_cannot_tell_apart_the_plainest_is_used(told, monkeypatch):
    found = chosen_with(told, monkeypatch, {"bg-nbd": 0.501, "mbg-nbd": 0.600, "pareto-nbd": 0.500}, noise=0.3)

    assert found.model == "bg-nbd"
    assert found.because == (
        "BG/NBD is used: its calibrated error was 0.5010, against 0.6000 (MBG/NBD). Too close to tell apart: 0.5000 "
        "(Pareto/NBD); BG/NBD is the plainest of them."
    )


def test_a_model_that_did_better_is_used(told, monkeypatch):
    found = chosen_with(told, monkeypatch, {"bg-nbd": 0.503, "mbg-nbd": 0.500, "pareto-nbd": 0.510}, noise=0.001)

    assert (found.model, found.trial.model) == ("mbg-nbd", "mbg-nbd")
    assert found.because == (
        "MBG/NBD is used: its calibrated error was 0.5000, against 0.5030 (BG/NBD) and 0.5100 (Pareto/NBD)."
    )


def test_a_model_that_did_not_settle_stays_out_and_is_named(told, monkeypatch):
    found = chosen_with(told, monkeypatch, {"bg-nbd": 0.5, "mbg-nbd": 0.6, "pareto-nbd": None}, noise=0.0)

    assert found.because.endswith("Pareto/NBD did not settle and stayed out.")
    assert [t.model for t in found.trial.tried] == ["bg-nbd", "mbg-nbd"]


def chosen_with(told, monkeypatch, scores, *, noise):
    """Choose where each model had this mean score; customers differ by the noise between any two models."""
    real = trial.compare

    def scored(*given, **named):
        found = real(*given, **named)
        sides = dict(zip(scores, (1.0, -1.0, 0.0), strict=True))
        each = {m: s and s + noise * sides[m] * np.where(np.arange(400) % 2, 1, -1) for m, s in scores.items()}
        models = (
            replace(m, holdout=s and replace(m.holdout, crps=s, crps_each=each[m.model]))
            for m in found.models
            for s in (scores[m.model],)
        )
        return replace(found, models=tuple(models))

    monkeypatch.setattr(trial, "compare", scored)
    return chosen(told)


def test_customers_who_doubled_their_pace_are_called_drift(told):
    faster = replace(told, bought_since=told.bought_since * 2, week_of_purchase=np.repeat(told.week_of_purchase, 2))

    assert "foretold" in chosen(faster).trial.drift


def test_the_same_seed_says_the_same(told, found):
    assert chosen(told) == found


def test_sampled_histories_are_left_out(told, found):
    half = np.arange(400) < 200
    rest = chosen(replace(told, whole=half))

    assert (rest.trial.customers, rest.trial.purchases) == (200, told.bought_since[half].sum())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"history_weeks": 25.9}, "reaches back 25 weeks; models are tried from 26 weeks on."),
        ({"customers": 12}, "On the day of the cut, there are 12 customers with purchases, at least 20 are needed."),
        ({"customers": 60}, "Only 99 purchases fell in the hold-out of 20 weeks; 100 would tell"),
    ],
)
def test_too_little_to_try_models_on_is_told(changes, reason):
    found = chosen(earlier(**changes))

    assert reason in found.because
    assert "BG/NBD is used until then." in found.because
    assert (found.model, found.trial) == ("bg-nbd", None)


def test_a_turn_that_kept_no_earlier_day_says_so():
    found = choose(None, rng=np.random.default_rng(1))

    assert (found.model, found.trial) == ("bg-nbd", None)
    assert "kept no earlier day" in found.because
