"""BG/BB and sBG against the numbers that their authors printed.

Fader, Hardie and Shang (2010), Marketing Science 29(6) 1086-1108 (donations of the 1995 cohort); Fader and Hardie (2007),
Journal of Interactive Marketing 21(1) 76-90 (two segments of subscribers).
"""

import csv

import numpy as np
import pytest
from scipy.special import betaln, gammaln

from eigenform.value.lifetime import Summary, bg_bb, sbg

STILL_THERE_PER_THOUSAND = {
    "High End": [1000, 869, 743, 653, 593, 551, 517, 491],
    "Regular": [1000, 631, 468, 382, 326, 289, 262, 241],
}
PRINTED = {"High End": sbg.Parameters(0.668, 3.806), "Regular": sbg.Parameters(0.704, 1.182)}


def subscribers(segment):
    there = np.array(STILL_THERE_PER_THOUSAND[segment], float)
    renewed = np.append(np.arange(7.0), 7.0)
    return Summary(renewed, renewed, np.full(8, 7.0), weight=np.append(-np.diff(there), there[-1]))


@pytest.fixture(scope="module")
def donations(shared_data):
    with (shared_data / "donations_1995" / "donations.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    x, last, age, weight = (
        np.array([float(row[name]) for row in rows]) for name in ("frequency", "recency", "periods", "weights")
    )
    return Summary(x, last, age, weight=weight)


def test_bg_bb_fit_equals_the_paper(donations):
    fit = bg_bb.fit(donations)

    p = fit.parameters
    np.testing.assert_allclose([p.alpha, p.beta, p.gamma, p.delta], [1.20352, 0.74972, 0.65672, 2.78346], atol=2e-5)
    assert fit.log_likelihood == pytest.approx(-33225.5813, abs=1e-4)
    assert fit.customers == 11_104
    assert fit.status == "converged"


def test_expected_gifts_equal_the_printed_form(donations):
    """Equation (13) of the paper, which has a pole at gamma = 1 and subtracts nearly equal terms near it."""
    p, n, ahead = bg_bb.fit(donations).parameters, 6.0, 5.0
    x = donations.repeats
    used = betaln(p.alpha + x + 1, p.beta + n - x) - betaln(p.alpha, p.beta)
    scale = p.delta / (p.gamma - 1) * np.exp(gammaln(p.gamma + p.delta) - gammaln(1 + p.delta))
    now, then = (np.exp(gammaln(1 + p.delta + k) - gammaln(p.gamma + p.delta + k)) for k in (n, n + ahead))
    printed = np.exp(used - bg_bb.log_likelihood(p, donations)) * scale * (now - then)

    got = bg_bb.expected_purchases(p, donations, ahead)

    np.testing.assert_allclose(got, printed, rtol=1e-10)
    assert got[-1] == pytest.approx(3.75, abs=5e-3)  # gave every year
    assert got[0] == pytest.approx(0.07, abs=5e-3)  # never gave again


@pytest.mark.parametrize(
    ("segment", "log_likelihood", "alpha", "beta"),
    [("High End", -1611.2, 0.668, 3.806), ("Regular", -1680.3, 0.704, 1.182)],
)
def test_sbg_fit_equals_the_paper(segment, log_likelihood, alpha, beta):
    fit = sbg.fit(subscribers(segment))

    assert fit.parameters.alpha == pytest.approx(alpha, abs=5e-4)
    assert fit.parameters.beta == pytest.approx(beta, abs=5e-4)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=0.05)
    assert fit.status == "converged"


def test_retention_rises_as_the_restless_leave():
    got = sbg.retention(PRINTED["High End"], np.array([1.0, 2.0, 3.0]))

    np.testing.assert_allclose(got, [0.8507, 0.8780, 0.8968], atol=5e-5)


@pytest.mark.parametrize(("segment", "periods", "if_constant"), [("High End", 5.923, 4.412), ("Regular", 3.695, 2.324)])
def test_discounted_lifetime_is_longer_than_a_constant_rate_says(segment, periods, if_constant):
    p = PRINTED[segment]

    got = sbg.discounted_lifetime(p, renewals=np.array(0.0), discount_per_period=0.1)

    first = float(sbg.retention(p, np.array(1.0)))
    assert got == pytest.approx(periods, abs=5e-4)
    assert 1.0 / (1.0 - first / 1.1) == pytest.approx(if_constant, abs=5e-4)
