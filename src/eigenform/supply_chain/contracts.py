"""What others may hold of the supply chain."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PartnerRecord:
    """A firm that we deliver with."""

    id: int
    subject: str  # "partner:" and the random id under which the ledger knows it
    key: str
    name: str
    role: str
    country: str


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """A delivered level of one attribute; without a day it is known only to have come."""

    id: int
    source: str
    subject_kind: str
    subject_key: str
    attribute: str
    level: float | None
    delivered_on: date | None
    partner: str  # by name; empty if not known
