"""Who is withheld, by a hash that nobody can steer and everybody can recompute.

Chance here is a function of policy version, period and subject: the same on every machine, the same in
a replay, unrelated between periods, and not to be had again by asking twice.
"""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np

from eigenform.base import periods
from eigenform.base.errors import Refused
from eigenform.value.arrays import BoolArray, FloatArray
from eigenform.value.response.gain import Gain, product_interval

__all__ = ["Gain", "ImpossibleShare", "period_of", "product_interval", "unit_uniform", "withheld"]

PERIOD_WEEKS: Final = 13


class ImpossibleShare(Refused):
    """A share of subjects to withhold that is no share."""

    code = "value.impossible_share"

    def __init__(self, *, share: float) -> None:
        self.share = share
        super().__init__(f"The share to withhold is {share}; it must lie between 0 and 1.")


def period_of(day: date, weeks: int = PERIOD_WEEKS) -> int:
    """Return the number of the hold-out period that the day falls in, counted from a fixed Monday."""
    return periods.period_of(day, weeks=weeks)


def unit_uniform(policy_version: str | int, period: int, subjects: Sequence[str | int]) -> FloatArray:
    """Return one number in [0, 1) per subject, shape (n,), uniform over subjects and fixed for ever.

    The first 53 bits of SHA-256 over policy version, period and subject, with the unit separator
    (code 31) after each of the first two.
    """
    prefix = hashlib.sha256(f"{policy_version}\x1f{period}\x1f".encode())
    return np.array([_fraction(prefix, str(subject)) for subject in subjects], dtype=float)


def withheld(policy_version: str | int, period: int, subjects: Sequence[str | int], *, share: float) -> BoolArray:
    """Return who is withheld from all touches of the period, booleans of shape (n,).

    Each subject is withheld with probability share, whatever else was chosen; log share as propensity for
    the withheld and 1 - share for the others. A larger share withholds the same subjects and more.
    """
    if not 0.0 <= share <= 1.0:
        raise ImpossibleShare(share=share)
    return unit_uniform(policy_version, period, subjects) < share


def _fraction(prefix: "hashlib._Hash", subject: str) -> float:
    digest = prefix.copy()
    digest.update(subject.encode())
    return (int.from_bytes(digest.digest()[:8], "big") >> 11) / 2.0**53
