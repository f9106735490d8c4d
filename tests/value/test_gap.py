"""Gaps of cells: coverage on simulated worlds, silence where nothing is known, and no look ahead."""

import numpy as np
import pytest

from eigenform.value.residual import gap

CELLS, WEEKS = 40, 60


def world(seed, *, drift, readings=3000, noise_sd=3.0, between_sd=0.5, freedom=None):
    """Return readings of 40 cells in 5 groups, and each cell's true level in the last week."""
    rng = np.random.default_rng(seed)
    group = np.arange(CELLS) // 8
    start = rng.normal(0.0, 1.0, 5)[group] + rng.normal(0.0, between_sd, CELLS)
    level = start[:, None] + np.cumsum(rng.normal(0.0, drift, (CELLS, WEEKS)), axis=1)
    busy = rng.gamma(1.0, 1.0, CELLS)
    cell = rng.choice(CELLS, readings, p=busy / busy.sum())
    week = rng.uniform(0.0, WEEKS, readings)
    error = rng.normal(size=readings) if freedom is None else rng.standard_t(freedom, readings)
    return (cell, week, level[cell, week.astype(int)] + noise_sd * error), group, level[:, -1]


def ask(readings, group, **changes):
    return gap.cell_posteriors(*readings, **{"cells": len(group), "now_week": float(WEEKS), "group": group, **changes})


@pytest.mark.parametrize(
    ("drift", "readings", "at_most"), [(0.3, 3000, 0.85), (0.05, 20_000, 0.85), (0.0, 3000, 0.95), (0.05, 600, 0.95)]
)
def test_eighty_per_cent_of_true_levels_lie_in_their_intervals(drift, readings, at_most):
    """Where drift is slow or data few the interval holds more: drift is never believed to be nil."""
    inside = []
    for seed in range(30):
        data, group, truth = world(seed, drift=drift, readings=readings)
        got = ask(data, group)
        known = np.isfinite(got.sd)
        inside.append(((truth >= got.low) & (truth <= got.high))[known].mean())
    assert 0.75 < np.mean(inside) < at_most


def test_heavy_tails_do_not_make_intervals_too_narrow():
    inside = []
    for seed in range(30):
        data, group, truth = world(seed, drift=0.05, freedom=2.5)
        got = ask(data, group)
        known = np.isfinite(got.sd)
        inside.append(((truth >= got.low) & (truth <= got.high))[known].mean())
    assert np.mean(inside) > 0.75


def test_pooling_comes_nearer_to_the_truth_than_the_cell_alone():
    pooled, alone = [], []
    for seed in range(20):
        data, group, truth = world(seed, drift=0.02, readings=400, between_sd=0.2)
        got = ask(data, group)
        known = np.isfinite(got.sd)
        pooled.append(np.square(got.mean - truth)[known].mean())
        alone.append(np.square(got.own_mean - truth)[known].mean())
    assert np.mean(pooled) < 0.7 * np.mean(alone)


def test_recent_readings_count_more_once_the_level_has_moved():
    rng = np.random.default_rng(1)
    week = np.repeat(np.arange(60.0), 40)
    moved = np.where(week < 40, 0.0, -2.0) + rng.normal(0.0, 1.0, len(week))
    steady = rng.normal(0.0, 1.0, len(week))
    data = (np.repeat([0, 1], len(week)), np.tile(week, 2), np.concatenate([moved, steady]))

    got = ask(data, np.array([0, 1]))

    assert got.mean[0] == pytest.approx(-2.0, abs=0.2)  # a plain mean would say -0.67
    assert got.p_below_0[0] > 0.99
    assert got.mean[1] == pytest.approx(0.0, abs=0.25)
    assert got.half_life_weeks[0] < got.half_life_weeks[1]
    assert got.low[0] < got.mean[0] < got.high[0]


def test_no_drift_and_one_cell_is_the_plain_mean():
    rng = np.random.default_rng(3)
    week, value = np.sort(rng.uniform(0, 60, 4000)), rng.normal(-0.5, 2.0, 4000)

    got = ask((np.zeros(4000, int), week, value), np.array([0]))

    assert got.own_mean[0] == pytest.approx(value.mean(), abs=0.06)
    assert got.noise_variance[0] == pytest.approx(4.0, rel=0.06)
    assert got.n[0] == 4000
    assert got.last_week[0] == week[-1]


def test_short_share_counts_readings_below_zero_of_the_last_year():
    week = np.append(np.full(400, 200.0), np.full(100, 10.0))
    value = np.append(np.tile([-1.0, 1.0, 2.0, 3.0], 100), np.full(100, -5.0))

    got = ask((np.zeros(500, int), week, value), np.array([0]), now_week=201.0, tolerated_share=0.2)

    assert got.short_share_mean[0] == pytest.approx(0.25, abs=0.01)
    assert got.short_share_low[0] < 0.25 < got.short_share_high[0]
    assert got.p_share_above[0] > 0.98
    assert np.isnan(ask((np.zeros(500, int), week, value), np.array([0]), now_week=201.0).p_share_above[0])


def test_what_cannot_be_told_is_nan_with_a_reason():
    data = (np.array([0, 0, 1, 1, 1, 1, 1, 1]), np.full(8, 5.0), np.array([1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]))

    got = ask(data, np.array([0, 1, 2]), now_week=40.0)

    assert np.isnan(got.sd).all()
    assert got.mean[0] == pytest.approx(1.5)
    assert np.isnan(got.mean[2])
    assert got.warnings[0][0] == "no interval: too few readings in the group"
    assert got.warnings[1][0] == "no interval: all readings are equal, so their spread cannot be told"
    assert got.warnings[2] == ("cannot tell: nothing was read",)
    assert got.warnings[1][-1] == "old: the last reading is 35 weeks old"
    assert got.n.tolist() == [2, 6, 0]


