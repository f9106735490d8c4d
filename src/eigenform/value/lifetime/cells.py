"""Customers with the same history are one weighted cell: what every count model is fitted to.

A million customers with daily dates have a few hundred thousand distinct histories, and those have some ten thousand
distinct (repeats, age) and (repeats, last week). Costly functions are worked out once for each of those entries; the
cells look their entry up, and the customers their cell.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from eigenform.value.arrays import FloatArray, IntArray
from eigenform.value.lifetime.summary import ImpossibleHistory, Summary

_UNITS_PER_WEEK: Final = (1.0, 7.0, 14.0)  # grids that are looked for: whole weeks (or periods), days, half days
_OFF_GRID_MAX: Final = 1e-9  # of a day; closer than that is the same day
_BLOCK: Final = 16_384  # rows at a time: they stay in the processor's cache
_ADDRESSES_MIN: Final = 1 << 16  # up to here, or 8 per row, a table of all codes is cheaper than sorting


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The distinct pairs of repeats and weeks, in rising order.

    repeats, weeks  of each entry, shape (m,)
    of              each cell's entry, shape (cells,)
    """

    repeats: FloatArray
    weeks: FloatArray
    of: IntArray

    def __len__(self) -> int:
        return len(self.repeats)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The distinct histories of a base of n customers.

    summary  one row per distinct history; weight says how many customers share it. No spend
    of       each customer's cell, shape (n,): what is known per cell is known per customer by values[of]
    age      entries of (repeats, age_weeks)
    last     entries of (repeats, last_week)
    """

    summary: Summary
    of: IntArray
    age: Table
    last: Table

    def __len__(self) -> int:
        return len(self.summary)


def collapse(given: Summary | Cells) -> Cells:
    """Return the distinct histories, each with the weight of all customers that share it; cells pass through.

    Raises ImpossibleHistory if there are no customers.
    """
    if isinstance(given, Cells):
        return given
    if len(given) == 0:
        raise ImpossibleHistory(reason="there are no customers")
    of, member = _group(given.repeats, given.age_weeks, given.last_week)
    repeats, last_week, age_weeks = given.repeats[member], given.last_week[member], given.age_weeks[member]
    weight = np.bincount(of, weights=given.weight, minlength=len(member)).astype(float)
    summary = Summary(repeats, last_week, age_weeks, weight=weight)
    return Cells(summary, of, age=table(repeats, age_weeks), last=table(repeats, last_week))


def thinned(cells: Cells, *, most: int = 20_000) -> Cells:
    """Return about `most` of the cells, standing for all customers; the same object if there are not twice as many.

    A cell of w customers is kept with a chance of w / c, and then weighs at least c: totals over the sample estimate
    totals over the base. Which ones is settled by their order alone, so nothing here is random. It is a place to
    start a climb from, not a sample to publish numbers of.
    """
    if len(cells) <= 2 * most:
        return cells
    summary, weight = cells.summary, cells.summary.weights
    least = summary.customers / most
    reached = np.floor(np.cumsum(np.minimum(weight / least, 1.0)))
    chosen = np.flatnonzero(np.diff(reached, prepend=0.0) > 0)
    return collapse(
        Summary(
            summary.repeats[chosen],
            summary.last_week[chosen],
            summary.age_weeks[chosen],
            weight=np.maximum(weight[chosen], least),
        )
    )


def table(repeats: FloatArray, weeks: FloatArray) -> Table:
    """Return the distinct pairs of repeats and weeks, arrays of shape (n,), and who is in which."""
    of, member = _group(repeats, weeks)
    return Table(repeats[member], weeks[member], of)


def _group(*columns: FloatArray) -> tuple[IntArray, IntArray]:
    """Return each row's rank among the distinct rows, in rising order, and one member of each rank."""
    code, levels = _codes(columns[0])
    for column in columns[1:]:
        own_code, own_levels = _codes(column)
        own_code += code * own_levels
        code, levels = _ranks(own_code, levels * own_levels)
    member = np.empty(levels, dtype=np.int64)
    member[code] = np.arange(len(code))
    return code, member


def _codes(values: FloatArray) -> tuple[IntArray, int]:
    """Return whole numbers in the order of the values, equal for equal values, and a bound above them."""
    for per_week in _UNITS_PER_WEEK:
        code = _on_grid(values, per_week)
        if code is not None:
            return code, int(code.max()) + 1
    levels, code = np.unique(values, return_inverse=True)
    return code.astype(np.int64, copy=False), len(levels)


def _on_grid(values: FloatArray, per_week: float) -> IntArray | None:
    """Return the values in steps of the grid, or None if one of them lies between two steps."""
    code = np.empty(len(values), dtype=np.int64)
    for begin in range(0, len(values), _BLOCK):
        rows = slice(begin, begin + _BLOCK)
        scaled = values[rows] * per_week
        step = np.rint(scaled)
        scaled -= step
        if max(scaled.max(), -scaled.min()) > _OFF_GRID_MAX:
            return None
        code[rows] = step
    return code


def _ranks(code: IntArray, size: int) -> tuple[IntArray, int]:
    """Return each code's rank among those present, and how many there are; codes lie below size."""
    if size > max(_ADDRESSES_MIN, 8 * len(code)):
        levels, rank = np.unique(code, return_inverse=True)
        return rank.astype(np.int64, copy=False), len(levels)
    present = np.zeros(size, dtype=bool)
    present[code] = True
    rank_of_code = np.cumsum(present, dtype=np.int32)
    rank_of_code -= 1
    return np.take(rank_of_code, code).astype(np.int64), int(rank_of_code[-1]) + 1
