"""Choosing against trying every subset, and contact windows against counting every window."""

import itertools
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenform.value.optimise.choose import ImpossibleChoice, Limits, choose
from eigenform.value.optimise.quiet import quiet
from eigenform.value.optimise.windows import ImpossibleCap, legal_days

whole = st.integers(0, 12)
candidates = st.lists(st.tuples(whole, whole, st.integers(0, 4), st.integers(0, 1), whole), min_size=1, max_size=9)
limits = st.builds(
    Limits,
    budget=st.none() | st.integers(0, 30).map(float),
    contacts_max=st.none() | st.integers(0, 6),
    minutes=st.dictionaries(st.integers(0, 1), st.integers(0, 20).map(float), max_size=2),
    per_subject_max=st.integers(0, 2),
)


def allowed(chosen, cost, subject, channel, minutes, limits):
    return (
        (limits.budget is None or cost[chosen].sum() <= limits.budget)
        and (limits.contacts_max is None or len(chosen) <= limits.contacts_max)
        and all(minutes[chosen][channel[chosen] == c].sum() <= most for c, most in limits.minutes.items())
        and np.bincount(subject[chosen], minlength=1).max(initial=0) <= limits.per_subject_max
    )


@given(rows=candidates, limits=limits)
@settings(max_examples=150, deadline=None)
def test_no_subset_is_better_and_every_limit_is_kept(rows, limits):
    cost, gain, subject, channel, minutes = np.array(rows).T
    got = choose(cost, gain, subject=subject, channel=channel, minutes=minutes, limits=limits)

    subsets = itertools.chain.from_iterable(itertools.combinations(range(len(rows)), k) for k in range(len(rows) + 1))
    indices = (np.array(subset, dtype=int) for subset in subsets)
    best = max((gain - cost)[i].sum() for i in indices if allowed(i, cost, subject, channel, minutes, limits))

    assert allowed(got.chosen, cost, subject, channel, minutes, limits)
    assert got.objective == pytest.approx(best)
    assert got.objective == (gain - cost)[got.chosen].sum()
    assert got.gap == 0.0
    assert np.all((gain > cost)[got.chosen])


@pytest.mark.parametrize("seed", range(12))
def test_tight_knapsacks_that_greed_gets_wrong_are_solved(seed):
    rng = np.random.default_rng(seed)
    cost, minutes = rng.integers(20, 60, 14).astype(float), rng.integers(20, 60, 14).astype(float)
    gain = cost + rng.integers(30, 50, 14)
    ids = {"subject": np.arange(14), "channel": np.zeros(14, int), "minutes": minutes}
    subsets = (np.array(list(np.binary_repr(k, 14)), int).astype(bool) for k in range(2**14))
    best = max((gain - cost)[s].sum() for s in subsets if cost[s].sum() <= 200 and minutes[s].sum() <= 200)

    got = choose(cost, gain, **ids, limits=Limits(budget=200.0, minutes={0: 200.0}))

    assert got.objective == pytest.approx(best)
    assert got.bound == pytest.approx(best)
    assert got.gap == 0.0


