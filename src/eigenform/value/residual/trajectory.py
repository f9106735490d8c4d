"""One cell's level week by week, smoothed, for a chart of the past."""

from dataclasses import dataclass, replace

import numpy as np

from eigenform.value.arrays import INTERVAL_SDS, FloatArray
from eigenform.value.residual.kalman import filter_states, local_level, smooth_states
from eigenform.value.residual.levels import weekly_means


@dataclass(frozen=True, slots=True, eq=False)
class Trajectory:
    """Level of one cell per week, arrays of shape (weeks,), 80 % band.

    n      effective readings in the week, 0 if none
    mean, low, high  smoothed level: each week knows what came later, so it is no alarm
    """

    week: FloatArray
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    n: FloatArray


def trajectory(
    week: FloatArray,
    gap: FloatArray,
    weight: FloatArray | None = None,
    *,
    noise_variance: float,
    drift_variance_per_week: float,
    now_week: float,
    shock_variance: float = 0.0,
) -> Trajectory:
    """Return the smoothed level of one cell for every week from its first reading to now_week.

    week, gap, weight  readings of this cell, shape (m,), as in `cell_posteriors`; m = 0 gives no weeks
    noise_variance, drift_variance_per_week, shock_variance  of its group, as `cell_posteriors` returned them

    The band is the cell's own, before pooling over its group.
    """
    week, gap = np.asarray(week, float), np.asarray(gap, float)
    if len(week) == 0:
        nothing = np.empty(0)
        return Trajectory(nothing, nothing, nothing, nothing, nothing)
    weight = np.ones(len(week)) if weight is None else np.asarray(weight, float)
    condensed = weekly_means(np.zeros(len(week), np.int64), week, gap, weight, cells=1)
    weeks = np.arange(condensed.week[0], np.floor(now_week) + 1.0)
    at = (condensed.week - weeks[0]).astype(np.int64)
    n, readings = np.zeros(len(weeks)), np.full((len(weeks), 1), np.nan)
    n[at], readings[at, 0] = condensed.n[0], condensed.mean[0]
    start = local_level(
        level_noise=drift_variance_per_week,
        reading_noise=noise_variance,
        mean=float(readings[0, 0]),
        variance=noise_variance / float(n[0]) + shock_variance,
    )
    model = replace(start, reading_noise=noise_variance / np.maximum(n, 1e-12)[:, None, None] + shock_variance)
    later = np.where(np.arange(len(weeks))[:, None] > 0, readings, np.nan)  # the first week set the start
    path = smooth_states(filter_states(later, model), model)
    sd = np.sqrt(path.covariance[:, 0, 0])
    mean = path.mean[:, 0]
    return Trajectory(weeks, mean, mean - INTERVAL_SDS * sd, mean + INTERVAL_SDS * sd, n)