def test_no_readings_at_all_is_no_crash():
    nothing = np.array([])

    got = ask((nothing.astype(int), nothing, nothing), np.array([0, 0]))

    assert np.isnan(got.mean).all()
    assert got.warnings[0] == ("cannot tell: nothing was read",)


def test_a_mean_that_hangs_on_one_reading_says_so():
    rng = np.random.default_rng(5)
    value = np.append(rng.normal(0.0, 1.0, 50), -90.0)

    got = ask((np.zeros(51, int), np.linspace(0, 59, 51), value), np.array([0]))

    assert any("heavy tail" in text for text in got.warnings[0])


def test_a_reading_from_the_future_is_refused():
    with pytest.raises(gap.ImpossibleReading, match="must not know the future"):
        ask((np.array([0]), np.array([61.0]), np.array([1.0])), np.array([0]))


@pytest.mark.parametrize(
    ("cell", "value", "weight", "told"),
    [(3, 1.0, 1.0, "cell number"), (0, np.nan, 1.0, "finite"), (0, 1.0, -1.0, "negative"), (-1, 1.0, 1.0, "cell")],
)
def test_impossible_readings_are_refused(cell, value, weight, told):
    with pytest.raises(gap.ImpossibleReading, match=told):
        ask((np.array([cell]), np.array([1.0]), np.array([value]), np.array([weight])), np.array([0]))


def test_another_unit_changes_only_the_scale():
    data, group, _ = world(1, drift=0.1)
    days = ask(data, group)
    hours = ask((data[0], data[1], data[2] * 24.0), group)

    np.testing.assert_allclose(hours.mean, days.mean * 24.0, atol=1e-7)
    np.testing.assert_allclose(hours.high, days.high * 24.0, atol=1e-6)
    np.testing.assert_allclose(hours.p_below_0, days.p_below_0, atol=1e-9)


def test_the_chart_ends_where_the_cell_alone_stands():
    data, group, _ = world(2, drift=0.2)
    own = data[0] == 7
    posterior = ask(data, group)

    path = gap.trajectory(
        data[1][own],
        data[2][own],
        noise_variance=posterior.noise_variance[7],
        drift_variance_per_week=posterior.drift_variance_per_week[7],
        now_week=float(WEEKS),
    )

    assert path.week[-1] == WEEKS
    assert path.n.sum() == own.sum()
    assert path.mean[-1] == pytest.approx(posterior.own_mean[7], abs=0.3 * posterior.own_sd[7])
    assert path.high[-1] - path.low[-1] == pytest.approx(2 * 1.2816 * posterior.own_sd[7], rel=0.2)
    nothing = np.array([])
    empty = gap.trajectory(nothing, nothing, noise_variance=1.0, drift_variance_per_week=0.1, now_week=5.0)
    assert len(empty.week) == 0


def test_a_single_reading_is_counted_once():
    path = gap.trajectory(
        np.array([3.5]), np.array([-2.0]), noise_variance=4.0, drift_variance_per_week=1.0, now_week=5.0
    )

    assert path.week.tolist() == [3.0, 4.0, 5.0]
    np.testing.assert_allclose(path.mean, -2.0)
    np.testing.assert_allclose(path.high - path.mean, 1.28155 * np.sqrt([4.0, 5.0, 6.0]), rtol=1e-5)


def test_halves_asked_separately_add_their_variances_and_pairs_do_not():
    known = {"expectation_mean": 5.0, "expectation_sd": 0.3, "experience_mean": 4.5, "experience_sd": 0.4}

    apart = gap.independent_gap(**known)
    paired = gap.paired_gap(**known, covariance=0.06)

    assert apart.mean == paired.mean == -0.5
    assert apart.sd == pytest.approx(0.5)
    assert apart.p_below_0 == pytest.approx(0.841345, abs=1e-6)
    assert paired.sd == pytest.approx(np.sqrt(0.13))
    with pytest.raises(gap.ImpossibleReading, match="covariance"):
        gap.paired_gap(**known, covariance=0.2)


def shocked_world(seed: int, *, cells: int = 4, weeks: int = 60, per_week: int = 20) -> tuple[np.ndarray, ...]:
    """Return readings whose weeks share a shock as large as a reading's own scatter; every level is 0."""
    rng = np.random.default_rng(seed)
    shock = rng.normal(0.0, 1.0, (cells, weeks))
    cell, week, _reading = (part.ravel() for part in np.indices((cells, weeks, per_week)))
    return cell, week.astype(float), shock[cell, week] + rng.normal(0.0, 1.0, len(cell))


def test_shocks_that_a_week_shares_do_not_pass_for_drift():
    inside, widths = [], []
    for seed in range(60):
        cell, week, gaps = shocked_world(seed)
        got = gap.cell_posteriors(cell, week, gaps, cells=4, now_week=68.0, group=np.zeros(4, np.int64))
        inside += ((got.low < 0.0) & (got.high > 0.0)).tolist()
        widths += (got.high - got.low).tolist()

    # Four cells of one true level: pooling makes the interval safe; as drift the shocks would make it four wide.
    assert 0.75 <= np.mean(inside) <= 0.97
    assert np.median(widths) < 0.6
