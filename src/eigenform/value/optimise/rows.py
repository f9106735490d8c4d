"""A market written as rows of a linear programme: the shared limits first, then the rules of single subjects."""

import numpy as np
from scipy.sparse import coo_array, csr_array, vstack

from eigenform.value.arrays import FloatArray
from eigenform.value.optimise.branching import Problem
from eigenform.value.optimise.market import Market


def problem_of(market: Market, most: FloatArray) -> Problem:
    """Return the market's candidates under these shared limits and the subjects' own."""
    own, own_most = _subject_rows(market)
    shared = csr_array(market.uses_each(np.arange(len(market.net))))
    rows = csr_array(vstack([shared, own])) if len(own_most) else shared
    return Problem(market.net, market.subject, rows, np.concatenate([most, own_most]), market.limits.names())


def _subject_rows(market: Market) -> tuple[csr_array, FloatArray]:
    """Return a row for each subject with more candidates than it may get, and for each excluded pair it has.

    An excluded pair is written as "all of one offer and one of the other at most as many as may be", candidate by
    candidate: tight enough, since a subject has few of each.
    """
    n, limit = len(market.net), market.limits.per_subject_max
    crowded = np.flatnonzero(np.diff(market.starts) > limit)
    number = np.full(len(market.starts) - 1, -1)
    number[crowded] = np.arange(len(crowded))
    row = number[market.subject]
    inside = np.flatnonzero(row >= 0)
    lines = [coo_array((np.ones(len(inside)), (row[inside], inside)), shape=(len(crowded), n))]
    most = [np.full(len(crowded), float(limit))]
    if limit > 1 and market.limits.excludes:
        left, right = _excluded_pairs(market)
        at = np.arange(len(left))
        pairs = coo_array((np.ones(2 * len(left)), (np.tile(at, 2), np.concatenate([left, right]))), (len(left), n))
        lines.append(pairs)
        most.append(np.ones(len(left)))
    return csr_array(vstack(lines)), np.concatenate(most)


def _excluded_pairs(market: Market) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of every two candidates of one subject whose offers exclude each other."""
    found = []
    for a, b in sorted(market.limits.excludes):
        ones, others = np.flatnonzero(market.offer == a), np.flatnonzero(market.offer == b)
        begin = np.searchsorted(market.subject[others], market.subject[ones], "left")
        end = np.searchsorted(market.subject[others], market.subject[ones], "right")
        sizes = end - begin
        first = np.repeat(begin - np.cumsum(sizes) + sizes, sizes)
        found.append((np.repeat(ones, sizes), others[first + np.arange(sizes.sum())]))
    return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])