def big(n, seed):
    rng = np.random.default_rng(seed)
    cost, gain = rng.gamma(2.0, 2.0, n), rng.lognormal(1.5, 1.0, n)
    parts = {"subject": rng.integers(0, n // 2, n), "channel": rng.integers(0, 3, n)}
    return cost, gain, {**parts, "minutes": rng.choice([0.0, 5.0, 10.0], n)}


def test_thousands_of_candidates_come_within_a_thousandth_of_the_bound(capfd):
    cost, gain, parts = big(4000, 1)
    limits = Limits(budget=800.0, contacts_max=500, minutes={0: 2000.0, 1: 800.0})

    got = choose(cost, gain, **parts, limits=limits)

    assert 0.0 <= got.gap < 1e-3
    assert got.objective <= got.bound
    assert got.gap == pytest.approx((got.bound - got.objective) / got.bound, abs=1e-9)
    assert allowed(got.chosen, cost, limits=limits, **parts)
    assert capfd.readouterr().out == ""  # standard output belongs to the answer of a command


def test_prices_foretell_what_a_little_more_brings():
    cost, gain, parts = big(4000, 2)
    before = choose(cost, gain, **parts, limits=Limits(budget=800.0, minutes={0: 900.0}))
    after = choose(cost, gain, **parts, limits=Limits(budget=820.0, minutes={0: 900.0}))
    longer = choose(cost, gain, **parts, limits=Limits(budget=800.0, minutes={0: 940.0}))

    assert before.budget_price > 0
    assert after.bound - before.bound == pytest.approx(20.0 * before.budget_price, rel=0.1)
    assert longer.bound - before.bound == pytest.approx(40.0 * before.minute_price[0], rel=0.1)
    assert choose(cost, gain, **parts, limits=Limits()).budget_price == 0.0


def test_alike_candidates_go_by_lower_number():
    got = choose(np.ones(50), np.full(50, 3.0), subject=np.arange(50)[::-1], limits=Limits(budget=7.0))
    assert got.chosen.tolist() == [0, 1, 2, 3, 4, 5, 6]

    shared = choose(np.ones(4), np.full(4, 3.0), subject=np.array([0, 0, 1, 1]), limits=Limits(contacts_max=2))
    assert shared.chosen.tolist() == [0, 2]


def test_the_same_question_gets_the_same_answer():
    cost, gain, parts = big(1500, 3)
    limits = Limits(budget=200.0, contacts_max=90)

    first, second = (choose(cost, gain, **parts, limits=limits) for _ in range(2))

    np.testing.assert_array_equal(first.chosen, second.chosen)


def test_nobody_worth_it_is_an_answer():
    got = choose(np.array([2.0, 3.0]), np.array([2.0, 1.0]), subject=np.arange(2), limits=Limits(budget=9.0))

    assert got.chosen.tolist() == []
    assert (got.objective, got.bound, got.gap) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("cost", "gain", "limits", "told"),
    [
        ([-1.0], [1.0], Limits(), "refund"),
        ([1.0], [np.nan], Limits(), "finite"),
        ([1.0, 2.0], [1.0], Limits(), "one entry per candidate"),
        ([1.0], [2.0], Limits(budget=-5.0), "limit is negative"),
        ([1.0], [2.0], Limits(minutes={0: -5.0}), "limit is negative"),
    ],
)
def test_nonsense_is_refused(cost, gain, limits, told):
    with pytest.raises(ImpossibleChoice, match=told):
        choose(np.array(cost), np.array(gain), subject=np.zeros(len(cost), int), limits=limits)


days = st.lists(st.integers(-40, 40), max_size=8)


@given(past=days, wished=days, contacts_max=st.integers(0, 4), window_days=st.integers(1, 35))
@settings(max_examples=300, deadline=None)
def test_a_day_is_legal_if_no_window_that_holds_it_overflows(past, wished, contacts_max, window_days):
    taken = list(past)
    for day, legal in zip(
        wished, legal_days(past, wished, contacts_max=contacts_max, window_days=window_days), strict=True
    ):
        windows = [range(begin, begin + window_days) for begin in range(day - window_days + 1, day + 1)]
        fullest = max(sum(other in window for other in taken) for window in windows)
        assert legal == (fullest + 1 <= contacts_max)
        if legal:
            taken.append(day)


def test_contacts_already_planned_later_count_too():
    assert legal_days([20, 25], [1], contacts_max=2, window_days=30) == [False]
    assert legal_days([31, 32], [1], contacts_max=2, window_days=30) == [True]


@pytest.mark.parametrize(("contacts_max", "window_days"), [(-1, 30), (2, 0)])
def test_a_cap_that_means_nothing_is_refused(contacts_max, window_days):
    with pytest.raises(ImpossibleCap):
        legal_days([], [1], contacts_max=contacts_max, window_days=window_days)


def test_what_others_write_while_the_solver_works_is_handed_on(capfd):
    with quiet():
        os.write(1, b"HighsMipSolverData::something\nan answer\n")
    assert capfd.readouterr().out == "an answer\n"
