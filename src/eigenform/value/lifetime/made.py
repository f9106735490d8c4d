"""How many purchases a living customer is expected to make when every k-th arrival is one, and some leave after one.

Arrivals in the horizon are negative binomial, N. The customer has seen j of the k arrivals that make the next purchase;
purchase n is made if N >= k n - j and the customer did not leave after any of the n - 1 before it:

    E = sum over n >= 1 of P(N >= k n - j) * P(stays through n - 1 chances to leave).

All terms are positive. With k = 1 and j = 0 it is the count of BG/NBD and MBG/NBD; unlike `counts`, every history may
have its own beta distribution of leaving, as covariates make it.
"""

from typing import Final

import numpy as np
from scipy.special import betainc, gammaln

from eigenform.value.arrays import FloatArray
from eigenform.value.lifetime.summary import ImpossibleHistory

_COUNT_MAX: Final = 1e6
_TAIL: Final = 1e-13
_CHUNK: Final = 65_536


def expected_made(
    *,
    shape: FloatArray,
    share: FloatArray,
    leave_a: FloatArray,
    leave_b: FloatArray,
    per_purchase: int = 1,
    seen: int = 0,
) -> FloatArray:
    """Return the expected purchases in the horizon, arrays of shape (n,).

    shape, share      of the negative binomial count of arrivals: share = horizon / (rate of the gamma + horizon)
    leave_a, leave_b  beta distribution of the probability to leave after each purchase
    per_purchase      arrivals that make a purchase (k)
    seen              arrivals since the last purchase (j < k)

    Raises ImpossibleHistory where a million arrivals or more are expected.
    """
    arrivals = shape * share / (1.0 - share)
    if np.any(arrivals > _COUNT_MAX):
        row = int(np.argmax(arrivals))
        raise ImpossibleHistory(
            reason="over a million purchases would fall in the horizon; check the time unit", row=row
        )
    expected = np.zeros(len(shape))
    like_first = np.argsort(-arrivals, kind="stable")
    for begin in range(0, len(shape), _CHUNK):
        rows = like_first[begin : begin + _CHUNK]
        expected[rows] = _sum(shape[rows], share[rows], leave_a[rows], leave_b[rows], per_purchase, seen)
    return expected


def made_mass(
    *,
    shape: FloatArray,
    share: FloatArray,
    leave_a: FloatArray,
    leave_b: FloatArray,
    counts: int,
    per_purchase: int = 1,
    seen: int = 0,
) -> FloatArray:
    """Return the probabilities of 0, 1 … counts - 1 purchases in the horizon, shape (n, counts); as expected_made."""
    n = np.arange(1, counts + 1, dtype=float)
    reached = betainc(n * per_purchase - seen, shape[:, None], share[:, None])  # P(N >= k n - j)
    chances = n[:-1] - 1.0
    stays = np.cumprod((leave_b[:, None] + chances) / (leave_a[:, None] + leave_b[:, None] + chances), axis=1)
    reached[:, 1:] *= stays
    return -np.diff(reached, axis=1, prepend=1.0)


def _sum(
    shape: FloatArray, share: FloatArray, leave_a: FloatArray, leave_b: FloatArray, per_purchase: int, seen: int
) -> FloatArray:
    total = np.zeros(len(shape))
    rows = np.flatnonzero(share > 0)
    shape, log_share, leave_a, leave_b = shape[rows], np.log(share[rows]), leave_a[rows], leave_b[rows]
    log_none, base = shape * np.log1p(-share[rows]), gammaln(shape)
    below = np.zeros(len(rows))  # P(N < arrival)
    stays = np.ones(len(rows))
    arrival = 0
    while len(rows):
        mass = np.exp(log_none + gammaln(shape + arrival) - base - gammaln(arrival + 1.0) + arrival * log_share)
        below += mass
        arrival += 1
        reached = np.maximum(1.0 - below, 0.0)
        purchase, rest = divmod(arrival + seen, per_purchase)
        if rest == 0:
            total[rows] += reached * stays
            stays *= (leave_b + purchase - 1.0) / (leave_a + leave_b + purchase - 1.0)
            if purchase % 8 == 0 or per_purchase > 1:
                more = reached * stays > _TAIL * np.maximum(total[rows], 1e-3)
                if not more.all():
                    rows, shape, log_share, base = rows[more], shape[more], log_share[more], base[more]
                    leave_a, leave_b = leave_a[more], leave_b[more]
                    log_none, below, stays = log_none[more], below[more], stays[more]
    return total
