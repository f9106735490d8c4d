"""A log-likelihood near its peak as a polynomial: what thousands of evaluations cost that differ little.

A log-likelihood is smooth on the scale of its own uncertainty. A polynomial through the values and exact gradients
of a few hundred points tells it there to a thousandth, at no cost per further point, however many customers there are.
"""

from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Final

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from eigenform.value.arrays import FloatArray, IntArray

_SCALE: Final = 4.0  # standard deviations that are taken for 1: keeps powers of near and far points alike
_EQUATIONS_PER_TERM: Final = 3.0
_DEGREE_MAX: Final = 6
_RIDGE: Final = 1e-13


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A polynomial in whitened log-parameters.

    centre, root   whitened is root^-1 (log-parameters - centre), of shapes (k,) and (k, k)
    powers         of each whitened coordinate in each term, shape (terms, k)
    coefficients   shape (terms,)
    """

    centre: FloatArray
    root: FloatArray
    powers: IntArray
    coefficients: FloatArray

    def whitened(self, theta: FloatArray) -> FloatArray:
        """Return log-parameters of shape (n, k) in units of the doubt about them."""
        return np.asarray(np.linalg.solve(self.root, (theta - self.centre).T).T, float)

    def within(self, theta: FloatArray, sds: float) -> FloatArray:
        """Return the polynomial within so many standard deviations of the centre, and minus infinity beyond."""
        near = np.square(self.whitened(theta)).sum(axis=1) <= sds**2
        return np.where(near, self(theta), -np.inf)

    def __call__(self, theta: FloatArray) -> FloatArray:
        """Return the polynomial at log-parameters of shape (n, k), shape (n,)."""
        return np.einsum("ij,j->i", _terms(self.whitened(theta) / _SCALE, self.powers), self.coefficients)


def surface(
    theta: FloatArray, value: FloatArray, gradient: FloatArray, *, centre: FloatArray, root: FloatArray
) -> Surface:
    """Fit a polynomial to values (n,) and gradients (n, k) at log-parameters (n, k); far points weigh less.

    Its degree is the highest (6 at most) for which there are three equations a term.
    """
    n, k = theta.shape
    powers = _powers(k, n * (k + 1) / _EQUATIONS_PER_TERM)
    u = np.asarray(np.linalg.solve(root, (theta - centre).T).T, float)
    trust = np.exp(-0.125 * np.square(u).sum(axis=1))
    slopes = gradient @ root * _SCALE
    equations = [_terms(u / _SCALE, powers) * trust[:, None]]
    told = [value * trust]
    for i in range(k):
        equations.append(_slopes(u / _SCALE, powers, i) * (trust / _SCALE)[:, None])
        told.append(slopes[:, i] * trust / _SCALE)
    return Surface(centre, root, powers, _solved(np.concatenate(equations), np.concatenate(told)))


def _solved(equations: FloatArray, told: FloatArray) -> FloatArray:
    """Return the least squares by normal equations, columns scaled to length 1.

    An orthogonal factorisation would be safer and wakes threads that wait for one another for a second of processor
    time; what is lost in digits shows in the error that posterior measures.
    """
    length = np.sqrt(np.einsum("ij,ij->j", equations, equations))
    scaled = equations / length
    gram = np.einsum("ij,ik->jk", scaled, scaled)
    gram[np.diag_indices_from(gram)] += _RIDGE
    return np.asarray(cho_solve(cho_factor(gram), np.einsum("ij,i->j", scaled, told)) / length, float)


def _powers(k: int, terms_max: float) -> IntArray:
    chosen = [(0,) * k]
    for degree in range(1, _DEGREE_MAX + 1):
        added = list(combinations_with_replacement(range(k), degree))
        if len(chosen) + len(added) > terms_max:
            break
        chosen += [tuple(term.count(i) for i in range(k)) for term in added]
    return np.array(chosen, dtype=np.int64)


def _terms(u: FloatArray, powers: IntArray) -> FloatArray:
    ladder = np.cumprod(np.concatenate([np.ones((1, *u.shape)), np.repeat(u[None], powers.max(), axis=0)]), axis=0)
    product = ladder[powers[:, 0], :, 0]
    for i in range(1, u.shape[1]):
        product = product * ladder[powers[:, i], :, i]
    return product.T


def _slopes(u: FloatArray, powers: IntArray, i: int) -> FloatArray:
    lowered = powers.copy()
    lowered[:, i] = np.maximum(lowered[:, i] - 1, 0)
    return _terms(u, lowered) * powers[:, i]
