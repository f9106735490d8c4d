"""Uplift: the Qini curve by hand, its interval over seeds, and that shuffled arms sort nothing."""

import numpy as np
import pytest

from eigenform.value.response import uplift
from eigenform.value.response.effects import Effect
from eigenform.value.response.trial import TooFewToTell, Trial
from eigenform.value.response.uplift import by_group, deciles, places, qini, ranked

SEEDS = 120


def grown(seed, n=3000, spread=3.0, e=0.5):
    """Return a trial in which the gain rises with x0 from -spread to spread around 1, and x."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1.0, 1.0, size=(n, 3))
    treated = rng.random(n) < e
    outcome = 5.0 + 2.0 * x[:, 1] + (1.0 + spread * x[:, 0]) * treated + rng.normal(0.0, 2.0, n)
    return Trial(outcome, treated, e), x


def sorted_by_line(trial, x, seed):
    judged, place = ranked(trial, x, rng=np.random.default_rng(seed))
    return qini(judged, place, rng=np.random.default_rng(seed))


def test_places_run_from_best_to_worst_and_ties_share():
    np.testing.assert_allclose(places([3.0, 1.0, 3.0, 0.0]), [0.25, 0.625, 0.25, 0.875])
    np.testing.assert_allclose(places([3.0, 1.0, 9.0, 8.0], np.array([0, 0, 1, 1])), [0.25, 0.75, 0.25, 0.75])


def test_a_perfect_ranking_wins_the_area_that_theory_says():
    """Gain 1 + 3x, x uniform in (-1, 1): gain of the best share s is s + 3 s (1 - s), area 3 (1/2 - 1/3) = 1/2."""
    areas, hits, curves = [], 0, 0
    for seed in range(SEEDS):
        trial, x = grown(seed)
        found = qini(trial, places(x[:, 0]), rng=np.random.default_rng(seed), shuffles=2)
        areas.append(found.area)
        hits += found.area_low <= 0.5 <= found.area_high
        curves += found.gain_low[10] <= 1.25 <= found.gain_high[10]

    assert np.mean(areas) == pytest.approx(0.5, abs=3.5 * np.std(areas) / np.sqrt(SEEDS))
    assert 0.72 <= hits / SEEDS <= 0.88
    assert 0.7 <= curves / SEEDS <= 0.9
    assert found.share[0] == 0.0 and found.gain[0] == 0.0
    assert found.gain[-1] == pytest.approx(1.0, abs=0.3)
    np.testing.assert_allclose(found.at_random, found.share * found.gain[-1])


def test_the_area_is_what_lies_between_curve_and_line():
    trial, x = grown(4)
    found = qini(trial, places(x[:, 0]), rng=np.random.default_rng(1), shuffles=2)
    between = np.trapezoid(found.gain - found.at_random, found.share)

    assert found.area == pytest.approx(between, abs=0.01)


def test_a_line_learnt_out_of_fold_finds_who_gains_and_the_null_is_left_behind():
    trial, x = grown(7)
    found = sorted_by_line(trial, x, 7)

    assert found.area_low > 0.3
    assert found.null_low < 0.0 < found.null_high < found.area_low
    assert found.p_null == pytest.approx(1 / 201)


def test_shuffled_treatment_sorts_nothing():
    """The interval holds 0 in about 80 to 90 of 100 worlds in which the arms mean nothing."""
    holds, p = 0, []
    for seed in range(SEEDS):
        trial, x = grown(seed, n=1000)
        arms = np.random.default_rng(seed).permutation(trial.treated)
        found = sorted_by_line(Trial(trial.outcome, arms, 0.5), x, seed)
        holds += found.area_low <= 0.0 <= found.area_high
        p.append(found.p_null)

    assert 0.74 <= holds / SEEDS <= 0.93
    assert np.mean(np.array(p) <= 0.2) == pytest.approx(0.2, abs=0.11)


def test_who_gain_alike_cannot_be_sorted_however_large_the_gain():
    holds = 0
    for seed in range(SEEDS):
        trial, x = grown(seed, n=1000, spread=0.0, e=0.8)
        found = sorted_by_line(trial, x, seed)
        holds += found.area_low <= 0.0 <= found.area_high

    assert 0.74 <= holds / SEEDS <= 0.93


def test_unequal_propensities_do_not_bend_the_curve():
    rng = np.random.default_rng(1)
    n = 40_000
    x = rng.uniform(-1.0, 1.0, n)
    e = 0.5 + 0.4 * x
    treated = rng.random(n) < e
    trial = Trial(5.0 + 8.0 * x + 1.0 * treated + rng.normal(size=n), treated, e)  # all gain 1

    found = qini(trial, places(x), rng=rng, shuffles=50)
    blind = qini(Trial(trial.outcome, treated, treated.mean()), places(x), rng=rng, shuffles=50)

    assert found.area_low <= 0.0 <= found.area_high
    assert found.gain[-1] == pytest.approx(1.0, abs=0.25)
    assert abs(blind.gain[-1] - 1.0) > 2.0


def test_groups_tell_their_own_effect_or_say_why_not():
    trial, x = grown(4, n=20_000)
    group = np.where(x[:, 0] > 0, 1, 0)
    group[:15] = 2
    low, high, few = by_group(trial, group, 3)

    assert isinstance(low, Effect) and low.mean == pytest.approx(1.0 - 1.5, abs=0.15)
    assert isinstance(high, Effect) and high.mean == pytest.approx(1.0 + 1.5, abs=0.15)
    assert isinstance(few, TooFewToTell)
    assert sum(e.treated + e.withheld for e in (low, high, few)) == 20_000


def test_tenths_fall_from_the_best_to_the_worst():
    trial, x = grown(9, n=20_000)
    found = [e.mean for e in deciles(trial, places(x[:, 0]))]

    assert found == sorted(found, reverse=True)
    np.testing.assert_allclose(found, 1.0 + 3.0 * np.linspace(0.9, -0.9, 10), atol=0.5)


def test_the_null_of_many_is_what_shuffling_gives(monkeypatch):
    trial, x = grown(5, n=4_000, e=0.3)
    place = places(x[:, 1])
    shuffled = qini(trial, place, rng=np.random.default_rng(1), shuffles=2_000)
    monkeypatch.setattr(uplift, "_SHUFFLED_MAX", 10)
    known = qini(trial, place, rng=np.random.default_rng(1))

    assert (known.null_low, known.null_high) == pytest.approx((shuffled.null_low, shuffled.null_high), rel=0.08)
    assert known.p_null == pytest.approx(shuffled.p_null, abs=0.03)


def test_the_area_s_deviation_knows_that_ranks_are_drawn_too():
    """Where gains differ far more than outcomes scatter, who stands before whom moves the area as well."""
    found = [
        qini(trial, places(x[:, 0]), rng=np.random.default_rng(1), shuffles=1)
        for trial, x in (grown(seed, n=500, spread=30.0) for seed in range(300))
    ]

    assert np.mean([q.area_sd for q in found]) == pytest.approx(np.std([q.area for q in found]), rel=0.09)
