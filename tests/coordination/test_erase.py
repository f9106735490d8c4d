"""Erasing a person: nothing that names them is left anywhere, sums stay, the ledger gains one entry and loses none."""

from datetime import UTC, date, datetime

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Sum

from eigenform.coordination import actions
from eigenform.customers import feedback as customers
from eigenform.customers import queries
from eigenform.customers.contracts import CustomerFilter, NoSuchCustomer
from eigenform.customers.models import Contact, Customer, CustomersEarlier, Identifier, Standing
from eigenform.desk import actions as desk
from eigenform.desk.models import Task
from eigenform.ledger import feedback as ledger
from eigenform.ledger.contracts import Interval, NewDecision
from eigenform.ledger.models import Entry
from eigenform.marketing.models import Lead, Touch
from eigenform.records.scope import NotAllowed, Scope
from eigenform.sales.models import Opportunity, Order, OrderLine
from eigenform.service.models import Answer, Case, CaseEvent, ServiceEarlier
from eigenform.staff.models import Staff

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = date(2026, 1, 10)
TRACES = ("hartmann", "ada@example.org", "555-0199", "ACC-7781")


@pytest.fixture
def ada():
    """A person whose name stands in every place where a name can stand."""
    told = {"note": "spoke with Ada Hartmann"}
    person = Customer.objects.create(source="t", key="ACC-7781", name="Ada Hartmann", segment="north", custom=told)
    contact = Contact.objects.create(
        source="t", key="k-ada", customer=person, name="Ada Hartmann", email="ada@example.org", phone="555-0199"
    )
    Identifier.objects.create(source="t", kind="mail", value="ada@example.org", customer=person)
    person.refresh_from_db()
    Standing.objects.create(
        customer=person, turn_number=1, as_of=DAY, orders_count=1, revenue_52w_minor=1000, model_version="m"
    )
    for noun, row in (("customer", person), ("contact", contact)):
        CustomersEarlier.objects.create(noun=noun, row_id=row.pk, replaced_at=NOW, before={"name": "Ada Hartmann"})
    order = Order.objects.create(
        source="t", key="o1", customer=person, ordered_on=DAY, state="done", currency="GBP", custom=told
    )
    OrderLine.objects.create(
        source="t", key="o1-1", order=order, kind="sale", quantity=1, unit_price=10, amount_minor=1000
    )
    Opportunity.objects.create(source="t", key="p1", customer=person, stage="won", currency="GBP", custom=told)
    answer = Answer.objects.create(
        source="t",
        key="a1",
        customer=person,
        attribute="overall",
        kind="satisfaction",
        score=2,
        scale_min=1,
        scale_max=5,
        answered_on=DAY,
        text="Yours, Ada Hartmann",
        custom=told,
    )
    ServiceEarlier.objects.create(noun="answer", row_id=answer.pk, replaced_at=NOW, before={"text": "Ada Hartmann"})
    case = Case.objects.create(
        source="t", key="c1", customer=person, kind="complaint", opened_on=DAY, text="Call 555-0199", custom=told
    )
    CaseEvent.objects.create(source="t", key="e1", case=case, event="called", occurred_at=NOW, custom=told)
    Touch.objects.create(source="t", key="t1", customer=person, channel="phone", touched_on=DAY, custom=told)
    Lead.objects.create(source="t", key="l1", customer=person, created_on=DAY, state="won", custom=told)
    _decision_with_task(person)
    return person


def _decision_with_task(person):
    turn = ledger.open_turn(
        number=1,
        as_of=DAY,
        seed=1,
        at=NOW,
        actor="0" * 32,
        policy_version=1,
        model_version="m",
        read_up_to_seq=0,
        summary={},
        inputs={},
    )
    new = NewDecision(
        kind="contact_customer",
        subject=f"customer:{person.subject}",
        because=("Promise broken.",),
        basis="assumed",
        gain=Interval(1, 0, 2, "GBP"),
        cost_minor=1,
        channel="phone",
        minutes=1,
        held_out=False,
        propensity=0.9,
    )
    (seq,) = ledger.record_decisions([new], turn_seq=turn, at=NOW, actor="0" * 32, model_version="m", policy_version=1)
    colleague = Staff.objects.create_user("bo")
    desk.assign(
        noun="decision",
        noun_key=str(seq),
        title="Call Ada Hartmann",
        because="Ada Hartmann waits",
        assignee_id=colleague.pk,
        due_on=DAY,
        now=NOW,
    )


