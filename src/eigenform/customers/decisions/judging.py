"""Judge what each relationship is worth. Pure; calls `value.lifetime`.

BG/NBD counts and Gamma-Gamma amounts, each fitted to all customers whose histories are whole. Where the data cannot
carry it, the judgement is "cannot tell", with what would decide it.
"""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from eigenform.customers.decisions.groups import groups
from eigenform.customers.decisions.judgement import Purchases, WorthJudgement
from eigenform.customers.decisions.report import worth_report
from eigenform.customers.decisions.slipping import slipping
from eigenform.customers.decisions.trial import PLAIN, Chosen
from eigenform.value.lifetime import Summary, bg_nbd, gamma_gamma
from eigenform.value.lifetime import worth as engine

_DECIDES = (
    "Whole purchase histories of at least 20 customers, 5 of whom came back, with amounts in the reporting currency."
)


def judge_worth(
    purchases: Purchases,
    *,
    as_of: date,
    horizon_weeks: float,
    discount_per_year: float,
    rng: np.random.Generator,
) -> WorthJudgement:
    """Return the worth of every customer whose history is whole."""
    if not len(purchases.subject):
        return _cannot("no purchase of a known customer was loaded")
    if not purchases.whole.any():
        return _cannot("the source declares its purchase histories as sampled, so nobody's history is whole")
    rows = purchases.whole
    summary = _summary(purchases, rows)
    missing = engine.enough(summary)
    if missing:
        return _cannot(missing)
    informative = gamma_gamma.informative(summary.repeats, summary.spend)
    if informative.sum() < engine.REPEATERS_MIN:
        return _cannot("fewer than 5 customers who came back spent a positive amount, so amounts cannot be told")
    counts, amounts, warnings = _fit(summary)

    def judged(histories: Summary) -> engine.Worth:
        return engine.worth(
            histories,
            purchases=counts,
            spend=amounts,
            horizon_weeks=horizon_weeks,
            discount_per_year=discount_per_year,
            rng=rng,
        )

    try:
        worth = judged(summary)
    except (engine.CannotTell, gamma_gamma.NoMeanSpend) as refused:
        return _cannot(str(refused).removeprefix("Worth cannot be told: ").rstrip("."))
    slips = slipping(
        summary,
        lambda histories: bg_nbd.probability_alive(counts.parameters, histories),
        p_alive=worth.p_alive,
        worth_minor=worth.mean,
    )
    of = groups(summary, worth, counts, again=lambda marked: judged(summary.rows(marked)), rng=rng)
    return WorthJudgement(
        subject=purchases.subject[rows],
        purchase_days=purchases.repeats[rows].astype(np.int64) + 1,
        worth=worth,
        model_version=_version(counts, amounts, warnings),
        warnings=warnings,
        slipping=slips,
        report=worth_report(
            worth.mean,
            summary.age_weeks,
            slips.lost_minor,
            as_of=as_of,
            total=of.total,
            alive=of.alive,
            chosen=Chosen(PLAIN, "The models have not been tried on a hold-out."),
        ),
    )


def _summary(purchases: Purchases, rows: NDArray[np.bool_]) -> Summary:
    return Summary(
        repeats=purchases.repeats[rows],
        last_week=purchases.last_week[rows],
        age_weeks=purchases.age_weeks[rows],
        mean_spend=purchases.mean_spend_minor[rows],
    )


def _fit(summary: Summary) -> tuple[bg_nbd.Fit, gamma_gamma.Fit, tuple[str, ...]]:
    """Fit by maximum likelihood; where the histories do not pin a parameter down, with a weak prior, and say so."""
    counts = bg_nbd.fit(summary)
    amounts = gamma_gamma.fit(summary.repeats, summary.spend)
    warnings = []
    if not counts.converged:
        warnings.append(f"Purchase model: {counts.status}; fitted with a weak prior instead.")
        counts = bg_nbd.fit(summary, prior=bg_nbd.WEAK_PRIOR)
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


def _version(counts: bg_nbd.Fit, amounts: gamma_gamma.Fit, warnings: tuple[str, ...]) -> str:
    c, a = counts.parameters, amounts.parameters
    prior = " (weak prior)" if warnings else ""
    return (
        f"bg-nbd r {c.r:.3g} alpha {c.alpha_weeks:.3g} a {c.a:.3g} b {c.b:.3g}; "
        f"gamma-gamma p {a.p:.3g} q {a.q:.3g} gamma {a.gamma:.3g}{prior}"
    )
