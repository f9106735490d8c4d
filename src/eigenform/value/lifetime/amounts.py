"""What k purchases together bring: a table over amounts seen, count and sum, mixed by how likely each count is.

Given nu, k amounts add up to Gamma(p k, nu). After x amounts of mean z the customer's nu is Gamma(q + p x,
gamma + x z), so the sum is (gamma + x z) times a beta prime variable with shapes p k and q + p x: its distribution
hangs on x and k alone, and z only scales it.

Source: Fader and Hardie (2013), brucehardie.com/notes/025, for the parts; the sum is ours, see docs/algorithms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array
from scipy.special import betainc, betaincinv, ndtri

from eigenform.value.arrays import FloatArray, IntArray
from eigenform.value.lifetime import gamma_gamma
from eigenform.value.lifetime.lattice import first_at_most

_SUMS: Final = 96  # points of the table's axis of sums, evenly spaced in the logarithm
_EACH_COUNT: Final = 24  # up to here every count has its row, beyond one in 4 %
_COUNT_STEP: Final = 0.04
_EACH_SEEN: Final = 32  # up to here every x has its table, beyond one in 4 %, scaled to the right mean
_SEEN_STEP: Final = 0.04
_TAIL_MIN: Final = 0.05  # the table need not tell apart what is rarer than this
_TAIL_NONE: Final = 3e-4  # counts rarer than this are taken for the one before them


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Where sums of amounts stand, in units of the customer's own gamma + x z.

    points   spend parameters of equal weight over which the distribution is averaged
    centre   the fitted ones, in whose gamma + x z the sums are told
    typical  amount at which points are compared with the centre, in money: gamma weighs less the more is seen
    """

    points: Sequence[gamma_gamma.Parameters]
    centre: gamma_gamma.Parameters
    typical: float

    def quantiles(
        self, mass: FloatArray, seen: FloatArray, rows: IntArray, levels: Sequence[FloatArray]
    ) -> list[FloatArray]:
        """Return the sums that are exceeded with the given probabilities, one array of shape (len(rows),) per level.

        mass    P(k purchases), shape (m, counts)
        seen    amounts seen, per row asked for, shape (len(rows),)
        rows    rows of mass asked for
        levels  probabilities of more, each of shape (len(rows),); 0 is returned where even any sum is rarer
        """
        found = [np.zeros(len(rows)) for _ in levels]
        node = _node_of(seen)
        order = np.argsort(node, kind="stable")
        for part in np.split(order, np.flatnonzero(np.diff(node[order])) + 1):
            used, local = np.unique(rows[part], return_inverse=True)
            log_sums, over = self._exceeded(mass[used], float(node[part[0]]))
            scale = self._rescale(seen[part], float(node[part[0]]))
            any_sum = 1.0 - mass[used[local], 0]
            for out, level in zip(found, levels, strict=True):
                out[part] = scale * _crossing(over, local, level[part], any_sum, log_sums)
        return found

    def _exceeded(self, mass: FloatArray, seen: float) -> tuple[FloatArray, FloatArray]:
        """Return the axis of log sums and P(sum > each), shape (m, sums), of histories with one x."""
        more = 1.0 - np.cumsum(mass, axis=1)
        commonest = more.max(axis=0)
        top = max(int(np.argmax(commonest <= _TAIL_MIN)), 1)
        last = max(int(np.argmax(commonest <= _TAIL_NONE)), 1)
        some = np.append(mass[:, 1:last], 1.0 - mass[:, :last].sum(axis=1, keepdims=True), axis=1)
        counts, spread = _count_nodes(last)
        log_sums = _axis(self.centre, seen, float(top))
        tail = sum(_tail(p, self._drift(p, seen), seen, counts, log_sums) for p in self.points) / len(self.points)
        return log_sums, (spread.T @ some.T).T @ tail

    def _drift(self, p: gamma_gamma.Parameters, seen: float) -> float:
        spent = seen * self.typical
        return float(np.log((self.centre.gamma + spent) / (p.gamma + spent)))

    def _rescale(self, seen: FloatArray, node: float) -> FloatArray:
        at_node = self.centre.q + self.centre.p * node - 1.0
        here = self.centre.q + self.centre.p * seen - 1.0
        return np.where(seen == node, 1.0, at_node / np.where(seen == node, 1.0, here))


def _tail(p: gamma_gamma.Parameters, drift: float, seen: float, counts: FloatArray, log_sums: FloatArray) -> FloatArray:
    """Return P(sum of k amounts > s), shape (counts, sums); drift moves s to the units of these parameters."""
    inverse = 1.0 / (1.0 + np.exp(log_sums + drift))
    return np.asarray(betainc(p.q + p.p * seen, p.p * counts[:, None], inverse[None]), float)


def _axis(p: gamma_gamma.Parameters, seen: float, top: float) -> FloatArray:
    shape = p.q + p.p * seen
    low, high = betaincinv(p.p, shape, 1e-4), betaincinv(shape, p.p * top, 1e-3)
    return np.linspace(np.log(low / (1.0 - low)), np.log((1.0 - high) / high), _SUMS)


def _node_of(seen: FloatArray) -> FloatArray:
    coarse = np.exp(np.rint(np.log(np.maximum(seen, 1.0)) / _SEEN_STEP) * _SEEN_STEP)
    return np.where(seen <= _EACH_SEEN, seen, coarse)


def _count_nodes(counts_max: int) -> tuple[FloatArray, csr_array]:
    """Return the counts that get a row, and how each count 1 … counts_max is shared by its two neighbours."""
    nodes = np.arange(1.0, min(counts_max, _EACH_COUNT) + 1)
    if counts_max > _EACH_COUNT:
        steps = int(np.ceil(np.log(counts_max / _EACH_COUNT) / _COUNT_STEP))
        nodes = np.concatenate([nodes, np.unique(np.ceil(np.geomspace(_EACH_COUNT, counts_max, steps + 1)[1:]))])
    k = np.arange(1.0, counts_max + 1)
    above = np.clip(np.searchsorted(nodes, k), 0, len(nodes) - 1)
    below = np.where(nodes[above] == k, above, above - 1)
    share = np.where(above == below, 1.0, (k - nodes[below]) / np.maximum(nodes[above] - nodes[below], 1.0))
    row = np.arange(counts_max)
    both = np.concatenate([share, 1.0 - share]), (np.concatenate([row, row]), np.concatenate([above, below]))
    return nodes, csr_array(both, shape=(counts_max, len(nodes)))


def _crossing(
    over: FloatArray, rows: IntArray, level: FloatArray, any_sum: FloatArray, log_sums: FloatArray
) -> FloatArray:
    """Return the sums that are exceeded with probability level, between columns straight on the normal scale."""
    column = first_at_most(over, rows, level)
    inside = np.clip(column, 1, over.shape[1] - 1)
    clipped = np.clip(over, 1e-15, 1.0 - 1e-15)
    before, after = ndtri(clipped[rows, inside - 1]), ndtri(clipped[rows, inside])
    part = (before - ndtri(np.clip(level, 1e-15, 1.0 - 1e-15))) / np.maximum(before - after, 1e-12)
    log_sum = log_sums[inside - 1] + np.clip(part, 0.0, 1.0) * (log_sums[1] - log_sums[0])
    return np.where(level < any_sum, np.exp(np.where(column == 0, log_sums[0], log_sum)), 0.0)
