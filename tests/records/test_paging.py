"""Walking all pages yields every row once and in order: with ties, without values, to the end and back."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eigenform.customers.models import Customer, Standing
from eigenform.records.paging import Run, page, runs_by
from eigenform.records.places import CursorUnreadable, Place, place_from

pytestmark = pytest.mark.django_db

VALUES = st.lists(st.one_of(st.none(), st.integers(0, 3), st.floats(-1e12, 1e12, width=64)), max_size=30)
same_database = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def fill(values):
    """Put one customer with a standing there per value; the day follows the value, so that days tie and lack too."""
    Standing.objects.all().delete()
    Customer.objects.all().delete()
    people = Customer.objects.bulk_create(
        Customer(source="t", key=str(i), name=f"n{i % 3}") for i in range(len(values))
    )
    Standing.objects.bulk_create(
        Standing(
            customer=person,
            turn_number=1,
            as_of=date(2026, 1, 1),
            orders_count=1,
            revenue_52w_minor=0,
            worth_mean_minor=value,
            last_order_on=None if value is None else date(2026, 1, 1) + timedelta(days=int(value) % 5),
        )
        for person, value in zip(people, values, strict=True)
    )


def walk(runs, size):
    """Return all pages, front to end, through the text that an address would carry."""
    pages, place = [], None
    while True:
        found = page(runs, place=place, size=size)
        pages.append(found)
        if found.next is None:
            return pages
        place = place_from(found.next.text())


def expected(rows, field, descending):
    sign = -1 if descending else 1

    def key(row):
        value = getattr(row, field)
        number = value.toordinal() if isinstance(value, date) else (value or 0)
        return (value is None, 0 if value is None else sign * number, sign * row.pk)

    return [row.pk for row in sorted(rows, key=key)]


@same_database
@given(values=VALUES, size=st.integers(1, 7), descending=st.booleans(), field=st.sampled_from(["worth", "day"]))
def test_walking_all_pages_yields_each_row_once_in_order(values, size, descending, field):
    fill(values)
    field = {"worth": "worth_mean_minor", "day": "last_order_on"}[field]
    runs = runs_by(Standing.objects.all(), field, descending=descending, id_field="customer_id")
    pages = walk(runs, size)
    assert [row.pk for p in pages for row in p.rows] == expected(Standing.objects.all(), field, descending)
    assert all(len(p.rows) == size for p in pages[:-1])
    assert pages[0].previous is None


@same_database
@given(values=VALUES, size=st.integers(1, 7), descending=st.booleans())
def test_walking_back_shows_the_same_pages(values, size, descending):
    fill(values)
    runs = runs_by(Standing.objects.all(), "worth_mean_minor", descending=descending, id_field="customer_id")
    forwards = [row.pk for p in walk(runs, size) for row in p.rows]
    last = walk(runs, size)[-1]
    back, place = [row.pk for row in last.rows], last.previous
    while place is not None:
        found = page(runs, place=place_from(place.text()), size=size)
        back = [row.pk for row in found.rows] + back
        assert found.next is not None
        place = found.previous
    assert back == forwards


def test_ties_in_text_are_walked_by_id():
    fill([1.0] * 8)
    run = Run(Customer.objects.all(), "id", "name")
    pages = walk([run], 3)
    rows = [(row.name, row.pk) for p in pages for row in p.rows]
    assert rows == sorted(rows)
    assert len(rows) == 8


def test_a_deep_page_asks_no_offset_and_no_count(django_assert_max_num_queries):
    fill([float(i) for i in range(30)])
    runs = runs_by(Standing.objects.all(), "worth_mean_minor", descending=True, id_field="customer_id")
    deep = walk(runs, 5)[3].next
    with django_assert_max_num_queries(3) as asked:
        page(runs, place=deep, size=5)
    assert not any("OFFSET" in q["sql"] or "COUNT" in q["sql"] for q in asked.captured_queries)


UNHEARD_OF = [
    Place(0, 1.0, 2**70).text(),
    Place(2**70, 1.0, 2).text(),
    Place(0, float("nan"), 2).text(),
    Place(0, float("inf"), 2).text(),
    Place(0, "a\0b", 2).text(),
]


@pytest.mark.parametrize("text", ["x", "!!!!", "bnVsbA", Place(0, 1.0, 2).text()[:-4], "W10", *UNHEARD_OF])
def test_an_address_of_another_making_is_refused(text):
    with pytest.raises(CursorUnreadable):
        place_from(text)


@pytest.mark.parametrize("place", [Place(7, 1.0, 2), Place(0, "yesterday", 2), Place(0, None, 2), Place(-1, 1.0, 1)])
def test_a_place_of_another_list_is_refused(place):
    fill([1.0])
    runs = runs_by(Standing.objects.all(), "last_order_on", descending=True, id_field="customer_id")
    with pytest.raises(CursorUnreadable, match="first page"):
        page(runs, place=place, size=5)
