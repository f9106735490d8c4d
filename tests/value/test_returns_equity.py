"""Diminishing returns and the split of winning and keeping: against a search, at the edges, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from eigenform.value.optimise.equity import Curve, ImpossibleEquity, calibrated, customer_value, split
from eigenform.value.optimise.oscillation import ImpossibleDamping, oscillation
from eigenform.value.optimise.returns import ImpossibleReturns, returned, share_out

curves = st.lists(st.tuples(st.floats(0.0, 500.0), st.floats(0.001, 2.0)), min_size=1, max_size=6)


@given(curves=curves, budget=st.floats(0, 400))
@settings(max_examples=200, deadline=None)
def test_the_whole_budget_is_shared_and_no_shift_between_two_helps(curves, budget):
    c, k = np.array(curves).T
    got = share_out(c, k, budget)
    marginal = c * k * np.exp(-k * got.budgets)

    assert (got.budgets >= 0).all()
    if (c > 0).any():
        assert got.budgets.sum() == pytest.approx(budget, abs=1e-6 * max(budget, 1.0))
    spent = got.budgets > 1e-9
    assert marginal[spent] == pytest.approx(np.full(spent.sum(), got.price), rel=1e-6)
    assert (marginal[~spent] <= got.price * (1 + 1e-6) + 1e-12).all()


def test_a_search_finds_no_better_split():
    c, k, budget = np.array([300.0, 200.0, 5.0]), np.array([0.03, 0.05, 0.9]), 40.0
    got = share_out(c, k, budget)

    found = minimize(
        lambda b: -returned(c, k, b).sum(),
        np.full(3, budget / 3),
        bounds=[(0, budget)] * 3,
        constraints={"type": "eq", "fun": lambda b: b.sum() - budget},
    )

    assert got.total == pytest.approx(-found.fun, rel=1e-6)
    assert got.total >= -found.fun - 1e-9


def test_the_price_is_what_one_more_unit_brings():
    c, k = np.array([300.0, 200.0]), np.array([0.03, 0.05])
    before, after = share_out(c, k, 100.0), share_out(c, k, 100.01)

    assert (after.total - before.total) / 0.01 == pytest.approx(before.price, rel=1e-3)


@pytest.mark.parametrize(
    ("c", "k", "budget"),
    [([1.0], [0.0], 1.0), ([-1.0], [1.0], 1.0), ([1.0, 2.0], [1.0], 1.0), ([1.0], [1.0], -1.0), ([np.nan], [1.0], 1.0)],
)
def test_curves_that_mean_nothing_are_refused(c, k, budget):
    with pytest.raises(ImpossibleReturns):
        share_out(np.array(c), np.array(k), budget)


shares = st.floats(0.05, 1.0)


@given(
    margin=st.floats(1, 500),
    discount=st.floats(0.02, 0.5),
    win=st.builds(Curve, shares, st.floats(0.001, 2)),
    keep=st.builds(Curve, st.floats(0.05, 0.98), st.floats(0.0005, 2)),
)
@settings(max_examples=100, deadline=None)
def test_no_other_spend_on_keeping_or_winning_brings_more(margin, discount, win, keep):
    got = split(margin=margin, discount=discount, win=win, keep=keep)
    grid = np.linspace(0, 2 * margin, 801)

    values = [customer_value(r, margin=margin, discount=discount, keep=keep) for r in grid]
    equity = [win.at(a) * got.customer_value - a for a in np.linspace(0, 2 * got.customer_value, 801)]

    assert got.customer_value >= max(values) - 1e-6 * margin
    assert got.equity >= max(equity) - 1e-6 * margin
    assert got.equity >= 0
    assert got.win_spend >= got.win_spend_first_margin  # who looks at the first margin only spends too little


def test_where_keeping_or_winning_never_pays_nothing_is_spent():
    got = split(margin=1.0, discount=0.1, win=Curve(0.1, 0.01), keep=Curve(0.1, 0.01))

    assert (got.keep_spend, got.win_spend, got.equity) == (0.0, 0.0, 0.0)
    assert got.customer_value == 1.0


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Curve(1.2, 0.1),
        lambda: Curve(0.5, 0.0),
        lambda: calibrated(0.0, 0.1, 0.5),
        lambda: calibrated(5.0, 0.5, 0.5),
        lambda: split(margin=0.0, discount=0.1, win=Curve(0.1, 1), keep=Curve(0.1, 1)),
        lambda: split(margin=1.0, discount=0.0, win=Curve(0.1, 1), keep=Curve(0.1, 1)),
    ],
)
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(ImpossibleEquity):
        wrong()


def test_no_channel_closes_no_gap():
    with pytest.raises(ImpossibleDamping):
        oscillation(0.5, 0)
