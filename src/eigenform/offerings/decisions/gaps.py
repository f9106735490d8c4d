"""Judge what was promised against what was delivered. Pure; calls `value.residual`.

Cells are judged twice: per category (steadied by the other categories of the attribute), and per segment of a
category (steadied by its sister segments).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from eigenform.offerings.contracts import GapCell, Readings, attribute_subject
from eigenform.offerings.decisions import cells as parts
from eigenform.value.residual import gap as gaps

_DECIDES = "At least {n} readings with a day in the last 52 weeks would decide it."


@dataclass(frozen=True, slots=True)
class Known:
    """What judging needs besides the readings.

    revenue_minor  last 52 weeks' revenue by customer subject
    tolerated      the share of readings that may fall short before it counts
    """

    as_of: date
    revenue_minor: Mapping[str, float]
    tolerated: float
    readings_min: int

    @property
    def today(self) -> float:
        """Days from 1970-01-01 to the day of judgement."""
        return float((self.as_of - parts.EPOCH).days)


def judge_promises(
    readings: Readings, *, as_of: date, revenue_minor: Mapping[str, float], tolerated: float, readings_min: int
) -> list[GapCell]:
    """Return the promise gap of every category and of every segment within it, the most exposed first."""
    known = Known(as_of, revenue_minor, tolerated, readings_min)
    over = readings.rows(np.isfinite(readings.short))
    everybody = np.full(len(over), "")
    cell, labels = parts.cells_of(over.category, over.attribute, everybody)
    judged = _judge(over, cell, labels, [label[1] for label in labels], known, "promise_gap", with_path=True)
    cell, labels = parts.cells_of(over.category, over.attribute, over.segment)
    groups = [f"{category}|{attribute}" for category, attribute, _segment in labels]
    judged += [c for c in _judge(over, cell, labels, groups, known, "promise_gap") if c.segment]
    return sorted(judged, key=_most_exposed)


def judge_partners(
    readings: Readings, *, as_of: date, revenue_minor: Mapping[str, float], tolerated: float, readings_min: int
) -> list[GapCell]:
    """Return the promise gap of every partner over what they delivered, steadied by the other partners."""
    known = Known(as_of, revenue_minor, tolerated, readings_min)
    over = readings.rows(np.isfinite(readings.short) & (readings.partner != ""))
    cell, labels = parts.cells_of(over.partner, over.attribute)
    judged = _judge(over, cell, labels, [attribute for _partner, attribute in labels], known, "partner_gap")
    return sorted(judged, key=_most_exposed)


def _most_exposed(cell: GapCell) -> tuple[float, str]:
    return (-(cell.exposed_minor.mean if cell.exposed_minor else -1.0), cell.subject)


def _judge(
    r: Readings,
    cell: NDArray[np.int64],
    labels: Sequence[parts.Label],
    groups: Sequence[str],
    known: Known,
    quantity: str,
    *,
    with_path: bool = False,
) -> list[GapCell]:
    if not len(r):
        return []
    group, measured = parts.codes_of(groups), np.isfinite(r.gap)
    level = gaps.cell_posteriors(
        cell[measured],
        r.day[measured] / 7.0,
        r.gap[measured],
        r.weight[measured],
        cells=len(labels),
        now_week=known.today / 7.0,
        group=group,
    )
    recent = r.day > known.today - parts.YEAR_DAYS
    shares = parts.short_shares(cell[recent], r.short[recent], r.weight[recent], group, known.tolerated)
    concerned, money = parts.exposed_revenue(cell[recent], r.customer[recent], known.revenue_minor, len(labels))
    recent_n = np.bincount(cell[recent], minlength=len(labels))
    judged = []
    for i, label in enumerate(labels):
        mine = np.flatnonzero(cell == i)
        told = bool(np.isfinite(level.mean[i]) and np.isfinite(level.sd[i]))
        share = parts.share_of(shares[i])
        judged.append(
            GapCell(
                **_named(label, quantity),
                quantity=quantity,
                unit=str(r.unit[mine[0]]),
                mean=float(level.mean[i]) if told else None,
                low=float(level.low[i]) if told else None,
                high=float(level.high[i]) if told else None,
                p_below_0=float(level.p_below_0[i]) if told else None,
                p_below_tolerated=None,
                n=len(mine),
                last_on=parts.day_of(float(r.day[mine].max())),
                short_share=share,
                p_short=float(shares[i, 3]) if share else None,
                exposed_minor=parts.times(share, float(money[i])),
                customers=int(concerned[i]),
                warnings=level.warnings[i],
                reason="" if told else "Too few measured readings to tell the level from chance.",
                decides="" if told else _DECIDES.format(n=known.readings_min),
                trajectory=_path(r, mine, level, i, known.today) if with_path and told else (),
                facts={"readings_52w": int(recent_n[i])},
            )
        )
    return judged


def _named(label: parts.Label, quantity: str) -> dict[str, str]:
    if quantity == "partner_gap":
        return {"subject": label[0], "category": "", "attribute": label[1], "segment": ""}
    category, attribute, segment = label
    subject = attribute_subject(category, attribute, segment)
    return {"subject": subject, "category": category, "attribute": attribute, "segment": segment}


def _path(
    r: Readings, mine: NDArray[np.int64], level: gaps.CellPosterior, i: int, today: float
) -> tuple[parts.Point, ...]:
    mine = mine[np.isfinite(r.gap[mine])]
    path = gaps.trajectory(
        r.day[mine] / 7.0,
        r.gap[mine],
        r.weight[mine],
        noise_variance=float(level.noise_variance[i]),
        drift_variance_per_week=float(level.drift_variance_per_week[i]),
        shock_variance=float(level.shock_variance[i]),
        now_week=today / 7.0,
    )
    return parts.points(path.week, path.mean, path.low, path.high, path.n)
