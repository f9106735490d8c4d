"""What others may hold of service."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """One score that a customer gave, on a scale with declared ends."""

    id: int
    attribute: str
    kind: str
    score: float
    scale_min: float
    scale_max: float
    channel: str
    answered_on: date
    text: str


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A request or complaint."""

    id: int
    kind: str
    opened_on: date
    closed_on: date | None
    channel: str
    text: str


@dataclass(frozen=True, slots=True)
class CaseEventRecord:
    """Something that happened in a case."""

    id: int
    case_id: int
    event: str
    occurred_at: datetime
