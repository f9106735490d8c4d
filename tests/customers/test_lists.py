"""The customer list: what is found, in which order, and that nobody is left out."""

from datetime import date

import pytest
from django.db import connection

from eigenform.customers import queries
from eigenform.customers.contracts import CustomerFilter
from eigenform.customers.models import Contact, Customer
from eigenform.customers.queries import lists
from eigenform.records.scope import NotAllowed, Scope

pytestmark = pytest.mark.django_db
NOBODY = Scope(actor="", may_read=False, may_decide=False, may_load=False, may_steer=False)


def keys(scope, **wanted):
    return [row.customer.key for row in queries.listed(CustomerFilter(**wanted), scope=scope).rows]


@pytest.fixture
def three(make):
    make("a", name="Zoe Hart", worth=100.0, revenue=5, last=date(2025, 1, 1), segment="north", country="GB")
    make("b", name="Ada Hartley", worth=300.0, revenue=1, last=date(2025, 6, 1), segment="south", country="GB")
    make("c", name="Bo Lind", stands=True, revenue=9, segment="north", country="NO", kind="organisation")
    make("d", name="Cy Unseen K-77", segment="north", country="NO")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, "bacd"),
        ({"descending": False}, "abcd"),
        ({"sort": "revenue"}, "cabd"),
        ({"sort": "last_order"}, "bacd"),
        ({"sort": "name", "descending": False}, "bcda"),
        ({"sort": "name"}, "adcb"),
        ({"segment": "north"}, "acd"),
        ({"country": "NO", "sort": "name"}, "dc"),
        ({"kind": "organisation"}, "c"),
        ({"segment": "north", "country": "GB"}, "a"),
        ({"segment": "nowhere"}, ""),
    ],
)
def test_filters_and_orders(three, leader_scope, wanted, expected):
    assert "".join(keys(leader_scope, **wanted)) == expected


def test_filters_say_the_same_by_index_and_by_walking(three, leader_scope, monkeypatch):
    wanted = {"segment": "north", "country": "GB", "q": "ha"}
    gathered = keys(leader_scope, **wanted)
    monkeypatch.setattr(lists, "GATHERED_MAX", 0)
    assert keys(leader_scope, **wanted) == gathered == ["a"]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("hart", {"a", "b"}),
        ("HARTL", {"b"}),
        ("ada har", {"b"}),
        ("ada zoe", set()),
        ("nor", {"a", "c", "d"}),
        ("mira@ex", {"c"}),
        ("mira example.org", {"c"}),
        ("k-7", {"d"}),
        ("\\ ' :* ! &", set()),
        ('"', set()),
        ("art", set()),
        ("hart OR lind", set()),
    ],
)
def test_search_finds_beginnings_of_words(three, leader_scope, q, expected):
    firm = Customer.objects.get(key="c")
    Contact.objects.create(source="t", key="m", customer=firm, name="Mira Öst", email="mira@example.org")
    assert set(keys(leader_scope, q=q)) == expected


def test_search_follows_changes_and_erasures(three, leader_scope):
    Customer.objects.filter(key="a").update(name="Zoe Berg")
    assert keys(leader_scope, q="hart") == ["b"]
    assert keys(leader_scope, q="berg") == ["a"]
    Customer.objects.filter(key="a").delete()
    assert keys(leader_scope, q="berg") == []


def test_a_page_asks_few_queries_however_many_rows(make, leader_scope, django_assert_max_num_queries):
    for i in range(60):
        make(f"k{i}", worth=float(i), segment="north")
    with django_assert_max_num_queries(8) as asked:
        rows = queries.listed(CustomerFilter(segment="north"), scope=leader_scope, size=50).rows
    assert len(rows) == 50
    assert not any("COUNT" in q["sql"] and "GROUP BY" not in q["sql"] for q in asked.captured_queries)


def test_walking_the_list_meets_everybody_once(make, leader_scope):
    for i in range(23):
        make(f"k{i:02}", worth=float(i % 3) if i % 4 else None, stands=i % 8 != 0, name=f"N{i % 2}")
    for sort in ("worth", "revenue", "last_order", "name"):
        seen, place = [], None
        while True:
            found = queries.listed(CustomerFilter(sort=sort), scope=leader_scope, place=place, size=4)
            seen += [row.customer.id for row in found.rows]
            place = found.next
            if place is None:
                break
        assert sorted(seen) == sorted(Customer.objects.values_list("pk", flat=True))
        exported = [r.customer.id for r in queries.exported(CustomerFilter(sort=sort), scope=leader_scope, batch=5)]
        assert exported == seen


def test_who_may_not_read_sees_nothing(three):
    with pytest.raises(NotAllowed):
        queries.listed(CustomerFilter(), scope=NOBODY)
    with pytest.raises(NotAllowed):
        next(queries.exported(CustomerFilter(), scope=NOBODY))


def test_facets_say_about_how_many(three):
    facets = queries.facets()
    assert facets.customers_about == 4
    assert facets.segments == (("north", 3), ("south", 1))
    assert facets.share(facets.countries, "NO") == 0.5


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's full-text tables")
def test_a_later_remake_of_the_tables_must_not_lose_the_search():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'customers_%_words_%'")
        assert cursor.fetchone() == (6,)
