"""For whom a treatment pays: effects by group, and whether a ranking by predicted gain sorts them (Qini)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr

from eigenform.value.arrays import HIGH_SHARE, INTERVAL_SDS, LOW_SHARE, FloatArray, IntArray
from eigenform.value.response.effects import Effect, difference
from eigenform.value.response.outcome_model import learnt_before
from eigenform.value.response.trial import TooFewToTell, Trial

_SHUFFLES: Final = 200
_SHUFFLED_MAX: Final = 20_000  # beyond, the normal takes the shuffles' place
_POINTS: Final = 21


@dataclass(frozen=True, slots=True, eq=False)
class Qini:
    """Gain per subject of the whole base if only the best-ranked share were treated, and the area it wins.

    share                 (m,) treated share of the base, best-ranked first, 0 to 1
    gain, gain_low, gain_high  (m,) with 80 % interval, in the outcome's unit per subject of the base
    area, area_low, area_high  between the curve and the straight line of treating at random; 0 = no sorting
    null_low, null_high   where 80 % of such areas lie if everybody gained alike
    p_null                share of those areas at least as large
    """

    share: FloatArray
    gain: FloatArray
    gain_low: FloatArray
    gain_high: FloatArray
    area: float
    area_sd: float
    area_low: float
    area_high: float
    null_low: float
    null_high: float
    p_null: float

    @property
    def at_random(self) -> FloatArray:
        """Gain if as many were treated at random, shape (m,)."""
        return self.share * self.gain[-1]


def by_group(trial: Trial, group: IntArray, groups: int) -> list[Effect | TooFewToTell]:
    """Return the effect in each of `groups` groups (codes 0 … groups-1 per subject), or why it cannot be told."""
    return [_told(trial.of(np.asarray(group) == code)) for code in range(groups)]


def deciles(trial: Trial, place: FloatArray, groups: int = 10) -> list[Effect | TooFewToTell]:
    """Return the effect by tenth of a ranking, best-ranked first; `place` as from `places`."""
    return by_group(trial, np.minimum((place * groups).astype(np.int64), groups - 1), groups)


def _told(trial: Trial) -> Effect | TooFewToTell:
    try:
        return difference(trial)
    except TooFewToTell as refusal:
        return refusal


def places(score: FloatArray, fold: IntArray | None = None) -> FloatArray:
    """Return where each stands, in (0, 1), the highest score first; ties share their mean place.

    fold  ranks are taken within each: lines of different folds differ in level, and a pooled ranking would sort by
          that, against the truth
    """
    score = np.asarray(score, float)
    fold = np.zeros(len(score), np.int64) if fold is None else fold
    place = np.empty(len(score))
    for code in np.unique(fold):
        rows = fold == code
        _values, index, times = np.unique(-score[rows], return_inverse=True, return_counts=True)
        place[rows] = (np.cumsum(times) - times / 2.0)[index] / len(index)
    return place


def ranked(trial: Trial, covariates: FloatArray, *, rng: np.random.Generator) -> tuple[Trial, FloatArray]:
    """Return the part of a trial that can be judged, and where each of it stands by predicted gain.

    Each fold is ranked by lines that only earlier folds have taught; the first fold teaches and is left out.
    """
    predicted = learnt_before(trial, covariates, rng=rng)
    judged = predicted.fold > 0
    return trial.of(judged), places(predicted.uplift[judged], predicted.fold[judged])


def qini(trial: Trial, place: FloatArray, *, rng: np.random.Generator, shuffles: int = _SHUFFLES) -> Qini:
    """Return the Qini curve of a ranking that was made without these outcomes.

    place  (n,) in (0, 1), the best first: from `ranked`, or from `places` of a score that is older than the trial

    Each subject's gain is estimated by inverse propensity, outcomes centred so that the noise is least; the curve adds
    them up. The area's interval is from its influence function, the ranks' own chance included. The null redraws the
    arms after the mean effect was taken off: it asks whether the ranking sorts, not whether the treatment works.
    Raises TooFewToTell.

    Source: Radcliffe (2007), Direct Marketing Analytics Journal 1, 14-21; Yadlowsky and others (2025), JASA 120, 38-51.
    """
    effect = difference(trial)
    z = _gains(trial)
    share, gain, sd = _curve(z, place)
    area, area_sd = _area(z, place)
    null_low, null_high, p_null = _null(trial, effect.mean, place, area, rng, shuffles)
    reach = INTERVAL_SDS * area_sd
    return Qini(
        share=share,
        gain=gain,
        gain_low=gain - INTERVAL_SDS * sd,
        gain_high=gain + INTERVAL_SDS * sd,
        area=area,
        area_sd=area_sd,
        area_low=area - reach,
        area_high=area + reach,
        null_low=null_low,
        null_high=null_high,
        p_null=p_null,
    )


def _gains(trial: Trial) -> FloatArray:
    """Return one unbiased estimate of each subject's gain; the level taken off makes their spread least."""
    e, treated = trial.propensity, trial.treated
    means = [np.average(trial.outcome[arm], weights=trial.weight[arm]) for arm in (treated, ~treated)]
    level = (1.0 - e) * means[0] + e * means[1]
    return np.where(treated, trial.weight, -trial.weight) * (trial.outcome - level)


