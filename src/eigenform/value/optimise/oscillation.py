"""What becomes of one gap that several channels close at once, each as if it were alone.

n channels that each close the share k of the same gap leave (1 - n k) of it: too much is done above n k = 1, and the
gap grows from step to step above n k = 2. The remedy is one owner per gap, or k / n each.
"""

from dataclasses import dataclass
from typing import Literal

from eigenform.base.errors import Refused

Course = Literal["settles", "closes at once", "swings and settles", "swings for ever", "grows"]


class ImpossibleDamping(Refused):
    """A share or a number of channels that means nothing."""

    code = "value.impossible_damping"

    def __init__(self, *, share: float, channels: int) -> None:
        self.share, self.channels = share, channels
        super().__init__(f"{channels} channels that each close {share:g} of a gap: give a share above 0 and a channel.")


@dataclass(frozen=True, slots=True)
class Oscillation:
    """What is left of a gap after each step, as a factor, and what that means; the share that would not overshoot."""

    factor: float
    course: Course
    share_each: float


def oscillation(share: float, channels: int) -> Oscillation:
    """Return what n channels make of a gap of which each closes the same share (0 < share, channels >= 1)."""
    if not share > 0 or channels < 1:
        raise ImpossibleDamping(share=share, channels=channels)
    together = share * channels
    course: Course = "settles"
    if together == 1:
        course = "closes at once"
    elif together == 2:
        course = "swings for ever"
    elif together > 1:
        course = "swings and settles" if together < 2 else "grows"
    return Oscillation(1.0 - together, course, share / channels)
