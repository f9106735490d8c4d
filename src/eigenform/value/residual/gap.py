"""The gap of each cell (offering or category, attribute, segment) now, with its doubt.

Three steps: weekly means are filtered so that old readings count less (`levels`); the drift is
integrated, not guessed; the cells of a group steady one another (`pooling`). The sign is already such
that a negative gap is a shortfall. See docs/algorithms/promise-gap.md.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr

from eigenform.value.arrays import HIGH_SHARE, LOW_SHARE, BoolArray, FloatArray, IntArray
from eigenform.value.residual.contrast import Gap, ImpossibleReading, independent_gap, paired_gap
from eigenform.value.residual.levels import (
    DRIFT_RATIOS,
    RATIO_PRIOR,
    SHOCK_RATIOS,
    Levels,
    Weekly,
    filter_levels,
    weekly_means,
)
from eigenform.value.residual.pooling import mixture_quantile, pooled_moments
from eigenform.value.residual.shares import effective_counts, pool_shares
from eigenform.value.residual.trajectory import Trajectory, trajectory

__all__ = [
    "CellPosterior",
    "Gap",
    "ImpossibleReading",
    "Trajectory",
    "cell_posteriors",
    "independent_gap",
    "paired_gap",
    "trajectory",
]

_FREEDOM_MIN: Final = 3.0  # fewer spare readings in a group leave its spread unknown
_DRIFT_WEIGHT_MIN: Final = 0.01
_FEW_READINGS: Final = 5
_OLD_WEEKS: Final = 26.0
_RESTLESS_RATIO: Final = 0.25  # weekly drift variance of a quarter of a reading's: the level jumps about
_LONE_SHARE: Final = 0.5  # of the squared spread in one reading


@dataclass(frozen=True, slots=True, eq=False)
class CellPosterior:
    """What is known of each cell's gap at now_week; arrays of shape (cells,), negative = shortfall.

    mean, sd, low, high      after pooling over the group, 80 % interval; nan where it cannot be told
    p_below_0                probability that the level is a shortfall
    own_mean, own_sd         before pooling: the cell's readings alone
    n, last_week             number of readings and week of the last one (nan if none)
    short_share_mean, _low, _high  pooled share of readings below zero within the last share_weeks
    p_share_above            probability that this share exceeds the tolerated one, nan if none was named
    noise_variance           of one reading, shared by the group
    drift_variance_per_week  of the level, shared by the group
    shock_variance           of what all readings of one week share beyond the level
    half_life_weeks          after which new readings at the cell's pace have halved the old ones' say;
                             inf where no drift was seen
    warnings                 what a reader must know, one tuple per cell
    """

    mean: FloatArray
    sd: FloatArray
    low: FloatArray
    high: FloatArray
    p_below_0: FloatArray
    own_mean: FloatArray
    own_sd: FloatArray
    n: IntArray
    last_week: FloatArray
    short_share_mean: FloatArray
    short_share_low: FloatArray
    short_share_high: FloatArray
    p_share_above: FloatArray
    noise_variance: FloatArray
    drift_variance_per_week: FloatArray
    shock_variance: FloatArray
    half_life_weeks: FloatArray
    warnings: tuple[tuple[str, ...], ...]


def cell_posteriors(
    cell: IntArray,
    week: FloatArray,
    gap: FloatArray,
    weight: FloatArray | None = None,
    *,
    cells: int,
    now_week: float,
    group: IntArray,
    share_weeks: float = 52.0,
    tolerated_share: float | None = None,
) -> CellPosterior:
    """Return the posterior gap of every cell at now_week.

    cell, week, gap, weight  one entry per reading, shape (m,): cell number, week (any origin), gap in the
                             group's unit with negative = shortfall, weight >= 0 (None: ones)
    group                    pooling group of each cell, shape (cells,): cells of one unit that are alike,
                             such as the segments of one category and attribute

    Nothing is cut off or winsorised: a few extreme readings widen every interval of their group, and a
    cell whose mean hangs on one reading says so in its warnings. The interval is for the level, not
    for the next reading. Raises ImpossibleReading for non-finite numbers, weeks after now_week, weights
    below 0 or cell numbers out of range.
    """
    cell, week, gap = np.asarray(cell, np.int64), np.asarray(week, float), np.asarray(gap, float)
    weight = np.ones(len(cell)) if weight is None else np.asarray(weight, float)
    group = np.asarray(group, np.int64)
    _refuse(cell, week, gap, weight, group, cells=cells, now_week=now_week)
    counted = weight > 0
    cell, week, gap, weight = cell[counted], week[counted], gap[counted], weight[counted]
    answer = _Answer.empty(cells)
    answer.n[:] = np.bincount(cell, minlength=cells)
    np.fmax.at(answer.last_week, cell, week)
    if len(cell):
        weekly = weekly_means(cell, week, gap, weight, cells=cells)
        _fill_levels(answer, weekly, group, now_week=now_week)
        _warn_of_lone_readings(answer, cell, gap, weight)
        recent = week > now_week - share_weeks
        short, n = effective_counts(cell[recent], gap[recent] < 0, weight[recent], cells)
        _fill_shares(answer, short, n, group, tolerated_share)
    _warn_of_thin_data(answer, now_week)
    return answer.close()


@dataclass(slots=True, eq=False)
class _Answer:
    """The posterior while it is being filled."""

    n: IntArray
    columns: dict[str, FloatArray]
    warnings: list[list[str]]

    @classmethod
    def empty(cls, cells: int) -> "_Answer":
        names = [name for name in CellPosterior.__dataclass_fields__ if name not in {"n", "warnings"}]
        columns = {name: np.full(cells, np.nan) for name in names}
        return cls(np.zeros(cells, np.int64), columns, [[] for _ in range(cells)])

    @property
    def last_week(self) -> FloatArray:
        return self.columns["last_week"]

    def put(self, rows: IntArray, **values: float | FloatArray) -> None:
        for name, value in values.items():
            self.columns[name][rows] = value

    def warn(self, rows: IntArray, text: str) -> None:
        for row in rows:
            self.warnings[row].append(text)

    def close(self) -> CellPosterior:
        return CellPosterior(n=self.n, warnings=tuple(map(tuple, self.warnings)), **self.columns)


def _fill_levels(answer: _Answer, weekly: Weekly, group: IntArray, *, now_week: float) -> None:
    levels = filter_levels(weekly, now_week=now_week)
    readings = weekly.n.sum(axis=1)
    pace = readings / np.maximum(now_week - np.min(weekly.week) + 1.0, 1.0)
    for members in _groups(group, readings > 0):
        freedom = float(readings[members].sum()) - len(members)
        squares = weekly.within[members].sum() + levels.misfit[members].sum(axis=0)
        if freedom < _FREEDOM_MIN or squares.min() <= 0.0:
            _tell_mean_only(answer, members, levels.now[members, 0], all_equal=freedom >= _FREEDOM_MIN)
            continue
        log_fit = -0.5 * (freedom * np.log(squares / freedom) + levels.log_spreads[members].sum(axis=0))
        weight = np.exp(log_fit - log_fit.max()) * RATIO_PRIOR
        likely = np.flatnonzero(weight > _DRIFT_WEIGHT_MIN * weight.sum())
        weight = weight[likely] / weight[likely].sum()
        noise = squares[likely] / (freedom - 2.0)  # mean of the scaled inverse chi-square: wide if few readings
        _put_levels(answer, levels, members, likely, weight, noise)
        drift, shock = DRIFT_RATIOS[likely], SHOCK_RATIOS[likely]
        answer.put(
            members, noise_variance=float(weight @ noise), drift_variance_per_week=float(weight @ (drift * noise))
        )
        answer.put(members, shock_variance=float(weight @ (shock * noise)))
        if weight[drift >= _RESTLESS_RATIO].sum() > 0.5:
            answer.warn(members, "restless: the level moves fast, so the interval grows fast with every week")
        answer.put(members, half_life_weeks=_half_life_weeks(float(weight @ drift) * pace[members]))


def _put_levels(
    answer: _Answer, levels: Levels, members: IntArray, likely: IntArray, weight: FloatArray, noise: FloatArray
) -> None:
    """Pool the starts of a group's cells under each likely drift, carry them to now, and mix the drifts."""
    at = np.ix_(members, likely)
    carry, walked, start_variance = levels.carry[at], levels.variance[at] * noise, levels.start_variance[at] * noise
    own_means, own_variances = levels.now[at].T, (walked + np.square(carry) * start_variance).T
    means, sds = np.empty_like(own_means), np.empty_like(own_means)
    for row in range(len(likely)):
        start, sd = pooled_moments(levels.start[members, likely[row]], np.sqrt(start_variance[:, row]))
        means[row] = levels.shift[members, likely[row]] + carry[:, row] * start
        sds[row] = np.sqrt(walked[:, row] + np.square(carry[:, row] * sd))
    own_mean, mean = weight @ own_means, weight @ means
    own_sd = np.sqrt(weight @ (own_variances + np.square(own_means - own_mean)))
    sd = np.sqrt(weight @ (np.square(sds) + np.square(means - mean)))
    low, high = (mixture_quantile(weight, means, sds, share) for share in (LOW_SHARE, HIGH_SHARE))
    answer.put(members, own_mean=own_mean, own_sd=own_sd, mean=mean, sd=sd, low=low, high=high)
    answer.put(members, p_below_0=np.clip(weight @ ndtr(-means / sds), 0.0, 1.0))


