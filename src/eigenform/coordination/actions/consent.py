"""Note what a customer said of being reached, and call off the contacts that it forbids. One transaction."""

from datetime import datetime

from django.db import transaction

from eigenform.coordination import decisions
from eigenform.coordination.actions.decide import decline, needs_consent
from eigenform.coordination.models import ContactPlan
from eigenform.customers import actions as customers
from eigenform.ledger import feedback as ledger
from eigenform.ledger import queries as judged
from eigenform.records.scope import Scope


@transaction.atomic
def note_consent(customer_id: int, *, channel: str, state: str, scope: Scope, now: datetime) -> int:
    """Note `given`, `refused` or "" (taken back) of a channel; return how many approved contacts were called off.

    A contact that was approved and is not made yet, and that may not be made now, is declined: its task is closed
    with the reason and its day is free again. Raises NoSuchCustomer, NotAllowed and ImpossibleConsent.
    """
    ledger.take_the_pen()  # no approval comes between what was said and what it calls off
    customers.set_consent(customer_id, channel=channel, state=state, scope=scope, now=now)
    planned = ContactPlan.objects.filter(customer_id=customer_id, channel=channel.strip(), state="planned")
    called_off = [
        seq
        for seq in planned.order_by("decision_seq").values_list("decision_seq", flat=True)
        if not decisions.may_reach(state or None, needs_consent=needs_consent(judged.decision(seq)))
    ]
    how = "asked not to be reached" if state == decisions.REFUSED else "took back their consent to be reached"
    for seq in called_off:
        decline(seq, reason=f"They {how} by {channel.strip()}.", scope=scope, now=now)
    return len(called_off)
