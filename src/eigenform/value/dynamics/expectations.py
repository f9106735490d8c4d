"""Expectations that follow experience and rise on their own: why a shortfall opens, and where it rests.

E[t+1] = (1 - adaptation) E[t] + adaptation P[t] + drift + noise      what customers expect
P[t+1] = P[t] + improvement + noise                                   what they experience

The gap P - E then moves towards (improvement - drift) / adaptation: a firm that improves faster than
aspirations rise stays ahead; one that stands still falls behind and stays there, however long it waits.
Drift above 0 is a customer who is never satisfied for good. Theory blocks A7 and A8.
"""

from dataclasses import dataclass

import numpy as np

from eigenform.base.errors import Refused
from eigenform.value.arrays import FloatArray, frozen


class ImpossibleDynamics(Refused):
    """Expectations that cannot move like this."""

    code = "value.impossible_dynamics"

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The expectations cannot be simulated: {reason}.")


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Expectation and experience of each cell over time, shape (periods, cells), in points, higher is better."""

    expectation: FloatArray
    experience: FloatArray

    def __post_init__(self) -> None:
        for name in ("expectation", "experience"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @property
    def gap(self) -> FloatArray:
        """Experience minus expectation, negative = shortfall, shape (periods, cells)."""
        return self.experience - self.expectation


def gap_at_rest(*, adaptation: float, drift: float, improvement: float) -> float:
    """Return the gap P - E at which adaptive expectations settle, in points.

    Raises ImpossibleDynamics unless 0 < adaptation < 2: otherwise they never settle.
    """
    if not 0.0 < adaptation < 2.0:
        raise ImpossibleDynamics(reason=f"adaptation is {adaptation}; expectations settle only between 0 and 2")
    return (improvement - drift) / adaptation


def follow(
    *,
    expectation: FloatArray,
    experience: FloatArray,
    adaptation: float,
    drift: FloatArray,
    improvement: FloatArray,
    noise_sd: float,
    rng: np.random.Generator,
) -> Course:
    """Return the course of all cells from their first levels on.

    expectation, experience  levels in the first period, shape (cells,)
    drift, improvement       what each step adds, shape (periods - 1, cells)
    noise_sd                 of each step of each level, in points
    """
    steps, cells = drift.shape
    if improvement.shape != drift.shape or expectation.shape != (cells,) or experience.shape != (cells,):
        raise ImpossibleDynamics(reason=f"drift has shape {drift.shape}, the other parts do not fit it")
    noise = noise_sd * rng.standard_normal((steps, 2, cells))
    expected, lived = np.empty((steps + 1, cells)), np.empty((steps + 1, cells))
    expected[0], lived[0] = expectation, experience
    for t in range(steps):
        expected[t + 1] = expected[t] + adaptation * (lived[t] - expected[t]) + drift[t] + noise[t, 0]
        lived[t + 1] = lived[t] + improvement[t] + noise[t, 1]
    return Course(expectation=expected, experience=lived)
