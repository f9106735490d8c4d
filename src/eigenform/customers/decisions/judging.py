"""Judge what each relationship is worth. Pure; calls `value.lifetime`.

Counts by the model that did best on a hold-out (`trial`), amounts by Gamma-Gamma, each fitted to all customers whose
histories are whole. Where the data cannot carry it, the judgement is "cannot tell", with what would decide it.
"""

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenform.customers.decisions.groups import groups
from eigenform.customers.decisions.judgement import Purchases, WorthJudgement
from eigenform.customers.decisions.report import worth_report
from eigenform.customers.decisions.slipping import slipping
from eigenform.customers.decisions.trial import Chosen, Earlier, choose
from eigenform.value.lifetime import Summary, gamma_gamma
from eigenform.value.lifetime import worth as engine
from eigenform.value.lifetime.cells import Cells, collapse
from eigenform.value.lifetime.fitted import Fitted
from eigenform.value.lifetime.registry import COUNT_MODELS

_DECIDES = (
    "Whole purchase histories of at least 20 customers, 5 of whom came back, with amounts in the reporting currency."
)


def judge_worth(
    purchases: Purchases,
    earlier: Earlier | None,
    *,
    as_of: date,
    horizon_weeks: float,
    discount_per_year: float,
    rng: np.random.Generator,
) -> WorthJudgement:
    """Return the worth of every customer whose history is whole, by the model that did best on `earlier`."""
    summary = _summary(purchases, purchases.whole)
    if reason := _too_little(purchases, summary):
        return _cannot(reason)
    trial_rng, groups_rng = rng.spawn(2)  # so that a longer trial moves no worth
    chosen, cells = choose(earlier, rng=trial_rng), collapse(summary)
    model = COUNT_MODELS[chosen.model]
    counts, amounts, warnings = _fit(model, cells, summary)
    try:
        worth = engine.worth(
            summary,
            purchases=counts,
            spend=amounts,
            horizon_weeks=horizon_weeks,
            discount_per_year=discount_per_year,
            rng=rng,
            model=model,
            cells=cells,
        )
    except (engine.CannotTell, gamma_gamma.NoMeanSpend) as refused:
        return _cannot(str(refused).removeprefix("Worth cannot be told: ").rstrip("."))
    slips = slipping(
        summary,
        lambda histories: model.probability_alive(counts.parameters, histories),
        p_alive=worth.p_alive,
        worth_minor=worth.mean,
    )
    of = groups(summary, cells, worth, model=model, counts=counts, spend=amounts, rng=groups_rng)
    return WorthJudgement(
        subject=purchases.subject[purchases.whole],
        purchase_days=summary.repeats.astype(np.int64) + 1,
        worth=worth,
        model_version=_version(chosen.model, counts, amounts, warnings),
        warnings=(*warnings, *_drifted(chosen)),
        slipping=slips,
        report=worth_report(worth.mean, summary.age_weeks, slips.lost_minor, as_of=as_of, of=of, chosen=chosen),
    )


def _too_little(purchases: Purchases, summary: Summary) -> str | None:
    """Return why worth cannot be told from these purchases, or None if it can be tried."""
    if not len(purchases.subject):
        return "no purchase of a known customer was loaded"
    if not purchases.whole.any():
        return "the source declares its purchase histories as sampled, so nobody's history is whole"
    if missing := engine.enough(summary):
        return missing
    if gamma_gamma.informative(summary.repeats, summary.spend).sum() < engine.REPEATERS_MIN:
        return "fewer than 5 customers who came back spent a positive amount, so amounts cannot be told"
    return None


def _drifted(chosen: Chosen) -> tuple[str, ...]:
    return (f"Worth: {chosen.trial.drift}",) if chosen.trial and chosen.trial.drift else ()


def _summary(purchases: Purchases, rows: NDArray[np.bool_]) -> Summary:
    return Summary(
        repeats=purchases.repeats[rows],
        last_week=purchases.last_week[rows],
        age_weeks=purchases.age_weeks[rows],
        mean_spend=purchases.mean_spend_minor[rows],
    )


def _fit(model: Any, cells: Cells, summary: Summary) -> tuple[Fitted[Any], gamma_gamma.Fit, tuple[str, ...]]:
    """Fit by maximum likelihood; where the histories do not pin a parameter down, with a weak prior, and say so."""
    counts = model.fit(cells)
    amounts = gamma_gamma.fit(summary.repeats, summary.spend)
    warnings = []
    if not counts.converged:
        warnings.append(f"Purchase model: {counts.status}; fitted with a weak prior instead.")
        counts = model.fit(cells, prior=model.WEAK_PRIOR)
    if not amounts.converged or amounts.parameters.q <= 1.0:
        why = amounts.status if not amounts.converged else "spend varies too much for a finite mean"
        warnings.append(f"Spend model: {why}; fitted with a weak prior instead.")
        amounts = gamma_gamma.fit(summary.repeats, summary.spend, prior=gamma_gamma.WEAK_PRIOR)
    return counts, amounts, tuple(warnings)


def _cannot(reason: str) -> WorthJudgement:
    sentence = reason[0].upper() + reason[1:] + "."
    return WorthJudgement(
        np.array([], dtype=str), np.array([], dtype=np.int64), None, "", reason=sentence, decides=_DECIDES
    )


def _version(model: str, counts: Fitted[Any], amounts: gamma_gamma.Fit, warnings: tuple[str, ...]) -> str:
    c, a = counts.parameters, amounts.parameters
    of_counts = " ".join(f"{name.removesuffix('_weeks')} {getattr(c, name):.3g}" for name in counts.names)
    prior = " (weak prior)" if warnings else ""
    return f"{model} {of_counts}; gamma-gamma p {a.p:.3g} q {a.q:.3g} gamma {a.gamma:.3g}{prior}"
