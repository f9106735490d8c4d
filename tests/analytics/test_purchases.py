"""Purchases, money and revenue as a turn reads them, each pinned to plain Python."""

from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analytics.views import run

AS_OF = date(2026, 3, 2)
CUSTOMERS = {1: "ada", 2: "bea", 3: "cy"}
SHARES = {"Chairs": 0.4}
CATEGORIES = {1: "Chairs", 2: "Lamps"}

line = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["sale", "sale", "return", "adjustment"]),
        "amount_minor": st.integers(1, 5000),
        "margin_minor": st.none() | st.integers(1, 900),
        "offering_id": st.sampled_from([None, 1, 2]),
    }
)
order = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from([None, 1, 1, 2, 3]),
        "ordered_on": st.integers(-5, 400).map(lambda ago: AS_OF - timedelta(days=ago)) | st.just(AS_OF),
        "state": st.sampled_from(["done", "open", "withdrawn"]),
        "currency": st.sampled_from(["GBP", "GBP", "GBP", "EUR"]),
        "weight": st.sampled_from([1.0, 2.0]),
        "lines": st.lists(line, max_size=3),
    }
)


def home(orders):
    views = {
        "v_customer": [{"customer_id": n, "subject": s, "source": "s", "segment": "x"} for n, s in CUSTOMERS.items()],
        "v_offering": [{"offering_id": n, "category": c} for n, c in CATEGORIES.items()],
        "policy_margin": [{"category": c, "share": s} for c, s in SHARES.items()],
        "v_order": [],
        "v_order_line": [],
    }
    for number, one in enumerate(orders, 1):
        views["v_order"].append({"order_id": number, **{k: v for k, v in one.items() if k != "lines"}})
        for entry in one["lines"]:
            sign = 1 if entry["kind"] == "sale" else -1
            views["v_order_line"].append({"order_id": number, **entry, "amount_minor": sign * entry["amount_minor"]})
    return views


def worth_of(entry):
    sign = 1 if entry["kind"] == "sale" else -1
    if entry["margin_minor"] is not None:
        return entry["margin_minor"]
    return sign * entry["amount_minor"] * SHARES.get(CATEGORIES.get(entry["offering_id"]), 1.0)


def amount_of(one):
    return sum((1 if e["kind"] == "sale" else -1) * e["amount_minor"] for e in one["lines"])


def in_python(orders):
    """Return per customer what the SQL should say, the slow and obvious way."""
    by_customer = defaultdict(list)
    for one in orders:
        if one["customer_id"] and one["ordered_on"] <= AS_OF and one["state"] != "withdrawn":
            by_customer[CUSTOMERS[one["customer_id"]]].append(one)
    out = {}
    for subject, theirs in by_customer.items():
        bought = [o for o in theirs if not o["lines"] or any(e["kind"] == "sale" for e in o["lines"])]
        days = sorted({o["ordered_on"] for o in bought})
        if not days:
            continue
        spends = []
        for day in days[1:]:
            known = [o for o in bought if o["ordered_on"] == day and o["currency"] == "GBP"]
            if known:
                spends.append(sum(worth_of(e) for o in known for e in o["lines"]))
        pounds = [o for o in theirs if o["currency"] == "GBP"]
        bought_worth = sum(worth_of(e) for o in pounds if o in bought for e in o["lines"])
        all_worth = sum(worth_of(e) for o in pounds for e in o["lines"])
        kept = min(max(all_worth / bought_worth, 0.0), 1.0) if bought_worth else 1.0
        year = [o for o in theirs if o["ordered_on"] > AS_OF - timedelta(days=364) and o["currency"] == "GBP"]
        out[subject] = {
            "repeats": len(days) - 1,
            "last_week": (days[-1] - days[0]).days / 7,
            "age_weeks": (AS_OF - days[0]).days / 7,
            "mean_spend_minor": kept * sum(spends) / len(spends) if spends else None,
            "orders_count": len(bought),
            "last_order_on": days[-1],
            "revenue_52w_minor": sum(map(amount_of, year)),
            "revenue_52w_weighted_minor": sum(amount_of(o) * o["weight"] for o in year),
        }
    return out


