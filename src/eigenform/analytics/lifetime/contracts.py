"""What the doors take and answer."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, get_args

from eigenform.analytics.purchase_log import Columns, Window
from eigenform.base.errors import Refused

Belief = Literal["none", "weak"]
BELIEFS: Final = get_args(Belief)


class SourceUnclear(Refused):
    """Neither or both of the two ways to give histories were named."""

    code = "analytics.source_unclear"

    def __init__(self, *, problem: str) -> None:
        self.problem = problem
        super().__init__(f"The histories cannot be read: {problem}.")


@dataclass(frozen=True, slots=True)
class SummaryColumns:
    """Which columns of a file with one row per customer (or per history, with a weight) are what."""

    repeats: str
    last: str
    age: str
    mean_spend: str | None = None
    weight: str | None = None
    customer: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where histories come from: a log with one row per purchase, or a file with one row per history.

    data  a path, or a frame with `__arrow_c_stream__`
    """

    data: Any
    columns: Columns | SummaryColumns
    window: Window = field(default_factory=Window)
    engine_url: str | None = None


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far scores look ahead, and what later money counts."""

    weeks: float = 52.0
    discount_per_year: float = 0.0


@dataclass(frozen=True, slots=True)
class HoldoutAnswer:
    """How a model did on days that it had not seen; both days are inclusive."""

    from_on: date
    to_on: date
    figures: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return the figures with their days."""
        return {"from": self.from_on, "to": self.to_on, **plain(self.figures)}


@dataclass(frozen=True, slots=True)
class Fitting:
    """One fitted model."""

    model: str
    parameters: Mapping[str, float]
    standard_errors: Mapping[str, float]
    log_likelihood: float
    customers: float
    status: str
    unit: str
    prior: Belief
    holdout: HoldoutAnswer | None
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the answer; what is not a finite number is null."""
        return {
            "model": self.model,
            "parameters": plain(self.parameters),
            "standard_errors": plain(self.standard_errors),
            "log_likelihood": plain(self.log_likelihood),
            "customers": plain(self.customers),
            "status": self.status,
            "unit": self.unit,
            "prior": self.prior,
            "holdout": None if self.holdout is None else self.holdout.as_json(),
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True)
class Scoring:
    """What was written for each customer, and for all of them together; totals have an 80 % interval."""

    customers: int
    out: Path
    models: tuple[Fitting, ...]
    horizon_weeks: float
    totals: Mapping[str, Any]
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the answer."""
        return {
            "customers": self.customers,
            "out": str(self.out),
            "horizon_weeks": self.horizon_weeks,
            "totals": plain(self.totals),
            "models": [model.as_json() for model in self.models],
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Several models on the same hold-out, and which did best."""

    models: tuple[Fitting, ...]
    best: str | None
    because: str
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the answer."""
        return {
            "models": [model.as_json() for model in self.models],
            "best": self.best,
            "because": self.because,
            "warnings": list(self.warnings),
        }


def plain(value: Any) -> Any:
    """Return numbers, arrays and mappings of them as JSON has them: finite or null, whole where they are whole."""
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    return value
