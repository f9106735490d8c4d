"""What others may hold of customers."""

from dataclasses import dataclass
from datetime import date

from eigenform.base.errors import Refused


class NoSuchCustomer(Refused):
    """The customer is not here: never was, or was erased."""

    code = "customers.no_such_customer"

    def __init__(self, *, customer: str) -> None:
        self.customer = customer
        super().__init__(f"There is no customer {customer}. They may have been erased on request.")


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """A buying party."""

    id: int
    subject: str  # "customer:" and the random id under which the ledger knows it
    source: str
    key: str
    kind: str
    name: str
    segment: str
    country: str


@dataclass(frozen=True, slots=True)
class StandingRecord:
    """Where a customer stands after the last turn; money in minor units of the reporting currency."""

    as_of: date
    turn_number: int
    orders_count: int
    last_order_on: date | None
    revenue_52w_minor: int
    worth_mean_minor: float | None
    worth_low_minor: float | None
    worth_high_minor: float | None
    p_alive: float | None
    promises_kept: int
    promises_broken: int
    model_version: str


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A line of the customer list."""

    customer: CustomerRecord
    standing: StandingRecord | None
