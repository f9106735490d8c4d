"""Purchases in the horizon at every parameter point: what intervals, totals and hold-outs are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from eigenform.value.arrays import FloatArray, dot
from eigenform.value.lifetime import gamma_gamma
from eigenform.value.lifetime.cells import Cells
from eigenform.value.lifetime.doubt import Doubtful, Points, beside_of, variance_of
from eigenform.value.lifetime.lattice import Chunk, CountMass, chunks
from eigenform.value.lifetime.rows import Expected, Rows
from eigenform.value.lifetime.summary import Summary
from eigenform.value.lifetime.totals import Total, mixed, summed


class CountModel(Protocol):
    """What a purchase-count model offers to be predicted with; every count module does."""

    @property
    def count_mass(self) -> CountMass: ...
    def probability_alive(self, p: Any, summary: Summary, /) -> FloatArray: ...
    def expected_if_alive(
        self, p: Any, repeats: FloatArray, age_weeks: FloatArray, horizon_weeks: float, /
    ) -> FloatArray: ...


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """What each parameter point expects of a base in the next weeks.

    points        random draws of equal weight, or the fitted parameters alone
    alive         P(alive) at each point, shape (points, cells)
    mean, square, none  of the count of the living: its mean, mean square and P(0), shape (points, age entries)
    beside_alive, beside_mean  the same up and down each axis of the doubt: up, down, up, down …
    """

    cells: Cells
    points: Points
    alive: FloatArray
    mean: FloatArray
    square: FloatArray
    none: FloatArray
    beside_alive: FloatArray
    beside_mean: FloatArray

    def total(
        self,
        rows: Rows,
        *,
        factor: FloatArray | None = None,
        spend: gamma_gamma.Fit | None = None,
        rng: np.random.Generator,
    ) -> Total:
        """Return what the base brings in all, with an 80 % interval.

        factor  by which a purchase counts, per age entry; None means 1
        spend   None counts purchases

        Random points are mixed; at the fitted parameters the variances of chance and of doubt are added.
        """
        factor = np.ones(len(self.cells.age)) if factor is None else factor
        if not self.points.random:
            centre = self._at(0, factor, None if spend is None else spend.parameters)
            chance = centre.variance(rows, self.square[0])
            return summed(centre.total(rows), chance + self._doubt(rows, factor, spend))
        n = len(self.points)
        amounts = [None] * n if spend is None else spend.draw(draws=n, rng=rng)
        at = [self._at(i, factor, amounts[i]) for i in range(n)]
        means = np.array([one.total(rows) for one in at])
        variances = np.array([one.variance(rows, self.square[i]) for i, one in enumerate(at)])
        return mixed(means, variances, np.array([self._nothing(rows, i) for i in range(n)]))

    def spread(self, rows: Rows) -> tuple[float, float]:
        """Return the variance of the base's purchases by chance (at the first point), and by doubt, to first order."""
        factor = np.ones(len(self.cells.age))
        return self._at(0, factor, None).variance(rows, self.square[0]), self._doubt(rows, factor, None)

    def _at(self, i: int, factor: FloatArray, amounts: gamma_gamma.Parameters | None) -> Expected:
        return Expected(self.alive[i], self.mean[i], factor, amounts)

    def _doubt(self, rows: Rows, factor: FloatArray, spend: gamma_gamma.Fit | None) -> float:
        fitted = None if spend is None else spend.parameters
        beside = zip(self.beside_alive, self.beside_mean, strict=True)
        doubt = variance_of([Expected(alive, mean, factor, fitted).total(rows) for alive, mean in beside])
        if spend is not None:
            doubt += variance_of([self._at(0, factor, amounts).total(rows) for amounts in beside_of(spend)])
        return doubt

    def alive_doubt(self, customers: FloatArray) -> float:
        """Return the variance that the doubt gives the number still there, of so many customers in each cell."""
        return variance_of(self.beside_alive @ customers)

    def _nothing(self, rows: Rows, i: int) -> float:
        """Return the probability at a point that nobody buys."""
        buys = self.alive[i][rows.cell] * (1.0 - self.none[i][rows.entry])
        return float(np.exp(dot(rows.customers, np.log1p(-np.minimum(buys, 1.0 - 1e-15)))))


def look_ahead(
    model: CountModel,
    fit: Doubtful,
    cells: Cells,
    *,
    weeks: float,
    at: Points,
    see: Callable[[Chunk, FloatArray], None] | None = None,
) -> Ahead:
    """Return what a base will do in the next weeks; see is shown each table of counts with P(alive) of all cells.

    P(alive) is that averaged over the points. Tables are shown and dropped: memory does not grow with the base.
    """
    alive = np.stack([model.probability_alive(p, cells.summary) for p in at.parameters])
    p_alive = alive.mean(axis=0)
    of, weight = cells.age.of, cells.summary.weights
    by_entry = np.array([np.bincount(of, weights=chance * weight) for chance in alive], float)
    mean, square, none = np.empty((3, len(at), len(cells.age)))
    for chunk in chunks(model.count_mass, at, cells.age, by_entry, weeks):
        some = chunk.entries
        mean[:, some], square[:, some], none[:, some] = chunk.mean, chunk.square, chunk.none
        if see is not None:
            see(chunk, p_alive)
    beside = beside_of(fit)
    age = cells.age
    beside_alive = np.stack([model.probability_alive(p, cells.summary) for p in beside])
    beside_mean = np.stack([model.expected_if_alive(p, age.repeats, age.weeks, weeks) for p in beside])
    return Ahead(cells, at, alive, mean, square, none, beside_alive, beside_mean)
