"""Judge what customers experienced against what they expected. Pure; calls `value.residual`.

Expectation and experience come from different random halves, since asking for expectations first lowers later
evaluations (theory B7); so each is a level of its own per cell, and the gap's variance is the sum. Answers of people
who were asked both are left out of the experience for the same reason. Channels answer higher or lower than one
another: their differences within a cell and kind are estimated and taken off (theory A8).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from eigenform.offerings.contracts import GapCell, attribute_subject
from eigenform.offerings.decisions import cells as parts
from eigenform.value.residual import gap as gaps

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
    today = float((as_of - parts.EPOCH).days)
    known = _Known(today, revenue_minor, gap_tolerated, readings_min)
    whole = _judge(kept, *parts.cells_of(kept.category, kept.attribute, np.full(len(kept), "")), known)
    by_segment = _judge(kept, *parts.cells_of(kept.category, kept.attribute, kept.segment), known)
    judged = [*whole, *(cell for cell in by_segment if cell.segment)]
    return sorted(judged, key=lambda c: (-(c.exposed_minor.mean if c.exposed_minor else -1.0), c.subject))


@dataclass(frozen=True, slots=True)
class _Known:
    """What judging needs besides the answers; `today` in days since 1970-01-01."""

    today: float
    revenue_minor: Mapping[str, float]
    gap_tolerated: float
    readings_min: int


@dataclass(frozen=True, slots=True, eq=False)
class _Levels:
    """The two levels of each cell and their difference."""

    will: gaps.CellPosterior
    experience: gaps.CellPosterior
    gap: gaps.Gap


def _judge(answers: Answers, cell: NDArray[np.int64], labels: list[parts.Label], known: _Known) -> list[GapCell]:
    by_segment = any(label[2] for label in labels)
    group = parts.codes_of(f"{label[0]}|{label[1]}" if by_segment else label[1] for label in labels)
    score = answers.score - channel_bias(answers, cell)
    levels = _levels(answers, score, cell, group, known.today)
    recent = (answers.kind == "experience") & (answers.day > known.today - parts.YEAR_DAYS)
    short = (score < levels.will.mean[cell]).astype(float)
    shares = parts.short_shares(cell[recent], short[recent], answers.weight[recent], group)
    concerned, money = parts.exposed_revenue(cell[recent], answers.customer[recent], known.revenue_minor, len(labels))
    judged = []
    for i, label in enumerate(labels):
        mine = np.flatnonzero(cell == i)
        asked = {kind: int((answers.kind[mine] == kind).sum()) for kind in ("will", "experience")}
        gap = levels.gap
        told = bool(np.isfinite(gap.mean[i]) and np.isfinite(gap.sd[i]))
        share = parts.share_of(shares[i]) if told else None
        judged.append(
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
                p_below_tolerated=_p_below(gap.mean[i], gap.sd[i], known.gap_tolerated) if told else None,
                n=asked["experience"],
                last_on=parts.day_of(float(answers.day[mine].max())),
                short_share=share,
                p_short=None,
                exposed_minor=parts.times(share, float(money[i])),
                customers=int(concerned[i]),
                warnings=tuple(dict.fromkeys((*levels.will.warnings[i], *levels.experience.warnings[i]))),
                reason="" if told else _missing(asked),
                decides="" if told else f"{known.readings_min} answers each on expectation and experience.",
                trajectory=_path(answers, score, mine, levels, i, known.today) if told and not label[2] else (),
                facts={"asked": asked},
            )
        )
    return judged


def _levels(
    answers: Answers, score: NDArray[np.float64], cell: NDArray[np.int64], group: NDArray[np.int64], today: float
) -> _Levels:
    def level(kind: str) -> gaps.CellPosterior:
        rows = answers.kind == kind
        week, weight = answers.day[rows] / 7.0, answers.weight[rows]
        return gaps.cell_posteriors(
            cell[rows], week, score[rows], weight, cells=len(group), now_week=today / 7.0, group=group
        )

    will, experience = level("will"), level("experience")
    gap = gaps.independent_gap(
        expectation_mean=will.mean,
        expectation_sd=will.sd,
        experience_mean=experience.mean,
        experience_sd=experience.sd,
    )
    return _Levels(will, experience, gap)


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


def _path(
    answers: Answers,
    score: NDArray[np.float64],
    mine: NDArray[np.int64],
    levels: _Levels,
    i: int,
    today: float,
) -> tuple[parts.Point, ...]:
    """Return the gap over time: the two smoothed levels' difference in the weeks that both know."""

    def smoothed(kind: str, level: gaps.CellPosterior) -> gaps.Trajectory:
        rows = mine[answers.kind[mine] == kind]
        return gaps.trajectory(
            answers.day[rows] / 7.0,
            score[rows],
            answers.weight[rows],
            noise_variance=float(level.noise_variance[i]),
            drift_variance_per_week=float(level.drift_variance_per_week[i]),
            shock_variance=float(level.shock_variance[i]),
            now_week=today / 7.0,
        )

    will, experience = smoothed("will", levels.will), smoothed("experience", levels.experience)
    week, a, b = np.intersect1d(will.week, experience.week, return_indices=True)
    mean = experience.mean[b] - will.mean[a]
    half = np.hypot(experience.high[b] - experience.mean[b], will.high[a] - will.mean[a])
    return parts.points(week, mean, mean - half, mean + half, experience.n[b])
