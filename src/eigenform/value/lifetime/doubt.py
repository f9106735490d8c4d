"""Parameter doubt in a few points: at which parameters a prediction is worked out and averaged.

Many customers leave little doubt and cost much per point; few customers leave much doubt and cost little. So a
small base gets many random draws, mirrored in pairs, and a large one 2 k fixed points (k parameters), one pair along
each axis of the covariance at sqrt(k) standard deviations, which have exactly its mean and covariance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from eigenform.value.arrays import FloatArray

_DRAWS_TIMES_CELLS: Final = 1 << 17  # draws are as many as this allows: 200 up to 655 cells, 50 at 2,620


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
    """Parameters of equal weight. random says whether they are draws, or fixed points of the same covariance."""

    parameters: Sequence[Any]
    random: bool

    def __len__(self) -> int:
        return len(self.parameters)


def points(model: Doubtful, *, cells: int, draws: int, rng: np.random.Generator) -> Points:
    """Return parameter points for a base of so many cells: at most draws random ones, or the fixed ones.

    One draw asked for means no doubt: the fitted parameters alone.
    """
    fixed = 2 * len(model.log_parameters)
    if draws <= 1:
        return Points([model.parameters], random=False)
    affordable = min(draws, _DRAWS_TIMES_CELLS // max(cells, 1))
    if affordable >= 2 * fixed:
        return Points(model.draw(draws=affordable, rng=rng), random=True)
    return fixed_points(model)


def fixed_points(model: Doubtful) -> Points:
    """Return 2 k parameter points with the mean and covariance of the doubt (an unscented transform)."""
    spread, axes = np.linalg.eigh(model.log_covariance)
    steps = (axes * np.sqrt(np.maximum(spread, 0.0) * len(spread))).T
    centre = model.log_parameters
    return Points([model.at(centre + sign * step) for step in steps for sign in (1.0, -1.0)], random=False)
