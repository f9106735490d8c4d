"""Upserts in bulk, on both databases: what is new, changed, the same, and what names a row that is not there."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError

from eigenform.customers.models import Customer, CustomersEarlier
from eigenform.records import bulk
from eigenform.sales.models import Order, SalesEarlier

CUSTOMERS = bulk.Target(Customer, "customer", CustomersEarlier)
ORDERS = bulk.Target(Order, "order", SalesEarlier)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def customers(*rows, source="s", load_id=1, dry_run=False, columns=("key", "name", "segment")):
    numbered = [(n, *row) for n, row in enumerate(rows)]
    return bulk.upsert(CUSTOMERS, bulk.Incoming(source, columns, numbered, load_id, NOW, dry_run))


def orders(*rows, dry_run=False):
    columns = ("key", "customer_key", "ordered_on", "state", "currency")
    return bulk.upsert(ORDERS, bulk.Incoming("s", columns, [(n, *r) for n, r in enumerate(rows)], 1, NOW, dry_run))


def test_new_changed_and_unchanged_rows_are_told_apart():
    customers(("1", "Ada", "x"), ("2", "Ben", "x"))

    written = customers(("1", "Ada", "x"), ("2", "Ben", "y"), ("3", "Cy", None), load_id=2)

    assert (written.new, written.changed, written.unchanged, written.lost) == (1, 1, (0,), ())
    assert list(Customer.objects.order_by("key").values_list("name", "segment")) == [
        ("Ada", "x"),
        ("Ben", "y"),
        ("Cy", ""),
    ]
    assert list(Customer.objects.order_by("key").values_list("load_id", flat=True)) == [1, 2, 2]


def test_an_update_keeps_the_row_its_id_and_its_subject():
    customers(("1", "Ada", "x"))
    before = Customer.objects.get()

    customers(("1", "Ada", "y"), load_id=2)

    after = Customer.objects.get()
    assert (after.id, after.subject, after.load_id) == (before.id, before.subject, 2)
    earlier = CustomersEarlier.objects.get()
    assert (earlier.row_id, earlier.load_id, earlier.before["segment"]) == (after.id, 2, "x")
    assert len(after.subject) == 32


def test_sources_do_not_meet():
    customers(("1", "Ada", "x"), source="a")
    customers(("1", "Ben", "x"), source="b")

    assert Customer.objects.count() == 2


def test_keys_of_other_tables_become_ids_and_what_is_nowhere_is_reported():
    customers(("1", "Ada", "x"))

    written = orders(
        ("A", "1", "2025-01-02", "done", "EUR"),
        ("B", "9", "2025-01-02", "done", "EUR"),
        ("C", None, "2025-01-02", "done", "EUR"),
    )

    assert written.lost == (bulk.Lost(1, "customer_key"),)
    assert list(Order.objects.order_by("key").values_list("key", "customer__key")) == [("A", "1"), ("C", None)]


def test_a_dry_run_counts_and_writes_nothing():
    customers(("1", "Ada", "x"))

    written = customers(("1", "Ada", "y"), ("2", "Ben", "x"), dry_run=True)

    assert (written.new, written.changed, written.unchanged) == (1, 1, ())
    assert list(Customer.objects.values_list("segment", flat=True)) == ["x"]
    assert not CustomersEarlier.objects.exists()
    assert orders(("A", "2", "2025-01-02", "done", "EUR"), dry_run=True).lost == ()


def test_json_is_compared_by_what_it_holds():
    Customer.objects.create(source="s", key="1", custom={"a": "1", "b": "2"})

    written = customers(("1", '{"a":"1","b":"2"}'), columns=("key", "custom"))

    assert written.unchanged == (0,)


def test_the_tables_own_constraints_hold():
    with pytest.raises(IntegrityError):
        orders(("A", None, "2025-01-02", "lost", "EUR"))


def test_known_keys_are_found_in_chunks(monkeypatch):
    customers(*[(str(n), "x", "y") for n in range(25)])

    assert bulk.known_keys(CUSTOMERS, source="s", keys=(str(n) for n in range(20, 12_000))) == {
        str(n) for n in range(20, 25)
    }
    assert bulk.known_keys(CUSTOMERS, source="other", keys=["1"]) == set()
