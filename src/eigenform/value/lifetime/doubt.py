"""Parameter doubt: at which parameters a prediction is worked out and averaged.

Few customers leave much doubt, and a point costs little: a small base gets many random draws, mirrored in pairs. Many
customers leave little doubt, and a point costs much: what one of them will do is told at the fitted parameters, and
only the total, in which everybody errs alike, is widened by the slopes along the axes of the covariance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from eigenform.value.arrays import FloatArray

_DRAWS_TIMES_CELLS: Final = 1 << 17  # draws are as many as this allows: 200 up to 655 cells, 50 at 2,620
_DRAWS_MIN: Final = 16  # beyond 8,192 cells


class Doubtful(Protocol):
    """Fitted parameters with their uncertainty: a Fitted or a Posterior."""

    @property
    def parameters(self) -> Any: ...
    @property
    def log_parameters(self) -> FloatArray: ...
    @property
    def log_covariance(self) -> FloatArray: ...
    def at(self, log_parameters: FloatArray, /) -> Any: ...
    def draw(self, *, draws: int, rng: np.random.Generator) -> list[Any]: ...


@dataclass(frozen=True, slots=True)
class Points:
    """Parameters of equal weight: random draws, or the fitted parameters alone."""

    parameters: Sequence[Any]
    random: bool

    def __len__(self) -> int:
        return len(self.parameters)


def points(model: Doubtful, *, cells: int, draws: int, rng: np.random.Generator) -> Points:
    """Return parameter points for a base of so many distinct histories: at most draws random ones, or the centre."""
    affordable = min(draws, _DRAWS_TIMES_CELLS // max(cells, 1))
    if affordable < _DRAWS_MIN:
        return centre(model)
    return Points(model.draw(draws=affordable, rng=rng), random=True)


def centre(model: Doubtful) -> Points:
    """Return the fitted parameters as the one point."""
    return Points([model.parameters], random=False)


def beside_of(model: Doubtful) -> list[Any]:
    """Return 2 k parameters, sqrt(k) standard deviations up and down each axis of the covariance: up, down, up, down …

    Together they have exactly the mean and the covariance of the doubt (an unscented transform).
    """
    spread, axes = np.linalg.eigh(model.log_covariance)
    steps = (axes * np.sqrt(np.maximum(spread, 0.0) * len(spread))).T
    middle = model.log_parameters
    return [model.at(middle + sign * step) for step in steps for sign in (1.0, -1.0)]


def variance_of(told: Sequence[float] | FloatArray) -> float:
    """Return the variance that the doubt gives a number, to first order, from what it is beside the fit."""
    values = np.asarray(told, float)
    return float(np.square(values[0::2] - values[1::2]).sum() / (2.0 * len(values)))
