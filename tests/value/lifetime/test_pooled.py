"""Cohorts pooled: against the eight schools, against separate and common fits, and against known truths."""

import numpy as np
import pytest

from eigenform.value.lifetime import ImpossibleHistory, Summary, bg_nbd, mbg_nbd, pareto_nbd, pooled
from eigenform.value.lifetime.fitted import NotConverged
from eigenform.value.lifetime.hierarchy import integrate
from eigenform.value.residual.pooling import pool

SCHOOLS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
ERRORS = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])
SIZES = (40, 40, 60, 80, 120, 200, 400, 1000)
BASE = np.log([0.6, 5.0, 0.8, 2.5])


def cohorts(seed, *, sizes=SIZES, tau=0.35):
    rng, made, truth = np.random.default_rng(seed), [], []
    for n in sizes:
        truth.append(BASE + rng.normal(0, tau, 4))
        made.append(bg_nbd.simulate(bg_nbd.Parameters(*np.exp(truth[-1])), rng.uniform(10, 100, n), rng).summary)
    return made, np.array(truth)


def all_of(made):
    columns = ("repeats", "last_week", "age_weeks")
    return Summary(*(np.concatenate([getattr(one, name) for one in made]) for name in columns))


@pytest.mark.parametrize("tau_scale", [5.0, 25.0])
def test_eight_schools_come_out_as_by_the_exact_grid(tau_scale):
    information, precision = SCHOOLS / ERRORS**2, 1.0 / ERRORS**2

    found = integrate(information[:, None], precision[:, None, None], tau_scale=np.array([tau_scale]))
    exact = pool(SCHOOLS, ERRORS, tau_scale=tau_scale)

    np.testing.assert_allclose(found.mean[:, 0], exact.mean, atol=0.01)
    np.testing.assert_allclose(np.sqrt(found.covariance[:, 0, 0]), exact.sd, atol=0.01)
    assert found.tau_mean[0] == pytest.approx(exact.tau_mean, abs=0.01)
    assert found.tau_median[0] == pytest.approx(exact.tau_median, abs=0.01)
    assert found.effective > 2000


def test_eight_schools_with_a_nearly_flat_spread_are_rubins():
    """Flat over tau: E tau 6.57, E mu 7.93, and the schools' means; few points fall where it matters, so roughly."""
    found = integrate((SCHOOLS / ERRORS**2)[:, None], (1.0 / ERRORS**2)[:, None, None], tau_scale=np.array([1000.0]))

    assert found.tau_mean[0] == pytest.approx(6.57, abs=0.1)
    assert found.mu_mean[0] == pytest.approx(7.93, abs=0.02)
    np.testing.assert_allclose(found.mean[:, 0], [11.40, 7.89, 6.13, 7.64, 5.13, 6.14, 10.67, 8.46], atol=0.05)


def test_two_parameters_that_have_nothing_to_do_with_one_another_pool_apart():
    h, precision = SCHOOLS / ERRORS**2, 1.0 / ERRORS**2
    apart = integrate(h[:, None], precision[:, None, None], tau_scale=np.array([10.0]))
    still = np.zeros((8, 2, 2))
    still[:, 0, 0], still[:, 1, 1] = precision, 1e6

    both = integrate(np.stack([h, np.zeros(8)], axis=1), still, tau_scale=np.array([10.0, 0.1]))

    np.testing.assert_allclose(both.mean[:, 0], apart.mean[:, 0], atol=0.02)
    assert both.tau_mean[1] < 0.002 < apart.tau_mean[0]


def test_a_school_without_data_says_what_the_others_say():
    h, precision = np.append(SCHOOLS / ERRORS**2, 0.0), np.append(1.0 / ERRORS**2, 0.0)

    found = integrate(h[:, None], precision[:, None, None], tau_scale=np.array([10.0]))

    assert found.mean[8, 0] == pytest.approx(found.mu_mean[0], abs=1e-9)
    assert found.own_share[8, 0] == pytest.approx(0.0, abs=1e-12)
    assert found.covariance[8, 0, 0] > found.mu_sd[0] ** 2


def test_small_cohorts_lean_on_the_others_and_large_ones_stand_alone():
    made, _ = cohorts(3)
    found = pooled.fit(bg_nbd, made)
    alone = bg_nbd.fit(made[-1])

    assert found.status == "converged"
    assert (found.own_share[0] < found.own_share[-1]).all()
    assert found.own_share[-1, :2].min() > 0.9
    assert np.abs(found.fits[-1].log_parameters - alone.log_parameters)[0] < 0.05
    assert np.abs(found.fits[0].log_parameters - np.log(found.common)).max() < 3 * found.tau_mean.max()
    assert [fit.customers for fit in found.fits] == list(SIZES)


