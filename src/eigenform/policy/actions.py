"""Adopt a policy: a new version, its author and its reason, in the ledger as well."""

import dataclasses
from datetime import datetime

from django.db import transaction

from eigenform.ledger import feedback as ledger
from eigenform.policy import queries
from eigenform.policy.contracts import Document, ImpossiblePolicy, PolicyVersion, first_document, to_json
from eigenform.policy.models import Policy
from eigenform.records.scope import SYSTEM, Scope


@transaction.atomic
def adopt(document: Document, *, author: str, reason: str, scope: Scope, now: datetime) -> PolicyVersion:
    """Put a document in force from now on. Refuses without a reason: a rule nobody can explain helps nobody."""
    scope.require("steer", "change the policy")
    if not reason.strip():
        raise ImpossiblePolicy(field_name="reason", problem="it is empty", remedy="Say why in one sentence")
    ledger.take_the_pen()
    before = queries.in_force()
    number = before.version + 1 if before else 1
    Policy.objects.create(
        version=number,
        document=to_json(document),
        author=author,
        actor=scope.actor,
        reason=reason.strip(),
        adopted_at=now,
    )
    ledger.record_audit(actor=scope.actor, at=now, verb="policy_adopted", facts={"version": number})
    return PolicyVersion(number, document, author, reason.strip(), now)


def ensure_first(*, now: datetime) -> PolicyVersion:
    """Return the policy in force; adopt the default document as version 1 if there is none."""
    found = queries.in_force()
    return found or adopt(
        first_document(),
        author="Eigenform",
        reason="The defaults that every installation starts with.",
        scope=SYSTEM,
        now=now,
    )


def set_firm_currency_if_unset(currency: str, *, zone: str = "UTC", scope: Scope, now: datetime) -> None:
    """Make the currency and zone of the first load the firm's own; later loads keep theirs beside them."""
    found = ensure_first(now=now)
    if found.document.firm.currency or not currency:
        return
    firm = dataclasses.replace(found.document.firm, currency=currency, zone=zone)
    adopt(
        dataclasses.replace(found.document, firm=firm),
        author="Eigenform",
        reason=f"The first load is in {currency} and {zone}, so the firm reports in them.",
        scope=dataclasses.replace(SYSTEM, actor=scope.actor),
        now=now,
    )