def traces():
    """Return every (table, row) that still names the person, whatever the column; the full-text tables included."""
    found = []
    with connection.cursor() as cursor:
        tables = [m._meta.db_table for m in apps.get_models()]
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'customers_%_words_%'")
            tables += [name for (name,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                text = " ".join(
                    bytes(v).decode("utf-8", "ignore") if isinstance(v, (bytes, memoryview)) else str(v) for v in row
                ).casefold()
                found += [(table, trace) for trace in TRACES if trace.casefold() in text]
    return found


def test_nothing_that_names_the_person_is_left_in_any_table(ada, leader_scope):
    assert len({table for table, _ in traces()}) >= 12, "the person must stand in many tables before"
    actions.erase_person(ada.pk, scope=leader_scope, now=NOW)
    assert traces() == []


def test_sums_and_scores_stay(ada, leader_scope):
    actions.erase_person(ada.pk, scope=leader_scope, now=NOW)
    assert OrderLine.objects.aggregate(sum=Sum("amount_minor"))["sum"] == 1000
    assert Order.objects.filter(customer=None, ordered_on=DAY).count() == 1
    assert Answer.objects.filter(customer=None, score=2, text="").count() == 1
    assert (Case.objects.count(), CaseEvent.objects.count(), Touch.objects.count(), Lead.objects.count()) == (
        1,
        1,
        1,
        1,
    )


def test_the_ledger_gains_one_entry_and_nothing_in_it_changes(ada, leader_scope):
    before = list(Entry.objects.order_by("pk").values())
    answer = actions.erase_person(ada.pk, scope=leader_scope, now=NOW)
    after = list(Entry.objects.order_by("pk").values())
    assert after[:-1] == before
    new = after[-1]
    assert (new["kind"], new["actor"], new["recorded_seq"]) == ("audit", leader_scope.actor, answer.audit_seq)
    assert new["body"]["verb"] == "erased_person"
    assert new["body"]["deleted"] == {"customers": 1, "contacts": 1, "identifiers": 1}
    assert new["body"]["made_anonymous"]["orders"] == 1


def test_the_old_file_does_not_bring_them_back(ada, leader_scope):
    actions.erase_person(ada.pk, scope=leader_scope, now=NOW)
    assert customers.erased_among(source="t", keys=["ACC-7781", "ACC-1"]) == {"ACC-7781"}
    assert customers.erased_among(source="t", keys=["ada@example.org"], kind="mail") == {"ada@example.org"}
    assert customers.erased_among(source="u", keys=["ACC-7781"]) == set()


def test_an_open_task_is_closed_and_says_no_name(ada, leader_scope):
    actions.erase_person(ada.pk, scope=leader_scope, now=NOW)
    task = Task.objects.get()
    assert (task.state, task.because, task.closed_at) == ("failed", "", NOW)
    assert "erased" in task.title


def test_neighbours_keep_everything(ada, leader_scope):
    bo = Customer.objects.create(source="t", key="b", name="Bo")
    Answer.objects.create(
        source="t",
        key="a2",
        customer=bo,
        attribute="overall",
        kind="satisfaction",
        score=4,
        scale_min=1,
        scale_max=5,
        answered_on=DAY,
        text="Fine",
    )
    actions.erase_person(ada.pk, scope=leader_scope, now=NOW)
    assert Answer.objects.get(key="a2").text == "Fine"
    rows = queries.listed(CustomerFilter(), scope=leader_scope).rows
    assert [r.customer.name for r in rows] == ["Bo"]


def test_only_leaders_erase_and_nobody_twice(ada, leader_scope):
    member = Scope(actor="b" * 32, may_read=True, may_decide=True, may_load=True, may_steer=False)
    with pytest.raises(NotAllowed, match="erase a person"):
        actions.erase_person(ada.pk, scope=member, now=NOW)
    actions.erase_person(ada.pk, scope=leader_scope, now=NOW)
    with pytest.raises(NoSuchCustomer):
        actions.erase_person(ada.pk, scope=leader_scope, now=NOW)


def test_a_failure_above_leaves_everything_as_it_was(ada, leader_scope):
    def fail(_person):
        raise RuntimeError("the refused rows could not be cleared")

    before = traces()
    with pytest.raises(RuntimeError):
        actions.erase_person(ada.pk, scope=leader_scope, now=NOW, also=fail)
    assert traces() == before
