"""What a turn keeps of an earlier day, pinned to plain Python: the cut, what was known then, what was bought since."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analytics.views import run

AS_OF = date(2026, 3, 2)
CUSTOMERS = {1: "ada", 2: "bea", 3: "cy"}
SOURCES = {1: "shop", 2: "shop", 3: "fair"}
HORIZON_WEEKS = 10

order = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from([None, 1, 1, 2, 3]),
        "ordered_on": st.integers(-5, 400).map(lambda ago: AS_OF - timedelta(days=ago)),
        "state": st.sampled_from(["done", "done", "withdrawn"]),
        "kind": st.sampled_from(["sale", "sale", "return"]),
    }
)


def home(orders):
    views = {
        "v_customer": [{"customer_id": n, "subject": s, "source": SOURCES[n]} for n, s in CUSTOMERS.items()],
        "v_order": [],
        "v_order_line": [],
    }
    for number, one in enumerate(orders, 1):
        views["v_order"].append({"order_id": number, **{k: v for k, v in one.items() if k != "kind"}})
        views["v_order_line"].append({"order_id": number, "kind": one["kind"], "amount_minor": 100})
    return views


def days_by_customer(orders):
    days = defaultdict(set)
    for one in orders:
        told = one["customer_id"] and one["state"] != "withdrawn" and one["ordered_on"] <= AS_OF
        if told and one["kind"] == "sale":
            days[one["customer_id"]].add(one["ordered_on"])
    return {customer: sorted(theirs) for customer, theirs in sorted(days.items())}


@given(orders=st.lists(order, max_size=14))
def test_a_cut_and_what_came_after_are_what_plain_python_says(orders):
    days = days_by_customer(orders)
    found = run("history", home(orders), as_of=AS_OF, horizon_weeks=HORIZON_WEEKS)
    assert len(found) == bool(days)
    if not days:
        return
    (told,) = found
    began_on = min(theirs[0] for theirs in days.values())
    weeks = min(HORIZON_WEEKS, floor((AS_OF - began_on).days / 21))
    cut_on = AS_OF - timedelta(weeks=weeks)
    assert (told["began_on"], told["cut_on"], told["weeks"]) == (began_on, cut_on, weeks)

    before, by_week = [], Counter()
    for customer, theirs in days.items():
        known = [d for d in theirs if d <= cut_on]
        if known:
            since = theirs[len(known) :]
            before.append(
                (
                    SOURCES[customer],
                    len(known) - 1,
                    (known[-1] - known[0]).days / 7,
                    (cut_on - known[0]).days / 7,
                    len(since),
                )
            )
            by_week.update((SOURCES[customer], 1 + ((d - cut_on).days - 1) // 7) for d in since)
    rows = run("purchases_before", home(orders), as_of=AS_OF, horizon_weeks=HORIZON_WEEKS)
    assert [tuple(row.values()) for row in rows] == before
    weekly = run("purchases_by_week", home(orders), as_of=AS_OF, horizon_weeks=HORIZON_WEEKS)
    assert {(r["source"], r["week"]): r["purchases"] for r in weekly} == by_week
    assert all(1 <= r["week"] <= weeks for r in weekly)


@pytest.mark.parametrize(
    ("first_days_ago", "weeks"),
    [([700], 10), ([209], 9), ([210], 10), ([20], 0), ([21], 1), ([0], 0)],
    ids=["long", "a day short of thirty weeks", "thirty weeks", "no third of a week", "three weeks", "today"],
)
def test_the_holdout_is_as_long_as_the_horizon_but_a_third_of_the_history_at_most(first_days_ago, weeks):
    orders = [
        {"customer_id": 1, "ordered_on": AS_OF - timedelta(days=n), "state": "done", "kind": "sale"}
        for n in first_days_ago
    ]
    (told,) = run("history", home(orders), as_of=AS_OF, horizon_weeks=HORIZON_WEEKS)

    assert (told["weeks"], told["cut_on"]) == (weeks, AS_OF - timedelta(weeks=weeks))


def test_one_stray_early_order_does_not_stretch_the_history():
    people = range(1, 201)
    views = home([])
    views["v_customer"] = [{"customer_id": n, "subject": f"s{n:03}", "source": "shop"} for n in people]
    views["v_order"] = [
        {"order_id": n, "customer_id": n, "ordered_on": AS_OF - timedelta(days=9000 if n == 7 else 63)} for n in people
    ]
    (told,) = run("history", views, as_of=AS_OF, horizon_weeks=HORIZON_WEEKS)

    assert (told["began_on"], told["weeks"]) == (AS_OF - timedelta(days=63), 3)
