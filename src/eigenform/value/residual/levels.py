"""Levels that drift: weekly means of many cells, filtered at once for a grid of drift and shock ratios.

A cell's level walks at random; each week's mean of n readings shows it with variance noise / n, plus a
shock that all readings of the week share (one late lorry delays a hundred lines). How fast the level
walks and how large the shocks are, relative to the noise of one reading, is shared within a group of
cells and integrated over a grid, so that a group with little data is neither frozen nor chasing noise.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from eigenform.value.arrays import FloatArray, IntArray

# level variance gained per week / variance of one reading: from standing still to one reading's worth a week
_DRIFTS: Final = np.concatenate([[0.0], np.logspace(-5.0, 0.0, 11)])

# variance of a week's common shock / variance of one reading, and how likely each is held before any reading
_SHOCKS: Final = np.array([0.0, 0.1, 0.3, 1.0, 3.0, 10.0])
_SHOCK_PRIOR: Final = np.array([0.50, 0.16, 0.13, 0.10, 0.07, 0.04])

DRIFT_RATIOS: Final = np.tile(_DRIFTS, len(_SHOCKS))
SHOCK_RATIOS: Final = np.repeat(_SHOCKS, len(_DRIFTS))

# Half-Cauchy prior on the weekly drift's sd, scale 0.05 readings' sds: slow drift is likelier than fast,
# fast drift stays possible. On a logarithmic grid the density is multiplied by the sd itself.
_SDS: Final = np.sqrt(DRIFT_RATIOS)
RATIO_PRIOR: Final = np.maximum(_SDS, _SDS[1]) / (1.0 + np.square(_SDS / 0.05)) * np.repeat(_SHOCK_PRIOR, len(_DRIFTS))


@dataclass(frozen=True, slots=True, eq=False)
class Weekly:
    """Readings condensed to cells by weeks, arrays (cells, weeks); n is 0 where nothing was read.

    week         start of each week present, shape (weeks,), ascending
    n            effective readings: (sum w)^2 / sum w^2
    mean         weighted mean of the week
    within       sum of squares about the weekly mean, scaled to n readings, shape (cells,)
    """

    week: FloatArray
    n: FloatArray
    mean: FloatArray
    within: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Each cell's start and present level per drift ratio, arrays (cells, ratios), variances in units of
    the noise of one reading.

    start, start_variance   what the readings alone say of the level when the cell was first read
    shift, carry, variance  the level now is shift + carry * start, give or take variance
    misfit                  sum of squared standardised prediction errors
    log_spreads             sum of log prediction variances, less that of the start
    """

    start: FloatArray
    start_variance: FloatArray
    shift: FloatArray
    carry: FloatArray
    variance: FloatArray
    misfit: FloatArray
    log_spreads: FloatArray

    @property
    def now(self) -> FloatArray:
        """The level now from the cell's readings alone."""
        return self.shift + self.carry * self.start


def weekly_means(cell: IntArray, week: FloatArray, gap: FloatArray, weight: FloatArray, *, cells: int) -> Weekly:
    """Condense readings, each of shape (m,), to weekly means per cell."""
    weeks, column = np.unique(np.floor(week), return_inverse=True)
    size = cells * len(weeks)
    slot = cell * len(weeks) + column
    total = np.bincount(slot, weights=weight, minlength=size)
    squares = np.bincount(slot, weights=np.square(weight), minlength=size)
    some = total > 0
    n = np.divide(np.square(total), squares, out=np.zeros(size), where=some)
    mean = np.divide(np.bincount(slot, weights=weight * gap, minlength=size), total, out=np.zeros(size), where=some)
    scale = np.divide(n, total, out=np.zeros(size), where=some)
    off = weight * np.square(gap - mean[slot]) * scale[slot]
    shape = (cells, len(weeks))
    within = np.bincount(cell, weights=off, minlength=cells).astype(float)
    return Weekly(weeks, n.reshape(shape), mean.reshape(shape), within)


def filter_levels(weekly: Weekly, *, now_week: float) -> Levels:
    """Run the local level filter of every cell for every pair of ratios, up to now_week.

    The start level stays a free parameter (augmented filter: de Jong 1991, Annals of Statistics 19,
    1073-1083), because that is where cells of a group are alike: what drifted since is each cell's own,
    and doubt about drift must not pass for noise of measurement.
    """
    shape = (len(weekly.within), len(DRIFT_RATIOS))
    shift, variance, known, score, squares, log_spreads = (np.zeros(shape) for _ in range(6))
    carry = np.ones(shape)
    started = np.zeros(len(weekly.within), dtype=bool)
    for column, pause in enumerate(np.diff(np.append(weekly.week, now_week))):
        rows = np.flatnonzero(weekly.n[:, column] > 0)
        noise = 1.0 / weekly.n[rows, column, None] + SHOCK_RATIOS
        spread = variance[rows] + noise
        error = weekly.mean[rows, column, None] - shift[rows]
        known[rows] += np.square(carry[rows]) / spread
        score[rows] += carry[rows] * error / spread
        squares[rows] += np.square(error) / spread
        log_spreads[rows] += np.log(spread)
        shift[rows] += variance[rows] / spread * error
        carry[rows] *= noise / spread
        variance[rows] *= noise / spread
        started[rows] = True
        variance[started] += DRIFT_RATIOS * max(pause, 0.0)
    start_variance = 1.0 / np.where(known > 0, known, 1.0)
    start = score * start_variance
    misfit = np.maximum(squares - score * start, 0.0)
    return Levels(start, start_variance, shift, carry, variance, misfit, log_spreads - np.log(start_variance))
