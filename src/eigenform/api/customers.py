"""Customers: the list as the page has it, one of them, and their one timeline."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from ninja import Query, Router, Schema

from eigenform.api.auth import scope_of
from eigenform.api.turns import Seq
from eigenform.coordination import queries as coordination
from eigenform.coordination.contracts import EVENT_KINDS
from eigenform.customers import queries as customers
from eigenform.customers.contracts import (
    ContactRecord,
    CustomerFilter,
    CustomerRecord,
    CustomerRow,
    IdentifierRecord,
    Sort,
    StandingRecord,
)
from eigenform.ledger import queries as ledger
from eigenform.ledger.contracts import DecisionRecord
from eigenform.policy import queries as policy
from eigenform.records.places import place_from

router = Router(tags=["customers"])

Words = Annotated[str, Query(max_length=200)]
Cursor = Annotated[str, Query(max_length=600)]


class CustomerList(Schema):
    """A page of customers; `next` and `previous` are cursors of the neighbouring pages."""

    items: list[CustomerRow]
    next: str | None
    previous: str | None


class CustomerDetail(Schema):
    """One customer, where they stand after the last turn, and what was decided about them."""

    customer: CustomerRecord
    standing: StandingRecord | None
    contacts: list[ContactRecord]
    identifiers: list[IdentifierRecord]
    decisions: list[DecisionRecord]


class Event(Schema):
    """One thing that happened; the fields of `record` follow its kind. A delivery has what was promised beside it."""

    kind: str
    on: date
    id: int
    record: dict[str, Any]
    promise: dict[str, Any] | None


class Timeline(Schema):
    """Events, newest first; `next` is the cursor of older ones."""

    items: list[Event]
    next: str | None


@router.get("", response=CustomerList)
def list_customers(
    request: HttpRequest,
    q: Words = "",
    segment: Words = "",
    country: Words = "",
    kind: Words = "",
    slipping: bool = False,
    sort: Sort = "worth",
    descending: bool = True,
    cursor: Cursor = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> CustomerList:
    """Search, filter, sort and page customers; `q` are beginnings of words, `slipping` keeps who is slipping away."""
    scope = scope_of(request)
    wanted = CustomerFilter(
        q=q, segment=segment, country=country, kind=kind, slipping=slipping, sort=sort, descending=descending
    )
    found = customers.listed(wanted, scope=scope, place=place_from(cursor), size=limit)
    return CustomerList(
        items=list(found.rows),
        next=found.next.text() if found.next else None,
        previous=found.previous.text() if found.previous else None,
    )


@router.get("/{customer_id}", response=CustomerDetail)
def get_customer(request: HttpRequest, customer_id: Seq) -> CustomerDetail:
    """Return one customer."""
    scope_of(request)
    customer = customers.by_id(customer_id)
    return CustomerDetail(
        customer=customer,
        standing=customers.standing_of(customer_id),
        contacts=customers.contacts_of(customer_id),
        identifiers=customers.identifiers_of(customer_id),
        decisions=ledger.decisions_about(customer.subject),
    )


@router.get("/{customer_id}/timeline", response=Timeline)
def get_timeline(
    request: HttpRequest,
    customer_id: Seq,
    kinds: Annotated[list[str] | None, Query(max_length=len(EVENT_KINDS))] = None,
    cursor: Cursor = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 30,
) -> Timeline:
    """Return what happened with a customer over all channels, newest first; an unknown kind is passed over."""
    scope_of(request)
    customer = customers.by_id(customer_id)
    found = coordination.timeline(
        customer_id,
        customer.subject,
        as_of=datetime.now(ZoneInfo(policy.document().firm.zone)).date(),
        kinds=[k for k in EVENT_KINDS if kinds is None or k in kinds] or EVENT_KINDS,
        before=place_from(cursor),
        limit=limit,
    )
    items = [
        Event(kind=e.kind, on=e.on, id=e.id, record=asdict(e.record), promise=asdict(e.promise) if e.promise else None)
        for e in found.events
    ]
    return Timeline(items=items, next=found.older.text() if found.older else None)
