"""Facts about customers that do not change: one row of numbers per customer."""

from dataclasses import dataclass

import numpy as np

from eigenform.base.errors import Refused
from eigenform.value.arrays import FloatArray, frozen


class ImpossibleCovariates(Refused):
    """Covariates that do not fit the customers, or from which nothing can be learnt."""

    code = "value.impossible_covariates"

    def __init__(self, *, reason: str, row: int | None = None) -> None:
        self.reason = reason
        self.row = row
        where = "" if row is None else f" in row {row} (counted from 0)"
        super().__init__(f"The covariates cannot be used{where}: {reason}.")


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Covariates of n customers that hold for their whole life.

    names   of the k covariates
    values  shape (n, k), finite; a yes or no is 1 or 0. A single covariate may be given as shape (n,)

    Raises ImpossibleCovariates, naming the first bad row and its covariate.
    """

    names: tuple[str, ...]
    values: FloatArray

    def __post_init__(self) -> None:
        values = np.asarray(self.values, float)
        values = values[:, None] if values.ndim == 1 and len(self.names) == 1 else values
        object.__setattr__(self, "values", frozen(values))
        object.__setattr__(self, "names", tuple(self.names))
        if values.ndim != 2 or values.shape[1] != len(self.names):
            raise ImpossibleCovariates(reason=f"values have shape {values.shape} for {len(self.names)} names")
        if len(set(self.names)) != len(self.names):
            raise ImpossibleCovariates(reason=f"a name occurs twice among {', '.join(self.names)}")
        refuse_unknown(self.names, values)

    def __len__(self) -> int:
        return len(self.values)


def none(customers: int) -> Rows:
    """Return rows without covariates."""
    return Rows((), np.empty((customers, 0)))


def refuse_unknown(names: tuple[str, ...], values: FloatArray) -> None:
    """Raise ImpossibleCovariates at the first row of values, shape (n, k), that is not finite."""
    bad = ~np.isfinite(values)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        found = values[row, column]
        raise ImpossibleCovariates(
            reason=f"{names[column]} is {found}; fill it in or leave the customer out", row=int(row)
        )


def refuse_unlike(rows: Rows, customers: int, process: str) -> None:
    """Raise ImpossibleCovariates unless there is one row per customer."""
    if len(rows) != customers:
        raise ImpossibleCovariates(reason=f"{len(rows)} rows of {process} covariates for {customers} customers")


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Where covariates lie and how far they spread: the climb goes over (value - mean) / spread."""

    mean: FloatArray
    spread: FloatArray

    def of(self, values: FloatArray) -> FloatArray:
        """Return standardised values, shape (n, k)."""
        return (values - self.mean) / self.spread


def scale(names: tuple[str, ...], values: FloatArray, weight: FloatArray) -> Scale:
    """Return mean and spread of covariates, shape (n, k).

    Raises ImpossibleCovariates for a covariate that never differs, or that the others add up to: its effect and the
    level cannot be told apart.
    """
    share = weight / weight.sum()
    mean = share @ values
    spread = np.sqrt(share @ np.square(values - mean))
    for name, sd, level in zip(names, spread, mean, strict=True):
        if sd <= 1e-9 * max(abs(level), 1e-300):
            raise ImpossibleCovariates(reason=f"{name} is the same for everybody, so it explains nothing")
    standard = (values - mean) / spread
    for last in range(1, len(names)):
        correlation = (standard[:, : last + 1] * share[:, None]).T @ standard[:, : last + 1]
        if np.linalg.eigvalsh(correlation)[0] < 1e-9:
            raise ImpossibleCovariates(
                reason=f"{names[last]} follows exactly from {', '.join(names[:last])}; leave one out"
            )
    return Scale(mean, spread)
