"""What a turn tells of the base's worth besides its total: how it is spread, over whom, since when, and who slips."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from eigenform.customers.decisions.trial import Chosen, Trial
from eigenform.value.arrays import INTERVAL_SDS

_NOTHING_MINOR: Final = 1e-6  # a millionth of a penny begins no histogram
_EDGES_MAX: Final = 24
_STEPS: Final = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)  # within a power of ten
_COHORTS_MAX: Final = 16  # quarters; a longer history is told by years
_SHARES: Final = (*(i / 100 for i in range(11)), *(i / 100 for i in range(13, 101, 3)))  # of customers, 41 points
TOP_SHARE: Final = 0.10


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 80 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Cohort:
    """Customers of one quarter (or year) of first purchase: how many, how many are still there, what they are worth."""

    name: str
    customers: int
    alive: Interval
    worth_minor: Interval


@dataclass(frozen=True, slots=True)
class SlippingAway:
    """Customers who are slipping away: how many, their worth, and what their silence has taken off it."""

    customers: int
    worth_minor: Interval
    lost_minor: float


@dataclass(frozen=True, slots=True)
class WorthReport:
    """Plain values that a page can draw; money in minor units.

    alive                how many of the customers are still there
    edges_minor, counts  histogram of expected worth; the steps grow with worth; the last bin is open
    concentration        (share of customers, share of worth), customers by expected worth, best first
    top_tenth            share of the worth that the best tenth of customers holds
    model, because       by which purchase model, and why that one
    trial                how the models did on purchases they had not seen; None if the history is too short
    """

    alive: Interval
    edges_minor: tuple[float, ...]
    counts: tuple[int, ...]
    concentration: tuple[tuple[float, float], ...]
    top_tenth: Interval
    cohorts: tuple[Cohort, ...]
    slipping: SlippingAway
    model: str
    because: str
    trial: Trial | None


class Totals(Protocol):
    """Tells totals of any group of customers, marked by a boolean array of shape (n,)."""

    def total(self, marked: NDArray[np.bool_], /) -> Interval: ...
    def alive(self, marked: NDArray[np.bool_], /) -> Interval: ...


def worth_report(
    mean_minor: NDArray[np.float64],
    age_weeks: NDArray[np.float64],
    lost_minor: NDArray[np.float64],
    *,
    as_of: date,
    of: Totals,
    chosen: Chosen,
) -> WorthReport:
    """Return the report on customers of expected worth `mean_minor`, shape (n,); `lost_minor` is nan who stays."""
    slips = ~np.isnan(lost_minor)
    edges = money_edges(mean_minor)
    counts, _ = np.histogram(np.clip(mean_minor, edges[0], edges[-1]), bins=edges)
    cohorts = [
        Cohort(name, int(members.sum()), of.alive(members), of.total(members))
        for name, members in cohort_members(age_weeks, as_of)
    ]
    return WorthReport(
        alive=of.alive(np.ones(len(mean_minor), dtype=bool)),
        edges_minor=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        concentration=concentration(mean_minor),
        top_tenth=_share_of_top(mean_minor, of),
        cohorts=tuple(cohorts),
        slipping=SlippingAway(int(slips.sum()), of.total(slips), float(np.nansum(lost_minor))),
        model=chosen.model,
        because=chosen.because,
        trial=chosen.trial,
    )


def money_edges(minor: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 0 and steps of 1, 1.5, 2, 3, 5, 7, 10 … that hold nearly all values, as many as a chart can show."""
    positive = minor[minor > _NOTHING_MINOR]
    if not len(positive):
        return np.array([0.0, 100.0])
    low, high = np.quantile(positive, (0.02, 0.995))
    exponents = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    steps = [m * 10.0**e for e in exponents for m in _STEPS]
    first = max(int(np.searchsorted(steps, low, side="right")) - 1, 0)
    last = int(np.searchsorted(steps, high, side="left"))
    kept = steps[first : last + 1][-_EDGES_MAX:]
    return np.array([0.0, *(kept if len(kept) > 1 else [kept[0], kept[0] * 2])])


def concentration(mean_minor: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    """Return which share of the worth the best so many per cent of customers hold, at 41 points."""
    sums = np.concatenate([[0.0], np.cumsum(np.sort(mean_minor)[::-1])])
    if sums[-1] <= _NOTHING_MINOR:
        return ()
    at = np.interp(np.array(_SHARES) * len(mean_minor), np.arange(len(sums)), sums) / sums[-1]
    return tuple((share, round(float(held), 4)) for share, held in zip(_SHARES, at, strict=True))


def cohort_members(age_weeks: NDArray[np.float64], as_of: date) -> list[tuple[str, NDArray[np.bool_]]]:
    """Return who came in each quarter, oldest first; by years where the quarters would be too many."""
    ages_days, who = np.unique(np.rint(age_weeks * 7).astype(int), return_inverse=True)
    days = [as_of - timedelta(days=int(age)) for age in ages_days]
    names = [f"{day.year} Q{(day.month + 2) // 3}" for day in days]
    if len(set(names)) > _COHORTS_MAX:
        names = [str(day.year) for day in days]
    by_age = np.array(names)
    return [(name, (by_age == name)[who]) for name in sorted(set(names))]


def _share_of_top(mean_minor: NDArray[np.float64], of: Totals) -> Interval:
    """Return the best tenth's share. Top and rest are taken as independent, though they share the doubt about
    parameters: that makes the interval rather too wide than too narrow."""
    top = np.zeros(len(mean_minor), dtype=bool)
    top[np.argsort(-mean_minor, kind="stable")[: max(round(TOP_SHARE * len(mean_minor)), 1)]] = True
    best, rest = of.total(top), of.total(~top)
    whole = best.mean + rest.mean
    if whole <= 0:
        return Interval(0.0, 0.0, 0.0)
    share = best.mean / whole
    sd_best, sd_rest = ((t.high - t.low) / (2 * INTERVAL_SDS) for t in (best, rest))
    half = INTERVAL_SDS * float(np.hypot((1 - share) * sd_best, share * sd_rest)) / whole
    return Interval(share, max(share - half, 0.0), min(share + half, 1.0))
