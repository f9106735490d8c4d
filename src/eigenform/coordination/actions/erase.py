"""Erase a person on request: the link, the names and the texts go; what was bought, delivered and scored stays."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from eigenform.coordination.contracts import ErasureAnswer
from eigenform.customers import actions as customers
from eigenform.customers import queries as known
from eigenform.customers.contracts import ErasedPerson
from eigenform.desk import actions as desk
from eigenform.ledger import feedback as ledger
from eigenform.ledger import queries as judged
from eigenform.marketing import actions as marketing
from eigenform.records.scope import Scope
from eigenform.sales import actions as sales
from eigenform.service import actions as service

NEUTRAL_TITLE = "About a customer who was erased on request"
_DECISIONS_MAX = 100_000  # all of them: what stands on a work list must not outlive the person


@transaction.atomic
def erase_person(
    customer_id: int, *, scope: Scope, now: datetime, also: Callable[[ErasedPerson], None] | None = None
) -> ErasureAnswer:
    """Erase one customer everywhere, or nowhere if a step fails. Leaders only. Raises NoSuchCustomer, NotAllowed.

    also  what packages above this one hold of the person must go in the same transaction (the intake's refused rows)

    The ledger gets one entry with counts and the random id, which now leads to nobody.
    """
    scope.require("steer", "erase a person")
    subject = known.by_id(customer_id).subject
    decisions = judged.decisions_about(subject, limit=_DECISIONS_MAX)
    keys = [str(found.seq) for found in decisions]
    tasks = desk.forget(noun="decision", noun_keys=keys, title=NEUTRAL_TITLE, now=now)
    made_anonymous = {**sales.forget(customer_id), **service.forget(customer_id), **marketing.forget(customer_id)}
    person = customers.erase(customer_id, now=now)
    if also is not None:
        also(person)
    deleted = {"customers": 1, "contacts": person.contacts_count, "identifiers": person.identifiers_count}
    facts = {"subject": subject, "deleted": deleted, "made_anonymous": made_anonymous, "tasks": tasks}
    seq = ledger.record_audit(actor=scope.actor, at=now, verb="erased_person", facts=facts)
    return ErasureAnswer(subject=subject, deleted=deleted, made_anonymous=made_anonymous, tasks=tasks, audit_seq=seq)
