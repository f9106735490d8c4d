"""Fit one model, and hold it against the days it has not seen."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any, Final

import numpy as np

from eigenform.analytics.lifetime.bases import Base, Step, base, refuse_unknowable
from eigenform.analytics.lifetime.contracts import Belief, Fitting, HoldoutAnswer, Source
from eigenform.analytics.lifetime.models import COUNT_NAMES, SPEND_NAME, ModelUnknown, module, shown
from eigenform.value.arrays import FloatArray
from eigenform.value.lifetime.cells import Cells
from eigenform.value.lifetime.fitted import Fitted
from eigenform.value.lifetime.holdout import Holdout, judge

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


def fitted(model: str, read: Base, *, prior: Belief, cells: Cells | None = None) -> Fitted[Any]:
    """Return a model's fit to histories, or to their cells if they are at hand. Raises CannotTell, ModelUnknown."""
    models, summary = module(model), read.summary
    belief = models.WEAK_PRIOR if prior == "weak" else None
    if model == SPEND_NAME:
        if summary.mean_spend is None:
            raise ModelUnknown(model=model, reason="it needs amounts: name their column with --amount")
        by_spend: Fitted[Any] = models.fit(summary.repeats, summary.spend, summary.weight, prior=belief)
        return by_spend
    if model in COUNT_NAMES:
        refuse_unknowable(summary)
    by_counts: Fitted[Any] = models.fit(summary if cells is None else cells, prior=belief)
    return by_counts


def answered(
    model: str, found: Fitted[Any], read: Base, *, prior: Belief, cells: Cells | None = None
) -> Fitting:  # fmt: skip
    """Return the answer about a fit, with its hold-out if there is one and the model can be held against it."""
    holdout, warnings = _held_out(model, found, read, cells)
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


def _held_out(
    model: str, found: Fitted[Any], read: Base, cells: Cells | None
) -> tuple[HoldoutAnswer | None, tuple[str, ...]]:
    """Return how the fit did on the days after the calibration, and what of that should give pause."""
    models = module(model)
    if read.actual is None or read.until_on is None or read.to_on is None or not hasattr(models, "count_mass"):
        return None, ()
    if not found.converged:
        return None, ("The hold-out was not judged, for there is no fit to judge.",)
    held = judge(
        models,  # type: ignore[arg-type]
        found,
        read.summary,
        read.actual,
        weeks=read.held_out,
        rng=np.random.default_rng(SEED),
        week_of_actual=read.time_of_actual,
        cells=cells,
    )
    expected = models.expected_purchases(found.parameters, read.summary, read.held_out)
    figures = _figures(held) | _at_the_fit(expected, read.actual, held.naive_mae)
    said = [f"Drift: {held.drift}"] if held.drift else []
    if figures["naive_wins"]:
        said.append(
            f"Carrying each customer's past rate on errs less ({held.naive_mae:.4f} purchases a customer) than {model} "
            f"({figures['mae']:.4f})."
        )
    return HoldoutAnswer(read.until_on + timedelta(days=1), read.to_on, figures), tuple(said)


def _figures(held: Holdout) -> dict[str, Any]:
    """Return the measures by name; `naive_wins` and `drift` stand among the warnings too."""
    figures = {field.name: getattr(held, field.name) for field in fields(held)}
    for name in ("by_week", "by_group"):
        figures[name] = [asdict(part) for part in figures[name]]
    return figures


def _at_the_fit(expected: FloatArray, actual: FloatArray, naive_mae: float) -> dict[str, Any]:
    """Return what is predicted at the fitted parameters, as others publish it; intervals know parameter doubt too."""
    off = expected - actual
    mae = float(np.abs(off).mean())
    return {
        "predicted": float(expected.sum()),
        "mae": mae,
        "rmse": float(np.sqrt(np.square(off).mean())),
        "naive_wins": naive_mae < mae,
    }


def _named(names: Sequence[str], values: Sequence[float] | np.ndarray) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}
