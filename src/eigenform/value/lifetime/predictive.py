"""What each customer will do in the horizon, as a distribution, from tables: no customer is simulated.

The number of purchases is 0 for those who are gone, else it follows the model's count for living customers of the same
repeats and age. Its distribution is tabulated once per such entry and averaged over parameter points (`doubt`), the
quantiles are looked up per distinct history. Worth mixes the sums of amounts (`amounts`) by those counts. So an
interval holds both kinds of doubt: about the parameters, and about what this customer will happen to do.
"""

from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import numpy as np

from eigenform.base.periods import WEEKS_PER_YEAR
from eigenform.value.arrays import HIGH_SHARE, LOW_SHARE, FloatArray
from eigenform.value.lifetime import gamma_gamma
from eigenform.value.lifetime.amounts import Sums
from eigenform.value.lifetime.cells import Cells, Table, collapse
from eigenform.value.lifetime.doubt import Doubtful, Points, fixed_points, points
from eigenform.value.lifetime.lattice import CountMass, chunks, first_at_most
from eigenform.value.lifetime.rows import Rows, moments, rows_of
from eigenform.value.lifetime.summary import Summary
from eigenform.value.lifetime.totals import Total, mixed, summed

_NODES: Final = 3  # of the quadrature over the horizon that discounts the mean
_SPEND_POINTS_CELLS_MAX: Final = 50_000  # beyond, doubt about the spend parameters is left to the total