def _half_life_weeks(ratio: FloatArray) -> FloatArray:
    before = 0.5 * (ratio + np.sqrt(ratio * (ratio + 4.0)))
    return np.divide(np.log(2.0), np.log1p(before), out=np.full(len(ratio), np.inf), where=before > 0)


def _tell_mean_only(answer: _Answer, members: IntArray, mean: FloatArray, *, all_equal: bool) -> None:
    answer.put(members, own_mean=mean, mean=mean)
    why = "all readings are equal, so their spread cannot be told" if all_equal else "too few readings in the group"
    answer.warn(members, f"no interval: {why}")


def _fill_shares(
    answer: _Answer, short: FloatArray, n: FloatArray, group: IntArray, tolerated_share: float | None
) -> None:
    for members in _groups(group, n > 0):
        pooled = pool_shares(short[members], n[members])
        answer.put(members, short_share_mean=pooled.mean, short_share_low=pooled.low, short_share_high=pooled.high)
        if tolerated_share is not None:
            answer.put(members, p_share_above=pooled.probability_above(tolerated_share))


def _groups(group: IntArray, present: BoolArray) -> list[IntArray]:
    rows = np.flatnonzero(present)
    rows = rows[np.argsort(group[rows], kind="stable")]
    return [part for part in np.split(rows, np.flatnonzero(np.diff(group[rows])) + 1) if len(part)]


