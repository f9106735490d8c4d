"""Filter and smoother against brute force: one big normal distribution, conditioned on what was read."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenform.value.residual import kalman

TIMES, STATES, READINGS = 6, 2, 2


def random_model(rng):
    def covariance(size):
        root = rng.normal(size=(size, size))
        return root @ root.T + 0.1 * np.eye(size)

    return kalman.Model(
        transition=rng.normal(size=(TIMES, STATES, STATES)) * 0.6,
        state_noise=np.array([covariance(STATES) for _ in range(TIMES)]),
        offset=rng.normal(size=(TIMES, STATES)),
        design=rng.normal(size=(READINGS, STATES)),
        reading_noise=np.array([covariance(READINGS) for _ in range(TIMES)]),
        mean=rng.normal(size=STATES),
        covariance=covariance(STATES),
    )


def joint(model):
    """Return mean and covariance of all states stacked."""
    size = TIMES * STATES
    mean, lift, noise = np.zeros(size), np.zeros((size, size)), np.zeros((size, size))
    lift[:STATES, :STATES], noise[:STATES, :STATES] = np.eye(STATES), model.covariance
    mean[:STATES] = model.mean
    for t in range(1, TIMES):
        here, before = slice(t * STATES, (t + 1) * STATES), slice((t - 1) * STATES, t * STATES)
        step = model.transition[t - 1]
        mean[here] = step @ mean[before] + model.offset[t - 1]
        lift[here] = step @ lift[before]
        lift[here, here] = np.eye(STATES)
        noise[here, here] = model.state_noise[t - 1]
    return mean, lift @ noise @ lift.T


def condition(model, readings, last):
    """Return mean and covariance of all states given the readings up to time last, and their log density."""
    mean, covariance = joint(model)
    design = np.kron(np.eye(TIMES), model.design)
    noise = np.zeros((TIMES * READINGS,) * 2)
    for t in range(TIMES):
        here = slice(t * READINGS, (t + 1) * READINGS)
        noise[here, here] = model.reading_noise[t]
    seen = np.isfinite(readings) & (np.arange(TIMES)[:, None] <= last)
    chosen = np.flatnonzero(seen.ravel())
    design, noise, values = design[chosen], noise[np.ix_(chosen, chosen)], readings.ravel()[chosen]
    spread = design @ covariance @ design.T + noise
    error = values - design @ mean
    gain = covariance @ design.T @ np.linalg.inv(spread)
    log_density = -0.5 * (error @ np.linalg.solve(spread, error) + np.linalg.slogdet(2 * np.pi * spread)[1])
    return mean + gain @ error, covariance - gain @ design @ covariance, log_density


@given(seed=st.integers(0, 10_000), missing=st.floats(0.0, 0.9))
@settings(max_examples=40, deadline=None)
def test_filter_and_smoother_equal_brute_force(seed, missing):
    rng = np.random.default_rng(seed)
    model, readings = random_model(rng), rng.normal(size=(TIMES, READINGS))
    readings[rng.random((TIMES, READINGS)) < missing] = np.nan

    filtered = kalman.filter_states(readings, model)
    smoothed = kalman.smooth_states(filtered, model)

    whole_mean, whole_covariance, log_density = condition(model, readings, TIMES - 1)
    assert filtered.log_likelihood == pytest.approx(log_density, abs=1e-8)
    for t in range(TIMES):
        here = slice(t * STATES, (t + 1) * STATES)
        mean, covariance, _ = condition(model, readings, t)
        np.testing.assert_allclose(filtered.mean[t], mean[here], atol=1e-8)
        np.testing.assert_allclose(filtered.covariance[t], covariance[here, here], atol=1e-8)
        np.testing.assert_allclose(smoothed.mean[t], whole_mean[here], atol=1e-8)
        np.testing.assert_allclose(smoothed.covariance[t], whole_covariance[here, here], atol=1e-8)


def test_a_missing_reading_is_skipped_not_read_as_zero():
    model = kalman.local_level(level_noise=0.5, reading_noise=1.0, mean=10.0, variance=1.0)

    path = kalman.filter_states(np.array([[10.0], [np.nan], [10.0]]), model)

    np.testing.assert_allclose(path.mean[:, 0], 10.0)
    assert path.covariance[1, 0, 0] > path.covariance[0, 0, 0]
    assert np.isnan(path.innovations[1, 0])


def test_residual_takes_the_covariance_into_account():
    covariance = np.array([[[1.0, 0.9], [0.9, 1.0]]])
    path = kalman.Path(np.array([[4.0, 3.0]]), covariance, *(np.zeros(0),) * 3, 0.0)

    mean, sd = kalman.residual(path)

    assert mean[0] == -1.0
    assert sd[0] == pytest.approx(np.sqrt(0.2))  # independence would claim 1.41


def test_standardised_innovations_are_white_when_the_model_is_true():
    rng = np.random.default_rng(4)
    level = np.cumsum(rng.normal(0.0, 0.7, 4000))
    model = kalman.local_level(level_noise=0.49, reading_noise=2.25, mean=0.0, variance=0.49)

    path = kalman.filter_states((level + rng.normal(0.0, 1.5, 4000))[:, None], model)

    shocks = path.innovations[:, 0]
    assert shocks.std() == pytest.approx(1.0, abs=0.04)
    assert np.corrcoef(shocks[1:], shocks[:-1])[0, 1] == pytest.approx(0.0, abs=0.05)


@given(share=st.floats(0.01, 0.99), first=st.floats(0.1, 5.0), second=st.floats(0.1, 5.0))
def test_adaptation_over_two_stretches_is_adaptation_over_their_sum(share, first, second):
    kept = (1 - kalman.adaptation_over(share, first)) * (1 - kalman.adaptation_over(share, second))

    assert kept == pytest.approx(1 - kalman.adaptation_over(share, first + second))
    assert kalman.adaptation_over(share, 1.0) == pytest.approx(share)


def test_parts_that_do_not_fit_are_refused():
    model = kalman.local_level(level_noise=1.0, reading_noise=np.ones((3, 1, 1)), mean=0.0, variance=1.0)
    with pytest.raises(kalman.ImpossibleModel, match="reading_noise"):
        kalman.filter_states(np.zeros((5, 1)), model)