class CountModel(Protocol):
    """What a purchase-count model offers to be predicted with; every count module does."""

    @property
    def count_mass(self) -> CountMass: ...
    def probability_alive(self, p: Any, summary: Summary, /) -> FloatArray: ...
    def expected_if_alive(
        self, p: Any, repeats: FloatArray, age_weeks: FloatArray, horizon_weeks: float, /
    ) -> FloatArray: ...


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """The next weeks of n customers, arrays of shape (n,); low and high are ends of 80 % predictive intervals.

    p_alive                  probability of still being a customer, averaged over the parameter points
    expected_purchases       mean purchases in the horizon; its low and high are whole numbers of purchases
    value                    mean discounted money (or purchases, if no spend was given), with low and high
    purchases_total, value_total  of the base, weighted by the summary's weights

    Low and high say what this customer will do, not what such customers do on average: for most, low is 0, and where
    few buy at all the mean may lie above high.
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
class _Ahead:
    """Counts per row and point, and the quantiles of counts and of sums (in units of gamma + x z)."""

    mean: FloatArray
    square: FloatArray
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
    at = points(fit, cells=len(cells), draws=draws, rng=rng)
    alive = np.stack([model.probability_alive(p, cells.summary) for p in at.parameters])
    rows = rows_of(base, cells, amounts=spend is not None)
    ahead = _ahead(model, at, cells, rows, alive, weeks, _sums(spend, base, draws, len(cells)))
    purchases = np.zeros(len(cells))
    for chance, mean in zip(alive, ahead.mean, strict=True):
        purchases += chance * mean[cells.age.of] / len(at)
    factor = discount_factor(model, fit.parameters, cells.age, weeks, discount_per_year)
    factor *= margin_share if spend is not None else 1.0
    mean, low, high = _values(base, cells, rows, ahead, factor, purchases, spend)
    whole = np.ones(len(cells.age))
    return Predicted(
        p_alive=alive.mean(axis=0)[cells.of],
        expected_purchases=purchases[cells.of],
        expected_purchases_low=ahead.count_low[cells.of],
        expected_purchases_high=ahead.count_high[cells.of],
        value=mean,
        value_low=low,
        value_high=high,
        purchases_total=_total(rows, at, alive, ahead, whole, None, rng, float(purchases @ cells.summary.weights)),
        value_total=_total(rows, at, alive, ahead, factor, spend, rng, float(mean @ base.weights)),
    )


def discount_factor(model: CountModel, p: Any, age: Table, weeks: float, discount_per_year: float) -> FloatArray:
    """Return by how much a purchase in the horizon counts less for coming later, on average, shape (entries,).

    Expected purchases discounted continuously (Gauss-Legendre over the horizon), by expected purchases.
    """
    per_week = float(np.log1p(discount_per_year) / WEEKS_PER_YEAR)
    if per_week == 0:
        return np.ones(len(age))
    nodes, node_weights = np.polynomial.legendre.leggauss(_NODES)
    whole = model.expected_if_alive(p, age.repeats, age.weeks, weeks)
    counted = whole * np.exp(-per_week * weeks)
    for node, weight in zip(nodes, node_weights, strict=True):
        week = 0.5 * weeks * (node + 1.0)
        part = model.expected_if_alive(p, age.repeats, age.weeks, float(week))
        counted += 0.5 * weeks * weight * per_week * np.exp(-per_week * week) * part
    return counted / np.maximum(whole, 1e-300)


def _sums(spend: gamma_gamma.Fit | None, base: Summary, draws: int, cells: int) -> Sums | None:
    if spend is None:
        return None
    few = draws <= 1 or cells > _SPEND_POINTS_CELLS_MAX
    known = gamma_gamma.informative(base.repeats, base.spend)
    typical = float(np.median(base.spend[known])) if known.any() else 0.0
    return Sums([spend.parameters] if few else fixed_points(spend).parameters, spend.parameters, typical)


def _ahead(
    model: CountModel,
    at: Points,
    cells: Cells,
    rows: Rows,
    alive: FloatArray,
    weeks: float,
    sums: Sums | None,
) -> _Ahead:
    by_entry = np.array([np.bincount(cells.age.of, weights=chance * cells.summary.weights) for chance in alive], float)
    p_alive = alive.mean(axis=0)
    mean, square = np.empty((2, len(at), len(cells.age)))
    quantiles = np.zeros((4, len(rows.cell)))
    members = rows.by_entry()
    for chunk in chunks(model.count_mass, at, cells.age, by_entry, weeks):
        mean[:, chunk.entries], square[:, chunk.entries] = chunk.mean, chunk.square
        mine, position = members.of(chunk.entries)
        chance = np.maximum(p_alive[rows.cell[mine]], 1e-300)
        levels = [(1.0 - share) / chance for share in (LOW_SHARE, HIGH_SHARE)]
        more = 1.0 - np.cumsum(chunk.mass, axis=1)
        quantiles[:2, mine] = [first_at_most(more, position, level) for level in levels]
        if sums is not None:
            quantiles[2:, mine] = sums.quantiles(chunk.mass, rows.seen[mine], position, levels)
    return _Ahead(mean, square, *quantiles)


def _values(
    base: Summary,
    cells: Cells,
    rows: Rows,
    ahead: _Ahead,
    factor: FloatArray,
    purchases: FloatArray,
    spend: gamma_gamma.Fit | None,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return mean, low and high of each customer's value."""
    at_cell = factor[cells.age.of]
    if spend is None:
        each = (purchases * at_cell, ahead.count_low * at_cell, ahead.count_high * at_cell)
        return each[0][cells.of], each[1][cells.of], each[2][cells.of]
    p = spend.parameters
    at_row = factor[rows.entry]
    _, own = gamma_gamma.posterior(p, base.repeats, base.spend)
    mean = (purchases * at_cell)[cells.of] * gamma_gamma.expected_spend(p, base.repeats, base.spend)
    return mean, own * (ahead.sum_low * at_row)[rows.of], own * (ahead.sum_high * at_row)[rows.of]


def _total(
    rows: Rows,
    at: Points,
    alive: FloatArray,
    ahead: _Ahead,
    factor: FloatArray,
    spend: gamma_gamma.Fit | None,
    rng: np.random.Generator,
    mean: float,
) -> Total:
    """Return the base's total: random points are mixed, fixed ones give the variance of one distribution.

    Its mean is the sum of the customers' means, at the fitted spend parameters as they are.
    """
    centre = None if spend is None else spend.parameters
    amounts = [centre] * len(at) if spend is None or not at.random else spend.draw(draws=len(at), rng=rng)
    each = np.array(
        [
            moments(rows, alive=alive[i], mean=ahead.mean[i], square=ahead.square[i], factor=factor, amounts=amounts[i])
            for i in range(len(at))
        ]
    )
    if at.random:
        return replace(mixed(each[:, 0], each[:, 1]), mean=mean)
    variance = float(each[:, 1].mean() + each[:, 0].var())
    if spend is not None and len(at) > 1:
        middle = {"alive": alive.mean(axis=0), "mean": ahead.mean.mean(axis=0), "square": ahead.square.mean(axis=0)}
        doubted = [moments(rows, factor=factor, amounts=p, **middle)[0] for p in fixed_points(spend).parameters]
        variance += float(np.var(doubted))
    return summed(mean, variance)
