"""Answers: who was asked what, through which channel, and what they said of what they expected or lived through.

Expectation and experience are asked of different random halves, because asking for the one colours the other; a
small part is asked both, so that this very effect and the pairing can be measured. Theory block B7.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from eigenform.value.arrays import BoolArray, FloatArray, IntArray, frozen

HALVES: Final = ("expectation", "experience", "both")
KINDS: Final = ("will", "experience", "satisfaction")
WILL, EXPERIENCE, SATISFACTION = range(3)


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Orders that were answered about, one entry each, shape (m,).

    order    number of the order
    half     0 asked for expectation, 1 for experience, 2 for both
    channel  number of the survey channel
    cells    the cells (attribute x segment) asked about, shape (m, attributes)
    lean     points that this customer and channel add to every answer
    """

    order: IntArray
    half: IntArray
    channel: IntArray
    cells: IntArray
    lean: FloatArray

    def __post_init__(self) -> None:
        for name, dtype in (("order", int), ("half", int), ("channel", int), ("cells", int), ("lean", float)):
            object.__setattr__(self, name, frozen(getattr(self, name), dtype))


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """One score per entry, shape (k,). cell is -1 for satisfaction with the whole; score counts up to better."""

    asked: IntArray  # number of the entry in Asked
    kind: IntArray
    cell: IntArray
    score: FloatArray

    def __post_init__(self) -> None:
        for name, dtype in (("asked", int), ("kind", int), ("cell", int), ("score", float)):
            object.__setattr__(self, name, frozen(getattr(self, name), dtype))


def draw_halves(customers: int, *, both_share: float, rng: np.random.Generator) -> IntArray:
    """Draw for each customer what they are ever asked: 0 expectation, 1 experience, 2 both."""
    one = 0.5 * (1.0 - both_share)
    return rng.choice(3, size=customers, p=[one, one, both_share])


def answer(
    asked: Asked,
    *,
    expectation: FloatArray,
    experience: FloatArray,
    is_late: BoolArray,
    reading_sd: float,
    scale: tuple[int, int],
    rng: np.random.Generator,
) -> Answers:
    """Return what was answered.

    expectation, experience  levels that hold when each entry of `asked` is answered, shape (m, attributes)
    is_late                  whether the order came late, shape (m,); it spoils satisfaction, not the attributes
    reading_sd               of one answer about the level, in points
    scale                    ends of the scale; scores are whole points on it

    Satisfaction is 7 plus 0.3 per point of mean surplus, minus 0.9 per point of mean shortfall, minus 2.2
    when late: hard to win and easy to lose.
    """
    entries, attributes = asked.cells.shape
    entry, cell = np.repeat(np.arange(entries), attributes), asked.cells.ravel()
    noise = rng.normal(0.0, reading_sd, (2, entries, attributes))
    will, lived = (np.stack([expectation, experience]) + asked.lean[:, None] + noise).reshape(2, -1)
    gap = (experience - expectation).mean(axis=1)
    content = 7.0 + 0.3 * np.maximum(gap, 0.0) + 0.9 * np.minimum(gap, 0.0) - 2.2 * is_late
    content = content + asked.lean + rng.normal(0.0, reading_sd, entries)
    of_will, of_lived = asked.half[entry] != 1, asked.half[entry] != 0
    whole = np.flatnonzero(asked.half != 0)
    parts = (
        (entry[of_will], WILL, cell[of_will], will[of_will]),
        (entry[of_lived], EXPERIENCE, cell[of_lived], lived[of_lived]),
        (whole, SATISFACTION, np.full(len(whole), -1), content[whole]),
    )
    return Answers(
        asked=np.concatenate([p[0] for p in parts]),
        kind=np.concatenate([np.full(len(p[0]), p[1]) for p in parts]),
        cell=np.concatenate([p[2] for p in parts]),
        score=np.clip(np.rint(np.concatenate([p[3] for p in parts])), *scale),
    )
