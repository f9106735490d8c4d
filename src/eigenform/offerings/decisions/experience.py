"""Judge what customers experienced against what they expected. Pure; calls `value.residual`.

Expectation and experience come from different random halves, since asking for expectations first lowers later
evaluations (theory B7); so each is a level of its own per cell, and the gap's variance is the sum. Answers of people
who were asked both are left out of the experience for the same reason. Channels answer higher or lower than one
another: their differences within a cell and kind are estimated and taken off (theory A8).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from eigenform.offerings.contracts import GapCell, Share, attribute_subject
from eigenform.value.residual import gap as gaps
from eigenform.value.residual.shares import effective_counts, pool_shares

_EPOCH = date(1970, 1, 1)
_YEAR_DAYS = 364
PAIRED = "both"


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Answers about an expectation (`will`) or an experience, arrays of shape (m,). Higher `score` is better."""

    category: NDArray[np.str_]
    attribute: NDArray[np.str_]
    segment: NDArray[np.str_]
    customer: NDArray[np.str_]
    kind: NDArray[np.str_]
    unit: NDArray[np.str_]
    channel: NDArray[np.str_]
    half: NDArray[np.str_]
    score: NDArray[np.float64]
    day: NDArray[np.float64]
    weight: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.score)

    def rows(self, chosen: NDArray[np.bool_]) -> "Answers":
        """Return some of the rows."""
        return Answers(*(getattr(self, name)[chosen] for name in self.__slots__))


def judge_experience(
    answers: Answers,
    *,
    as_of: date,
    revenue_minor: Mapping[str, float],
    gap_tolerated: float,
    readings_min: int,
) -> list[GapCell]:
    """Return the experience gap per category and per segment of it, most exposed first; empty if nobody was asked both.

    gap_tolerated  how far below expectation an experience may lie before it counts, in the attribute's unit
    """
    kept = answers.rows(~((answers.half == PAIRED) & (answers.kind == "experience")))
    if not {"will", "experience"} <= set(kept.kind.tolist()):
        return []
    cells: list[GapCell] = []
    for segments in (np.full(len(kept), ""), kept.segment):
        cells += _judge_at(kept, segments, as_of, revenue_minor, gap_tolerated, readings_min)
    distinct = {cell.subject: cell for cell in reversed(cells)}
    return sorted(distinct.values(), key=lambda c: (-(c.exposed_minor.mean if c.exposed_minor else -1.0), c.subject))


def _judge_at(
    answers: Answers,
    segments: NDArray[np.str_],
    as_of: date,
    revenue_minor: Mapping[str, float],
    gap_tolerated: float,
    readings_min: int,
) -> list[GapCell]:
    keys = list(zip(answers.category.tolist(), answers.attribute.tolist(), segments.tolist(), strict=True))
    labels = sorted(set(keys))
    place = {label: index for index, label in enumerate(labels)}
    cell = np.fromiter((place[k] for k in keys), np.int64, len(keys))
    by_segment = any(label[2] for label in labels)
    groups = [f"{category}|{attribute}" if by_segment else attribute for category, attribute, _segment in labels]
    _names, group = np.unique(groups, return_inverse=True)
    today = float((as_of - _EPOCH).days)
    score = answers.score - channel_bias(answers, cell)
    levels = {
        kind: gaps.cell_posteriors(
            cell[chosen],
            answers.day[chosen] / 7.0,
            score[chosen],
            answers.weight[chosen],
            cells=len(labels),
            now_week=today / 7.0,
            group=group,
        )
        for kind in ("will", "experience")
        for chosen in (answers.kind == kind,)
    }
    gap = gaps.independent_gap(
        expectation_mean=levels["will"].mean,
        expectation_sd=levels["will"].sd,
        experience_mean=levels["experience"].mean,
        experience_sd=levels["experience"].sd,
    )
    experienced = answers.kind == "experience"
    short = (score < levels["will"].mean[cell]) & experienced
    recent = experienced & (answers.day > today - _YEAR_DAYS)
    shares = _shares(cell, short, recent, answers.weight, group, len(labels))
    exposed = _exposed(cell, recent, answers.customer, revenue_minor, len(labels))
    out = []
    for i, label in enumerate(labels):
        mine = np.flatnonzero(cell == i)
        asked = {kind: int((answers.kind[mine] == kind).sum()) for kind in ("will", "experience")}
        told = bool(np.isfinite(gap.mean[i]) and np.isfinite(gap.sd[i]))
        share = Share(*map(float, shares[i])) if np.isfinite(shares[i, 0]) and told else None
        money = float(exposed[i])
        out.append(
            GapCell(
                subject=attribute_subject(*label),
                quantity="experience_gap",
                category=label[0],
                attribute=label[1],
                segment=label[2],
                unit=str(answers.unit[mine[0]]),
                mean=float(gap.mean[i]) if told else None,
                low=float(gap.low[i]) if told else None,
                high=float(gap.high[i]) if told else None,
                p_below_0=float(gap.p_below_0[i]) if told else None,
                p_below_tolerated=_p_below(gap.mean[i], gap.sd[i], gap_tolerated) if told else None,
                n=asked["experience"],
                last_on=_EPOCH + timedelta(days=float(answers.day[mine].max())),
                short_share=share,
                p_short=None,
                exposed_minor=Share(money * share.mean, money * share.low, money * share.high) if share else None,
                customers=len(set(answers.customer[mine].tolist()) - {""}),
                warnings=tuple(dict.fromkeys((*levels["will"].warnings[i], *levels["experience"].warnings[i]))),
                reason="" if told else _missing(asked),
                decides="" if told else f"{readings_min} answers each on expectation and experience would decide it.",
                trajectory=_trajectory(answers, score, mine, levels, i, today) if told and not label[2] else (),
                facts={"asked": asked},
            )
        )
    return out


