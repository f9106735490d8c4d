"""The answers of `eigenform value` in short sentences and small tables, for a terminal."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from eigenform.analytics.lifetime import Comparison, Fitting, Scoring

_CONSOLE = Console(highlight=False)
_COMPARED = {"predicted": 0, "actual": 0, "mae": 4, "crps": 4}


def fitting(found: "Fitting") -> None:
    """Print one fitted model: parameters with their errors, and the hold-out."""
    _CONSOLE.print(
        f"{found.model}: {found.customers:,.0f} customers, log-likelihood {found.log_likelihood:,.3f}, {found.status}."
    )
    _CONSOLE.print(_parameters(found))
    if found.holdout is not None:
        _CONSOLE.print(_holdout(found.holdout.as_json()))
    _mind(found.warnings)


def scoring(found: "Scoring", cost: Mapping[str, Any]) -> None:
    """Print what was written, for how many, and what all of them will bring."""
    for model in found.models:
        _CONSOLE.print(f"{model.model}: {_equals(model.parameters)}, {model.status}.")
    for name, total in found.totals.items():
        said = f"{total['mean']:,.0f} ({total['low']:,.0f} to {total['high']:,.0f}, 80 %)"
        _CONSOLE.print(f"{name.replace('_', ' ').capitalize()} of all in {found.horizon_weeks:g} weeks: {said}.")
    _CONSOLE.print(
        f"{found.customers:,} customers scored into {found.out} in {cost['seconds']:.1f} s "
        f"({cost['cpu_seconds']:.1f} CPU s, {_number(cost['peak_mb'], 0)} MB at most)."
    )
    _mind(found.warnings)


def comparison(found: "Comparison") -> None:
    """Print the models side by side, and which did best and why."""
    table = Table(box=SIMPLE)
    for name in ("model", "predicted", "made", "error", "score", "in 80 %"):
        table.add_column(name, justify="left" if name == "model" else "right")
    for model in found.models:
        held = {} if model.holdout is None else model.holdout.as_json()
        table.add_row(
            f"{model.model} (best)" if model.model == found.best else model.model,
            *(_number(held.get(name), digits) for name, digits in _COMPARED.items()),
            _share(held.get("coverage_80")),
        )
    _CONSOLE.print(table)
    _CONSOLE.print(found.because)
    _mind(found.warnings)


def _parameters(found: "Fitting") -> Table:
    table = Table(box=SIMPLE)
    table.add_column("parameter")
    table.add_column("estimate", justify="right")
    table.add_column("standard error", justify="right")
    for name, value in found.parameters.items():
        table.add_row(name, f"{value:.5g}", _number(found.standard_errors.get(name), 5))
    return table


def _holdout(held: Mapping[str, Any]) -> str:
    return (
        f"Held out {held['from']} to {held['to']}: {held['predicted']:,.0f} purchases predicted, "
        f"{held['actual']:,.0f} made; mean error {held['mae']:.4f} a customer "
        f"({held['naive_mae']:.4f} by carrying past rates on); "
        f"{_share(held['coverage_80'])} of outcomes in the 80 % interval."
    )


def _equals(parameters: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in parameters.items())


def _number(value: float | None, digits: int) -> str:
    return "not known" if value is None or value != value else f"{value:,.{digits}f}"  # noqa: PLR0124 - nan


def _share(value: float | None) -> str:
    return "not known" if value is None else f"{value:.1%}"


def _mind(warnings: Iterable[str]) -> None:
    for warning in warnings:
        _CONSOLE.print(f"Mind: {warning}")
