"""What judging promises and judging experiences share: cells, the share that fell short, the money exposed. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from eigenform.offerings.contracts import Share
from eigenform.value.residual.shares import effective_counts, pool_shares

EPOCH = date(1970, 1, 1)
YEAR_DAYS = 364
POINTS_MAX = 60
Label = tuple[str, ...]
Point = tuple[str, float, float, float, int]


def cells_of(*columns: NDArray[np.str_]) -> tuple[NDArray[np.int64], list[Label]]:
    """Return each row's cell number and the cells' labels, sorted."""
    keys = list(zip(*(column.tolist() for column in columns), strict=True))
    labels = sorted(set(keys))
    place = {label: number for number, label in enumerate(labels)}
    return np.fromiter((place[key] for key in keys), np.int64, len(keys)), labels


def codes_of(names: Iterable[str]) -> NDArray[np.int64]:
    """Return a number per distinct name."""
    return np.unique(list(names), return_inverse=True)[1].astype(np.int64)


def short_shares(
    cell: NDArray[np.int64],
    short: NDArray[np.float64],
    weight: NDArray[np.float64],
    group: NDArray[np.int64],
    tolerated: float | None = None,
) -> NDArray[np.float64]:
    """Return per cell the share that fell short: mean, low, high, probability that it is above the tolerated one.

    Cells of a group steady one another; a cell without readings gets nan. Shape (cells, 4).
    """
    fell, n = effective_counts(cell, short, weight, len(group))
    out = np.full((len(group), 4), np.nan)
    for code in np.unique(group):
        members = np.flatnonzero((group == code) & (n > 0))
        if not len(members):
            continue
        pooled = pool_shares(fell[members], n[members])
        out[members, :3] = np.stack([pooled.mean, pooled.low, pooled.high], axis=1)
        if tolerated is not None:
            out[members, 3] = pooled.probability_above(tolerated)
    return out


def exposed_revenue(
    cell: NDArray[np.int64], customer: NDArray[np.str_], revenue_minor: Mapping[str, float], cells: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return how many distinct customers each cell concerns, and their revenue, each customer counted once a cell."""
    known = customer != ""
    names, code = np.unique(customer[known], return_inverse=True)
    if not len(names):
        return np.zeros(cells, np.int64), np.zeros(cells)
    revenue = np.array([max(revenue_minor.get(str(name), 0.0), 0.0) for name in names])
    of_cell, of_customer = np.divmod(np.unique(cell[known] * len(names) + code), len(names))
    money = np.bincount(of_cell, weights=revenue[of_customer], minlength=cells)
    return np.bincount(of_cell, minlength=cells).astype(np.int64), money.astype(np.float64)


def share_of(row: NDArray[np.float64]) -> Share | None:
    """Return a share with its interval, None where it cannot be told."""
    return Share(*map(float, row[:3])) if np.isfinite(row[0]) else None


def times(share: Share | None, amount: float) -> Share | None:
    """Return the amount that a share of it comes to."""
    return None if share is None else Share(amount * share.mean, amount * share.low, amount * share.high)


def day_of(days: float) -> date:
    """Return the day that lies so many days after 1970-01-01."""
    return EPOCH + timedelta(days=days)


def points(
    week: NDArray[np.float64],
    mean: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    n: NDArray[np.float64],
) -> tuple[Point, ...]:
    """Return a level over time for a chart: evenly spaced, at most so many points, the newest kept."""
    step = max(1, -(-len(week) // POINTS_MAX))
    return tuple(
        (
            day_of(float(week[k]) * 7).isoformat(),
            round(float(mean[k]), 4),
            round(float(low[k]), 4),
            round(float(high[k]), 4),
            int(n[k]),
        )
        for k in range(len(week) - 1, -1, -step)
    )[::-1]
