"""Covariates that change with time: what was in force, for whom, from when until when.

Time is counted in weeks on one calendar for all (from any day 0 the caller likes). A period holds from its beginning up
to, not including, the beginning of the next one: a purchase on the day a week begins belongs to the week that begins.
Neighbouring periods in which nothing changes are merged, so that a season of ten weeks costs no more than one week.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from eigenform.value.arrays import FloatArray, IntArray, frozen
from eigenform.value.lifetime.covariates.rows import ImpossibleCovariates, Rows, refuse_unknown

MOMENT_WEEKS: Final = 1e-6  # 0.6 seconds: closer than that to the beginning of a period is at its beginning


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Runs of constant covariates, for each of several tracks (kinds of customers, or single customers).

    names        of the k covariates
    begins_week  where each run begins, shape (runs,), rising within a track
    values       what holds in each run, shape (runs, k)
    first        each track's first run, and the number of runs at the end, shape (tracks + 1,)
    ends_week    until when the calendar is known
    """

    names: tuple[str, ...]
    begins_week: FloatArray
    values: FloatArray
    first: IntArray
    ends_week: float

    @property
    def tracks(self) -> int:
        """How many tracks there are."""
        return len(self.first) - 1

    @property
    def ends(self) -> FloatArray:
        """Where each run ends, shape (runs,)."""
        ends = np.append(self.begins_week[1:], self.ends_week)
        ends[self.first[1:] - 1] = self.ends_week
        return ends

    def run_at(self, track: IntArray, week: FloatArray) -> IntArray:
        """Return the run in force on a track at a week of the calendar, arrays of shape (m,)."""
        origin = self.begins_week[self.first[:-1]].min()
        span = 2.0 * (self.ends_week - origin) + 1.0
        of_run = np.repeat(np.arange(self.tracks), np.diff(self.first))
        keys = of_run * span + (self.begins_week - origin)
        at = np.searchsorted(keys, track * span + (week - origin) + MOMENT_WEEKS, side="right") - 1
        return np.maximum(at, self.first[track])

    def only(self, tracks: IntArray) -> "Calendar":
        """Return some of the tracks, in the order given."""
        length = np.diff(self.first)[tracks]
        first = np.append(0, np.cumsum(length))
        runs = np.repeat(self.first[tracks] - first[:-1], length) + np.arange(first[-1])
        return Calendar(self.names, self.begins_week[runs], self.values[runs], first, self.ends_week)

    def columns(self, names: Sequence[str]) -> Rows:
        """Return some covariates of every run, in the order of names."""
        missing = [name for name in names if name not in self.names]
        if missing:
            raise ImpossibleCovariates(reason=f"the calendar has no {', '.join(missing)}, only {', '.join(self.names)}")
        return Rows(tuple(names), self.values[:, [self.names.index(name) for name in names]])


def calendar(names: Sequence[str], begins_week: FloatArray, values: FloatArray, ends_week: float) -> Calendar:
    """Return a calendar from periods that all tracks share.

    begins_week  where each of the periods begins, shape (periods,), rising
    values       shape (periods, k) for one track, or (tracks, periods, k)
    ends_week    where the last period ends: the calendar says nothing beyond

    Raises ImpossibleCovariates for periods out of order, wrong shapes, and numbers that are not finite.
    """
    begins, given = np.asarray(begins_week, float), np.asarray(values, float)
    given = given[None] if given.ndim == 2 else given
    if given.ndim != 3 or given.shape[1:] != (len(begins), len(names)) or not len(begins):
        raise ImpossibleCovariates(
            reason=f"values have shape {given.shape}, expected tracks x {len(begins)} periods x {len(names)} covariates"
        )
    bounds = np.append(begins, ends_week)
    if not (np.isfinite(bounds).all() and (np.diff(bounds) > 0).all()):
        raise ImpossibleCovariates(reason="the periods must begin one after another and end after the last began")
    flat = given.reshape(-1, given.shape[2])
    refuse_unknown(tuple(names), flat)
    new = np.ones(given.shape[:2], dtype=bool)
    new[:, 1:] = (given[:, 1:] != given[:, :-1]).any(axis=2)
    first = np.append(0, np.cumsum(new.sum(axis=1)))
    begins_of_runs = np.broadcast_to(begins, new.shape)[new]
    return Calendar(tuple(names), frozen(begins_of_runs), frozen(flat[new.ravel()]), first, float(ends_week))


def with_rows(common: Calendar, rows: Rows) -> tuple[Calendar, IntArray]:
    """Return a calendar of one track put together with lasting facts about customers, and each customer's track.

    Customers with the same facts share a track: a season and two yes-or-no facts make four.
    """
    if common.tracks != 1:
        raise ImpossibleCovariates(reason=f"the common calendar has {common.tracks} tracks, expected one for all")
    kinds, track = np.unique(rows.values, axis=0, return_inverse=True)
    runs = len(common.begins_week)
    values = np.concatenate([np.tile(common.values, (len(kinds), 1)), np.repeat(kinds, runs, axis=0)], axis=1)
    first = np.arange(len(kinds) + 1) * runs
    begins = np.tile(common.begins_week, len(kinds))
    names = (*common.names, *rows.names)
    if len(set(names)) != len(names):
        raise ImpossibleCovariates(reason=f"a name occurs twice among {', '.join(names)}")
    return Calendar(names, begins, values, first, common.ends_week), track.ravel().astype(np.int64)
