"""Purchases in the horizon at every parameter point: what intervals, totals and hold-outs are made of."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from eigenform.value.arrays import HIGH_SHARE, LOW_SHARE, FloatArray
from eigenform.value.lifetime import gamma_gamma
from eigenform.value.lifetime.cells import Cells
from eigenform.value.lifetime.doubt import Points, fixed_points
from eigenform.value.lifetime.lattice import Chunk, CountMass, chunks
from eigenform.value.lifetime.rows import Rows, moments
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
    """What each parameter point expects of a base.

    points        the parameters, of equal weight
    alive         P(alive) at each point, shape (points, cells)
    mean, square, none  of the count of the living: its mean, mean square and P(0), shape (points, age entries)
    """

    cells: Cells
    points: Points
    alive: FloatArray
    mean: FloatArray
    square: FloatArray
    none: FloatArray

    def variance(self, rows: Rows) -> tuple[float, float]:
        """Return the variance of the base's purchases by chance, and by doubt about the parameters, to first order.

        Only for fixed points: the differences within their pairs are the slopes along the axes of the doubt.
        """
        factor = np.ones(len(self.cells.age))
        mean = np.array([self._moments(rows, i, factor, None)[0] for i in range(len(self.points))])
        doubt = np.square(mean[0::2] - mean[1::2]).sum() / (2.0 * len(mean))
        return self._middle()._moments(rows, 0, factor, None)[1], float(doubt)

    def total(
        self,
        rows: Rows,
        *,
        factor: FloatArray | None = None,
        spend: gamma_gamma.Fit | None = None,
        rng: np.random.Generator,
        shares: tuple[float, float] = (LOW_SHARE, HIGH_SHARE),
    ) -> Total:
        """Return what the base brings in all, as an interval between the given shares.

        factor  by which a purchase counts, per age entry; None means 1
        spend   None counts purchases

        Random points are mixed; fixed ones give the variance of one distribution.
        """
        factor = np.ones(len(self.cells.age)) if factor is None else factor
        amounts = self._amounts(spend, rng)
        each = np.array([self._moments(rows, i, factor, amounts[i]) for i in range(len(self.points))])
        if self.points.random:
            nothing = np.array([self._nothing(rows, i) for i in range(len(self.points))])
            return mixed(each[:, 0], each[:, 1], nothing, shares=shares)
        variance = float(each[:, 1].mean() + each[:, 0].var())
        if spend is not None and len(self.points) > 1:
            middle = self._middle()
            doubted = [middle._moments(rows, 0, factor, p)[0] for p in fixed_points(spend).parameters]
            variance += float(np.var(doubted))
        return summed(float(each[:, 0].mean()), variance, shares=shares)

    def _amounts(
        self, spend: gamma_gamma.Fit | None, rng: np.random.Generator
    ) -> list[gamma_gamma.Parameters] | list[None]:
        if spend is None:
            return [None] * len(self.points)
        if self.points.random:
            return spend.draw(draws=len(self.points), rng=rng)
        return [spend.parameters] * len(self.points)

    def _middle(self) -> "Ahead":
        return replace(
            self,
            alive=self.alive.mean(axis=0, keepdims=True),
            mean=self.mean.mean(axis=0, keepdims=True),
            square=self.square.mean(axis=0, keepdims=True),
            none=self.none.mean(axis=0, keepdims=True),
        )

    def _nothing(self, rows: Rows, i: int) -> float:
        """Return the probability at a point that nobody buys."""
        buys = self.alive[i][rows.cell] * (1.0 - self.none[i][rows.entry])
        return float(np.exp(rows.customers @ np.log1p(-np.minimum(buys, 1.0 - 1e-15))))

    def _moments(
        self, rows: Rows, i: int, factor: FloatArray, amounts: gamma_gamma.Parameters | None
    ) -> tuple[float, float]:
        return moments(
            rows, alive=self.alive[i], mean=self.mean[i], square=self.square[i], factor=factor, amounts=amounts
        )


def look_ahead(
    model: CountModel,
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
    return Ahead(cells, at, alive, mean, square, none)
