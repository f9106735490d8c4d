"""What others may hold of offerings."""

from dataclasses import dataclass
from datetime import date


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
