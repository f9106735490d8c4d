"""Which model tells customers' purchases best: judged on weeks that none of them has seen.

Likelihood says how well a model fits the past and may prefer another one than the future does, so models are ranked by
the mean continuous ranked probability score of the hold-out counts. It is proper (no other forecast beats the true
distribution on average), looks at the whole distribution and not only at its mean, and is told in purchases.

Source: Gneiting and Raftery (2007), Journal of the American Statistical Association 102, 359-378.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenform.value.arrays import FloatArray, dot
from eigenform.value.lifetime.cells import Cells, collapse
from eigenform.value.lifetime.fitted import Fitted
from eigenform.value.lifetime.holdout import Holdout, judge
from eigenform.value.lifetime.registry import COUNT_MODELS, FittedModel
from eigenform.value.lifetime.summary import Summary


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """One model: its fit, whether the weak prior was needed to get one, and its hold-out (None without a fit)."""

    model: str
    fit: Fitted[Any]
    weak_prior: bool
    holdout: Holdout | None


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """All models on one hold-out, best first; best is None if none could be fitted, and because says why in words."""

    models: tuple[Compared, ...]
    best: str | None
    because: str


def compare(
    summary: Summary,
    actual: FloatArray,
    *,
    weeks: float,
    rng: np.random.Generator,
    week_of_actual: FloatArray | None = None,
    draws: int = 200,
    models: Mapping[str, FittedModel] = COUNT_MODELS,
) -> Comparison:
    """Fit models to histories up to a day and hold each against the purchases in the weeks after it.

    actual, week_of_actual  as in holdout.judge
    rng                     every model is judged by the same draws, those that it would be judged by alone

    Plain maximum likelihood; where that finds no peak the model's weak prior, and weak_prior says so.
    """
    cells = collapse(summary)
    compared = []
    for name, model in models.items():
        fit, weak = _fitted(model, cells)
        held = None
        if fit.converged:
            held = judge(
                model,
                fit,
                summary,
                actual,
                weeks=weeks,
                rng=deepcopy(rng),
                week_of_actual=week_of_actual,
                draws=draws,
                cells=cells,
            )
        compared.append(Compared(name, fit, weak, held))
    ranked = sorted(compared, key=lambda one: np.inf if one.holdout is None else one.holdout.crps)
    best = ranked[0].model if ranked and ranked[0].holdout is not None else None
    return Comparison(tuple(ranked), best, _because(ranked, summary.weights))


def _fitted(model: FittedModel, cells: Cells) -> tuple[Fitted[Any], bool]:
    plain = model.fit(cells)
    return (plain, False) if plain.converged else (model.fit(cells, prior=model.WEAK_PRIOR), True)


def _because(ranked: list[Compared], weight: FloatArray) -> str:
    told = [(one.model, one.holdout) for one in ranked if one.holdout is not None]
    if not told:
        return "No model could be fitted: " + "; ".join(f"{one.model}: {one.fit.status}" for one in ranked) + "."
    (name, best), others = told[0], told[1:]
    sentences = [
        f"{name} has the smallest calibrated error on {best.weeks:.0f} weeks that it had not seen: "
        f"{best.crps:.4f} purchases a customer (continuous ranked probability score)."
    ]
    if others:
        sentences.append(_ahead_of(best, *others[0], weight))
    rule = f"each customer's past rate carried on misses by {best.naive_mae:.3f} purchases, {name} by {best.mae:.3f}"
    sentences.append(f"The naive rule wins: {rule}." if best.naive_wins else f"It beats the naive rule: {rule}.")
    if best.drift:
        sentences.append(best.drift)
    return " ".join(sentences)


def _ahead_of(best: Holdout, name: str, second: Holdout, weight: FloatArray) -> str:
    """Say by how much the second is worse, and whether that is more than chance in who was sampled."""
    worse = second.crps_each - best.crps_each
    share = weight / weight.sum()
    mean = dot(worse, share)
    error = float(np.sqrt(dot(np.square(worse - mean), share) / weight.sum()))
    told = f"{name} follows with {second.crps:.4f}"
    if mean < 2.0 * error:
        return f"{told}, too close to tell them apart ({mean:.4f} ± {error:.4f})."
    return f"{told}, worse by {mean:.4f} ± {error:.4f}."
