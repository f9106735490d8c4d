"""Read customers back."""

from collections.abc import Iterable

from eigenform.customers.contracts import CustomerRecord, NoSuchCustomer
from eigenform.customers.models import Customer


def _record(row: Customer) -> CustomerRecord:
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


def by_subject(subject: str) -> CustomerRecord:
    """Return the customer behind a ledger subject `customer:<random id>`, or refuse."""
    row = Customer.objects.filter(subject=subject.removeprefix("customer:")).first()
    if row is None:
        raise NoSuchCustomer(customer=subject)
    return _record(row)


def by_subjects(subjects: Iterable[str]) -> dict[str, CustomerRecord]:
    """Return those customers that are still here, by ledger subject."""
    ids = [s.removeprefix("customer:") for s in subjects if s.startswith("customer:")]
    return {f"customer:{r.subject}": _record(r) for r in Customer.objects.filter(subject__in=ids)}


def by_id(customer_id: int) -> CustomerRecord:
    """Return one customer, or refuse."""
    row = Customer.objects.filter(pk=customer_id).first()
    if row is None:
        raise NoSuchCustomer(customer=str(customer_id))
    return _record(row)
