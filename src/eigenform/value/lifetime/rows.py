"""Customers who differ only in the scale of their amounts are one row: what intervals are worked out for."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from eigenform.value.arrays import FloatArray, IntArray, dot
from eigenform.value.lifetime import gamma_gamma
from eigenform.value.lifetime.cells import Cells
from eigenform.value.lifetime.summary import Summary

_MEAN_SHAPE_MIN: Final = (
    0.05  # draws of the spend parameters may have no mean or no variance where the fitted ones have:
)
_VARIANCE_SHAPE_MIN: Final = 2.1  # the total takes these instead


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Distinct (history, number of amounts seen), arrays of shape (rows,) but for of.

    cell, entry  which history of the cells, and which entry of their age table
    seen         amounts that the spend model knows of: repeats, or 0 where their mean cannot be used
    customers    how many customers are in the row
    spent, spent_square  sum over its customers of the money seen (x z), and of its square
    of           each customer's row, shape (n,)
    """

    cell: IntArray
    entry: IntArray
    seen: FloatArray
    customers: FloatArray
    spent: FloatArray
    spent_square: FloatArray
    of: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """Which rows hang on an entry: order[starts[e]:starts[e + 1]]."""

    order: IntArray
    starts: IntArray

    @classmethod
    def of_entries(cls, entry: IntArray) -> "Members":
        """Return the members by the entry of each, shape (members,)."""
        order = np.argsort(entry, kind="stable")
        return cls(order, np.searchsorted(entry[order], np.arange(int(entry.max()) + 2)))

    def of(self, entries: IntArray) -> tuple[IntArray, IntArray]:
        """Return the rows of some entries, and for each the position of its entry among those asked for."""
        sizes = self.starts[entries + 1] - self.starts[entries]
        position = np.repeat(np.arange(len(entries)), sizes)
        offset = np.arange(len(position)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return self.order[self.starts[entries][position] + offset], position


def rows_of(base: Summary, cells: Cells, *, amounts: bool) -> Rows:
    """Return the rows of a base; without amounts they are its cells, and nothing is seen."""
    repeats, of, cell = cells.summary.repeats, cells.of, np.arange(len(cells))
    spent, seen = np.zeros(len(base)), np.zeros(len(cells))
    if amounts:
        known = gamma_gamma.informative(base.repeats, base.spend)
        spent, seen = np.where(known, base.repeats * np.where(known, base.spend, 0.0), 0.0), repeats
        odd = (base.repeats > 0) & ~known
        if odd.any():
            cells_of_odd, rank = np.unique(of[odd], return_inverse=True)
            of = of.copy()
            of[odd] = len(cells) + rank
            cell, seen = np.append(cell, cells_of_odd), np.append(seen, np.zeros(len(cells_of_odd)))
    weight = base.weight
    weighted = spent if weight is None else spent * weight
    return Rows(
        cell=cell,
        entry=cells.age.of[cell],
        seen=seen,
        customers=np.bincount(of, weights=weight, minlength=len(cell)).astype(float),
        spent=np.bincount(of, weights=weighted, minlength=len(cell)).astype(float),
        spent_square=np.bincount(of, weights=weighted * spent, minlength=len(cell)).astype(float),
        of=of,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """What a base is expected to do at given parameters.

    alive   P(alive) per cell
    mean    purchases of the living in the horizon, per age entry
    factor  by which a purchase counts, per age entry
    amounts  spend parameters, or None to count purchases
    """

    alive: FloatArray
    mean: FloatArray
    factor: FloatArray
    amounts: gamma_gamma.Parameters | None

    def each(self, rows: Rows) -> tuple[FloatArray, FloatArray]:
        """Return the mean per row, and by which sum over its customers it counts."""
        first = self.factor[rows.entry] * self.alive[rows.cell] * self.mean[rows.entry]
        if self.amounts is None:
            return first, rows.customers
        shape = self.amounts.q + self.amounts.p * rows.seen
        first *= self.amounts.p / np.maximum(shape - 1.0, _MEAN_SHAPE_MIN)
        return first, rows.customers * self.amounts.gamma + rows.spent

    def total(self, rows: Rows) -> float:
        """Return the mean of the sum over the base."""
        first, counted = self.each(rows)
        return dot(counted, first)

    def variance(self, rows: Rows, square: FloatArray) -> float:
        """Return the variance of the sum: customers are independent. square is the mean square of the count."""
        first, counted = self.each(rows)
        chance, factor, squares = self.alive[rows.cell], self.factor[rows.entry], square[rows.entry]
        if self.amounts is None:
            return dot(counted, np.square(factor) * chance * squares - np.square(first))
        p, gamma = self.amounts.p, self.amounts.gamma
        shape = np.maximum(self.amounts.q + p * rows.seen, _VARIANCE_SHAPE_MIN)
        second = np.square(factor * p) * chance * (squares + self.mean[rows.entry] / p)
        second /= (shape - 1.0) * (shape - 2.0)
        counted_square = gamma * (counted + rows.spent) + rows.spent_square
        return dot(counted_square, np.maximum(second - np.square(first), 0.0))