@settings(max_examples=100, deadline=None)
@given(orders=st.lists(order, max_size=12))
def test_purchases_are_what_plain_python_says(orders):
    rows = {r["subject"]: r for r in run("purchases", home(orders), as_of=AS_OF)}

    expected = in_python(orders)
    assert rows.keys() == expected.keys()
    for subject, wanted in expected.items():
        got = {name: rows[subject][name] for name in wanted}
        got = {k: v if v is None or isinstance(v, date) else float(v) for k, v in got.items()}
        assert got == pytest.approx(wanted, abs=1e-6), subject


@settings(max_examples=40, deadline=None)
@given(orders=st.lists(order, max_size=8))
def test_money_in_other_currencies_is_counted_not_added(orders):
    (row,) = run("money", home(orders), as_of=AS_OF)

    counted = [o for o in orders if o["ordered_on"] <= AS_OF and o["state"] != "withdrawn"]
    assert row["orders_in_other_currencies"] == sum(o["currency"] != "GBP" for o in counted)


def buy(ago_days, amount_minor=1000, kind="sale", **fields):
    entry = {"kind": kind, "amount_minor": amount_minor, "margin_minor": None, "offering_id": 2}
    return {"customer_id": 1, "ordered_on": AS_OF - timedelta(days=ago_days), "lines": [entry], **fields}


CASES = {
    "two purchases on one day are one event of both amounts": (
        [buy(21), buy(7, 1000), buy(7, 500)],
        {"repeats": 1, "mean_spend_minor": 1500.0, "orders_count": 3, "revenue_52w_minor": 2500},
    ),
    "an order of returns only is no purchase, but takes revenue back": (
        [buy(21), buy(7, 400, "return")],
        {"repeats": 0, "mean_spend_minor": None, "orders_count": 1, "revenue_52w_minor": 600},
    ),
    "what was sent back lowers the spend in proportion": (
        [buy(28, 1000), buy(21, 1000), buy(14, 500, "return")],
        {"repeats": 1, "mean_spend_minor": 750.0},
    ),
    "more sent back than bought leaves nothing": (
        [buy(28, 1000), buy(21, 1000), buy(14, 5000, "return")],
        {"mean_spend_minor": 0.0},
    ),
    "a loss on what was bought is no reason to raise the spend": (
        [buy(28, -3000), buy(21, 1000), buy(14, 500, "return")],
        {"mean_spend_minor": 1000.0},
    ),
    "a withdrawn order is left out": ([buy(21), buy(7, state="withdrawn")], {"repeats": 0, "revenue_52w_minor": 1000}),
    "another currency counts as a visit, not as money": (
        [buy(21), buy(14), buy(7, 900, currency="EUR")],
        {"repeats": 2, "mean_spend_minor": 1000.0, "revenue_52w_minor": 2000},
    ),
    "after the day of judgement nothing is known": ([buy(21), buy(-1)], {"repeats": 0, "last_week": 0.0}),
    "on the day of judgement it is": ([buy(21), buy(0)], {"repeats": 1, "last_week": 3.0, "age_weeks": 3.0}),
    "a year is 364 days": ([buy(364, 5000), buy(363, 1000)], {"revenue_52w_minor": 1000, "repeats": 1}),
}


@pytest.mark.parametrize(("orders", "expected"), CASES.values(), ids=CASES)
def test_a_history_case_by_case(orders, expected):
    (row,) = run("purchases", home(orders), as_of=AS_OF)

    got = {name: row[name] if row[name] is None else float(row[name]) for name in expected}
    assert got == expected


def test_only_lines_without_a_margin_of_their_own_or_of_their_category_are_told():
    entries = [
        {"kind": "sale", "amount_minor": 100, "margin_minor": 30, "offering_id": 2},
        {"kind": "sale", "amount_minor": 100, "margin_minor": None, "offering_id": 1},
        {"kind": "sale", "amount_minor": 100, "margin_minor": None, "offering_id": 2},
    ]
    one = {"customer_id": 1, "ordered_on": AS_OF, "lines": entries}
    (money,) = run("money", home([one]), as_of=AS_OF)
    (order_money,) = run("order_money", home([one]), as_of=AS_OF)

    assert (money["lines_without_margin"], float(order_money["worth_minor"])) == (1, 30 + 40 + 100)
