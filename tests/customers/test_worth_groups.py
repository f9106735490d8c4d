"""Totals of groups: parts add up to the whole, and four of five groups bring what their interval says."""

import numpy as np
import pytest

from eigenform.customers.decisions.groups import groups
from eigenform.value.lifetime import Summary, bg_nbd, gamma_gamma
from eigenform.value.lifetime.cells import collapse
from eigenform.value.lifetime.worth import worth

TRUTH = bg_nbd.Parameters(r=0.8, alpha_weeks=8.0, a=0.6, b=2.5)
SPEND = gamma_gamma.Parameters(p=6.0, q=4.0, gamma=1500.0)
WEEKS = 30.0


def world(seed, customers=500):
    """Return a base as known on a day, what each customer then brought, and who was still there."""
    rng = np.random.default_rng(seed)
    age_weeks = np.floor(rng.uniform(5, 60, customers) * 7) / 7
    made = bg_nbd.simulate(TRUTH, age_weeks + WEEKS, rng)
    scale = rng.gamma(SPEND.q, 1.0, customers) / SPEND.gamma
    amount = rng.gamma(SPEND.p, 1.0, len(made.week)) / scale[made.customer]
    since = made.week > age_weeks[made.customer]
    known = ~since
    repeats = np.bincount(made.customer[known], minlength=customers).astype(float)
    spent = np.bincount(made.customer[known], weights=amount[known], minlength=customers)
    last_week = np.zeros(customers)
    np.maximum.at(last_week, made.customer[known], made.week[known])
    spend = np.where(repeats > 0, spent / np.maximum(repeats, 1.0), np.nan)
    brought = np.bincount(made.customer[since], weights=amount[since], minlength=customers)
    return Summary(repeats, last_week, age_weeks, mean_spend=spend), brought


def judged(base, seed=0):
    cells, rng = collapse(base), np.random.default_rng(seed)
    counts, spend = bg_nbd.fit(cells), gamma_gamma.fit(base.repeats, base.spend)
    told = worth(base, purchases=counts, spend=spend, horizon_weeks=WEEKS, discount_per_year=0.0, rng=rng, cells=cells)
    return told, groups(base, cells, told, model=bg_nbd, counts=counts, spend=spend, rng=rng)


@pytest.fixture(scope="module")
def known():
    base, _brought = world(1)
    return (base, *judged(base))


def test_parts_add_up_to_the_whole(known):
    base, told, of = known
    young = base.age_weeks < 30

    parts = [of.total(young), of.total(~young)]
    whole = of.total(np.ones(len(base), dtype=bool))

    assert sum(part.mean for part in parts) == pytest.approx(whole.mean) == pytest.approx(told.mean.sum())
    assert (whole.low, whole.high) == pytest.approx((told.total_low, told.total_high), rel=0.03)
    widths = [part.high - part.low for part in parts]
    assert max(widths) < whole.high - whole.low < sum(widths)


def test_nobody_is_worth_nothing_and_one_is_worth_what_they_are(known):
    base, told, of = known
    nobody, one = np.zeros(len(base), dtype=bool), np.zeros(len(base), dtype=bool)
    one[int(np.argmax(told.mean))] = True

    assert (of.total(nobody).mean, of.total(nobody).high) == (0.0, 0.0)
    assert of.total(one).mean == told.mean.max()
    assert of.total(one).low < told.mean.max() < of.total(one).high


def test_how_many_are_still_there_is_the_sum_of_their_chances(known):
    base, told, of = known
    some = base.repeats > 2

    alive = of.alive(some)

    assert alive.mean == pytest.approx(told.p_alive[some].sum())
    least = 1.2815515655446004 * np.sqrt((told.p_alive[some] * (1 - told.p_alive[some])).sum())
    assert alive.high - alive.mean > least
    assert 0 <= alive.low < alive.mean < alive.high <= some.sum()


@pytest.mark.slow
def test_four_of_five_groups_bring_what_their_interval_says():
    inside = []
    for seed in range(60):
        base, brought = world(seed)
        _told, of = judged(base, seed)
        for group in (base.age_weeks < 20, base.repeats == 0, base.repeats > 3):
            told = of.total(group)
            inside.append(told.low <= brought[group].sum() <= told.high)

    assert 0.72 <= np.mean(inside) <= 0.88
