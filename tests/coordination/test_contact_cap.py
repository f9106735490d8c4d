"""At most so many contacts in any so many days, whatever the calendar says; and one answer in SQL and in Python."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenform.analytics import turn_inputs
from eigenform.coordination import queries
from eigenform.coordination.decisions import Cap, may_contact, next_free_day
from eigenform.coordination.models import ContactPlan
from eigenform.records.database import attach_url
from tests.loop.firm import AS_OF, Books

START = date(2026, 1, 1)  # a Thursday
CAP = Cap(contacts_max=2, window_days=30)


def day(n):
    """Return day n of the year: day 1 is the first of January."""
    return START + timedelta(days=n - 1)


def test_days_1_2_30_31_with_two_in_any_thirty():
    """Theory C7: on the 30th, days 1 to 30 would hold three; without it, on the 31st, days 2 to 31 hold two."""
    made = [day(1), day(2)]

    assert not may_contact(made, day(30), cap=CAP)
    assert may_contact(made, day(31), cap=CAP)
    assert not may_contact([*made, day(31)], day(31), cap=CAP)
    assert next_free_day(made, day(3), cap=CAP) == date(2026, 2, 2)  # the 31st is a Saturday, so the Monday after


def test_contacts_planned_after_the_day_count_too():
    assert not may_contact([day(40), day(41)], day(12), cap=CAP)
    assert may_contact([day(40), day(41)], day(11), cap=CAP)


def test_none_is_free_within_the_look():
    assert next_free_day([], day(1), cap=Cap(0, 30)) is None
    assert next_free_day([day(1)], day(2), cap=Cap(1, 400), look_days=100) is None


days = st.lists(st.integers(-40, 60).map(day), max_size=8)


@given(made=days, on=st.integers(0, 30).map(day), most=st.integers(0, 4), window=st.integers(1, 40))
def test_a_contact_is_allowed_if_no_window_would_hold_more(made, on, most, window):
    after = [*made, on]
    windows = (on - timedelta(days=back) for back in range(window))
    fullest = max(sum(begin <= d < begin + timedelta(days=window) for d in after) for begin in windows)

    assert may_contact(made, on, cap=Cap(most, window)) is (fullest <= most)


@given(made=days, on=st.integers(0, 30).map(day), most=st.integers(1, 4), window=st.integers(1, 40))
def test_the_next_free_day_is_the_first_weekday_that_may_be(made, on, most, window):
    cap = Cap(most, window)
    found = next_free_day(made, on, cap=cap)

    before = [on + timedelta(days=n) for n in range((found - on).days)]
    assert may_contact(made, found, cap=cap)
    assert found.weekday() < 5
    assert not any(d.weekday() < 5 and may_contact(made, d, cap=cap) for d in before)


@pytest.mark.django_db(transaction=True)
def test_the_turn_and_the_approval_count_the_same_days():
    books = Books()
    ada, bea = books.customer("ada"), books.customer("bea")
    for ago in (0, 0, 5, 399):
        books.touch(ada, AS_OF - timedelta(days=ago))
    books.touch(ada, AS_OF, direction="in")
    for seq, (customer, state) in enumerate([(ada, "planned"), (ada, "dropped"), (bea, "planned"), (bea, "done")], 1):
        ContactPlan.objects.create(
            decision_seq=seq, customer=customer, channel="phone", planned_on=AS_OF + timedelta(days=seq), state=state
        )

    table = turn_inputs.read(attach_url(), as_of=AS_OF, currency="GBP", margin_share_by_category={})["contacts"]

    for customer, n in ((ada, 5), (bea, 1)):
        in_turn = [r["contacted_on"] for r in table.to_pylist() if r["customer"] == customer.subject]
        assert in_turn == queries.contact_days(customer.pk)
        assert len(in_turn) == n
