"""One timeline over all doers: nothing missing, newest first, each event once however it is paged."""

from datetime import UTC, date, datetime, timedelta

import pytest

from eigenform.coordination import queries
from eigenform.coordination.contracts import EVENT_KINDS
from eigenform.customers.models import Customer
from eigenform.ledger import feedback as ledger
from eigenform.marketing.models import Lead, Touch
from eigenform.offerings.models import Offering, Promise
from eigenform.records.places import CursorUnreadable, Place
from eigenform.sales.models import Opportunity, Order, OrderLine
from eigenform.service.models import Answer, Case, CaseEvent
from eigenform.supply_chain.models import Delivery, Partner

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 10)
AS_OF = date(2026, 3, 1)


@pytest.fixture
def ada():
    """A customer with something of every kind, and a neighbour with the same, who must not show."""
    for key in ("neighbour", "ada"):
        person = Customer.objects.create(source="t", key=key, name=key)
        _history(person, key)
    return person


def _history(person, key):
    chairs = Offering.objects.create(source="t", key=f"chair-{key}", name="Chair", category="Chairs")
    partner = Partner.objects.create(source="t", key=f"haul-{key}", name="Haulage")

    def order(name, day, **fields):
        row = Order.objects.create(
            source="t", key=f"{key}-{name}", customer=person, ordered_on=day, currency="GBP", **fields
        )
        OrderLine.objects.create(
            source="t",
            key=f"{key}-{name}-1",
            order=row,
            offering=chairs,
            kind="sale",
            quantity=2,
            unit_price=5,
            amount_minor=1000,
        )
        return row

    def promise(name, kind, subject, on, **fields):
        Promise.objects.create(
            source="t",
            key=f"{key}-{name}",
            subject_kind=kind,
            subject_key=f"{key}-{subject}",
            attribute="delivery",
            level_on=on,
            unit="date",
            **fields,
        )

    order("late", DAY, state="done")
    promise("late", "line", "late-1", DAY + timedelta(days=3), made_on=DAY - timedelta(days=1))
    Delivery.objects.create(
        source="t",
        key=f"{key}-late",
        subject_kind="line",
        subject_key=f"{key}-late-1",
        attribute="delivery",
        delivered_on=DAY + timedelta(days=5),
        partner=partner,
    )
    order("missing", DAY, state="open")
    promise("missing", "order", "missing", DAY + timedelta(days=7))
    Answer.objects.create(
        source="t",
        key=f"{key}-a",
        customer=person,
        attribute="overall",
        kind="satisfaction",
        score=2,
        scale_min=1,
        scale_max=5,
        answered_on=DAY + timedelta(days=6),
        text="Too late",
    )
    case = Case.objects.create(
        source="t",
        key=f"{key}-c",
        customer=person,
        kind="complaint",
        opened_on=DAY + timedelta(days=8),
        closed_on=DAY + timedelta(days=9),
    )
    CaseEvent.objects.create(
        source="t", key=f"{key}-e", case=case, event="called back", occurred_at=datetime(2026, 1, 18, 9, tzinfo=UTC)
    )
    Touch.objects.create(source="t", key=f"{key}-t", customer=person, channel="phone", touched_on=DAY)
    Lead.objects.create(source="t", key=f"{key}-l", customer=person, created_on=date(2025, 12, 1), state="won")
    Opportunity.objects.create(
        source="t",
        key=f"{key}-o",
        customer=person,
        stage="won",
        opened_on=date(2025, 12, 2),
        closed_on=DAY,
        currency="GBP",
    )
    person.refresh_from_db()
    ledger.record_deed(
        verb="done", subject=f"customer:{person.subject}", at=datetime(2026, 2, 1, tzinfo=UTC), actor="a" * 32
    )


def events(person, **how):
    return queries.timeline(person.pk, f"customer:{person.subject}", as_of=AS_OF, **how)


def test_everything_stands_on_one_line_newest_first(ada):
    page = events(ada)
    assert page.older is None
    assert [(e.on.isoformat(), e.kind) for e in page.events] == [
        ("2026-02-01", "deed"),
        ("2026-01-19", "case_closed"),
        ("2026-01-18", "case_event"),
        ("2026-01-18", "case"),
        ("2026-01-17", "overdue"),
        ("2026-01-16", "answer"),
        ("2026-01-15", "delivery"),
        ("2026-01-10", "touch"),
        ("2026-01-10", "promise"),
        ("2026-01-10", "opportunity_closed"),
        ("2026-01-10", "order"),
        ("2026-01-10", "order"),
        ("2026-01-09", "promise"),
        ("2025-12-02", "opportunity"),
        ("2025-12-01", "lead"),
    ]
    assert {e.kind for e in page.events} == set(EVENT_KINDS)


def test_events_carry_what_their_owners_know(ada):
    by_kind = {e.kind: e for e in events(ada).events}
    assert by_kind["order"].record.amount_minor == 1000
    assert by_kind["order"].record.first_offering == "Chair"
    assert by_kind["delivery"].record.partner == "Haulage"
    assert by_kind["delivery"].promise.level_on == DAY + timedelta(days=3)
    assert by_kind["answer"].record.text == "Too late"
    assert by_kind["deed"].record.verb == "done"


@pytest.mark.parametrize("limit", [1, 2, 4, 7])
def test_paging_shows_each_event_once(ada, limit):
    whole = [(e.kind, e.id) for e in events(ada).events]
    seen, before = [], None
    while True:
        page = events(ada, before=before, limit=limit)
        seen += [(e.kind, e.id) for e in page.events]
        before = page.older
        if before is None:
            break
    assert seen == whole


def test_one_kind_alone(ada):
    assert {e.kind for e in events(ada, kinds=["order", "touch"]).events} == {"order", "touch"}


def test_an_open_promise_is_not_overdue_before_its_day_has_passed(ada):
    before = queries.timeline(ada.pk, "", as_of=DAY + timedelta(days=7), kinds=["overdue"])
    after = queries.timeline(ada.pk, "", as_of=DAY + timedelta(days=8), kinds=["overdue"])
    assert (len(before.events), len(after.events)) == (0, 1)


def test_the_number_of_queries_does_not_grow_with_the_history(ada, django_assert_max_num_queries):
    for i in range(80):
        row = Order.objects.create(source="t", key=f"m{i}", customer=ada, ordered_on=DAY, state="done", currency="GBP")
        Touch.objects.create(source="t", key=f"m{i}", customer=ada, channel="mail", touched_on=row.ordered_on)
    with django_assert_max_num_queries(16):
        assert len(events(ada, limit=100).events) == 100


def test_a_place_of_another_list_is_refused(ada):
    with pytest.raises(CursorUnreadable):
        events(ada, before=Place(0, 1.5, 3))


def test_what_a_customer_buys_counts_one_currency_and_no_withdrawn_order(ada):
    other = Order.objects.create(source="t", key="x", customer=ada, ordered_on=DAY, state="withdrawn", currency="GBP")
    OrderLine.objects.create(
        source="t",
        key="x",
        order=other,
        offering=Offering.objects.get(key="chair-ada"),
        kind="sale",
        quantity=1,
        unit_price=9,
        amount_minor=900,
    )
    (chairs,) = queries.bought(ada.pk, currency="GBP")
    assert (chairs.category, chairs.amount_minor, chairs.orders_count) == ("Chairs", 2000, 2)
    assert queries.bought(ada.pk, currency="EUR") == []
