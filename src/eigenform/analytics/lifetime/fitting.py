"""Fit one model, and hold it against the days it has not seen."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any, Final

import numpy as np

from eigenform.analytics.lifetime.bases import Base, Step, base, refuse_unknowable, spend_unknown
from eigenform.analytics.lifetime.contracts import Belief, Fitting, HoldoutAnswer, Source, SummaryColumns
from eigenform.analytics.lifetime.named import COUNT_NAMES, SPEND_NAME, SPEND_NAMES, ModelUnknown, module, shown
from eigenform.value.lifetime.fitted import Fitted
from eigenform.value.lifetime.holdout import Holdout, judge
from eigenform.value.lifetime.worth import CannotTell

SEED: Final = 20_250_105  # fixes the draws of the hold-out's measures, so that two runs agree


def quiet(text: str) -> None:
    """Say nothing."""


def fit(source: Source, *, model: str, prior: Belief = "none", step: Step = quiet) -> Fitting:
    """Fit a model to a source's histories; with until_on in its window also judge it on the days after.

    model  one of `named.NAMES`; gamma-gamma needs amounts
    prior  none: plain maximum likelihood as published; weak: the model's stated weak prior, for small bases
    step   told what is being done

    Raises ModelUnknown, CannotTell where the histories cannot say, and what reading raises. A fit that found no peak is
    answered with its status, never mended in silence.
    """
    module(model)
    if model in SPEND_NAMES and not _names_amounts(source):
        raise ModelUnknown(model=model, reason="it needs amounts: name their column with --amount")
    step("reading")
    read = base(source, model=model)
    step(f"fitting {model}")
    found = fitted(model, read, prior=prior)
    if read.actual is not None:
        step("judging")
    return answered(model, found, judged(model, found, read), read, prior=prior)


def _names_amounts(source: Source) -> bool:
    columns = source.columns
    return (columns.mean_spend if isinstance(columns, SummaryColumns) else columns.amount) is not None


def fitted(model: str, read: Base, *, prior: Belief) -> Fitted[Any]:
    """Return a model's fit to histories. Raises CannotTell, ModelUnknown."""
    models, summary = module(model), read.summary
    belief = models.WEAK_PRIOR if prior == "weak" else None
    if model in SPEND_NAMES:
        unknown = spend_unknown(summary)
        if unknown is not None and (model == SPEND_NAME or summary.mean_spend is None):
            raise CannotTell(reason=unknown)
        by_spend: Fitted[Any] = models.fit(summary.repeats, summary.spend, summary.weight, prior=belief)
        return by_spend
    if model in COUNT_NAMES:
        refuse_unknowable(summary)
        belief = belief and belief.in_units(models.NAMES, units_per_week=read.units_per_week)
    by_counts: Fitted[Any] = models.fit(summary, prior=belief)
    return by_counts


def judged(model: str, found: Fitted[Any], read: Base) -> Holdout | None:
    """Return how a fit did on the days after the calibration; None if nothing is held out or it cannot be judged."""
    models = module(model)
    if read.actual is None or not found.converged or not hasattr(models, "count_mass"):
        return None
    return judge(
        models,  # type: ignore[arg-type]
        found,
        read.summary,
        read.actual,
        weeks=read.held_out,
        rng=np.random.default_rng(SEED),
        week_of_actual=read.time_of_actual,
    )


def answered(model: str, found: Fitted[Any], held: Holdout | None, read: Base, *, prior: Belief) -> Fitting:
    """Return the answer about a fit and its hold-out, with all that should give pause."""
    names = [shown(name) for name in found.names]
    holdout = None
    if held is not None and read.until_on is not None and read.to_on is not None:
        holdout = HoldoutAnswer(read.until_on + timedelta(days=1), read.to_on, _figures(held))
    return Fitting(
        model=model,
        parameters=_named(names, [getattr(found.parameters, name) for name in found.names]),
        standard_errors=_named(names, found.standard_errors),
        log_likelihood=found.log_likelihood,
        customers=found.customers,
        status=found.status,
        unit=read.unit,
        prior=prior,
        holdout=holdout,
        warnings=(*read.warnings, *_of_fit(model, found, prior), *_of_holdout(model, held, read)),
    )


def _of_fit(model: str, found: Fitted[Any], prior: Belief) -> list[str]:
    said = []
    if prior == "weak":
        said.append(f"The weak prior of {model} was used: these are not plain maximum-likelihood estimates.")
    if not found.converged:
        remedy = " Give more customers or a longer log, or fit with --prior weak." if prior == "none" else ""
        said.append(f"The fit of {model} is {found.status}: do not use its parameters.{remedy}")
    if found.excluded:
        said.append(f"{found.excluded:,.0f} customers cannot be described by {model} and were left out of its fit.")
    return said


def _of_holdout(model: str, held: Holdout | None, read: Base) -> list[str]:
    if held is None:
        return []
    said = [f"Drift: {held.drift}"] if held.drift else []
    if held.drift and read.ends_early:
        said = [f"The log ends before {read.to_on}, so that {model}'s forecast may be off for that alone: {held.drift}"]
    if held.naive_wins:
        said.append(
            f"Carrying each customer's past rate on errs less ({held.naive_mae:.4f} purchases a customer) than {model} "
            f"({held.mae:.4f})."
        )
    return said


def _figures(held: Holdout) -> dict[str, Any]:
    """Return the measures of the base by name; what there is per customer stays out."""
    figures = {field.name: getattr(held, field.name) for field in fields(held)}
    return {
        name: [asdict(row) for row in each] if isinstance(each, tuple) else each
        for name, each in figures.items()
        if not isinstance(each, np.ndarray)
    }


def _named(names: Sequence[str], values: Sequence[float] | np.ndarray) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}
