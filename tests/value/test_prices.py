"""Prices for very many: never beyond a limit, never beyond the bound, near what the exact solver finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from eigenform.value.optimise import prices
from eigenform.value.optimise.branching import fill, relax
from eigenform.value.optimise.choose import ImpossibleChoice, Limits, choose
from eigenform.value.optimise.dual import price
from eigenform.value.optimise.grouping import Candidates, market_of
from eigenform.value.optimise.market import barred_sets
from eigenform.value.optimise.quiet import quiet
from eigenform.value.optimise.rows import problem_of

OFFERS = 5


def offered(subjects, seed, *, step=0.0):
    """Return columns of five offers to each subject; values on a grid of `step`, so that many are alike."""
    rng = np.random.default_rng(seed)
    base = rng.lognormal(1.0, 1.0, subjects)
    gain = 3.0 * (base[:, None] * rng.lognormal(0.0, 0.6, (subjects, OFFERS))).ravel()
    return {
        "cost": np.tile([2.0, 1.0, 0.5, 0.1, 4.0], subjects),
        "gain": np.round(gain / step) * step if step else gain,
        "subject": np.repeat(np.arange(subjects), OFFERS),
        "channel": np.tile([0, 1, 2, 3, 0], subjects),
        "minutes": np.tile([10.0, 5.0, 3.0, 0.5, 20.0], subjects),
        "offer": np.tile(np.arange(OFFERS), subjects),
        "segment": np.repeat(np.arange(subjects) % 3, OFFERS),
    }


def limits(subjects, **changes):
    minutes = {0: 0.6 * subjects, 1: 0.5 * subjects, 2: 0.2 * subjects, 3: 0.02 * subjects}
    plain = {"budget": 0.3 * subjects, "contacts_max": subjects // 4, "minutes": minutes}
    return Limits(**{**plain, **changes})


def market(columns, limit):
    others = {name: values for name, values in columns.items() if name != "gain"}
    return market_of(Candidates.of(**others, net=columns["gain"] - columns["cost"]), limit)[0]


def kept(columns, chosen, limit):
    """Tell whether a choice keeps every limit, checked one by one as a person would."""
    cost, minutes, channel = (columns[name][chosen] for name in ("cost", "minutes", "channel"))
    subject, offer, segment = (columns[name][chosen] for name in ("subject", "offer", "segment"))
    pairs = set(zip(subject.tolist(), offer.tolist(), strict=True))
    slack = 1e-6
    return (
        (limit.budget is None or cost.sum() <= limit.budget + slack)
        and (limit.contacts_max is None or len(chosen) <= limit.contacts_max)
        and all(minutes[channel == c].sum() <= most + slack for c, most in limit.minutes.items())
        and np.bincount(subject, minlength=1).max(initial=0) <= limit.per_subject_max
        and not any((s, a) in pairs and (s, b) in pairs for a, b in limit.excludes for s in set(subject.tolist()))
        and all((segment == s).sum() >= share * len(chosen) - slack for s, share in limit.floors.items())
    )


some_limits = st.builds(
    Limits,
    budget=st.none() | st.floats(0, 40),
    contacts_max=st.none() | st.integers(0, 30),
    minutes=st.dictionaries(st.integers(0, 3), st.floats(0, 90), max_size=4),
    per_subject_max=st.integers(1, 3),
    excludes=st.sampled_from([frozenset(), frozenset({(0, 1)}), frozenset({(0, 1), (1, 2), (3, 4)})]),
    floors=st.sampled_from([{}, {1: 0.3}, {0: 0.4, 2: 0.4}]),
)


@given(subjects=st.integers(1, 12), seed=st.integers(0, 10**6), limit=some_limits, step=st.sampled_from([0.0, 4.0]))
@settings(max_examples=40, deadline=None)
def test_prices_keep_every_limit_and_prove_their_bound(subjects, seed, limit, step):
    columns = offered(subjects, seed, step=step)
    stood = market(columns, limit)
    if len(stood.net) == 0:
        return
    found = prices.decompose(stood)
    chosen = np.flatnonzero(columns["gain"] > columns["cost"])[found.chosen]

    problem = problem_of(stood, limit.most())
    greedy = fill(problem, relax(problem))

    assert kept(columns, chosen, limit)
    assert (found.prices >= 0).all()
    assert stood.net[found.chosen].sum() <= found.bound * (1 + 1e-9)
    assert stood.net[greedy].sum() <= found.bound * (1 + 1e-9)
    assert kept(columns, np.flatnonzero(columns["gain"] > columns["cost"])[greedy], limit)


@given(subjects=st.integers(1, 12), seed=st.integers(0, 10**6), budget=st.integers(0, 12), more=st.integers(1, 8))
@settings(max_examples=60, deadline=None)
def test_more_budget_never_adds_less(subjects, seed, budget, more):
    columns = offered(subjects, seed)
    less, richer = (choose(**columns, limits=Limits(budget=float(b))) for b in (budget, budget + more))

    assert (less.gap, richer.gap) == (0.0, 0.0)
    assert richer.objective >= less.objective


@pytest.mark.parametrize("step", [0.0, 5.0])
def test_at_a_size_that_highs_can_solve_the_bound_is_that_of_the_linear_programme(step):
    columns = offered(3_000, 7, step=step)
    limit = limits(3_000)
    stood = market(columns, limit)

    best = relax(problem_of(stood, limit.most())).bound
    priced = price(stood)
    found = prices.decompose(stood)

    assert best * (1 - 1e-12) <= priced.bound <= best * (1 + 5e-4)
    assert found.bound <= best * (1 + 1e-5)
    assert best * (1 - 5e-4) <= stood.net[found.chosen].sum() <= best * (1 + 1e-12)


def test_fifty_thousand_customers_come_within_a_twentieth_of_a_per_mille():
    columns = offered(60_000, 3)
    got = choose(**columns, limits=limits(60_000))

    assert kept(columns, got.chosen, limits(60_000))
    assert 0.0 <= got.gap < 5e-5
    assert got.contact_price > 0


def test_where_all_are_alike_the_limits_are_used_up_and_lower_numbers_go_first():
    columns = offered(60_000, 3)
    columns["gain"] = np.tile([10.0, 9.0, 8.0, 7.0, 6.0], 60_000)
    limit = limits(60_000, minutes={0: 36_000.0})
    got = choose(**columns, limits=limit)

    assert kept(columns, got.chosen, limit)
    assert got.gap < 1e-4
    worth = (columns["gain"] - columns["cost"])[got.chosen]
    assert (np.diff(worth) <= 1e-12).all()  # the better offer goes to the lower number


def test_the_same_question_gets_the_same_answer_and_the_order_of_rows_does_not_matter():
    columns = offered(12_000, 5)
    first = choose(**columns, limits=limits(12_000))
    order = np.random.default_rng(0).permutation(len(columns["cost"]))
    shuffled = choose(**{name: values[order] for name, values in columns.items()}, limits=limits(12_000))

    np.testing.assert_array_equal(choose(**columns, limits=limits(12_000)).chosen, first.chosen)
    assert shuffled.objective == pytest.approx(first.objective, rel=1e-4)


def test_prices_foretell_what_one_more_contact_adds():
    columns = offered(30_000, 2)
    before = choose(**columns, limits=Limits(contacts_max=6_000))
    after = choose(**columns, limits=Limits(contacts_max=6_100))

    assert after.objective - before.objective == pytest.approx(100 * before.contact_price, rel=0.02)


def test_a_floor_gives_a_segment_its_share_and_has_its_price():
    columns = offered(4_000, 4)
    columns["gain"] = np.where(columns["segment"] == 2, columns["gain"] * 0.3, columns["gain"])
    free = choose(**columns, limits=Limits(contacts_max=900))
    held = choose(**columns, limits=Limits(contacts_max=900, floors={2: 0.3}))

    assert (columns["segment"][free.chosen] == 2).mean() < 0.2
    assert (columns["segment"][held.chosen] == 2).mean() >= 0.3
    assert held.objective < free.objective
    assert held.floor_price[2] > 0


def test_two_offers_that_exclude_each_other_never_go_to_one_subject():
    columns = offered(4_000, 6)
    limit = Limits(per_subject_max=2, excludes=frozenset({(0, 4)}))
    got = choose(**columns, limits=limit)
    without = choose(**columns, limits=Limits(per_subject_max=2))

    assert kept(columns, got.chosen, limit)
    assert not kept(columns, without.chosen, limit)
    assert got.gap == 0.0


def test_every_smallest_way_to_meet_the_exclusions():
    assert barred_sets(frozenset()) == [frozenset()]
    assert barred_sets(frozenset({(0, 1), (1, 2)})) == [frozenset({0, 2}), frozenset({1})]


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        (Limits(floors={0: 0.7, 1: 0.6}), "more than all"),
        (Limits(per_subject_max=2, excludes=frozenset({(1, 1)})), "excludes itself"),
    ],
)
def test_rules_that_cannot_hold_are_refused(limit, told):
    with pytest.raises(ImpossibleChoice, match=told):
        choose(**offered(2, 1), limits=limit)


def best_by_programme(columns, limit):
    """Return the best objective, from a programme written out row by row and handed to the solver whole."""
    worthwhile = np.flatnonzero(columns["gain"] > columns["cost"])
    cost, minutes, channel, subject, offer, segment = (
        columns[name][worthwhile] for name in ("cost", "minutes", "channel", "subject", "offer", "segment")
    )
    net, n = columns["gain"][worthwhile] - cost, len(worthwhile)
    rows = [(np.ones(n) * (subject == s), limit.per_subject_max) for s in np.unique(subject)]
    rows += [(cost, limit.budget)] if limit.budget is not None else []
    rows += [(np.ones(n), limit.contacts_max)] if limit.contacts_max is not None else []
    rows += [(minutes * (channel == c), most) for c, most in limit.minutes.items()]
    rows += [(share - (segment == s), 0.0) for s, share in limit.floors.items()]
    for a, b in limit.excludes:
        for s in np.unique(subject):
            rows.append((1.0 * ((subject == s) & ((offer == a) | (offer == b))), 1.0))
    sides, most = np.array([row for row, _ in rows]), [most for _, most in rows]
    with quiet():
        answer = milp(
            -net, constraints=LinearConstraint(sides, -np.inf, most), integrality=np.ones(n), bounds=Bounds(0, 1),
            options={"mip_rel_gap": 0.0},
        )  # fmt: skip
    return -answer.fun


wider_limits = st.builds(
    Limits,
    budget=st.none() | st.floats(5, 120),
    contacts_max=st.none() | st.integers(5, 60),
    minutes=st.dictionaries(st.integers(0, 3), st.floats(20, 300), max_size=4),
    per_subject_max=st.integers(1, 3),
    excludes=st.sampled_from([frozenset(), frozenset({(0, 1)}), frozenset({(0, 1), (1, 2), (3, 4)})]),
    floors=st.sampled_from([{}, {1: 0.3}, {0: 0.4, 2: 0.4}]),
)


@given(subjects=st.integers(13, 60), seed=st.integers(0, 10**6), limit=wider_limits, step=st.sampled_from([0.0, 4.0]))
@settings(max_examples=30, deadline=None)
def test_with_floors_and_exclusions_no_programme_finds_more(subjects, seed, limit, step):
    columns = offered(subjects, seed, step=step)
    got = choose(**columns, limits=limit)
    best = best_by_programme(columns, limit)

    assert kept(columns, got.chosen, limit)
    assert got.objective == pytest.approx(best, rel=1e-7) or got.gap > 0
    assert got.objective <= best * (1 + 1e-7)
    assert best <= got.bound * (1 + 1e-7)
    assert got.gap < 2e-3


@pytest.mark.parametrize("seed", range(4))
def test_hundreds_of_candidates_under_a_budget_that_just_binds_are_proven_best(seed, capfd):
    rng = np.random.default_rng(seed)
    cost = rng.integers(20, 900, 300).astype(float)
    columns = {
        "cost": cost,
        "gain": cost + rng.lognormal(6.0, 1.0, 300),
        "subject": np.repeat(np.arange(150), 2),
        "channel": np.tile([0, 1], 150),
        "minutes": rng.choice([2.0, 5.0, 15.0], 300),
        "offer": np.tile([0, 1], 150),
        "segment": np.zeros(300, int),
    }
    free = choose(**columns, limits=Limits(contacts_max=75))
    limit = Limits(budget=float(cost[free.chosen].sum()) - 1.0, contacts_max=75, minutes={0: 300.0})
    got = choose(**columns, limits=limit)

    assert kept(columns, got.chosen, limit)
    assert got.gap == 0.0
    assert got.objective == pytest.approx(best_by_programme(columns, limit), rel=1e-9)
    assert capfd.readouterr().out == ""