def channel_bias(answers: Answers, cell: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how much higher each answer's channel scores than the average channel, within cell and kind.

    Least squares with a level per (cell, kind) and one per channel; a common bias of all channels cannot be seen.
    """
    names, channel = np.unique(answers.channel, return_inverse=True)
    if len(names) < 2:
        return np.zeros(len(answers))
    level = cell * 2 + (answers.kind == "experience")
    count = np.maximum(np.bincount(level).astype(float), 1.0)

    def centred(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return values - (np.bincount(level, weights=values, minlength=len(count)) / count)[level]

    design = np.stack([centred((channel == k).astype(float)) for k in range(len(names))], axis=1)
    bias, *_ = np.linalg.lstsq(design, centred(answers.score), rcond=None)
    share = np.bincount(channel, minlength=len(names)) / len(channel)
    return np.asarray((bias - share @ bias)[channel])


def _p_below(mean: float, sd: float, tolerated: float) -> float:
    return float(ndtr((-tolerated - mean) / sd)) if sd > 0 else float(mean < -tolerated)


def _missing(asked: Mapping[str, int]) -> str:
    absent = {"will": "expectation", "experience": "experience"}
    never = [words for kind, words in absent.items() if not asked[kind]]
    return f"No {' and no '.join(never)} was asked here." if never else "Too few answers to tell the level from chance."


def _shares(
    cell: NDArray[np.int64],
    short: NDArray[np.bool_],
    recent: NDArray[np.bool_],
    weight: NDArray[np.float64],
    group: NDArray[np.int64],
    cells: int,
) -> NDArray[np.float64]:
    fell, n = effective_counts(cell[recent], short[recent].astype(float), weight[recent], cells)
    out = np.full((cells, 3), np.nan)
    for code in np.unique(group):
        members = np.flatnonzero((group == code) & (n > 0))
        if len(members):
            pooled = pool_shares(fell[members], n[members])
            out[members] = np.stack([pooled.mean, pooled.low, pooled.high], axis=1)
    return out


def _exposed(
    cell: NDArray[np.int64],
    recent: NDArray[np.bool_],
    customer: NDArray[np.str_],
    revenue_minor: Mapping[str, float],
    cells: int,
) -> NDArray[np.float64]:
    out = np.zeros(cells)
    for index, subject in set(zip(cell[recent].tolist(), customer[recent].tolist(), strict=True)):
        out[index] += max(revenue_minor.get(subject, 0.0), 0.0)
    return out


def _trajectory(
    answers: Answers,
    score: NDArray[np.float64],
    mine: NDArray[np.int64],
    levels: Mapping[str, gaps.CellPosterior],
    i: int,
    today: float,
) -> tuple[tuple[str, float, float, float, int], ...]:
    """Return the gap over time: the two smoothed levels' difference in the weeks that both know."""
    paths = {}
    for kind, level in levels.items():
        rows = mine[answers.kind[mine] == kind]
        paths[kind] = gaps.trajectory(
            answers.day[rows] / 7.0,
            score[rows],
            answers.weight[rows],
            noise_variance=float(level.noise_variance[i]),
            drift_variance_per_week=float(level.drift_variance_per_week[i]),
            now_week=today / 7.0,
        )
    will, experience = paths["will"], paths["experience"]
    weeks, at_will, at_experience = np.intersect1d(will.week, experience.week, return_indices=True)
    mean = experience.mean[at_experience] - will.mean[at_will]
    half = np.hypot(
        experience.high[at_experience] - experience.mean[at_experience], will.high[at_will] - will.mean[at_will]
    )
    step = max(1, -(-len(weeks) // 60))
    return tuple(
        (
            (_EPOCH + timedelta(days=float(weeks[k]) * 7)).isoformat(),
            round(float(mean[k]), 4),
            round(float(mean[k] - half[k]), 4),
            round(float(mean[k] + half[k]), 4),
            int(experience.n[at_experience][k]),
        )
        for k in range(len(weeks) - 1, -1, -step)
    )[::-1]
