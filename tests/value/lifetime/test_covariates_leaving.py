"""The chance to have left within a stretch, against brute force and against Gauss's hypergeometric function."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import hyp2f1

from eigenform.value.lifetime.covariates.leaving import left

NODES, WEIGHTS = np.polynomial.legendre.leggauss(30)
PIECES = 300


def brute(c, s, p, q):
    """The same integral by 9,000 points, graded towards the beginning."""
    most = max(p, q)
    with np.errstate(over="ignore"):
        until = min(1.0, np.expm1(80.0 / c) / p, np.expm1(80.0 / (s + 1.0)) / q)
    reach = np.log1p(most * until)
    v = ((np.arange(PIECES)[:, None] + (NODES + 1.0) / 2.0) / PIECES).ravel() * reach
    t = np.expm1(v) / most
    density = np.exp(v - c * np.log1p(p * t) - (s + 1.0) * np.log1p(q * t))
    return s * q / most * reach * (np.tile(WEIGHTS / 2.0 / PIECES, PIECES) @ density)


@given(
    c=st.floats(-1.5, 3.7).map(lambda power: 10.0**power),
    s=st.floats(-1.5, 1.5).map(lambda power: 10.0**power),
    p=st.floats(-5.0, 3.5).map(lambda power: 10.0**power),
    q=st.floats(-5.0, 3.5).map(lambda power: 10.0**power),
)
@settings(max_examples=300)
def test_ten_digits_whatever_the_parameters(c, s, p, q):
    assert left(np.array([c]), s, np.array([p]), np.array([q])).value[0] == pytest.approx(brute(c, s, p, q), rel=1e-10)


@pytest.mark.parametrize(("alpha", "beta"), [(10.6, 11.7), (40.0, 2.0)])
def test_it_is_the_bracket_of_the_published_likelihood(alpha, beta):
    """Fader and Hardie (2005), note 009: A0 with alpha >= beta, or the other way round."""
    r, s, x, last, age = 0.55, 0.61, 3.0, 20.0, 39.0
    total = r + s + x
    low, high, swapped = min(alpha, beta), max(alpha, beta), s + 1.0 if alpha >= beta else r + x

    def term(weeks):
        gauss = hyp2f1(total, swapped, total + 1.0, (high - low) / (high + weeks))
        return gauss / (high + weeks) ** total

    published = s / total * (term(last) - term(age))
    at_last = (alpha + last) ** -(r + x) * (beta + last) ** -s
    silent = age - last
    p, q = silent / (alpha + last), silent / (beta + last)

    got = left(np.array([r + x]), s, np.array([p]), np.array([q])).value[0]

    assert got * at_last == pytest.approx(published, rel=1e-9)


def test_slopes_are_those_of_the_value():
    rng = np.random.default_rng(2)
    c, p, q = rng.uniform(0.1, 30, 200), 10 ** rng.uniform(-3, 2, 200), 10 ** rng.uniform(-3, 2, 200)
    found, step = left(c, 0.7, p, q), 1e-5

    def slope(change):
        return (left(*change(step)).value - left(*change(-step)).value) / (2 * step)

    np.testing.assert_allclose(found.by_c, slope(lambda h: (c + h, 0.7, p, q)), atol=1e-9)
    np.testing.assert_allclose(found.by_s, slope(lambda h: (c, 0.7 + h, p, q)), atol=1e-9)
    np.testing.assert_allclose(found.by_log_p, slope(lambda h: (c, 0.7, p * np.exp(h), q)), atol=1e-9)
    np.testing.assert_allclose(found.by_log_q, slope(lambda h: (c, 0.7, p, q * np.exp(h))), atol=1e-9)


def test_no_time_no_leaving():
    nothing = left(np.array([2.0]), 0.5, np.array([0.0]), np.array([0.0]))

    assert nothing.value.tolist() == [0.0]
    assert nothing.by_log_q.tolist() == [0.0]
