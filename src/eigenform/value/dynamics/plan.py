"""How large the simulated firm is and how it behaves: every assumption of the world in one place."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from eigenform.value.lifetime import bg_nbd, gamma_gamma

LAST_DAY: Final = np.datetime64("2026-09-30", "D")
PERIOD_DAYS: Final = 30
COUNTS: Final = bg_nbd.Parameters(r=0.9, alpha_weeks=16.0, a=0.6, b=4.0)
AMOUNTS: Final = gamma_gamma.Parameters(p=6.0, q=4.0, gamma=75.0)


@dataclass(frozen=True, slots=True)
class Plan:
    """The assumptions of one world. Points are of a scale from 0 to 10, money is pounds, steps are PERIOD_DAYS long.

    planted              whether an attribute disappoints and a partner is late; if not, nothing is amiss
    counts, amounts      the populations that customers are drawn from
    adaptation           share of a surprise that expectations take up in a step
    drift, improvement   what expectations and experience gain in a step by themselves, in points
    planted_drift        the drift of the attribute that disappoints, whose experience stands still
    planted_after        share of the history after which it begins to disappoint
    level_noise_sd       of each level in each step
    reading_sd           of one answer about its level; lean_sd of a customer about all of theirs
    answered_share       of the orders; both_share of the customers is asked for both kinds
    late_share           of a partner's deliveries; planted_late_share of the planted one
    """

    planted: bool = True
    customers: int = 1500
    weeks: int = 130
    last_day: np.datetime64 = LAST_DAY
    horizon_weeks: float = 52.0
    counts: bg_nbd.Parameters = COUNTS
    amounts: gamma_gamma.Parameters = AMOUNTS
    adaptation: float = 0.12
    drift: float = 0.008
    improvement: float = 0.05
    planted_drift: float = 0.24
    planted_after: float = 0.3
    level_noise_sd: float = 0.03
    reading_sd: float = 1.2
    lean_sd: float = 0.3
    answered_share: float = 0.65
    both_share: float = 0.08
    late_share: float = 0.015
    planted_late_share: float = 0.16
    lost_share: float = 0.002
    days_late_mean: float = 3.5
    withdrawn_share: float = 0.012
    returned_share: float = 0.012

    @property
    def days(self) -> int:
        """Length of the history."""
        return 7 * self.weeks

    @property
    def first_day(self) -> np.datetime64:
        """Day 0 of the world."""
        return self.last_day - np.timedelta64(self.days, "D")

    def date(self, day: np.ndarray) -> np.ndarray:
        """Return dates of days counted from the start of the world; nan becomes not-a-time."""
        day = np.asarray(day, float)
        known = np.isfinite(day)
        dates = self.first_day + np.where(known, day, 0).astype("timedelta64[D]")
        return np.where(known, dates, np.datetime64("NaT", "D"))
