"""Twenty customers and a weak prior: the interval is as wide as the truth is unsure, whatever the truth."""

import numpy as np
import pytest

from eigenform.value.lifetime import bg_bb, bg_nbd, gamma_gamma, mbg_nbd, pareto_nbd, sbg

DISCRETE = (bg_bb, sbg)


@pytest.mark.slow
@pytest.mark.parametrize("model", [bg_nbd, mbg_nbd, pareto_nbd, bg_bb, sbg], ids=lambda model: model.__name__[-8:])
def test_intervals_from_twenty_customers_hold_truths_drawn_from_the_prior(model):
    """Worlds are drawn as the prior believes; then 80 % intervals must hold 80 % of the truths, none refused."""
    held = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        truth = np.log(model.WEAK_PRIOR.medians) + model.WEAK_PRIOR.log_sds * rng.standard_normal(len(model.NAMES))
        ages = rng.integers(1, 13, 20).astype(float) if model in DISCRETE else rng.integers(30, 700, 20) / 7.0
        summary = model.simulate(model.Parameters(*np.exp(truth)), ages, rng).summary
        fit = model.fit(summary, prior=model.WEAK_PRIOR)
        assert fit.converged, (seed, fit.status)
        held.append(np.abs(fit.log_parameters - truth) < 1.2816 * np.sqrt(np.diag(fit.log_covariance)))
    assert 0.74 < np.mean(held) < 0.86
    assert np.mean(held, axis=0).min() > 0.70


@pytest.mark.slow
def test_intervals_from_twenty_spenders_hold_truths_drawn_from_the_prior():
    held = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        p, q = 4.0 * np.exp(0.7 * rng.standard_normal(2))
        repeats = rng.integers(1, 8, 20).astype(float)
        mean_spend = rng.gamma(p * repeats) / rng.gamma(q, 1.0 / 75.0, 20) / repeats
        fit = gamma_gamma.fit(repeats, mean_spend, prior=gamma_gamma.WEAK_PRIOR)
        assert fit.converged, (seed, fit.status)
        off = np.abs(fit.log_parameters - np.log([p, q, 75.0]))
        held.append(off < 1.2816 * np.sqrt(np.diag(fit.log_covariance)))
    assert 0.74 < np.mean(held) < 0.86
