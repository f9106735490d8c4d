"""Restate where customers stand after a turn; erase one on request."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from eigenform.customers import feedback, queries
from eigenform.customers.contracts import ErasedPerson, ImpossibleConsent
from eigenform.customers.models import Consent, Contact, Customer, CustomersEarlier, Erased, Identifier, Standing
from eigenform.ledger import feedback as ledger
from eigenform.records.scope import Scope

_CHANNEL_LENGTH_MAX = 64


@transaction.atomic
def restate(rows: Sequence[Mapping[str, Any]], *, as_of: date, turn_number: int, model_version: str) -> int:
    """Replace every customer's standing by the rows of a turn; return how many were written.

    rows  one per customer with a purchase: `subject` (random id without prefix) and the standing's columns
    """
    ids = dict(Customer.objects.values_list("subject", "pk"))
    Standing.objects.all()._raw_delete(Standing.objects.db)
    same = {"turn_number": turn_number, "as_of": as_of, "model_version": model_version}
    known = [{**row, **same, "customer_id": ids[row["subject"]]} for row in rows if row["subject"] in ids]
    columns = [field.column for field in Standing._meta.concrete_fields]
    names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:  # model by model it takes ten times as long
        cursor.executemany(
            f"INSERT INTO {Standing._meta.db_table} ({names}) VALUES ({places})",
            [[_stored(row.get(column)) for column in columns] for row in known],
        )
    return len(known)


def _stored(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


@transaction.atomic
def set_consent(customer_id: int, *, channel: str, state: str, scope: Scope, now: datetime) -> None:
    """Note what a customer said of a channel: `given`, `refused`, or "" when they take it back.

    Raises NoSuchCustomer, NotAllowed and ImpossibleConsent. The ledger gets an entry with the random id.
    """
    scope.require("decide", "note a consent")
    channel = channel.strip()
    if state not in ("", "given", "refused") or not 0 < len(channel) <= _CHANNEL_LENGTH_MAX:
        raise ImpossibleConsent(channel=channel, state=state)
    subject = queries.by_id(customer_id).subject
    if state:
        said = {"state": state, "said_at": now}
        Consent.objects.update_or_create(customer_id=customer_id, channel=channel, defaults=said)
    else:
        Consent.objects.filter(customer_id=customer_id, channel=channel).delete()
    facts = {"subject": subject, "channel": channel, "state": state or "taken back"}
    ledger.record_audit(actor=scope.actor, at=now, verb="consent_noted", facts=facts)


@transaction.atomic
def erase(customer_id: int, *, now: datetime) -> ErasedPerson:
    """Delete a customer with contacts, identifiers, standing and history, and remember only keyed hashes of the keys.

    Loading an old file does not bring them back. What other packages hold is theirs to forget first:
    `coordination.actions.erase_person` calls all of them. Raises NoSuchCustomer.
    """
    customer = queries.by_id(customer_id)
    contacts = list(Contact.objects.filter(customer_id=customer_id).values_list("pk", "name", "email", "phone"))
    identifiers = list(Identifier.objects.filter(customer_id=customer_id).values_list("source", "kind", "value"))
    prints = {feedback.fingerprint(customer.source, customer.key)}
    prints |= {feedback.fingerprint(source, value, kind) for source, kind, value in identifiers}
    Erased.objects.bulk_create((Erased(fingerprint=p, erased_at=now) for p in prints), ignore_conflicts=True)
    CustomersEarlier.objects.filter(noun="customer", row_id=customer_id).delete()
    CustomersEarlier.objects.filter(noun="contact", row_id__in=[pk for pk, *_ in contacts]).delete()
    Customer.objects.filter(pk=customer_id).delete()
    _forget_words()
    texts = {customer.name, customer.key, *(t for _pk, *ts in contacts for t in ts), *(v for *_s, v in identifiers)}
    return ErasedPerson(
        subject=customer.subject,
        source=customer.source,
        key=customer.key,
        texts=tuple(sorted(t for t in texts if t)),
        contacts_count=len(contacts),
        identifiers_count=len(identifiers),
    )


def _forget_words() -> None:
    """Let SQLite's full-text tables drop the words of deleted rows at once instead of at their next merge."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for table in ("customers_customer_words", "customers_contact_words"):
            cursor.execute(f"INSERT INTO {table}({table}) VALUES ('optimize')")
