"""What others may hold of customers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

from eigenform.base.errors import Refused
from eigenform.records.places import Place

Sort = Literal["name", "worth", "last_order", "revenue", "slipping"]
SORTS: tuple[Sort, ...] = get_args(Sort)


class NoSuchCustomer(Refused):
    """The customer is not here: never was, or was erased."""

    code = "customers.no_such_customer"

    def __init__(self, *, customer: str) -> None:
        self.customer = customer
        super().__init__(f"There is no customer {customer}. They may have been erased on request.")


class ImpossibleConsent(Refused):
    """What a customer is said to have agreed to cannot be meant."""

    code = "customers.impossible_consent"

    def __init__(self, *, channel: str, state: str) -> None:
        self.channel, self.state = channel, state
        super().__init__(f"'{state}' by '{channel}' cannot be noted. Name a channel, and given or refused.")


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """What a customer said of being reached by a channel: `given` or `refused`."""

    channel: str
    state: str
    said_at: datetime


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
class ContactRecord:
    """A person acting for a customer."""

    id: int
    name: str
    email: str
    phone: str
    role: str


@dataclass(frozen=True, slots=True)
class IdentifierRecord:
    """Another name that a source gives a customer."""

    source: str
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class StandingRecord:
    """Where a customer stands after the last turn; money in minor units of the reporting currency.

    p_alive, p_alive_before      chance of still being a customer, and what it was before their silence grew long
    expected_purchases           mean within the horizon, with its low and high
    purchase_days, spend_minor   days on which they bought, and the mean amount of those after the first
    slipping_minor               what their silence has taken off their worth; None unless they are slipping away
    """

    as_of: date
    turn_number: int
    orders_count: int
    last_order_on: date | None
    revenue_52w_minor: int
    worth_mean_minor: float | None
    worth_low_minor: float | None
    worth_high_minor: float | None
    p_alive: float | None
    p_alive_before: float | None
    expected_purchases: float | None
    expected_purchases_low: float | None
    expected_purchases_high: float | None
    first_order_on: date | None
    purchase_days: int
    spend_minor: float | None
    slipping_minor: float | None
    promises_kept: int
    promises_broken: int
    model_version: str

    @property
    def rhythm_days(self) -> float | None:
        """How many days lay between two purchases on average; None before the second one."""
        if self.first_order_on is None or self.last_order_on is None or self.purchase_days < 2:
            return None
        return (self.last_order_on - self.first_order_on).days / (self.purchase_days - 1)


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A line of the customer list; no standing where no turn has seen the customer yet."""

    customer: CustomerRecord
    standing: StandingRecord | None


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """Which customers, in which order. Empty parts do not narrow; `q` are beginnings of words.

    slipping  only those who are slipping away
    """

    q: str = ""
    segment: str = ""
    country: str = ""
    kind: str = ""
    slipping: bool = False
    sort: Sort = "worth"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """A page of the list, and the places before and after it."""

    rows: tuple[CustomerRow, ...]
    previous: Place | None
    next: Place | None


@dataclass(frozen=True, slots=True)
class Facets:
    """About how many customers there are, in all and by the commonest values; counted some minutes ago at most."""

    customers_about: int
    segments: tuple[tuple[str, int], ...]
    countries: tuple[tuple[str, int], ...]

    def share(self, values: tuple[tuple[str, int], ...], value: str) -> float:
        """Return about which share of all customers has the value, 0 to 1."""
        return dict(values).get(value, 0) / max(self.customers_about, 1)


@dataclass(frozen=True, slots=True)
class ErasedPerson:
    """Who was just erased, for those who must forget them too; never kept. `texts` are names, addresses and keys."""

    subject: str
    source: str
    key: str
    texts: tuple[str, ...]
    contacts_count: int
    identifiers_count: int
