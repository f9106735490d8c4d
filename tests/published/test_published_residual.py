"""Filter and pooling against printed numbers.

Nile: Durbin and Koopman (2012), chapter 2. Eight schools: Rubin (1981). Batting: Efron and Morris (1975).
"""

import numpy as np
import pytest
from scipy.stats import norm

from eigenform.value.residual import kalman
from eigenform.value.residual.pooling import own_weight, pool

# Annual flow of the Nile at Aswan 1871-1970, 100 million cubic metres. Public domain.
# fmt: off
NILE = np.array([
    1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140,
    1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969,
    831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759,
    781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890,
    744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
], dtype=float)
# fmt: on
LEVEL_NOISE, READING_NOISE = 1469.1, 15099.0
NAN = np.nan


@pytest.mark.parametrize(("ratio", "gain"), [(1.0, 0.618034), (0.1, 0.27016), (0.01, 0.09512)])
def test_local_level_settles_at_its_steady_gain(ratio, gain):
    model = kalman.local_level(level_noise=ratio, reading_noise=1.0, mean=0.0, variance=1e6)
    before = kalman.filter_states(np.zeros((300, 1)), model).predicted_covariance[-1, 0, 0]

    assert kalman.steady_gain(ratio) == pytest.approx(gain, abs=5e-6)
    assert before / (before + 1.0) == pytest.approx(gain, abs=5e-6)


def test_nile_level_and_both_published_log_likelihoods():
    vague = kalman.local_level(level_noise=LEVEL_NOISE, reading_noise=READING_NOISE, mean=0.0, variance=1e6)
    path = kalman.filter_states(NILE[:, None], vague)
    first_term = kalman.filter_states(NILE[:1, None], vague).log_likelihood

    exact = kalman.local_level_log_likelihood(NILE, level_noise=LEVEL_NOISE, reading_noise=READING_NOISE)

    assert exact == pytest.approx(-633.4646, abs=5e-5)
    assert path.log_likelihood - first_term == pytest.approx(-632.5377, abs=5e-5)
    assert path.mean[-1, 0] == pytest.approx(798.37, abs=5e-3)
    assert path.covariance[-1, 0, 0] == pytest.approx(4032.16, abs=5e-3)


def test_published_nile_variances_are_the_likeliest():
    def fit(level_noise, reading_noise):
        return kalman.local_level_log_likelihood(NILE, level_noise=level_noise, reading_noise=reading_noise)

    best = fit(LEVEL_NOISE, READING_NOISE)
    assert best > max(fit(LEVEL_NOISE * 1.05, READING_NOISE), fit(LEVEL_NOISE * 0.95, READING_NOISE))
    assert best > max(fit(LEVEL_NOISE, READING_NOISE * 1.05), fit(LEVEL_NOISE, READING_NOISE * 0.95))


def test_expectation_and_experience_worked_example():
    """The states at the first time are one step after mean (5, 5) and identity covariance."""
    step = np.array([[0.7, 0.3], [0.0, 1.0]])
    noise = np.diag([0.01, 0.04])
    model = kalman.expectation_and_experience(
        0.3,
        state_noise=noise,
        reading_noise=np.diag([0.25, 0.16]),
        mean=step @ np.array([5.0, 5.0]),
        covariance=step @ step.T + noise,
    )
    readings = np.array([[6, 5], [NAN, 5.2], [5.8, NAN], [NAN, NAN], [5.5, 4.0]])

    mean, sd = kalman.residual(kalman.filter_states(readings, model))

    np.testing.assert_allclose(mean, [-0.6209, -0.3791, -0.3099, -0.2169, -0.5434], atol=5e-5)
    np.testing.assert_allclose(sd, [0.5280, 0.3729, 0.3379, 0.3255, 0.2584], atol=5.1e-5)
    np.testing.assert_allclose(norm.cdf(-mean / sd), [0.8802, 0.8453, 0.8205, 0.7475, 0.9823], atol=5e-5)


def test_eight_schools_with_flat_prior_on_the_spread():
    effects = np.array([28, 8, -3, 7, -1, 1, 18, 12], dtype=float)
    errors = np.array([15, 10, 16, 11, 9, 11, 10, 18], dtype=float)

    got = pool(effects, errors, tau_scale=np.inf)

    assert got.tau_mean == pytest.approx(6.57, abs=5e-3)
    assert got.tau_median == pytest.approx(5.24, abs=1e-2)
    assert got.mu_mean == pytest.approx(7.93, abs=5e-3)
    np.testing.assert_allclose(got.mean, [11.40, 7.89, 6.13, 7.64, 5.13, 6.14, 10.67, 8.46], atol=6e-3)


def test_eight_schools_are_not_declared_equal():
    """Q = 4.7 < 7 makes the DerSimonian-Laird spread 0: everybody at 7.686. Integration keeps the order."""
    effects = np.array([28, 8, -3, 7, -1, 1, 18, 12], dtype=float)
    errors = np.array([15, 10, 16, 11, 9, 11, 10, 18], dtype=float)
    precision = errors**-2.0
    total = (precision @ effects) / precision.sum()
    assert total == pytest.approx(7.686, abs=5e-4)
    assert precision.sum() ** -0.5 == pytest.approx(4.072, abs=5e-4)
    assert precision @ (effects - total) ** 2 == pytest.approx(4.707, abs=5e-4)

    got = pool(effects, errors)

    assert got.mean[0] - got.mean[4] > 5.0


@pytest.mark.parametrize(("n", "weight"), [(1, 0.2), (4, 0.5), (16, 0.8)])
def test_weight_of_a_segments_own_mean(n, weight):
    sd_of_one_reading, tau = 2.0, 1.0

    assert own_weight(tau, sd_of_one_reading / np.sqrt(n)) == pytest.approx(weight)


def test_batting_averages_shrink_as_efron_and_morris_printed():
    """Their factor .212 takes .400 to .2936; integrating the spread shrinks a little less, never more than all."""
    # fmt: off
    hits = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7], dtype=float)
    # fmt: on
    averages = hits / 45.0
    mean = averages.mean()
    variance = mean * (1.0 - mean) / 45.0
    factor = 1.0 - 15.0 * variance / np.square(averages - mean).sum()
    assert mean == pytest.approx(0.265, abs=5e-4)
    assert factor == pytest.approx(0.212, abs=0.012)
    printed = 0.265 + 0.212 * (0.400 - 0.265)
    assert printed == pytest.approx(0.2936, abs=5e-5)

    got = pool(averages, np.full(18, np.sqrt(variance)))

    kept = (got.mean[0] - got.mu_mean) / (0.400 - mean)
    assert 0.15 < kept < 0.40
    assert got.mean[0] == pytest.approx(0.2936, abs=0.02)
