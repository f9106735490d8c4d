"""The hypergeometric integral under Pareto/NBD, against 40-digit arithmetic and against scipy where that is safe."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import hyp2f1

from eigenform.value.lifetime.gauss import log_integral


@pytest.mark.parametrize(
    ("b", "n", "q", "log", "by_b", "by_n"),
    [
        (
            5006.90519017089,
            5006.17072278562,
            6.42848286777356e-08,
            6.12405216115479,
            6.94015357156677,
            -6.94030066097036,
        ),
        (
            0.00103806155015409,
            0.00215405197911014,
            1.60623381313641e-08,
            6.15867754110678,
            17.6050312036879,
            -464.404900061473,
        ),
        (
            1.08696972764151,
            1.37614782401201,
            1.22892618791691e-11,
            1.23987929827794,
            3.43775794332328,
            -3.43805508416332,
        ),
        (102.194492040451, 101.196074010637, 0.4999, -3.92372809969187, 0.00969575901227203, -0.0195774166088956),
        (
            1.0516204496985,
            5001.99871049282,
            0.00111279934733472,
            -8.51738282553844,
            0.000199739514639129,
            -0.000199962076762092,
        ),
        (28.4080237897442, 27.5729219088069, 0.00793986792921642, 1.29396953168638, 1.32001489201828, -1.3524332654121),
        (21.9984177835057, 22.2107582426181, 0.5, -2.45660386695726, 0.0397128565260942, -0.0827296887322016),
        (5001.03205144112, 5005.98848787947, 0.5, -7.82643167266902, 0.00019944395913401, -0.000398967489967756),
    ],
)
def test_log_and_slopes_equal_40_digit_arithmetic(b, n, q, log, by_b, by_n):
    got = log_integral(np.array([b]), np.array([n]), np.array([q]))

    np.testing.assert_allclose([got.log[0], got.by_b[0], got.by_n[0]], [log, by_b, by_n], rtol=1e-9)


@given(n=st.floats(0.01, 20.0), share=st.floats(0.01, 1.0), q=st.floats(0.05, 1.0))
def test_it_is_the_gauss_function(n, share, q):
    b = share * (n + 1.0)

    got = log_integral(np.array([b]), np.array([n]), np.array([q]))

    assert got.log[0] == pytest.approx(np.log(hyp2f1(1.0, b, n + 1.0, 1.0 - q) / n), rel=1e-9, abs=1e-10)


@given(n=st.floats(0.01, 400.0), share=st.floats(0.01, 1.0))
def test_series_and_quadrature_meet(n, share):
    b = np.full(2, share * (n + 1.0))

    got = log_integral(b, np.full(2, n), np.array([0.5 - 1e-12, 0.5 + 1e-12]))

    for column in (got.log, got.by_b, got.by_n, got.by_q):
        assert column[0] == pytest.approx(column[1], rel=1e-7, abs=1e-9)
