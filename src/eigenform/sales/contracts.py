"""What others may hold of sales."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """One purchase. `amount_minor` is the sum of its lines in `currency`, returns taken off."""

    id: int
    source: str
    key: str
    ordered_on: date
    state: str
    channel: str
    currency: str
    amount_minor: int
    lines_count: int
    first_offering: str  # by name; empty if no line names one


@dataclass(frozen=True, slots=True)
class OpportunityRecord:
    """A possible sale, and how it stands."""

    id: int
    stage: str
    opened_on: date | None
    closed_on: date | None
    amount_minor: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class SoldRecord:
    """What was sold of one category within some days, in minor units of one currency, returns taken off."""

    category: str
    quantity: float
    amount_minor: int
