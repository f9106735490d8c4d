"""What a fit says, whatever the model: parameters, how surely they are known, and whether the climb ended at a peak."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import numpy as np

from eigenform.base.errors import Refused
from eigenform.value.arrays import FloatArray
from eigenform.value.lifetime.estimation import CONVERGED, Objective, Optimum, log_draws

P = TypeVar("P")


class NotConverged(Refused):
    """A fit that found no peak was asked for numbers."""

    code = "value.not_converged"

    def __init__(self, *, status: str) -> None:
        self.status = status
        super().__init__(
            f"The fit cannot be used: {status}. More customers, a longer history, or a weak prior would decide it."
        )


@dataclass(frozen=True, eq=False)
class Fitted(Generic[P]):
    """What a base of customers says about the k parameters of a model, and how surely.

    names            of the parameters, in the order of the arrays below
    log_covariance   covariance of the parameters' logarithms, shape (k, k); nan if not converged
    standard_errors  of the parameters in their own units (delta method), shape (k,)
    log_likelihood   of the data alone, without any prior
    customers        how many customers it rests on
    status           "converged", or in words why not: then no interval can be had
    excluded         how many customers the model cannot speak of, left out and counted
    """

    parameters: P
    names: tuple[str, ...]
    log_covariance: FloatArray
    standard_errors: FloatArray
    log_likelihood: float
    customers: float
    status: str
    excluded: float = 0.0

    @property
    def converged(self) -> bool:
        """Whether the peak of the likelihood was found."""
        return self.status == CONVERGED

    @property
    def log_parameters(self) -> FloatArray:
        """Logarithms of the parameters, shape (k,)."""
        return np.log([getattr(self.parameters, name) for name in self.names])

    def at(self, log_parameters: FloatArray) -> P:
        """Return the parameters that belong to logarithms of shape (k,)."""
        make = cast(Callable[..., P], type(self.parameters))
        return make(**dict(zip(self.names, map(float, np.exp(log_parameters)), strict=True)))

    def draw(self, *, draws: int, rng: np.random.Generator) -> list[P]:
        """Draw parameters from the normal approximation of their logarithms, in mirrored pairs.

        Raises NotConverged for a fit that found no peak.
        """
        if not self.converged:
            raise NotConverged(status=self.status)
        sampled = log_draws(self.log_parameters, self.log_covariance, draws=draws, rng=rng)
        return [self.at(row) for row in sampled]


def fitted(
    optimum: Optimum,
    make: Callable[..., P],
    objective: Objective,
    *,
    names: Sequence[str],
    customers: float,
    excluded: float = 0.0,
    units: FloatArray | None = None,
) -> Fitted[P]:
    """Return the fit at an optimum of an objective.

    make       builds the parameters from values in the order of names
    objective  the log-likelihood of all the data without any prior, of log-parameters in the climb's units
    units      by what each parameter was divided for the climb, shape (k,); None means by nothing
    """
    values = np.exp(optimum.log_parameters) * (1.0 if units is None else units)
    return Fitted(
        parameters=make(*map(float, values)),
        names=tuple(names),
        log_covariance=optimum.log_covariance,
        standard_errors=values * np.sqrt(np.diag(optimum.log_covariance)),
        log_likelihood=objective(optimum.log_parameters)[0],
        customers=customers,
        status=optimum.status,
        excluded=excluded,
    )


def settled(model: "Fitted[P] | P") -> P:
    """Return the parameters of a fit, or the parameters themselves.

    Raises NotConverged if the fit found no peak.
    """
    if not isinstance(model, Fitted):
        return model
    if not model.converged:
        raise NotConverged(status=model.status)
    return cast(Any, model).parameters
