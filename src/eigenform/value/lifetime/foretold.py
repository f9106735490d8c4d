"""What is foretold per row, a distinct history with its number of amounts seen: customers only look their row up.

So a prediction costs what the rows cost, and a database or a cluster can do the looking up by itself: money scales
with the rate of a customer's spend, gamma plus what was seen, and is told per unit of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from eigenform.base.periods import WEEKS_PER_YEAR
from eigenform.value.arrays import HIGH_SHARE, LOW_SHARE, FloatArray, dot
from eigenform.value.lifetime import gamma_gamma
from eigenform.value.lifetime.ahead import CountModel, look_ahead
from eigenform.value.lifetime.amounts import Sums
from eigenform.value.lifetime.cells import Cells, Table
from eigenform.value.lifetime.doubt import Doubtful, beside_of, points
from eigenform.value.lifetime.lattice import Chunk, first_at_most
from eigenform.value.lifetime.rows import Members, Rows
from eigenform.value.lifetime.totals import Total

_PURCHASES_USUAL: Final = 10.0  # of living customers in the horizon; where it is more, fewer points are afforded
_NODES: Final = 3  # of the quadrature over the horizon that discounts the mean
_SPEND_POINTS_CELLS_MAX: Final = 50_000  # beyond, doubt about the spend parameters is left to the total


@dataclass(frozen=True, slots=True, eq=False)
class Foretold:
    """The next weeks of the customers of each row, arrays of shape (rows,); see predictive.Predicted.

    value_per_rate, value_low_per_rate, value_high_per_rate  discounted money per unit of the customer's rate of spend,
        gamma + (repeats x mean spend, if it is known); or purchases, if no spend was given
    """

    p_alive: FloatArray
    expected_purchases: FloatArray
    expected_purchases_low: FloatArray
    expected_purchases_high: FloatArray
    value_per_rate: FloatArray
    value_low_per_rate: FloatArray
    value_high_per_rate: FloatArray
    purchases_total: Total
    value_total: Total


@dataclass(frozen=True, slots=True, eq=False)
class _Ends:
    """Quantiles per row: of counts, and of sums in units of gamma + x z."""

    count_low: FloatArray
    count_high: FloatArray
    sum_low: FloatArray
    sum_high: FloatArray


def foretell(
    model: CountModel,
    fit: Doubtful,
    cells: Cells,
    rows: Rows,
    *,
    spend: gamma_gamma.Fit | None,
    typical: float,
    weeks: float,
    discount_per_year: float,
    draws: int,
    rng: np.random.Generator,
    margin_share: float = 1.0,
) -> Foretold:
    """Return what is foretold for the rows of a base; the arguments are those of `predictive.predict`.

    typical  median amount of those who have a usable one, in money; 0 if nobody has

    Raises NoMeanSpend.
    """
    if_alive = model.expected_if_alive(fit.parameters, cells.age.repeats, cells.age.weeks, weeks)
    longer = max(float(if_alive.mean()) / _PURCHASES_USUAL, 1.0)  # tables of so many more counts than usual
    at = points(fit, cells=int(len(cells) * longer), draws=draws, rng=rng)
    ends, see = _ends(rows, _sums(spend, typical, draws, len(cells)))
    ahead = look_ahead(model, fit, cells, weeks=weeks, at=at, see=see)
    p_alive = model.probability_alive(fit.parameters, cells.summary)
    purchases = p_alive * if_alive[cells.age.of]
    factor = discount_factor(model, fit.parameters, cells.age, weeks, discount_per_year, if_alive=if_alive)
    factor *= margin_share if spend is not None else 1.0
    purchases_total, value_total = ahead.total(rows, rng=rng), ahead.total(rows, factor=factor, spend=spend, rng=rng)
    at_row, bought = factor[rows.entry], purchases[rows.cell]
    low, high = (ends.count_low, ends.count_high) if spend is None else (ends.sum_low, ends.sum_high)
    value = bought * at_row * _mean_per_rate(rows, spend)
    rates = rows.customers if spend is None else rows.customers * spend.parameters.gamma + rows.spent
    return Foretold(
        p_alive=p_alive[rows.cell],
        expected_purchases=bought,
        expected_purchases_low=ends.count_low,
        expected_purchases_high=ends.count_high,
        value_per_rate=value,
        value_low_per_rate=low * at_row,
        value_high_per_rate=high * at_row,
        purchases_total=replace(purchases_total, mean=dot(purchases, cells.summary.weights)),
        value_total=replace(value_total, mean=dot(value, rates)),
    )


def discount_factor(
    model: CountModel, p: Any, age: Table, weeks: float, discount_per_year: float, *, if_alive: FloatArray
) -> FloatArray:
    """Return by how much a purchase in the horizon counts less for coming later, on average, shape (entries,).

    Expected purchases discounted continuously (Gauss-Legendre over the horizon), by expected purchases if_alive.
    """
    per_week = float(np.log1p(discount_per_year) / WEEKS_PER_YEAR)
    if per_week == 0:
        return np.ones(len(age))
    nodes, node_weights = np.polynomial.legendre.leggauss(_NODES)
    counted = if_alive * np.exp(-per_week * weeks)
    for node, weight in zip(nodes, node_weights, strict=True):
        week = 0.5 * weeks * (node + 1.0)
        part = model.expected_if_alive(p, age.repeats, age.weeks, float(week))
        counted += 0.5 * weeks * weight * per_week * np.exp(-per_week * week) * part
    return counted / np.maximum(if_alive, 1e-300)


def _mean_per_rate(rows: Rows, spend: gamma_gamma.Fit | None) -> FloatArray:
    """Return the expected amount of a purchase per unit of the rate of spend, 1 if no spend was given."""
    if spend is None:
        return np.ones(len(rows.cell))
    p = spend.parameters
    shape = p.q + p.p * rows.seen
    without = shape <= 1.0
    if without.any():
        raise gamma_gamma.NoMeanSpend(q=p.q, customers=int(rows.customers[without].sum()))
    return np.asarray(p.p / (shape - 1.0), float)


def _sums(spend: gamma_gamma.Fit | None, typical: float, draws: int, cells: int) -> Sums | None:
    if spend is None:
        return None
    sure = draws <= 1 or cells > _SPEND_POINTS_CELLS_MAX
    at = [spend.parameters] if sure else beside_of(spend)
    return Sums(at, spend.parameters, typical)


def _ends(rows: Rows, sums: Sums | None) -> tuple[_Ends, Callable[[Chunk, FloatArray], None]]:
    """Return the quantiles of all rows, and the function that fills them in as tables come by."""
    quantiles, members = np.zeros((4, len(rows.cell))), Members.of_entries(rows.entry)

    def see(chunk: Chunk, p_alive: FloatArray) -> None:
        mine, position = members.of(chunk.entries)
        chance = np.maximum(p_alive[rows.cell[mine]], 1e-300)
        levels = [(1.0 - share) / chance for share in (LOW_SHARE, HIGH_SHARE)]
        more = 1.0 - np.cumsum(chunk.mass, axis=1)
        quantiles[:2, mine] = [first_at_most(more, position, level) for level in levels]
        if sums is not None:
            quantiles[2:, mine] = sums.quantiles(chunk.mass, rows.seen[mine], position, levels)

    return _Ends(*quantiles), see