def _warn_of_lone_readings(answer: _Answer, cell: IntArray, gap: FloatArray, weight: FloatArray) -> None:
    cells = len(answer.n)
    total = np.maximum(np.bincount(cell, weights=weight, minlength=cells), 1e-300)
    mean = np.bincount(cell, weights=weight * gap, minlength=cells) / total
    off = weight * np.square(gap - mean[cell])
    largest = np.zeros(cells)
    np.maximum.at(largest, cell, off)
    lone = largest > _LONE_SHARE * np.bincount(cell, weights=off, minlength=cells)
    text = "heavy tail: one reading holds more than half of the squared spread; the mean may hang on it"
    answer.warn(np.flatnonzero(lone & (answer.n >= 10)), text)


def _warn_of_thin_data(answer: _Answer, now_week: float) -> None:
    n, last = answer.n, answer.last_week
    answer.warn(np.flatnonzero(n == 0), "cannot tell: nothing was read")
    answer.warn(np.flatnonzero((n > 0) & (n < _FEW_READINGS)), "few readings: leans on the other cells of its group")
    for row in np.flatnonzero(now_week - last > _OLD_WEEKS):
        answer.warnings[row].append(f"old: the last reading is {now_week - last[row]:.0f} weeks old")


def _refuse(
    cell: IntArray,
    week: FloatArray,
    gap: FloatArray,
    weight: FloatArray,
    group: IntArray,
    *,
    cells: int,
    now_week: float,
) -> None:
    if not cell.shape == week.shape == gap.shape == weight.shape or cell.ndim != 1:
        raise ImpossibleReading(reason="cell, week, gap and weight must have one entry per reading")
    if group.shape != (cells,):
        raise ImpossibleReading(reason=f"group has shape {group.shape}, expected one entry for each of {cells} cells")
    if not (np.isfinite(week).all() and np.isfinite(gap).all() and np.isfinite(weight).all()):
        raise ImpossibleReading(reason="week, gap and weight must be finite numbers")
    if len(cell) and (cell.min() < 0 or cell.max() >= cells):
        raise ImpossibleReading(reason=f"a cell number lies outside 0 to {cells - 1}")
    if (weight < 0).any():
        raise ImpossibleReading(reason="a weight is negative")
    if len(week) and week.max() > now_week:
        raise ImpossibleReading(reason="a reading is later than now_week: an estimate must not know the future")
