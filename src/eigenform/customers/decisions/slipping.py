"""Who is slipping away: customers whose silence has made it doubtful that they will come back, lately enough to act.

Each customer's chance of still being there is taken twice from the same history and the same model: as of today, and
as of the day when by their own rhythm the next purchase was due, but at least four weeks and at most a quarter ago.
Nothing else changed in between than that they did not buy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eigenform.value.lifetime import Summary

LOOK_BACK_WEEKS: Final = 4.0
LOOK_BACK_WEEKS_MAX: Final = 13.0  # a fall that is over is past mending
FALL_MIN: Final = 0.10  # a chance that fell by less is the ordinary wear of a quiet month
ALIVE_MIN: Final = 0.20  # who is less likely than that to be there has left: slipping is over


@dataclass(frozen=True, slots=True, eq=False)
class Slipping:
    """Arrays of shape (n,).

    p_alive_before  chance of still being a customer as of the earlier day
    lost_minor      what the fall takes off the customer's worth, in minor units; nan where nobody is slipping
    """

    p_alive_before: NDArray[np.float64]
    lost_minor: NDArray[np.float64]

    @property
    def who(self) -> NDArray[np.bool_]:
        """Return which customers are slipping away."""
        return ~np.isnan(self.lost_minor)


def slipping(
    summary: Summary,
    probability_alive: Callable[[Summary], NDArray[np.float64]],
    *,
    p_alive: NDArray[np.float64],
    worth_minor: NDArray[np.float64],
) -> Slipping:
    """Return who is slipping away and what that takes off their worth.

    probability_alive  the chance by the fitted model, of histories as of any day
    p_alive            the chance as judged today, shape (n,): the fall is taken from the model, the level from here
    worth_minor        expected worth as judged today, shape (n,); it holds p_alive as a factor
    """
    then = probability_alive(_before(summary))
    before = np.minimum(p_alive + np.maximum(then - probability_alive(summary), 0.0), np.maximum(then, p_alive))
    fell = before - p_alive
    lost = worth_minor / np.maximum(p_alive, ALIVE_MIN) * fell
    slips = (fell >= FALL_MIN) & (p_alive >= ALIVE_MIN) & (worth_minor > 0)
    return Slipping(before, np.where(slips, lost, np.nan))


def _before(summary: Summary) -> Summary:
    """Return the histories as of each customer's earlier day: never before their last purchase."""
    silent_weeks = summary.age_weeks - summary.last_week
    rhythm_weeks = summary.last_week / np.maximum(summary.repeats, 1.0)
    overdue_weeks = np.where(summary.repeats > 0, silent_weeks - rhythm_weeks, 0.0)
    ago_weeks = np.minimum(np.clip(overdue_weeks, LOOK_BACK_WEEKS, LOOK_BACK_WEEKS_MAX), silent_weeks)
    return Summary(summary.repeats, summary.last_week, np.maximum(summary.age_weeks - ago_weeks, summary.last_week))
