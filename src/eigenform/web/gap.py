"""The gap between what was expected, promised, delivered and experienced, and whose step in it is the widest.

experience - expectation = perception + promise + communication

communication  promised - expected      marketing's message
promise        delivered - promised     operations
perception     experienced - delivered  service: what was delivered was not noticed as such
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from eigenform.web.figures import Figure

Level = Figure | float | None

_NAMES = ("expected", "promised", "delivered", "experienced")
_OWNERS = {"promised": "marketing's message", "delivered": "operations", "experienced": "how service makes it noticed"}


@dataclass(frozen=True, slots=True)
class Step:
    """From one level to the next one known. size < 0 is a shortfall, whichever way the attribute is better."""

    from_name: str
    to_name: str
    from_value: float
    to_value: float
    size: float
    owner: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Four levels of one attribute in its own unit; None where nobody asked or measured."""

    attribute: str
    unit: str
    better: Literal["higher", "lower"]
    expected: Level = None
    promised: Level = None
    delivered: Level = None
    experienced: Level = None

    @property
    def levels(self) -> tuple[tuple[str, Level], ...]:
        return tuple((name, getattr(self, name)) for name in _NAMES)

    @property
    def widest(self) -> Step | None:
        """The widest step between neighbours that are both known, or None if no two are."""
        sign = 1 if self.better == "higher" else -1
        steps = [
            Step(a, b, start, end, sign * (end - start), _OWNERS[b])
            for (a, first), (b, second) in pairwise(self.levels)
            if (start := value_of(first)) is not None and (end := value_of(second)) is not None
        ]
        return max(steps, key=lambda step: abs(step.size), default=None)

    @property
    def sentence(self) -> str:
        """The widest step in words: "Delivered 6.3 days, promised 5: operations."."""
        step = self.widest
        if step is None:
            return "Too few of the four are known to name a step."
        if step.size == 0:
            return "No step between them."
        end, start = (f"{value:.3g}".replace("-", "\N{MINUS SIGN}") for value in (step.to_value, step.from_value))
        return f"{step.to_name.capitalize()} {end} {self.unit}, {step.from_name} {start}: {step.owner}."


def value_of(level: Level) -> float | None:
    """Return where a level stands: an estimate stands at its mean."""
    return level.mean if isinstance(level, Figure) else level
