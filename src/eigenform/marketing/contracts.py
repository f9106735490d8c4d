"""What others may hold of marketing."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class TouchRecord:
    """One contact with a customer."""

    id: int
    channel: str
    direction: str
    campaign: str
    touched_on: date
    propensity: float | None
