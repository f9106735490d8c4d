"""The prices of shared limits: the lowest bound on what any choice can add, found by cutting planes.

For any prices the bound is (what the limits would sell for) + (what every subject adds beyond them, choosing
alone). It is convex in the prices, and what the subjects use at given prices is its slope, so each pass over
the candidates gives a plane below it. The lowest point of all planes so far, within a box around the best
prices found, is where the next pass looks.

Source: Kelley (1960), J. SIAM 8(4) 703-712 (cutting planes); Fisher (1981), Management Science 27(1) 1-18.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import linprog

from eigenform.value.arrays import FloatArray, IntArray
from eigenform.value.optimise.market import Market

_CLOSE: Final = 1e-7  # stop when no plane promises a bound lower by this share
_BOX_SHARE: Final = 0.02  # of a price, the first box around prices that a sample has found
_SAMPLE: Final = 20_000  # subjects
_SAMPLE_PASSES: Final = 150
_PASSES: Final = 24


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """Prices of the limits, the bound they prove, and the passes whose mixture keeps the limits.

    prices  one per limit, >= 0;  bound  no choice adds more
    tried   prices of the passes that count, shape (passes, limits);  parts  their shares, summing to 1
    """

    prices: FloatArray
    bound: float
    tried: FloatArray
    parts: FloatArray


def price(market: Market) -> Priced:
    """Find prices on a sample of the subjects, then on all."""
    most = market.limits.most()
    subjects = len(market.starts) - 1
    ceiling = _ceiling(market)
    if subjects <= 2 * _SAMPLE:
        return _descend(market, most, np.zeros(len(most)), ceiling, ceiling, passes=_SAMPLE_PASSES)
    wanted: IntArray = np.arange(_SAMPLE) * subjects // _SAMPLE
    sample, _places = market.of_subjects(wanted)
    share = _SAMPLE / subjects
    rough = _descend(sample, most * share, np.zeros(len(most)), ceiling, ceiling, passes=_SAMPLE_PASSES)
    box = np.maximum(_BOX_SHARE * rough.prices, 1e-4 * ceiling)
    return _descend(market, most, rough.prices, box, ceiling, passes=_PASSES)


def bound_at(market: Market, most: FloatArray, prices: FloatArray) -> tuple[float, FloatArray]:
    """Return the bound at these prices and its slope: what there is less what is used."""
    worth, used = float(prices @ most), np.zeros(len(most))
    for block in market.blocks():
        taken = market.best(prices, block)
        use = market.uses(taken)
        worth += float(market.net[taken].sum() - prices @ use)
        used += use
    return worth, most - used


def _ceiling(market: Market) -> FloatArray:
    """Return per limit a price at which nobody would use it."""
    top = np.zeros(len(market.limits.most()))
    for block in market.blocks():
        places = np.arange(block.start, block.stop)
        use = market.uses_each(places)
        ratio = np.divide(market.net[block], use, out=np.zeros_like(use), where=use > 0)
        top = np.maximum(top, ratio.max(axis=1, initial=0.0))
    return top


def _descend(
    market: Market, most: FloatArray, start: FloatArray, box: FloatArray, ceiling: FloatArray, *, passes: int
) -> Priced:
    """Lower the bound from the start, first within the box."""
    points, values, slopes = [], [], []
    centre, lowest = start, np.inf
    asked = start
    mixture = np.ones(1)
    for _ in range(passes):
        value, slope = bound_at(market, most, asked)
        points.append(asked)
        values.append(value)
        slopes.append(slope)
        if value < lowest:
            centre, lowest, better = asked, value, True
        else:
            better = False
        low, high = np.maximum(centre - box, 0.0), np.minimum(centre + box, ceiling)
        found, promised, mixture = _lowest_plane(np.array(points), np.array(values), np.array(slopes), low, high)
        at_edge = (((found <= low) & (low > 0)) | ((found >= high) & (high < ceiling))).any()
        if lowest - promised <= _CLOSE * max(abs(lowest), 1e-300):
            if not at_edge:
                break
            box = 4.0 * box
        elif not better and len(points) > 1:
            box = 0.6 * box
        asked = found
    return Priced(centre, lowest, np.array(points), mixture)


def _lowest_plane(
    points: FloatArray, values: FloatArray, slopes: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, float, FloatArray]:
    """Return where within the box the highest plane is lowest, how low, and each plane's weight there."""
    limits = points.shape[1]
    if limits == 0:
        return np.empty(0), float(values.max()), np.eye(len(values))[int(values.argmax())]
    width = np.where(high > low, high - low, 1.0)
    level = max(float(np.abs(values).max()), 1e-300)
    # highest >= value + slope (low + width u - point), in units of the level: keeps the solver's scaling even
    rows = np.column_stack([slopes * width / level, -np.ones(len(values))])
    sides = (np.einsum("ij,ij->i", slopes, points - low) - values) / level
    bounds = [*((0.0, 1.0 if h > lo else 0.0) for lo, h in zip(low, high, strict=True)), (None, None)]
    answer = linprog([*np.zeros(limits), 1.0], A_ub=rows, b_ub=sides, bounds=bounds, method="highs-ds")
    if answer.status != 0:
        best = int(values.argmin())
        return points[best], float(values[best]), np.eye(len(values))[best]
    weights = np.maximum(-answer.ineqlin.marginals, 0.0)
    found = np.clip(low + width * answer.x[:limits], low, high)
    return found, float(answer.x[limits]) * level, weights / max(float(weights.sum()), 1e-300)
