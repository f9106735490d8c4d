"""What others may hold of offerings, and of what is judged about their attributes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PromiseRecord:
    """A promised level for an order or a line; `level_on` is a promised day, kept until that day ends."""

    id: int
    source: str
    subject_kind: str
    subject_key: str
    attribute: str
    level: float | None
    level_on: date | None
    unit: str
    made_on: date | None


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """Readings of promised against delivered; every array has shape (m,).

    category, attribute, segment, partner, customer  what a reading is about; ledger subjects or empty for the last two
    gap     negative = shortfall, in `unit`; nan where nothing could be measured
    short   1.0 fell short, 0.0 did not, nan if it cannot be said
    day     days since 1970-01-01 on which it happened
    weight  how many records a row stands for
    """

    category: NDArray[np.str_]
    attribute: NDArray[np.str_]
    segment: NDArray[np.str_]
    partner: NDArray[np.str_]
    customer: NDArray[np.str_]
    unit: NDArray[np.str_]
    gap: NDArray[np.float64]
    short: NDArray[np.float64]
    day: NDArray[np.float64]
    weight: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.gap)

    def rows(self, chosen: NDArray[np.bool_]) -> "Readings":
        """Return some of the rows."""
        return Readings(*(getattr(self, name)[chosen] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Share:
    """A share or an amount with its 80 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class GapCell:
    """What is known now of one gap: of an attribute in a category and segment, or of a partner.

    mean, low, high  level of the gap in `unit`, 80 % interval; None where it cannot be told, then `reason`
    short_share      share of the last 52 weeks' readings that fell short
    exposed_minor    last 52 weeks' revenue of the customers concerned times short_share: exposed, not lost
    p_short          probability that short_share is above what the policy tolerates
    """

    subject: str
    quantity: str  # promise_gap, experience_gap, partner_gap
    category: str
    attribute: str
    segment: str
    unit: str
    mean: float | None
    low: float | None
    high: float | None
    p_below_0: float | None
    p_below_tolerated: float | None
    n: int
    last_on: date | None
    short_share: Share | None
    p_short: float | None
    exposed_minor: Share | None
    customers: int
    warnings: tuple[str, ...] = ()
    reason: str = ""
    decides: str = ""
    trajectory: tuple[tuple[str, float, float, float, int], ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def attribute_subject(category: str, attribute: str, segment: str = "") -> str:
    """Return the ledger's subject for an attribute in a category and segment (empty: all segments)."""
    return "attribute:" + "|".join(part.replace("|", "/") for part in (category, attribute, segment))


@dataclass(frozen=True, slots=True)
class CategoryRecord:
    """A category as judgements name it: the category of offerings, or an offering that has none."""

    category: str
    offerings_count: int
