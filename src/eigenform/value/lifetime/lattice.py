"""How many purchases a living customer makes in the horizon: tables over (repeats, age), chunk by chunk.

A living customer's future hangs on repeats and age alone, so the probabilities of 0, 1, 2 … purchases are worked out
once per such entry and parameter point, averaged over the points, and looked up by the histories that share the entry.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from eigenform.value.arrays import FloatArray, IntArray
from eigenform.value.lifetime.cells import Table
from eigenform.value.lifetime.doubt import Points
from eigenform.value.lifetime.summary import ImpossibleHistory

_FIRST: Final = 32  # purchases that the first try allows for; each further try allows for four times as many
_COUNT_MAX: Final = 1 << 15
_TAIL: Final = 1e-5  # probability of more purchases than the table has
_TAIL_MAX: Final = 0.05  # beyond _COUNT_MAX: more would bend the interval
_FLOATS: Final = 1 << 20  # in one table: 8 MB


class CountMass(Protocol):
    """A count model's probabilities of 0, 1 … counts - 1 purchases in the horizon, shape (m, counts), if alive."""

    def __call__(
        self, p: Any, repeats: FloatArray, age_weeks: FloatArray, horizon_weeks: float, counts: int, /
    ) -> FloatArray: ...


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Purchases in the horizon of living customers, for e entries of an age table.

    entries  which, shape (e,), in rising order
    mass     P(k purchases), averaged over the points as each holds such customers alive, shape (e, counts)
    mean     of the count at each point, shape (points, e)
    square   mean of the squared count at each point, shape (points, e)
    none     P(no purchase) at each point, shape (points, e)
    """

    entries: IntArray
    mass: FloatArray
    mean: FloatArray
    square: FloatArray
    none: FloatArray


def chunks(
    count_mass: CountMass, points: Points, age: Table, alive: FloatArray, horizon_weeks: float
) -> Iterator[Chunk]:
    """Yield the entries of an age table in chunks of bounded memory.

    alive  how probable each point holds it that customers of an entry live, shape (points, entries): where two points
           disagree about who is gone, the future is that of the point by which there is one. Exact where an entry
           holds one history; else the points' disagreement within an entry is averaged.

    Raises ImpossibleHistory where a customer would buy more than 32,768 times.
    """
    weight = alive + 1e-300
    weight = weight / weight.sum(axis=0)
    left, counts = np.arange(len(age)), _FIRST
    while len(left):
        step = max(_FLOATS // counts, 1)
        beyond = []
        for begin in range(0, len(left), step):
            some = left[begin : begin + step]
            chunk = _chunk(count_mass, points, age, weight, some, horizon_weeks, counts)
            tail = 1.0 - chunk.mass.sum(axis=1)
            more = tail > (_TAIL if counts < _COUNT_MAX else _TAIL_MAX)
            beyond.append(some[more])
            if not more.all():
                yield _kept(chunk, ~more) if more.any() else chunk
        left, counts = np.concatenate(beyond), counts * 4
        if len(left) and counts > _COUNT_MAX:
            raise ImpossibleHistory(
                reason=f"over {_COUNT_MAX} purchases would fall in the horizon of a customer with "
                f"{age.repeats[left[0]]:.0f} repeats in {age.weeks[left[0]]:.4g} weeks; check the time unit"
            )


def _chunk(
    count_mass: CountMass,
    points: Points,
    age: Table,
    weight: FloatArray,
    entries: IntArray,
    horizon_weeks: float,
    counts: int,
) -> Chunk:
    repeats, weeks, k = age.repeats[entries], age.weeks[entries], np.arange(counts, dtype=float)
    powers = np.stack([k, k * k, k == 0], axis=1)
    mass, moments = np.zeros((len(entries), counts)), np.empty((len(points), len(entries), 3))
    for i, p in enumerate(points.parameters):
        at_point = count_mass(p, repeats, weeks, horizon_weeks, counts)
        moments[i] = np.einsum("ek,kp->ep", at_point, powers)
        mass += weight[i, entries, None] * at_point
    return Chunk(entries, mass, *np.moveaxis(moments, 2, 0))


def _kept(chunk: Chunk, rows: Any) -> Chunk:
    at_points = (values[:, rows] for values in (chunk.mean, chunk.square, chunk.none))
    return Chunk(chunk.entries[rows], chunk.mass[rows], *at_points)


def first_at_most(falling: FloatArray, rows: IntArray, level: FloatArray) -> IntArray:
    """Return the first column of a table of falling rows that is at most level, shape (len(rows),).

    Rows may be asked for often; the number of columns if none is. Ties by rounding (1e-12) count as at most.
    """
    columns = falling.shape[1]
    low, high = np.zeros(len(rows), dtype=np.int64), np.full(len(rows), columns)
    bound = level + 1e-12
    for _ in range(int(columns).bit_length()):
        middle = (low + high) >> 1
        over = (falling[rows, np.minimum(middle, columns - 1)] > bound) & (middle < high)
        low = np.where(over, middle + 1, low)
        high = np.where(over, high, np.maximum(middle, low))
    return low
