"""The count that a beta-geometric model leaves for a living customer: purchases come until the horizon or the leaving.

The number of purchases in a horizon is the smaller of a negative binomial count N (what would be bought
if nobody left) and a beta-geometric count G (after how many purchases the customer leaves). Its mean,

    E min(N, G) = sum over n of P(N = n) * sum over j < n of P(G > j),

has only positive terms. The published form with the Gauss hypergeometric function is the same number,
but divides by a - 1 and a + b + x - 1 and subtracts nearly equal terms near those poles.
"""

from typing import Final

import numpy as np

from eigenform.value.arrays import FloatArray
from eigenform.value.lifetime.summary import ImpossibleHistory

_BLOCK: Final = 32  # terms at a time, twice as many each time round
_AREA: Final = 1 << 19  # histories times terms at a time: 4 MB an array
_COUNT_MAX: Final = 1e6  # the sum has about as many terms as purchases are expected
_TAIL: Final = 1e-12  # relative size of the terms left out


def capped_mean(*, shape: FloatArray, share: FloatArray, leave_a: float, leave_b: FloatArray) -> FloatArray:
    """Return E min(N, G) per history, shape (n,), relative error below 1e-9.

    shape    of the gamma posterior of the rate: r + x, shape (n,), > 0
    share    horizon / (alpha + age + horizon), shape (n,), in [0, 1): N is negative binomial with it
    leave_a, leave_b  beta posterior of the probability to leave, leave_b of shape (n,)

    Raises ImpossibleHistory where a million purchases or more are expected before leaving is counted in.
    """
    if_nobody_left = shape * share / (1.0 - share)
    if np.any(if_nobody_left > _COUNT_MAX):
        row = int(np.argmax(if_nobody_left))
        raise ImpossibleHistory(
            reason="over a million purchases would fall in the horizon; check the time unit", row=row
        )
    counts = np.zeros(len(shape))
    longest_first = np.argsort(-if_nobody_left, kind="stable")  # like lengths share a chunk
    at_once = _AREA // (4 * _BLOCK)
    for begin in range(0, len(shape), at_once):
        rows = longest_first[begin : begin + at_once]
        counts[rows] = _sum_terms(shape[rows], share[rows], leave_a, leave_b[rows])
    return counts


def capped_mass(
    *, shape: FloatArray, share: FloatArray, leave_a: float, leave_b: FloatArray, counts: int
) -> FloatArray:
    """Return P(min(N, G) = 0), … P(min(N, G) = counts - 1) per history, shape (n, counts), absolute error below 1e-12.

    The count is n if N is n and the customer would have stayed to the n-th purchase, or if they leave after it and
    N would have been more. Arguments as in capped_mean.
    """
    mass = np.empty((len(shape), counts))
    n = np.arange(1, counts, dtype=float)
    at_once = max(_AREA // counts, 1)
    for begin in range(0, len(shape), at_once):
        rows = slice(begin, begin + at_once)
        size, odds, remain = shape[rows, None], share[rows, None], leave_b[rows, None]
        bought = mass[rows]
        log_none = size * np.log1p(-odds)
        with np.errstate(divide="ignore"):  # share 0: nothing is bought
            ratios = np.log(odds * (size + n - 1.0) / n)
        bought[:, :1] = np.exp(log_none)
        bought[:, 1:] = np.exp(log_none + np.cumsum(ratios, axis=1))
        more = np.maximum(1.0 - np.cumsum(bought, axis=1), 0.0)
        if counts > 1:
            stays = (remain + n - 1.0) / (leave_a + remain + n - 1.0)
            stayed = np.cumprod(stays, axis=1) / stays  # to the n-th purchase: G >= n
            bought[:, 1:] = stayed * (bought[:, 1:] + (1.0 - stays) * more[:, 1:])
    return mass


def _sum_terms(shape: FloatArray, share: FloatArray, leave_a: float, leave_b: FloatArray) -> FloatArray:
    total = np.zeros(len(shape))
    open_rows = np.flatnonzero(share > 0)
    log_mass = (shape * np.log1p(-share))[open_rows]  # ln P(N = n) at the block's first n - 1
    lasting = np.ones(len(open_rows))  # P(G > j) at the block's first j
    reached = np.zeros(len(open_rows))  # sum of P(G > j) so far
    done, block = 0, _BLOCK
    while len(open_rows):
        n = np.arange(done + 1, done + block + 1, dtype=float)
        size, odds, remain = shape[open_rows, None], share[open_rows, None], leave_b[open_rows, None]
        log_pmf = log_mass[:, None] + np.cumsum(np.log(odds * (size + n - 1.0) / n), axis=1)
        survival = lasting[:, None] * np.cumprod((remain + n - 1.0) / (leave_a + remain + n - 1.0), axis=1)
        before = np.concatenate([lasting[:, None], survival[:, :-1]], axis=1)
        mean_given_n = reached[:, None] + np.cumsum(before, axis=1)
        terms = np.exp(log_pmf) * mean_given_n
        total[open_rows] += terms.sum(axis=1)
        done += block
        block = max(_BLOCK, min(2 * block, _AREA // max(len(open_rows), 1)))
        falling = (odds * (size + done) / done)[:, 0]  # bounds the ratio of all later terms
        left_out = np.where(falling < 1.0, terms[:, -1] * falling / np.maximum(1.0 - falling, 1e-300), np.inf)
        more = left_out > _TAIL * total[open_rows]
        more |= (falling < 1.0) & (total[open_rows] == 0.0) & (done < shape[open_rows] / (1.0 - share[open_rows]))
        open_rows, log_mass, lasting, reached = (
            open_rows[more],
            log_pmf[more, -1],
            survival[more, -1],
            mean_given_n[more, -1],
        )
    return total
