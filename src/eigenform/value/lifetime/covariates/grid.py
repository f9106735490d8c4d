"""The moments between which every rate is constant, shared by all customers who can share them.

Customers of the same track, first purchase, day of judgement and number of purchases differ only in their last
purchase. They share a row: its points are their last purchases, the changes of covariates after the earliest of
these, and the day of judgement. Points are stored by their rank from the end (all rows' last points, then all rows'
last but one …), so that a sum over the future of every point is one pass with whole slices, however long the rows are.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from eigenform.value.arrays import FloatArray, IntArray
from eigenform.value.lifetime.covariates.calendar import MOMENT_WEEKS, Calendar
from eigenform.value.lifetime.covariates.histories import Histories

_CELLS_PER_ROW_MAX: Final = 256  # bounds the number of passes where all customers began on one day
_POINTS_MAX: Final = 400_000  # per grid: bounds the memory at about 150 MB


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Points of some rows, each array of shape (points,) unless said otherwise.

    starts       where each rank's points begin, and their number at the end, shape (ranks + 1,)
    repeats      of the row
    weight       customers whose last purchase the point is; 0 at changes and ends
    run          in force from the point on
    since_weeks  from the beginning of that run to the point
    until_weeks  from the point to the row's next one; 0 at ends
    born_run, born_since_weeks  likewise at the first purchase
    cell         which histories of the base lie at which points: shape (2, cells)
    runs         between which runs of the calendar all of the grid's lie
    """

    starts: IntArray
    repeats: FloatArray
    weight: FloatArray
    run: IntArray
    since_weeks: FloatArray
    until_weeks: FloatArray
    born_run: IntArray
    born_since_weeks: FloatArray
    cell: IntArray
    runs: slice

    def steps(self) -> list[tuple[slice, slice]]:
        """Return for each rank but the last one its points, and the points that follow them in time."""
        starts = self.starts.tolist()
        return [
            (slice(begin, end), slice(before, before + end - begin))
            for before, begin, end in zip(starts[:-2], starts[1:-1], starts[2:], strict=True)
        ]


def grids(given: Histories) -> list[Grid]:
    """Return the grids of all histories; equal ones should have been counted once before."""
    row, order = _rows(given)
    rows = int(row.max()) + 1
    begins = np.append(np.searchsorted(row, np.arange(rows)), len(row))
    earliest = given.summary.last_week[order[begins[:-1]]]
    one = order[begins[:-1]]
    changes = _changes(given.calendar, given.track[one], given.born_week[one] + earliest, _ends(given)[one])
    size = np.cumsum(np.diff(begins) + np.maximum(changes[1] - changes[0], 0) + 1)
    cut = np.unique(np.append(np.searchsorted(size, np.arange(_POINTS_MAX, size[-1], _POINTS_MAX)) + 1, rows))
    return [
        _grid(given, order[begins[a] : begins[b]], row[begins[a] : begins[b]] - a, one[a:b], changes[:, a:b])
        for a, b in zip(np.append(0, cut[:-1]), cut, strict=True)
    ]


def _ends(given: Histories) -> FloatArray:
    return given.born_week + given.summary.age_weeks


def _rows(given: Histories) -> tuple[IntArray, IntArray]:
    """Return each history's row in the order of rows and last purchases, and that order."""
    summary = given.summary
    key = (summary.last_week, summary.repeats, summary.age_weeks, given.born_week, given.track)
    order = np.lexsort(key)
    new = np.zeros(len(order), dtype=bool)
    for column in key[1:]:
        new[1:] |= np.diff(np.asarray(column, float)[order]) != 0
    group = np.cumsum(new)
    begin = np.searchsorted(group, group)
    rank = np.arange(len(order)) - begin
    new |= (rank % _CELLS_PER_ROW_MAX == 0) & (rank > 0)
    return np.cumsum(new), order


def _changes(known: Calendar, track: IntArray, after: FloatArray, before: FloatArray) -> IntArray:
    """Return each row's first run that begins after its first point, and the one that begins at its end or later."""
    return np.stack([known.run_at(track, after) + 1, known.run_at(track, before - 2 * MOMENT_WEEKS) + 1])


def _grid(given: Histories, cells: IntArray, cell_row: IntArray, one: IntArray, changes: IntArray) -> Grid:
    known, summary, rows = given.calendar, given.summary, len(one)
    counts = np.maximum(changes[1] - changes[0], 0)
    change_row = np.repeat(np.arange(rows), counts)
    change_run = np.repeat(changes[0], counts) + np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    row = np.concatenate([cell_row, change_row, np.arange(rows)])
    last, born, ends = summary.last_week[cells], given.born_week[one], _ends(given)[one]
    week = np.concatenate([born[cell_row] + last, known.begins_week[change_run], ends])
    run = np.concatenate([known.run_at(given.track[cells], week[: len(cells)]), change_run, np.zeros(rows, np.int64)])
    kind = np.concatenate([np.zeros(len(cells) + len(change_row)), np.ones(rows)])
    weight = np.concatenate([summary.weights[cells], np.zeros(len(change_row) + rows)])
    order = np.lexsort((kind, week, row))
    row, week, run, weight = row[order], week[order], run[order], weight[order]
    run[kind[order] == 1] = known.run_at(given.track[one], ends - 2 * MOMENT_WEEKS)
    length = np.bincount(row)
    rank = np.cumsum(length)[row] - 1 - np.arange(len(row))
    place = _places(rank, row, length)
    until = np.where(rank > 0, np.append(np.diff(week), 0.0), 0.0)
    by_place = np.argsort(place)
    where_cells = np.empty(len(order), np.int64)
    where_cells[order] = place
    row, run, week = row[by_place], run[by_place], week[by_place]
    born_run = known.run_at(given.track[one], born)
    return Grid(
        starts=np.append(0, np.cumsum(np.bincount(rank))),
        repeats=summary.repeats[one][row],
        weight=weight[by_place],
        run=run,
        since_weeks=week - known.begins_week[run],
        until_weeks=np.maximum(until[by_place], 0.0),
        born_run=born_run[row],
        born_since_weeks=(born - known.begins_week[born_run])[row],
        cell=np.stack([cells, where_cells[: len(cells)]]),
        runs=slice(int(born_run.min()), int(run.max()) + 1),
    )


def _places(rank: IntArray, row: IntArray, length: IntArray) -> IntArray:
    """Return where each point goes: by rank, and within a rank the longest row first."""
    longest_first = np.argsort(-length, kind="stable")
    position = np.empty(len(length), np.int64)
    position[longest_first] = np.arange(len(length))
    starts = np.append(0, np.cumsum(np.bincount(rank)))
    return starts[rank] + position[row]
