"""What others may hold of coordination: candidates, plans, and why somebody may not be contacted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from eigenform.base.errors import Refused
from eigenform.records.places import Place

Kind = Literal["contact_customer", "change_attribute", "talk_to_partner"]
KINDS: tuple[Kind, ...] = ("contact_customer", "change_attribute", "talk_to_partner")


class DecisionNotOpen(Refused):
    """The decision is not in a state in which this can be done."""

    code = "coordination.decision_not_open"

    def __init__(self, *, decision: int, state: str, verb: str) -> None:
        self.decision, self.state, self.verb = decision, state, verb
        super().__init__(
            f"Decision {decision} is {state}; it cannot be {verb}. The page Turns shows what is still open."
        )


class ReasonMissing(Refused):
    """Declining and failing need a reason: the next turn learns from it."""

    code = "coordination.reason_missing"

    def __init__(self, *, decision: int, verb: str) -> None:
        self.decision, self.verb = decision, verb
        super().__init__(f"Say in one sentence why decision {decision} was {verb}.")


class NoSuchOutcome(Refused):
    """What was reported is no end that work can come to."""

    code = "coordination.no_such_outcome"

    def __init__(self, *, decision: int, outcome: str) -> None:
        self.decision, self.outcome = decision, outcome
        super().__init__(f"Decision {decision} cannot be reported as '{outcome}'. Say whether it was done or failed.")


class ContactCapped(Refused):
    """The contact would exceed the cap."""

    code = "coordination.contact_capped"

    def __init__(self, *, decision: int, on: date, contacts_max: int, window_days: int, free_on: date | None) -> None:
        self.decision, self.on, self.contacts_max, self.window_days = decision, on, contacts_max, window_days
        self.free_on = free_on
        hint = f"The next free day is {free_on}." if free_on else "No free day was found within a year."
        super().__init__(f"A contact on {on} would be more than {contacts_max} within {window_days} days. {hint}")


class ContactRefused(Refused):
    """The customer asked not to be reached by this channel."""

    code = "coordination.contact_refused"

    def __init__(self, *, decision: int, channel: str) -> None:
        self.decision, self.channel = decision, channel
        super().__init__(
            f"They asked not to be reached by {channel}, after decision {decision} was made. Decline it; the next turn "
            "keeps to what they said."
        )


class ConsentMissing(Refused):
    """The offer is only for those who agreed to its channel, and the customer does not, or not any more."""

    code = "coordination.consent_missing"

    def __init__(self, *, decision: int, channel: str) -> None:
        self.decision, self.channel = decision, channel
        super().__init__(
            f"Decision {decision} needs their consent to be reached by {channel}, and none is noted. Note it on their "
            "page if they agree, or decline the decision."
        )


class DayOutOfBounds(Refused):
    """The day on which something is to be done, or was, cannot be meant."""

    code = "coordination.day_out_of_bounds"

    def __init__(self, *, decision: int, on: date, first: date, last: date) -> None:
        self.decision, self.on, self.first, self.last = decision, on, first, last
        super().__init__(f"{on} cannot be meant for decision {decision}. Choose a day from {first} to {last}.")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that could be done, before anyone chose it. Money in minor units of the reporting currency."""

    kind: Kind
    subject: str
    cost_minor: int
    minutes: float
    channel: str
    gain_mean: float
    gain_low: float
    gain_high: float
    because: tuple[str, ...]
    basis: Literal["assumed", "measured"] = "assumed"
    contrast: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


# The kinds of a timeline's events; of one day the later in this order happened later.
EVENT_KINDS = (
    "lead",
    "opportunity",
    "order",
    "opportunity_closed",
    "promise",
    "overdue",
    "delivery",
    "case",
    "case_event",
    "case_closed",
    "answer",
    "touch",
    "deed",
)


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One thing that happened with a customer. `record` is its owner's contract; a delivery has its promise too."""

    kind: str  # one of EVENT_KINDS
    on: date
    id: int
    record: Any
    promise: Any | None = None


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Events, newest first, and the place after which older ones follow."""

    events: tuple[TimelineEvent, ...]
    older: Place | None


@dataclass(frozen=True, slots=True)
class BoughtCategory:
    """What a customer spent on one category, in minor units of the reporting currency."""

    category: str
    amount_minor: int
    orders_count: int


@dataclass(frozen=True, slots=True)
class ErasureAnswer:
    """What an erasure did: rows deleted, rows kept without a name, tasks that no longer say whom they were about."""

    subject: str
    deleted: Mapping[str, int]
    made_anonymous: Mapping[str, int]
    tasks: int
    audit_seq: int


@dataclass(frozen=True, slots=True)
class PromiseReading:
    """A promise about a category with what came of it: one reading behind a promise gap."""

    id: int
    on: date
    order_key: str
    order_state: str
    customer_id: int | None
    customer: str
    level: float | None
    level_on: date | None
    unit: str
    delivered: float | None
    delivered_on: date | None
    has_come: bool
    partner: str


@dataclass(frozen=True, slots=True)
class AnswerReading:
    """An answer about a category: one reading behind an experience gap."""

    id: int
    on: date
    customer_id: int | None
    customer: str
    offering: str
    kind: str
    score: float
    scale_min: float
    scale_max: float
    channel: str


@dataclass(frozen=True, slots=True)
class ReadingPage:
    """Readings, newest first, and the place after which older ones follow."""

    rows: tuple[Any, ...]
    older: Place | None
