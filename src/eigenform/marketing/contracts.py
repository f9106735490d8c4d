"""What others may hold of marketing."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class TouchRecord:
    """One contact with a customer."""

    id: int
    channel: str
    direction: str  # out, in, or withheld: left out by chance
    campaign: str
    touched_on: date
    propensity: float | None


@dataclass(frozen=True, slots=True)
class LeadRecord:
    """Somebody who might become a customer, and what came of it."""

    id: int
    origin: str
    channel: str
    created_on: date
    state: str
    closed_on: date | None
