"""Intervals from tables against futures made up one by one, and against what customers then really did."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenform.base.periods import WEEKS_PER_YEAR
from eigenform.value.lifetime import ImpossibleHistory, Summary, bg_nbd, gamma_gamma, mbg_nbd
from eigenform.value.lifetime.fitted import Fitted
from eigenform.value.lifetime.predictive import predict
from tests.value.lifetime.futures import bg_futures

COUNTS = bg_nbd.Parameters(r=0.8, alpha_weeks=6.0, a=0.9, b=3.0)
AMOUNTS = gamma_gamma.Parameters(p=6.25, q=3.74, gamma=15.44)
DRAWS = 50_000


def sure(parameters, names):
    """A fit without doubt."""
    k = len(names)
    return Fitted(parameters, tuple(names), np.zeros((k, k)), np.zeros(k), 0.0, 1.0, "converged")


def one(x, last_week, age_weeks, mean_spend):
    return Summary([x], [last_week], [age_weeks], [mean_spend])


def ask(summary, *, counts=COUNTS, spend=AMOUNTS, model=bg_nbd, weeks=52.0, **changes):
    spend = None if spend is None else sure(spend, gamma_gamma.NAMES)
    wanted = {"weeks": weeks, "draws": 1, "rng": np.random.default_rng(1), **changes}
    return predict(model, sure(counts, model.NAMES), summary, spend=spend, **wanted)


HISTORIES = {
    "never came back": one(0, 0.0, 30.0, np.nan),
    "bought last week": one(2, 25.0, 26.0, 30.0),
    "silent for long": one(2, 5.0, 26.0, 30.0),
    "often": one(40, 50.0, 52.0, 20.0),
    "so often that counts share rows": one(700, 51.9, 52.0, 8.0),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_ends_equal_those_of_made_up_futures(name):
    history = HISTORIES[name]
    draws = DRAWS if history.repeats[0] < 100 else DRAWS // 10
    counts, sums = bg_futures(COUNTS, AMOUNTS, history, draws, np.random.default_rng(7), weeks=52.0)

    got = ask(history)

    low, high = np.quantile(counts, [0.1, 0.9])
    assert got.expected_purchases[0] == pytest.approx(counts.mean(), abs=4 * counts.std() / np.sqrt(len(counts)))
    assert got.expected_purchases_low[0] == pytest.approx(low, rel=0.04)
    assert got.expected_purchases_high[0] == pytest.approx(high, rel=0.01)
    assert got.value[0] == pytest.approx(sums.mean(), abs=4 * sums.std() / np.sqrt(len(sums)))
    assert max(np.mean(sums < got.value_low[0]), 0.1) == pytest.approx(0.1, abs=0.013)
    assert np.mean(sums <= got.value_low[0]) >= 0.09
    assert np.mean(sums <= got.value_high[0]) == pytest.approx(0.9, abs=0.013)


def test_discount_moves_the_ends_as_it_moves_made_up_futures():
    history, per_week = HISTORIES["often"], np.log1p(0.3) / WEEKS_PER_YEAR
    rng = np.random.default_rng(5)
    _, sums = bg_futures(COUNTS, AMOUNTS, history, 60_000, rng, weeks=104.0, discount_per_week=per_week)

    got = ask(history, weeks=104.0, discount_per_year=0.3)

    assert got.value[0] == pytest.approx(sums.mean(), rel=0.015)
    assert got.value_high[0] == pytest.approx(np.quantile(sums, 0.9), rel=0.04)  # one factor for all purchases


def test_the_total_has_the_mean_and_spread_of_made_up_futures():
    names, each, worlds = ["never came back", "bought last week", "silent for long"], 30, 4_000
    base = Summary([0, 2, 2], [0.0, 25.0, 5.0], [30.0, 26.0, 26.0], [np.nan, 30.0, 30.0], [each] * 3)
    rng = np.random.default_rng(9)
    made = [bg_futures(COUNTS, AMOUNTS, HISTORIES[name], each * worlds, rng, weeks=52.0)[1] for name in names]
    sums = np.sum(made, axis=0).reshape(worlds, each).sum(axis=1)

    got = ask(base).value_total

    assert got.mean == pytest.approx(sums.mean(), rel=0.01)
    assert np.mean(sums <= got.high) == pytest.approx(0.9, abs=0.015)
    assert np.mean(sums <= got.low) == pytest.approx(0.1, abs=0.015)


def test_a_weight_counts_like_repeated_rows():
    rows = Summary([0, 3], [0.0, 9.0], [30.0, 12.0], [np.nan, 20.0])
    fourfold = Summary(
        np.tile(rows.repeats, 4), np.tile(rows.last_week, 4), np.tile(rows.age_weeks, 4), np.tile(rows.spend, 4)
    )
    weighted = Summary(rows.repeats, rows.last_week, rows.age_weeks, rows.spend, [4.0, 4.0])

    plain, heavy = ask(fourfold), ask(weighted)

    np.testing.assert_allclose(plain.value_high[:2], heavy.value_high)
    assert heavy.value_total.high == pytest.approx(plain.value_total.high)
    assert heavy.purchases_total.low == pytest.approx(plain.purchases_total.low)


def test_amounts_that_nobody_can_use_count_as_unseen():
    base = Summary([5, 5, 5], [20.0] * 3, [25.0] * 3, [30.0, 0.0, np.nan])

    got = ask(base)

    assert got.expected_purchases_high.tolist() == [got.expected_purchases_high[0]] * 3
    assert got.value_high[1] == got.value_high[2] != got.value_high[0]
    assert got.value[1] == pytest.approx(got.expected_purchases[1] * AMOUNTS.population_mean)


def test_purchases_are_the_unit_where_nothing_is_spent():
    got = ask(HISTORIES["often"], spend=None, margin_share=0.5)

    assert got.value[0] == got.expected_purchases[0]
    assert got.value_high[0] == got.expected_purchases_high[0]


def test_margin_scales_all_of_the_value_and_nothing_else():
    plain, quarter = ask(HISTORIES["often"]), ask(HISTORIES["often"], margin_share=0.25)

    for name in ("value", "value_low", "value_high"):
        assert getattr(quarter, name)[0] == pytest.approx(0.25 * getattr(plain, name)[0])
    assert quarter.value_total.high == pytest.approx(0.25 * plain.value_total.high)
    assert quarter.expected_purchases_high[0] == plain.expected_purchases_high[0]


def test_more_purchases_than_any_table_holds_are_refused():
    with pytest.raises(ImpossibleHistory, match="time unit"):
        ask(one(4000, 3.9, 4.0, 10.0), weeks=520.0)


@st.composite
def histories(draw):
    repeats = draw(st.sampled_from([0, 1, 2, 7, 60]))
    age_weeks = draw(st.floats(0.1, 500.0))
    last_week = draw(st.floats(0.01, 1.0)) * age_weeks if repeats else 0.0
    return one(repeats, last_week, age_weeks, draw(st.floats(0.5, 500.0)) if repeats else np.nan)


shapes = st.floats(0.1, 8.0)


@given(
    history=histories(),
    p=st.builds(bg_nbd.Parameters, r=shapes, alpha_weeks=st.floats(1.0, 60.0), a=shapes, b=shapes),
    spend=st.builds(gamma_gamma.Parameters, p=shapes, q=st.floats(1.2, 8.0), gamma=st.floats(0.5, 50.0)),
    weeks=st.floats(0.5, 104.0),
)
@settings(max_examples=60, deadline=None)
def test_any_history_gets_ordered_ends_that_grow_with_the_horizon(history, p, spend, weeks):
    near, far = (ask(history, counts=p, spend=spend, weeks=horizon) for horizon in (weeks, weeks * 1.5))

    assert 0.0 <= near.p_alive[0] <= 1.0
    for got in (near, far):
        assert 0 <= got.expected_purchases_low[0] <= got.expected_purchases_high[0]
        assert 0 <= got.value_low[0] <= got.value_high[0] < np.inf
        assert got.value_total.low <= got.value_total.high
    assert near.expected_purchases[0] <= far.expected_purchases[0] * (1 + 1e-5)
    assert near.expected_purchases_low[0] <= far.expected_purchases_low[0]
    assert near.expected_purchases_high[0] <= far.expected_purchases_high[0]
    assert near.value_high[0] <= far.value_high[0] * 1.01  # the table's steps


def world(model, truth, n, seed, weeks):
    """Return histories with amounts and a fit of each model, and what really happened in the next weeks."""
    rng = np.random.default_rng(seed)
    made = model.simulate(truth, rng.integers(7, 78 * 7, n) / 7.0, rng)
    x, nu = made.summary.repeats, rng.gamma(AMOUNTS.q, 1.0 / AMOUNTS.gamma, n)
    mean_spend = np.where(x > 0, rng.gamma(AMOUNTS.p * np.maximum(x, 1)) / nu / np.maximum(x, 1), np.nan)
    arrivals = rng.poisson(made.rate_per_week * weeks)
    bought = np.where(made.alive, np.minimum(arrivals, rng.geometric(made.leave_probability)), 0)
    brought = np.where(bought > 0, rng.gamma(AMOUNTS.p * np.maximum(bought, 1)) / nu, 0.0)
    return Summary(x, made.summary.last_week, made.summary.age_weeks, mean_spend), bought, brought


@pytest.mark.parametrize(("model", "n"), [(bg_nbd, 3_000), (mbg_nbd, 3_000), (bg_nbd, 60_000)])
def test_ends_hold_what_customers_really_did(model, n):
    """Few customers: random draws. Many: fixed points. Either way nine in ten bring no more than high."""
    truth = model.Parameters(r=0.8, alpha_weeks=6.0, a=0.9, b=3.0)
    summary, bought, brought = world(model, truth, n, seed=4, weeks=52.0)
    spend = gamma_gamma.fit(summary.repeats, summary.spend)

    got = predict(model, model.fit(summary), summary, spend=spend, weeks=52.0, rng=np.random.default_rng(2))

    off = 3.5 * np.sqrt(0.09 / n) + 0.005
    some = got.value_high > 0  # where even one purchase is rarer than one in ten, high is 0 and holds more
    assert np.mean((brought <= got.value_high)[some]) == pytest.approx(0.9, abs=off)
    assert np.mean(bought <= got.expected_purchases_high) >= 0.9 - off
    rows = got.value_low > 0
    assert rows.sum() > n / 60
    inside = (brought >= got.value_low) & (brought <= got.value_high)
    assert inside[rows].mean() == pytest.approx(0.8, abs=3.5 * 0.4 / np.sqrt(rows.sum()))
    assert got.value_total.mean == pytest.approx(got.value.sum(), rel=0.02)


def test_the_same_seed_gives_the_same_numbers_and_many_customers_need_none():
    few, many = (world(bg_nbd, COUNTS, n, seed=1, weeks=52.0)[0] for n in (400, 60_000))

    def total(summary, seed):
        spend = gamma_gamma.fit(summary.repeats, summary.spend)
        rng = np.random.default_rng(seed)
        return predict(bg_nbd, bg_nbd.fit(summary), summary, spend=spend, weeks=52.0, rng=rng).value_total

    assert total(few, 1) == total(few, 1) != total(few, 2)
    assert total(many, 1) == total(many, 2)
