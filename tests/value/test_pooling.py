"""Pooling of levels and shares: coverage on simulated segments, and what must hold for any."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom

from eigenform.value.residual.pooling import ImpossibleEstimate, pool, pooled_moments
from eigenform.value.residual.shares import effective_counts, pool_shares

segments = st.lists(st.tuples(st.floats(-100, 100), st.floats(0.01, 50)), min_size=1, max_size=12)


@given(segments=segments)
@settings(max_examples=60, deadline=None)
def test_pooled_levels_lie_between_the_estimates_and_are_surer(segments):
    y, s = np.array(segments).T

    got = pool(y, s)

    room = 1e-6 * (1 + np.abs(y).max())
    assert np.all(got.mean >= y.min() - room)
    assert np.all(got.mean <= y.max() + room)
    assert np.all(got.low < got.high)
    assert np.all((got.p_below_0 >= 0) & (got.p_below_0 <= 1))
    np.testing.assert_allclose(pooled_moments(y, s), [got.mean, got.sd])


@given(segments=segments, shift=st.floats(-50, 50), scale=st.floats(0.1, 100))
@settings(max_examples=40, deadline=None)
def test_pooling_does_not_depend_on_unit_or_order(segments, shift, scale):
    y, s = np.array(segments).T
    got = pool(y, s)

    turned = pool((y * scale + shift)[::-1], (s * scale)[::-1])

    room = 1e-6 * scale * (1 + np.abs(y).max() + s.max()) + 1e-9 * abs(shift)
    np.testing.assert_allclose(turned.mean[::-1], got.mean * scale + shift, atol=room)
    np.testing.assert_allclose(turned.high[::-1], got.high * scale + shift, atol=room)


def test_one_segment_alone_keeps_its_own_estimate():
    got = pool(np.array([3.0]), np.array([2.0]))

    assert got.mean[0] == pytest.approx(3.0)
    assert got.sd[0] == pytest.approx(2.0)
    assert got.high[0] == pytest.approx(3.0 + 1.28155 * 2.0, abs=1e-4)


@pytest.mark.parametrize("tau", [0.0, 0.5, 2.0])
def test_eighty_per_cent_of_true_levels_lie_in_their_intervals(tau):
    rng = np.random.default_rng(6)
    errors = np.array([0.3, 0.5, 0.8, 1.0, 1.0, 1.5, 2.0, 3.0, 0.4, 0.7])
    inside, own = [], []
    for _ in range(300):
        truth = rng.normal(1.0, tau, 10)
        estimate = truth + errors * rng.normal(size=10)
        got = pool(estimate, errors)
        inside.append((truth >= got.low) & (truth <= got.high))
        own.append(np.abs(got.mean - truth) < np.abs(estimate - truth))
    assert np.mean(inside) > 0.75
    assert np.mean(inside) < (0.85 if tau > 0 else 0.95)  # equal segments: the prior never believes it quite
    assert np.mean(own) > 0.5


@pytest.mark.parametrize(
    ("y", "s", "scale"),
    [([1.0], [0.0], None), ([np.nan], [1.0], None), ([1.0, 2.0], [1.0], None), ([1.0, 2.0], [1.0, 1.0], np.inf)],
)
def test_what_cannot_be_pooled_is_refused(y, s, scale):
    with pytest.raises(ImpossibleEstimate):
        pool(np.array(y), np.array(s), tau_scale=scale)


def test_pooled_shares_equal_a_fine_grid():
    short, n = np.array([3.0, 0.0, 9.0, 4.0]), np.array([10.0, 4.0, 12.0, 40.0])
    means, roots = (grid.ravel() for grid in np.meshgrid((np.arange(400) + 0.5) / 400, (np.arange(400) + 0.5) / 400))
    k = roots**-2.0
    weight = np.prod([betabinom.pmf(s, t, means * k, (1 - means) * k) for s, t in zip(short, n, strict=True)], axis=0)
    weight /= weight.sum()
    wanted = [weight @ ((means * k + s) / (k + t)) for s, t in zip(short, n, strict=True)]

    got = pool_shares(short, n)

    np.testing.assert_allclose(got.mean, wanted, atol=2e-3)


def test_eighty_per_cent_of_true_shares_lie_in_their_intervals():
    rng = np.random.default_rng(9)
    n = np.array([3, 8, 20, 20, 60, 200, 12, 5])
    inside, above = [], []
    for _ in range(300):
        truth = rng.beta(3.0, 9.0, 8)
        got = pool_shares(rng.binomial(n, truth).astype(float), n.astype(float))
        inside.append((truth >= got.low) & (truth <= got.high))
        above.append([(truth > 0.25).mean(), got.probability_above(0.25).mean()])
    assert 0.75 < np.mean(inside) < 0.85
    said = np.mean(above, axis=0)
    assert said[0] == pytest.approx(said[1], abs=0.03)


@given(
    counts=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=1, max_size=8),
    tolerance=st.floats(0, 1),
)
@settings(max_examples=40, deadline=None)
def test_any_counts_give_shares(counts, tolerance):
    short = np.array([min(pair) for pair in counts], float)
    n = np.array([max(pair) for pair in counts], float)

    got = pool_shares(short, n)

    assert np.all((got.low >= 0) & (got.low <= got.high) & (got.high <= 1))
    assert np.all((got.mean > 0) & (got.mean < 1))
    above = got.probability_above(tolerance)
    assert np.all((above >= -1e-12) & (above <= 1 + 1e-12))


def test_a_segment_without_readings_gets_its_sisters_share_with_more_doubt():
    got = pool_shares(np.array([30.0, 28.0, 33.0, 0.0]), np.array([100.0, 100.0, 100.0, 0.0]))

    assert got.mean[3] == pytest.approx(0.3, abs=0.06)
    assert got.high[3] - got.low[3] > got.high[0] - got.low[0]


def test_weighted_readings_count_with_their_effective_number():
    cell = np.array([0, 0, 0, 0, 1])

    short, n = effective_counts(cell, np.array([1, 0, 0, 0, 1]), np.array([1.0, 1.0, 1.0, 1.0, 5.0]), 3)

    assert n.tolist() == [4.0, 1.0, 0.0]
    assert short.tolist() == [1.0, 1.0, 0.0]
