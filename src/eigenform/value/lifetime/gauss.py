"""The one hypergeometric integral that Pareto/NBD stands on, in many points at once, with its derivatives.

    M(b, n, q) = integral over w > 0 of exp(-n w) (q + (1 - q) exp(-w))^-b = 2F1(1, b; n + 1; 1 - q) / n

for 0 < q <= 1 and 0 < b <= n + 1. Every term below is positive, so nothing cancels and nothing overflows. Near q = 1
the power series in 1 - q ends soon. Below q = 1/2 it would need up to thousands of terms; there a Gauss-Legendre rule
integrates the range of w up to the point from which the rest looks like q = 1/2, and the series takes the rest.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from eigenform.value.arrays import FloatArray

_TAIL: Final = 1e-16  # relative size of the terms left out
_CHUNK: Final = 8192  # points at a time: the dozen arrays of the series stay in the processor's cache
_ROWS: Final = 512  # points at a time under the quadrature
_FALL: Final = 40.0  # exp(-40) of the integrand's height is left out
_EXPONENT_MAX: Final = 500.0
_NODES, _NODE_WEIGHTS = (np.asarray(array, float) for array in np.polynomial.legendre.leggauss(40))


@dataclass(frozen=True, slots=True, eq=False)
class LogIntegral:
    """ln M and its partial derivatives, arrays of shape (m,)."""

    log: FloatArray
    by_b: FloatArray
    by_n: FloatArray
    by_q: FloatArray


def log_integral(b: FloatArray, n: FloatArray, q: FloatArray) -> LogIntegral:
    """Return ln M(b, n, q) and its slopes; b, n, q of shape (m,), relative error below 1e-10.

    Source: Abramowitz and Stegun 15.3.1 (the integral), 15.2.7 (the slope by q).
    """
    columns = np.empty((4, len(q)))
    for begin in range(0, len(q), _CHUNK):
        rows = slice(begin, begin + _CHUNK)
        columns[:, rows] = _chunk(b[rows], n[rows], q[rows])
    return LogIntegral(*columns)


def _chunk(b: FloatArray, n: FloatArray, q: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    total, by_b, by_n, second = _series(b, n, np.minimum(1.0 - q, 0.5))
    by_q = b / q * (n / (n + 1.0) * second / total - 1.0)
    by_b, by_n = by_b / total, by_n / total - 1.0 / n
    log = np.log(total / n)
    far = np.flatnonzero(q < 0.5)
    for begin in range(0, len(far), _ROWS):
        rows = far[begin : begin + _ROWS]
        near = _near(b[rows], n[rows], q[rows])
        split, fall = near.split, near.fall
        rest = np.exp(log[rows] + fall)
        whole = near.whole + rest
        by_b[rows] = (near.by_b + rest * (split - near.log_rise + by_b[rows])) / whole
        by_n[rows] = (near.by_n + rest * (by_n[rows] - split)) / whole
        by_q[rows] = (n[rows] - b[rows] + b[rows] * q[rows] - 1.0 / whole) / (q[rows] * (1.0 - q[rows]))
        log[rows] = np.log(whole)
    return log, by_b, by_n, by_q


def _series(b: FloatArray, n: FloatArray, z: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return F = 2F1(1, b; n + 1; z), its slopes by b and n, and F2 in F = 1 + z b / (n + 1) F2.

    Summed from the last term inwards, as a nested product.
    """
    largest = max(float(z.max(initial=0.0)), 1e-8)
    terms = 2 + int(np.ceil(np.log(_TAIL) / np.log(largest)))
    total, by_b, by_n = np.ones_like(z), np.zeros_like(z), np.zeros_like(z)
    second = total
    for k in range(terms - 1, -1, -1):
        second = total
        inverse = 1.0 / (n + (1.0 + k))
        pull = z * inverse
        ratio = pull * (b + k)
        pull *= total
        total = ratio * total
        by_b *= ratio
        by_b += pull
        by_n *= ratio
        inverse *= total
        by_n -= inverse
        total += 1.0
    return total, by_b, by_n, second


@dataclass(frozen=True, slots=True, eq=False)
class _Near:
    whole: FloatArray
    by_b: FloatArray
    by_n: FloatArray
    split: FloatArray  # the w at which the series takes over
    log_rise: FloatArray  # ln(1 + q (exp(split) - 1))
    fall: FloatArray  # ln of the integrand there


def _near(b: FloatArray, n: FloatArray, q: FloatArray) -> _Near:
    """Integrate from 0 to where (1 - q) exp(-w) = q, or to where the integrand has long vanished."""
    split = np.log1p(-q) - np.log(q)
    excess = n - b  # may be as low as -1: then the integrand rises at first, by exp(split) at most
    height = np.maximum(-excess, 0.0) * split
    vanished = np.log1p(np.expm1(np.minimum((_FALL + height) / b, _EXPONENT_MAX)) / q)
    end = np.minimum(np.minimum(split, vanished), _FALL / np.maximum(excess, 1e-9))
    w = (0.5 * end)[:, None] * (_NODES + 1.0)
    log_rise = np.log1p(q[:, None] * np.expm1(w))
    mass = np.exp(-excess[:, None] * w - b[:, None] * log_rise)
    mass *= (0.5 * end)[:, None] * _NODE_WEIGHTS
    weighted = mass * w
    at_split = np.log(2.0 * (1.0 - q))
    return _Near(
        whole=mass.sum(axis=1),
        by_b=weighted.sum(axis=1) - (mass * log_rise).sum(axis=1),
        by_n=-weighted.sum(axis=1),
        split=split,
        log_rise=at_split,
        fall=-excess * split - b * at_split,
    )
