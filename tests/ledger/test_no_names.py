"""No personal data in the ledger: whoever reads all of it learns nobody's name, address or source key."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import models

from eigenform import loop
from eigenform.analytics import frames
from eigenform.coordination import actions as coordination
from eigenform.coordination.decisions import Cap
from eigenform.customers.models import Contact, Customer, Identifier
from eigenform.ledger.models import TurnInput
from eigenform.staff.models import Staff
from eigenform.supply_chain.models import Partner
from tests.loop import firm
from tests.loop.firm import AS_OF, LEADER, NOW


@pytest.fixture
def _lived(transactional_db):
    """A firm with two turns, and people who acted on them."""
    firm.grown()
    firm.adopt(effects=firm.hopeful())
    clerk = Staff.objects.create_user("hidden-clerk", name="Hidden Clerk")
    customer = Customer.objects.first()
    Identifier.objects.create(source="books", kind="account", value="HIDDEN-ACCOUNT", customer=customer)
    first = loop.turn(as_of=AS_OF, scope=LEADER, now=NOW)
    contact = next(d for d in first.decisions if d["held_out"] is False)
    coordination.approve(
        contact["id"],
        assignee_id=clerk.pk,
        due_on=AS_OF + timedelta(days=1),
        title=f"Call {contact['subject_name']}",
        limits=Cap(2, 30),
        scope=LEADER,
        now=NOW,
    )
    coordination.report(contact["id"], outcome="done", reason="", done_on=AS_OF, scope=LEADER, now=NOW)
    loop.turn(as_of=AS_OF + timedelta(days=1), scope=LEADER, now=NOW)


def whole_ledger():
    """Return every value of every ledger table as one text, what is packed in Parquet unpacked."""
    parts = []
    for model in apps.get_app_config("ledger").get_models():
        names = [f.attname for f in model._meta.concrete_fields if not isinstance(f, models.BinaryField)]
        parts += [str(row) for row in model._base_manager.values_list(*names)]
    parts += [str(frames.from_parquet(bytes(row.parquet)).to_pylist()) for row in TurnInput.objects.all()]
    return "\n".join(parts)


def test_the_ledger_names_nobody(_lived):
    text = whole_ledger()

    secret = {c.name for c in Customer.objects.all()} | {c.key for c in Customer.objects.all()}
    secret |= {p.name for p in Partner.objects.all()} | {i.value for i in Identifier.objects.all()}
    secret |= {v for c in Contact.objects.all() for v in (c.name, c.email)}
    secret |= {v for s in Staff.objects.all() for v in (s.name, s.username)}
    assert len(secret) > 300
    assert {word for word in secret if word in text} == set()
    assert Customer.objects.first().subject in text  # the test reads what it thinks it reads
