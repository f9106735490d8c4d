"""Judge what was promised against what was delivered. Pure; calls `value.residual`.

Cells are judged twice: per category (steadied by the other categories of the attribute), and per segment of a
category (steadied by its sister segments).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from eigenform.offerings.contracts import GapCell, Readings, Share, attribute_subject
from eigenform.value.residual import gap as gaps
from eigenform.value.residual.shares import effective_counts, pool_shares

_EPOCH = date(1970, 1, 1)
_YEAR_DAYS = 364
_TRAJECTORY_POINTS = 60
_DECIDES = "At least {n} readings with a day in the last 52 weeks would decide it."


def judge_promises(
    readings: Readings, *, as_of: date, revenue_minor: Mapping[str, float], tolerated: float, readings_min: int
) -> list[GapCell]:
    """Return the promise gap of every category and of every segment within it, the most exposed first.

    revenue_minor  last 52 weeks' revenue by customer subject
    tolerated      the share of readings that may fall short before it counts
    """
    judge = _Judge(readings, as_of, revenue_minor, tolerated, readings_min, quantity="promise_gap")
    by_category = judge.cells(
        key=lambda r: _joined(r.category, r.attribute, np.full(len(r), "")),
        group=lambda label: label[1],
        with_trajectory=True,
    )
    by_segment = judge.cells(
        key=lambda r: _joined(r.category, r.attribute, r.segment), group=lambda label: f"{label[0]}|{label[1]}"
    )
    real_segments = [cell for cell in by_segment if cell.segment]
    return sorted([*by_category, *real_segments], key=_most_exposed)


def judge_partners(
    readings: Readings, *, as_of: date, revenue_minor: Mapping[str, float], tolerated: float, readings_min: int
) -> list[GapCell]:
    """Return the promise gap of every partner over what they delivered, steadied by the other partners of its unit."""
    with_partner = readings.rows(readings.partner != "")
    judge = _Judge(with_partner, as_of, revenue_minor, tolerated, readings_min, quantity="partner_gap")
    cells = judge.cells(
        key=lambda r: _joined(r.partner, r.attribute, np.full(len(r), "")), group=lambda label: label[1]
    )
    return sorted(cells, key=_most_exposed)


def _most_exposed(cell: GapCell) -> tuple[float, str]:
    return (-(cell.exposed_minor.mean if cell.exposed_minor else -1.0), cell.subject)


def _joined(*columns: NDArray[np.str_]) -> list[tuple[str, ...]]:
    return list(zip(*(column.tolist() for column in columns), strict=True))


class _Judge:
    """The steps that all cells share, over one set of readings."""

    def __init__(
        self,
        readings: Readings,
        as_of: date,
        revenue_minor: Mapping[str, float],
        tolerated: float,
        readings_min: int,
        *,
        quantity: str,
    ) -> None:
        self.readings = readings.rows(np.isfinite(readings.short))
        self.as_of, self.today = as_of, float((as_of - _EPOCH).days)
        self.revenue_minor, self.tolerated, self.readings_min = revenue_minor, tolerated, readings_min
        self.quantity = quantity

    def cells(
        self,
        *,
        key: Callable[[Readings], Sequence[tuple[str, ...]]],
        group: Callable[[tuple[str, ...]], str],
        with_trajectory: bool = False,
    ) -> list[GapCell]:
        """Return one judged cell per distinct key."""
        r = self.readings
        if not len(r):
            return []
        keys = key(r)
        labels = sorted(set(keys))
        place = {label: index for index, label in enumerate(labels)}
        cell = np.fromiter((place[k] for k in keys), np.int64, len(keys))
        _groups, group_code = np.unique([group(label) for label in labels], return_inverse=True)
        measured = np.isfinite(r.gap)
        level = gaps.cell_posteriors(
            cell[measured],
            r.day[measured] / 7.0,
            r.gap[measured],
            r.weight[measured],
            cells=len(labels),
            now_week=self.today / 7.0,
            group=group_code,
        )
        shares = self._shares(cell, group_code, len(labels))
        concerned, exposed = self._exposed(cell, len(labels))
        return [
            self._cell(i, label, cell, level, shares, int(concerned[i]), float(exposed[i]), with_trajectory)
            for i, label in enumerate(labels)
        ]

    def _shares(self, cell: NDArray[np.int64], group: NDArray[np.int64], cells: int) -> NDArray[np.float64]:
        """Return per cell: share's mean, low, high, probability above the tolerated share, recent readings."""
        recent = self.readings.day > self.today - _YEAR_DAYS
        weight = self.readings.weight[recent]
        short, n = effective_counts(cell[recent], self.readings.short[recent], weight, cells)
        out = np.full((cells, 5), np.nan)
        out[:, 4] = np.bincount(cell[recent], minlength=cells)
        for code in np.unique(group):
            members = np.flatnonzero((group == code) & (n > 0))
            if len(members):
                pooled = pool_shares(short[members], n[members])
                out[members, 0], out[members, 1], out[members, 2] = pooled.mean, pooled.low, pooled.high
                out[members, 3] = pooled.probability_above(self.tolerated)
        return out

    def _exposed(self, cell: NDArray[np.int64], cells: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return how many distinct customers each cell concerns, and their revenue of the last 52 weeks."""
        recent = (self.readings.day > self.today - _YEAR_DAYS) & (self.readings.customer != "")
        names, code = np.unique(self.readings.customer[recent], return_inverse=True)
        revenue = np.array([max(self.revenue_minor.get(str(name), 0.0), 0.0) for name in names])
        if not len(names):
            return np.zeros(cells, np.int64), np.zeros(cells)
        pairs = np.unique(cell[recent] * len(names) + code)
        of_cell, of_customer = np.divmod(pairs, len(names))
        return (
            np.bincount(of_cell, minlength=cells),
            np.bincount(of_cell, weights=revenue[of_customer], minlength=cells),
        )

    def _cell(
        self,
        i: int,
        label: tuple[str, ...],
        cell: NDArray[np.int64],
        level: gaps.CellPosterior,
        shares: NDArray[np.float64],
        concerned: int,
        exposed: float,
        with_trajectory: bool,
    ) -> GapCell:
        mine = np.flatnonzero(cell == i)
        told = np.isfinite(level.mean[i]) and np.isfinite(level.sd[i])
        share = Share(*map(float, shares[i, :3])) if np.isfinite(shares[i, 0]) else None
        category, attribute, segment = label
        is_partner = self.quantity == "partner_gap"
        return GapCell(
            subject=category if is_partner else attribute_subject(*label),
            quantity=self.quantity,
            category="" if is_partner else category,
            attribute=attribute,
            segment=segment,
            unit=str(self.readings.unit[mine[0]]),
            mean=float(level.mean[i]) if told else None,
            low=float(level.low[i]) if told else None,
            high=float(level.high[i]) if told else None,
            p_below_0=float(level.p_below_0[i]) if told else None,
            p_below_tolerated=None,
            n=len(mine),
            last_on=_EPOCH + timedelta(days=float(self.readings.day[mine].max())),
            short_share=share,
            p_short=float(shares[i, 3]) if share else None,
            exposed_minor=Share(exposed * share.mean, exposed * share.low, exposed * share.high) if share else None,
            customers=int(concerned),
            warnings=level.warnings[i],
            reason="" if told else "Too few measured readings to tell the level from chance.",
            decides="" if told else _DECIDES.format(n=self.readings_min),
            trajectory=self._trajectory(mine, level, i) if with_trajectory and told else (),
            facts={"readings_52w": int(shares[i, 4])},
        )

    def _trajectory(
        self, mine: NDArray[np.int64], level: gaps.CellPosterior, i: int
    ) -> tuple[tuple[str, float, float, float, int], ...]:
        """Return the smoothed level over time for a chart, at most so many points, the newest kept."""
        mine = mine[np.isfinite(self.readings.gap[mine])]
        path = gaps.trajectory(
            self.readings.day[mine] / 7.0,
            self.readings.gap[mine],
            self.readings.weight[mine],
            noise_variance=float(level.noise_variance[i]),
            drift_variance_per_week=float(level.drift_variance_per_week[i]),
            now_week=self.today / 7.0,
        )
        step = max(1, -(-len(path.week) // _TRAJECTORY_POINTS))
        chosen = np.arange(len(path.week) - 1, -1, -step)[::-1]
        return tuple(
            (
                (_EPOCH + timedelta(days=float(path.week[k]) * 7)).isoformat(),
                round(float(path.mean[k]), 4),
                round(float(path.low[k]), 4),
                round(float(path.high[k]), 4),
                int(path.n[k]),
            )
            for k in chosen
        )
