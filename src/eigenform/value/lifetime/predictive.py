"""What each customer will do in the horizon, as a distribution, from tables: no customer is simulated.

The number of purchases is 0 for those who are gone, else it follows the model's count for living customers of the same
repeats and age. Its distribution is tabulated once per such entry and averaged over parameter points (`doubt`), the
quantiles are looked up per distinct history. Worth mixes the sums of amounts (`amounts`) by those counts. So an
interval holds both kinds of doubt: about the parameters, and about what this customer will happen to do.
"""

from dataclasses import dataclass

import numpy as np

from eigenform.value.arrays import FloatArray
from eigenform.value.lifetime import gamma_gamma
from eigenform.value.lifetime.ahead import CountModel
from eigenform.value.lifetime.cells import Cells, collapse
from eigenform.value.lifetime.doubt import Doubtful
from eigenform.value.lifetime.foretold import foretell
from eigenform.value.lifetime.rows import rows_of
from eigenform.value.lifetime.summary import Summary
from eigenform.value.lifetime.totals import Total


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
    told = foretell(
        model,
        fit,
        cells,
        rows,
        spend=spend,
        typical=0.0 if spend is None else _typical(base),
        weeks=weeks,
        discount_per_year=discount_per_year,
        draws=draws,
        rng=rng,
        margin_share=margin_share,
    )
    rate = 1.0 if spend is None else gamma_gamma.posterior(spend.parameters, base.repeats, base.spend)[1]
    return Predicted(
        p_alive=told.p_alive[cells.of],
        expected_purchases=told.expected_purchases[cells.of],
        expected_purchases_low=told.expected_purchases_low[cells.of],
        expected_purchases_high=told.expected_purchases_high[cells.of],
        value=rate * told.value_per_rate[rows.of],
        value_low=rate * told.value_low_per_rate[rows.of],
        value_high=rate * told.value_high_per_rate[rows.of],
        purchases_total=told.purchases_total,
        value_total=told.value_total,
    )


def _typical(base: Summary) -> float:
    """Return the median amount of those who have a usable one, 0 if nobody has."""
    known = gamma_gamma.informative(base.repeats, base.spend)
    return float(np.median(base.spend[known])) if known.any() else 0.0