def test_errors_are_smaller_than_of_separate_and_of_common_fits():
    off = {"pooled": [], "separate": [], "common": []}
    ahead = {"pooled": [], "separate": [], "common": []}
    for seed in range(3):
        made, truth = cohorts(seed)
        common = bg_nbd.fit(all_of(made))
        fits = {
            "pooled": pooled.fit(bg_nbd, made).fits,
            "separate": [bg_nbd.fit(one, prior=bg_nbd.WEAK_PRIOR) for one in made],
            "common": [common] * len(made),
        }
        for how, each in fits.items():
            for fit, one, true in zip(each, made, truth, strict=True):
                off[how].append(np.square(fit.log_parameters - true).mean())
                real = bg_nbd.expected_purchases(bg_nbd.Parameters(*np.exp(true)), one, 52.0)
                ahead[how].append(np.square(bg_nbd.expected_purchases(fit.parameters, one, 52.0) - real).mean())

    for errors in (off, ahead):
        root = {how: np.sqrt(np.mean(each)) for how, each in errors.items()}
        assert root["pooled"] < 0.95 * root["separate"]
        assert root["pooled"] < 0.8 * root["common"]


@pytest.mark.slow
def test_intervals_hold_the_truth_in_80_of_100_cases():
    covered = []
    for seed in range(50, 75):
        made, truth = cohorts(seed)
        for fit, true in zip(pooled.fit(bg_nbd, made).fits, truth, strict=True):
            covered.append(np.abs(fit.log_parameters - true) < 1.2816 * np.sqrt(np.diag(fit.log_covariance)))
    assert 0.75 < np.mean(covered) < 0.86


def test_cohorts_that_are_the_same_are_pooled_into_one():
    made, _ = cohorts(5, sizes=(300,) * 6, tau=0.0)
    common = bg_nbd.fit(all_of(made))

    found = pooled.fit(bg_nbd, made)

    assert found.tau_median[0] < 0.12
    together = np.array([fit.log_parameters for fit in found.fits])
    separate = np.array([bg_nbd.fit(one).log_parameters for one in made])
    assert together[:, :2].std(axis=0).max() < 0.6 * separate[:, :2].std(axis=0).min()
    np.testing.assert_allclose(np.log(found.common)[:2], common.log_parameters[:2], atol=0.1)


@pytest.mark.parametrize("model", [mbg_nbd, pareto_nbd])
def test_other_models_pool_too_and_their_fits_score(model):
    made, _ = cohorts(6, sizes=(30, 300, 600))

    found = pooled.fit(model, made)
    scores = model.score(found.fits[0], made[0], weeks=26.0)

    assert found.status == "converged"
    assert np.isfinite(scores.expected_purchases).all()
    assert len(found.fits[0].draw(draws=10, rng=np.random.default_rng(0))) == 10


def test_a_cohort_in_which_nobody_came_back_is_carried_by_the_others():
    made, _ = cohorts(7, sizes=(200, 300))
    silent = Summary(np.zeros(15), np.zeros(15), np.full(15, 30.0))

    found = pooled.fit(bg_nbd, [*made, silent])

    assert found.status == "converged"
    sds = [np.sqrt(np.diag(fit.log_covariance)) for fit in found.fits]
    assert (sds[2][1:] > sds[0][1:]).all()
    rates = [fit.parameters.r / fit.parameters.alpha_weeks for fit in found.fits]
    assert rates[2] < rates[0]
    assert rates[2] < rates[1]


def test_what_cannot_be_pooled_is_refused():
    made, _ = cohorts(8, sizes=(100, 100))
    with pytest.raises(ImpossibleHistory, match="nothing to pool it with"):
        pooled.fit(bg_nbd, made[:1])
    with pytest.raises(ImpossibleHistory, match="cohort 1 has no customers"):
        pooled.fit(bg_nbd, [made[0], Summary([], [], [])])
    with pytest.raises(ImpossibleHistory, match="tau_scale"):
        pooled.fit(bg_nbd, made, tau_scale=0.0)
    with pytest.raises(ImpossibleHistory, match="row 3"):
        pooled.fit(bg_nbd, [made[0], Summary([0, 0, 0, np.nan], [0] * 4, [9] * 4)])


def test_a_fit_without_a_peak_is_not_pooled():
    class Stubborn:
        NAMES, WEAK_PRIOR = bg_nbd.NAMES, bg_nbd.WEAK_PRIOR

        @staticmethod
        def fit(summary, *, prior=None):
            from dataclasses import replace

            return replace(bg_nbd.fit(summary, prior=prior), status="not converged: it would not")

    with pytest.raises(NotConverged, match="it would not"):
        pooled.fit(Stubborn, cohorts(9, sizes=(60, 60))[0])
