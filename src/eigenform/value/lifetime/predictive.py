"""What each customer will do in the horizon, as a distribution, from tables: no customer is simulated.

The number of purchases is 0 for those who are gone, else it follows the model's count for living customers of the same
repeats and age. Its distribution is tabulated once per such entry and averaged over parameter points (`doubt`), the
quantiles are looked up per distinct history. Worth mixes the sums of amounts (`amounts`) by those counts. So an
interval holds both kinds of doubt: about the parameters, and about what this customer will happen to do.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from eigenform.base.periods import WEEKS_PER_YEAR
from eigenform.value.arrays import HIGH_SHARE, LOW_SHARE, FloatArray
from eigenform.value.lifetime import gamma_gamma
from eigenform.value.lifetime.ahead import CountModel, look_ahead
from eigenform.value.lifetime.amounts import Sums
from eigenform.value.lifetime.cells import Cells, Table, collapse
from eigenform.value.lifetime.doubt import Doubtful, fixed_points, points
from eigenform.value.lifetime.lattice import Chunk, first_at_most
from eigenform.value.lifetime.rows import Members, Rows, rows_of
from eigenform.value.lifetime.summary import Summary
from eigenform.value.lifetime.totals import Total

_NODES: Final = 3  # of the quadrature over the horizon that discounts the mean
_SPEND_POINTS_CELLS_MAX: Final = 50_000  # beyond, doubt about the spend parameters is left to the total


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """The next weeks of n customers, arrays of shape (n,); low and high are ends of 80 % predictive intervals.

    p_alive                  probability of still being a customer
    expected_purchases       mean purchases in the horizon; its low and high are whole numbers of purchases
    value                    mean discounted money (or purchases, if no spend was given), with low and high
    purchases_total, value_total  of the base, weighted by the summary's weights

    Means are at the fitted parameters, so that equal histories have equal means and no chance is in them; the ends
    average over what the parameters may be. Low and high say what this customer will do, not what such customers do on
    average: for most, low is 0, and where few buy at all the mean may lie above high.
    """

    p_alive: FloatArray
    expected_purchases: FloatArray
    expected_purchases_low: FloatArray
    expected_purchases_high: FloatArray
    value: FloatArray
    value_low: FloatArray
    value_high: FloatArray
    purchases_total: Total
    value_total: Total


@dataclass(frozen=True, slots=True, eq=False)
class _Ends:
    """Quantiles per row: of counts, and of sums in units of gamma + x z."""

    count_low: FloatArray
    count_high: FloatArray
    sum_low: FloatArray
    sum_high: FloatArray


def predict(
    model: CountModel,
    fit: Doubtful,
    base: Summary,
    *,
    spend: gamma_gamma.Fit | None,
    weeks: float,
    discount_per_year: float = 0.0,
    draws: int = 200,
    rng: np.random.Generator,
    margin_share: float = 1.0,
    cells: Cells | None = None,
) -> Predicted:
    """Return what each customer will do in the next weeks, with 80 % predictive intervals.

    fit     of the counts, a Fitted or a Posterior; spend likewise of the amounts, None to value purchases at 1
    draws   parameter draws at most; large bases take fewer (see doubt), 1 leaves parameter doubt out
    cells   of the base, if they are at hand

    Costs what the distinct histories cost. The discount is the mean one of an entry, see docs/algorithms.
    """
    cells = collapse(base) if cells is None else cells
    rows = rows_of(base, cells, amounts=spend is not None)
    at = points(fit, cells=len(cells), draws=draws, rng=rng)
    ends, see = _ends(rows, _sums(spend, base, draws, len(cells)))
    ahead = look_ahead(model, cells, weeks=weeks, at=at, see=see)
    p_alive = model.probability_alive(fit.parameters, cells.summary)
    if_alive = model.expected_if_alive(fit.parameters, cells.age.repeats, cells.age.weeks, weeks)
    purchases = p_alive * if_alive[cells.age.of]
    factor = discount_factor(model, fit.parameters, cells.age, weeks, discount_per_year, if_alive=if_alive)
    factor *= margin_share if spend is not None else 1.0
    mean, low, high = _values(base, cells, rows, ends, factor, purchases, spend)
    purchases_total, value_total = ahead.total(rows, rng=rng), ahead.total(rows, factor=factor, spend=spend, rng=rng)
    return Predicted(
        p_alive=p_alive[cells.of],
        expected_purchases=purchases[cells.of],
        expected_purchases_low=ends.count_low[cells.of],
        expected_purchases_high=ends.count_high[cells.of],
        value=mean,
        value_low=low,
        value_high=high,
        purchases_total=replace(purchases_total, mean=float(purchases @ cells.summary.weights)),
        value_total=replace(value_total, mean=float(mean @ base.weights)),
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


def _sums(spend: gamma_gamma.Fit | None, base: Summary, draws: int, cells: int) -> Sums | None:
    if spend is None:
        return None
    few = draws <= 1 or cells > _SPEND_POINTS_CELLS_MAX
    known = gamma_gamma.informative(base.repeats, base.spend)
    typical = float(np.median(base.spend[known])) if known.any() else 0.0
    return Sums([spend.parameters] if few else fixed_points(spend).parameters, spend.parameters, typical)


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


def _values(
    base: Summary,
    cells: Cells,
    rows: Rows,
    ends: _Ends,
    factor: FloatArray,
    purchases: FloatArray,
    spend: gamma_gamma.Fit | None,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return mean, low and high of each customer's value."""
    at_cell = factor[cells.age.of]
    if spend is None:
        each = (purchases * at_cell, ends.count_low * at_cell, ends.count_high * at_cell)
        return each[0][cells.of], each[1][cells.of], each[2][cells.of]
    p = spend.parameters
    at_row = factor[rows.entry]
    _, own = gamma_gamma.posterior(p, base.repeats, base.spend)
    mean = (purchases * at_cell)[cells.of] * gamma_gamma.expected_spend(p, base.repeats, base.spend)
    return mean, own * (ends.sum_low * at_row)[rows.of], own * (ends.sum_high * at_row)[rows.of]
