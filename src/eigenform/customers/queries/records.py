"""One customer and what hangs on it."""

from collections.abc import Iterable

from eigenform.customers.contracts import (
    ConsentRecord,
    ContactRecord,
    CustomerRecord,
    IdentifierRecord,
    NoSuchCustomer,
    StandingRecord,
)
from eigenform.customers.models import Consent, Contact, Customer, Identifier, Standing


def record(row: Customer) -> CustomerRecord:
    """Return the row as others may hold it; who has no name goes by the key."""
    return CustomerRecord(
        id=row.pk,
        subject=f"customer:{row.subject}",
        source=row.source,
        key=row.key,
        kind=row.kind,
        name=row.name or row.key,
        segment=row.segment,
        country=row.country,
    )


def standing_record(row: Standing) -> StandingRecord:
    """Return the row as others may hold it."""
    return StandingRecord(
        as_of=row.as_of,
        turn_number=row.turn_number,
        orders_count=row.orders_count,
        last_order_on=row.last_order_on,
        revenue_52w_minor=row.revenue_52w_minor,
        worth_mean_minor=row.worth_mean_minor,
        worth_low_minor=row.worth_low_minor,
        worth_high_minor=row.worth_high_minor,
        p_alive=row.p_alive,
        p_alive_before=row.p_alive_before,
        expected_purchases=row.expected_purchases,
        expected_purchases_low=row.expected_purchases_low,
        expected_purchases_high=row.expected_purchases_high,
        first_order_on=row.first_order_on,
        purchase_days=row.purchase_days or 0,
        spend_minor=row.spend_minor,
        slipping_minor=row.slipping_minor,
        promises_kept=row.promises_kept,
        promises_broken=row.promises_broken,
        model_version=row.model_version,
    )


def by_subject(subject: str) -> CustomerRecord:
    """Return the customer behind a ledger subject `customer:<random id>`, or refuse."""
    row = Customer.objects.filter(subject=subject.removeprefix("customer:")).first()
    if row is None:
        raise NoSuchCustomer(customer=subject)
    return record(row)


def by_subjects(subjects: Iterable[str]) -> dict[str, CustomerRecord]:
    """Return those customers that are still here, by ledger subject."""
    ids = [s.removeprefix("customer:") for s in subjects if s.startswith("customer:")]
    return {f"customer:{r.subject}": record(r) for r in Customer.objects.filter(subject__in=ids)}


def by_id(customer_id: int) -> CustomerRecord:
    """Return one customer, or refuse."""
    row = Customer.objects.filter(pk=customer_id).first()
    if row is None:
        raise NoSuchCustomer(customer=str(customer_id))
    return record(row)


def standing_of(customer_id: int) -> StandingRecord | None:
    """Return where the customer stands after the last turn; None if no turn has seen them."""
    row = Standing.objects.filter(pk=customer_id).first()
    return standing_record(row) if row else None


def contacts_of(customer_id: int, *, limit: int = 50) -> list[ContactRecord]:
    """Return the persons who act for the customer, by name."""
    rows = Contact.objects.filter(customer_id=customer_id).order_by("name", "pk")[:limit]
    return [ContactRecord(r.pk, r.name, r.email, r.phone, r.role) for r in rows]


def identifiers_of(customer_id: int, *, limit: int = 50) -> list[IdentifierRecord]:
    """Return the names that sources give the customer."""
    rows = Identifier.objects.filter(customer_id=customer_id).order_by("source", "kind", "value")[:limit]
    return [IdentifierRecord(r.source, r.kind, r.value) for r in rows]


def consents_of(customer_id: int) -> list[ConsentRecord]:
    """Return what a customer said of being reached, by channel."""
    rows = Consent.objects.filter(customer_id=customer_id).order_by("channel")
    return [ConsentRecord(row.channel, row.state, row.said_at) for row in rows]