def _curve(z: FloatArray, place: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    n = len(z)
    order = np.argsort(place, kind="stable")
    total = np.concatenate([[0.0], np.cumsum(z[order])])
    squares = np.concatenate([[0.0], np.cumsum(np.square(z[order]))])
    share = np.linspace(0.0, 1.0, _POINTS)
    at = np.rint(share * n).astype(np.int64)
    spread = squares[at] - np.square(total[at]) / np.maximum(at, 1)
    return share, total[at] / n, np.sqrt(np.maximum(spread, 0.0)) / n


def _area(z: FloatArray, place: FloatArray) -> tuple[float, float]:
    """Return the area and its standard deviation: mean of z (1/2 - place), each subject also moving others' places."""
    n = len(z)
    own = z * (0.5 - place)
    order = np.argsort(place, kind="stable")
    behind = np.empty(n)
    behind[order] = (z.sum() - np.cumsum(z[order])) / n  # whoever stands before them pushes them down
    influence = own - behind
    return float(own.mean()), float(np.std(influence) / np.sqrt(n))


def _null(
    trial: Trial, mean: float, place: FloatArray, area: float, rng: np.random.Generator, shuffles: int
) -> tuple[float, float, float]:
    """Return where 80 % of the areas lie if everybody gained alike, and the share of them at least as large.

    With many subjects the shuffles' mean is normal, and its deviation known without drawing: the arms' redrawing
    alone moves it.
    """
    if len(place) > _SHUFFLED_MAX:
        flat = trial.with_outcome(trial.outcome - np.where(trial.treated, mean, 0.0))
        level = np.average(flat.outcome, weights=trial.weight)
        e = trial.propensity
        pulls = (flat.outcome - level) * (0.5 - place) / len(place)
        sd = float(np.sqrt((np.square(pulls) / (e * (1.0 - e))).sum()))
        return -INTERVAL_SDS * sd, INTERVAL_SDS * sd, float(ndtr(-area / sd))
    null = _null_areas(trial, mean, place, rng, shuffles)
    low, high = np.quantile(null, [LOW_SHARE, HIGH_SHARE])
    return float(low), float(high), float((1 + (null >= area).sum()) / (1 + len(null)))


def _null_areas(trial: Trial, mean: float, place: FloatArray, rng: np.random.Generator, shuffles: int) -> FloatArray:
    flat = trial.outcome - np.where(trial.treated, mean, 0.0)
    areas = np.empty(shuffles)
    for i in range(shuffles):
        again = Trial(flat, rng.random(len(flat)) < trial.propensity, trial.propensity)
        areas[i] = float((_gains(again) * (0.5 - place)).mean()) if 0 < again.n_treated < len(flat) else 0.0
    return areas
