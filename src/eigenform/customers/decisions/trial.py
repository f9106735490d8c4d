"""Which purchase model tells worth: those at hand are tried on purchases that they have not seen.

Each is fitted to the histories as of an earlier day and asked for the purchases since. The best by calibrated error (a
proper score: it pays for telling the whole range of what each customer did, not only the mean) is used. Where too
little is known for such a trial, BG/NBD is used, and the reason is told.
"""

from dataclasses import dataclass
from typing import Final

PLAIN: Final = "bg-nbd"


@dataclass(frozen=True, slots=True)
class Tried:
    """How one model did: mean CRPS of purchases a customer, mean absolute error, purchases expected, coverage."""

    model: str
    score: float
    mae: float
    expected: float
    coverage_80: float
    coverage_80_interval: float


@dataclass(frozen=True, slots=True)
class Week:
    """Purchases of all customers in a week of the hold-out: expected with its 80 % interval, and made."""

    expected: float
    low: float
    high: float
    bought: int


@dataclass(frozen=True, slots=True)
class Group:
    """Customers of like expectation: purchases a customer expected, and made with the 80 % interval of that mean."""

    customers: int
    expected: float
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Trial:
    """The hold-out: from the cut on, so many weeks, customers and purchases; how every model and the naive rule did."""

    cut_on: str
    weeks: int
    customers: int
    purchases: int
    model: str
    tried: tuple[Tried, ...]
    by_week: tuple[Week, ...]
    by_group: tuple[Group, ...]
    coverage_80: float
    coverage_80_interval: float
    mae: float
    naive_mae: float
    naive_wins: bool
    drift: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The purchase model in use, and why."""

    model: str
    because: str
    trial: Trial | None = None
