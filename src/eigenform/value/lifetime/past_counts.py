"""What was foretold of what customers then did: one pass over the tables of counts, per (history, count made)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eigenform.value.arrays import HIGH_SHARE, LOW_SHARE, BoolArray, FloatArray, IntArray
from eigenform.value.lifetime.cells import Cells
from eigenform.value.lifetime.lattice import Chunk, first_at_most
from eigenform.value.lifetime.rows import Members


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Per pair of a history and a count made, arrays of shape (pairs,) but for of.

    at_least, more  foretold probability of that count or more, and of more
    crps            continuous ranked probability score, in purchases
    inside          whether the count lies in the history's 80 % interval of whole purchases
    of              each customer's pair, shape (n,)
    """

    at_least: FloatArray
    more: FloatArray
    crps: FloatArray
    inside: BoolArray
    of: IntArray


def told(cells: Cells, made: FloatArray) -> tuple[Told, Callable[[Chunk, FloatArray], None]]:
    """Return the outcomes of customers who made so many purchases, and the function that fills them in.

    made  whole numbers of shape (n,)
    """
    most = int(made.max(initial=0.0)) + 1
    pairs, of = np.unique(cells.of * most + made.astype(np.int64), return_inverse=True)
    cell, count = pairs // most, pairs % most
    at_least, more, crps = np.empty((3, len(pairs)))
    answer = Told(at_least, more, crps, np.zeros(len(pairs), dtype=bool), of)
    members = Members.of_entries(cells.age.of[cell])

    def see(chunk: Chunk, p_alive: FloatArray) -> None:
        mine, row = members.of(chunk.entries)
        chance, k, counts = p_alive[cell[mine]], count[mine], chunk.mass.shape[1]
        more = np.maximum(1.0 - np.cumsum(chunk.mass, axis=1), 0.0)
        before = np.concatenate([np.zeros((len(more), 1)), np.cumsum(more, axis=1)], axis=1)
        square = np.square(more).sum(axis=1)
        answer.more[mine] = np.where(k < counts, chance * more[row, np.minimum(k, counts - 1)], 0.0)
        at_least = np.where(k <= counts, chance * more[row, np.clip(k - 1, 0, counts - 1)], 0.0)
        answer.at_least[mine] = np.where(k == 0, 1.0, at_least)
        answer.crps[mine] = k - 2.0 * chance * before[row, np.minimum(k, counts)] + np.square(chance) * square[row]
        low, high = (
            first_at_most(more, row, (1.0 - share) / np.maximum(chance, 1e-300)) for share in (LOW_SHARE, HIGH_SHARE)
        )
        answer.inside[mine] = (low <= k) & (k <= high)

    return answer, see
