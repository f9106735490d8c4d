"""BG/NBD, MBG/NBD and Gamma-Gamma on whole purchase logs, against the values that several programs agree upon.

CDNOW sample and full log: lifetimes, clvkit and an independent fit; apparel: CLVTools 0.12.1.
"""

import numpy as np
import pytest

from eigenform.value.lifetime import bg_nbd, gamma_gamma, mbg_nbd
from tests.published import logs


@pytest.fixture(scope="module")
def sample(shared_data):
    return logs.cdnow_sample(shared_data)


@pytest.fixture(scope="module")
def full(shared_data):
    return logs.cdnow_full(shared_data)


@pytest.fixture(scope="module")
def apparel(shared_data):
    return logs.apparel(shared_data)


def equals(fit, values, log_likelihood, *, rtol):
    np.testing.assert_allclose(np.exp(fit.log_parameters), values, rtol=rtol)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=5.1e-4)
    assert fit.status == "converged"


def test_mbg_nbd_on_the_cdnow_sample(sample):
    fit = mbg_nbd.fit(sample)

    equals(fit, [0.524843, 6.183085, 0.891359, 1.614002], -9582.1357, rtol=2e-6)
    predicted = mbg_nbd.score(fit, sample, weeks=39.0).expected_purchases.sum()
    assert predicted == pytest.approx(1577, abs=0.6)  # 1,882 happened


def test_bg_nbd_on_the_cdnow_sample(sample):
    fit = bg_nbd.fit(sample)

    equals(fit, [0.242595, 4.413602, 0.792922, 2.425907], -9582.4292, rtol=3e-6)
    assert bg_nbd.score(fit, sample, weeks=39.0).expected_purchases.sum() == pytest.approx(1653, abs=0.6)
    assert float(bg_nbd.expected_new(fit.parameters, 52.0)) == pytest.approx(1.4440, abs=5e-5)


def test_both_on_the_full_cdnow_log(full):
    assert len(full) == 23_570
    assert (full.repeats > 0).sum() == 9_451
    equals(bg_nbd.fit(full), [0.2516, 4.7889, 0.7234, 2.1611], -95368.444, rtol=2e-4)
    equals(mbg_nbd.fit(full), [0.6371, 7.3103, 0.8075, 1.2284], -95336.958, rtol=2e-4)


def test_spend_on_the_full_log_leaves_out_the_one_who_only_got_gifts(full):
    """One repeat customer's orders were all of 0 dollars: other programs raise an error, or fit it as if it were spend."""
    fit = gamma_gamma.fit(full.repeats, full.spend)

    equals(fit, [6.2754, 3.6244, 14.9837], -40763.476, rtol=2e-4)
    assert fit.customers == 9_450
    assert fit.excluded == 1


def test_apparel_equals_clvtools(apparel):
    equals(bg_nbd.fit(apparel), [0.6073108, 20.95673, 1.275543, 8.860816], -5857.020, rtol=2e-3)
    equals(gamma_gamma.fit(apparel.repeats, apparel.spend), [3.099033, 5.653673, 56.50408], -1670.663, rtol=2e-3)
