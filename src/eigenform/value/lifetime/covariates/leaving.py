"""The chance to have left within a stretch of time in which rates are constant, and its exact slopes.

A customer who bought c - r times and was there at the beginning leaves within the stretch, silently, with

    left(c, s, p, q) = s q * integral over t from 0 to 1 of (1 + p t)^-c (1 + q t)^-(s + 1),

relative to the likelihood of being there at the beginning. p and q say how much the stretch adds to what the gamma
distributions of buying and of leaving have seen so far: p = rate * weeks / (alpha + exposure so far), q likewise with
beta. The same integral is a difference of two Gauss hypergeometric functions, which cancels for short stretches.

Quadrature: three or five Gauss points where little happens; else eight in each of a few pieces of ln(1 + max(p, q) t),
cut off where less than e^-40 is left. In that variable the nearest singularity is pi away whatever the parameters.
Relative error below 1e-10 (tests/value/lifetime/test_covariates_leaving.py).

Source: Bachmann, Meierer and Naef (2021), Marketing Science 40(4) 783-809; the scaled form is ours.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from eigenform.value.arrays import FloatArray

_EASIEST: Final = np.polynomial.legendre.leggauss(3)
_EASY: Final = np.polynomial.legendre.leggauss(5)
_EASY_GROWTH_MAX: Final = 0.25  # p and q up to here, and
_EASY_DECAY_MAX: Final = 0.5  # so little decay: five points in t give ten digits
_EASIEST_GROWTH_MAX: Final = 0.06  # and three if it is even less
_EASIEST_DECAY_MAX: Final = 0.12
_HARD: Final = np.polynomial.legendre.leggauss(8)
_DECAY_PER_PIECE: Final = 3.0
_GROWTH_PER_PIECE: Final = 1.0  # of ln(1 + max(p, q) t)
_CUT: Final = 40.0  # decay beyond which nothing counts
_CHUNK: Final = 32_768  # stretches at a time: 2 MB an array


@dataclass(frozen=True, slots=True, eq=False)
class Left:
    """left(c, s, p, q) of m stretches and its slopes by c, s, ln p and ln q, all of shape (m,)."""

    value: FloatArray
    by_c: FloatArray
    by_s: FloatArray
    by_log_p: FloatArray
    by_log_q: FloatArray


def left(c: FloatArray, s: float, p: FloatArray, q: FloatArray) -> Left:
    """Return the chance to have left within each stretch, and its slopes; c, p and q of shape (m,).

    c > 0, s > 0, p >= 0, q >= 0. A stretch of length 0 (p = q = 0) gives 0.
    """
    out = np.zeros((5, len(c)))
    decay = c * np.log1p(p) + (s + 1.0) * np.log1p(q)
    most = np.maximum(p, q)
    easy = (most <= _EASY_GROWTH_MAX) & (decay <= _EASY_DECAY_MAX)
    easiest = (most <= _EASIEST_GROWTH_MAX) & (decay <= _EASIEST_DECAY_MAX)
    for chosen, rule in ((easiest, _EASIEST), (easy & ~easiest, _EASY)):
        for rows in _chunks(np.flatnonzero(chosen)):
            out[:, rows] = _sum(c[rows], s, p[rows], q[rows], *_straight(len(rows), rule))
    hard = np.flatnonzero(~easy)
    if len(hard):
        reach, pieces = _reach_and_pieces(c[hard], s, p[hard], q[hard])
        for number in np.unique(pieces):
            same = pieces == number
            for part in _chunks(np.flatnonzero(same), _CHUNK // int(number)):
                rows = hard[part]
                points = _bent(most[rows], reach[part], int(number))
                out[:, rows] = _sum(c[rows], s, p[rows], q[rows], *points)
    return Left(*out)


def _chunks(rows: np.ndarray, size: int = _CHUNK) -> list[np.ndarray]:
    size = max(size, 1)
    return [rows[begin : begin + size] for begin in range(0, len(rows), size)]


def _straight(m: int, rule: tuple[FloatArray, FloatArray]) -> tuple[FloatArray, FloatArray]:
    nodes, weights = rule
    shape = (m, len(nodes))
    return np.broadcast_to((nodes + 1.0) / 2.0, shape), np.broadcast_to(weights / 2.0, shape)


def _reach_and_pieces(c: FloatArray, s: float, p: FloatArray, q: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return up to which v = ln(1 + max(p, q) t) the integral counts, and into how many pieces it is cut."""
    most = np.maximum(p, q)
    with np.errstate(over="ignore", divide="ignore"):
        until = np.minimum(1.0, np.minimum(np.expm1(_CUT / c) / p, np.expm1(_CUT / (s + 1.0)) / q))
    decay = c * np.log1p(p * until) + (s + 1.0) * np.log1p(q * until)
    reach = np.log1p(most * until)
    return reach, np.ceil(np.maximum(decay / _DECAY_PER_PIECE, reach / _GROWTH_PER_PIECE)).clip(1)


def _bent(most: FloatArray, reach: FloatArray, pieces: int) -> tuple[FloatArray, FloatArray]:
    nodes, weights = _HARD
    at = ((np.arange(pieces)[:, None] + (nodes + 1.0) / 2.0) / pieces).ravel()
    v = reach[:, None] * at
    t = np.expm1(v) / most[:, None]
    return t, (reach / most)[:, None] * np.exp(v) * np.tile(weights / (2.0 * pieces), pieces)


def _sum(c: FloatArray, s: float, p: FloatArray, q: FloatArray, t: FloatArray, weight: FloatArray) -> FloatArray:
    grown_p, grown_q = p[:, None] * t, q[:, None] * t
    log_p, log_q = np.log1p(grown_p), np.log1p(grown_q)
    mass = np.exp(-c[:, None] * log_p - (s + 1.0) * log_q) * weight * (s * q)[:, None]
    value = mass.sum(axis=1)
    by_c = -np.einsum("ij,ij->i", mass, log_p)
    by_s = value / s - np.einsum("ij,ij->i", mass, log_q)
    by_log_p = -c * np.einsum("ij,ij->i", mass, grown_p / (1.0 + grown_p))
    by_log_q = value - (s + 1.0) * np.einsum("ij,ij->i", mass, grown_q / (1.0 + grown_q))
    return np.stack([value, by_c, by_s, by_log_p, by_log_q])
