"""What became of those whom chance treated or left alone, as a turn reads it."""

from datetime import date, timedelta

import pytest

from tests.analytics.views import run

AS_OF = date(2026, 6, 30)
DAY = date(2026, 3, 1)  # 121 days before


def home(*, touches=(), decisions=(), orders=()):
    """Ada and Bea; an order is (customer, days after DAY, minor units) and, if told, its state, currency or kind."""
    views = {
        "v_customer": [
            {"customer_id": 1, "subject": "ada", "segment": "north"},
            {"customer_id": 2, "subject": "bea", "segment": None},
        ],
        "v_touch": list(touches),
        "v_decision": list(decisions),
        "v_order": [],
        "v_order_line": [],
    }
    for number, (customer, days, amount, *told) in enumerate(orders, 1):
        more = dict(told[0]) if told else {}
        kind = more.pop("kind", "sale")
        views["v_order"].append(
            {"order_id": number, "customer_id": customer, "ordered_on": DAY + timedelta(days=days), **more}
        )
        views["v_order_line"].append({"order_id": number, "amount_minor": amount, "kind": kind})
    return views


def touch(customer, direction="out", on=DAY, **told):
    return {
        "customer_id": customer,
        "direction": direction,
        "touched_on": on,
        "campaign": "spring",
        "propensity": 0.5,
    } | told


def decision(seq, subject, held_out, **told):
    return {
        "recorded_seq": seq, "as_of": DAY, "kind": "contact_customer", "subject": subject, "held_out": held_out,
        "propensity": 0.1 if held_out else 0.9,
    } | told  # fmt: skip


def read(views):
    return run("outcomes", views, as_of=AS_OF)


def test_windows_hold_their_days_and_no_others():
    orders = [(1, days, 10 ** (place + 2)) for place, days in enumerate((-365, -92, -91, -1, 0, 1, 90, 91, 92))]
    (campaign,) = read(home(touches=[touch(1)], orders=orders))
    (contact,) = read(home(decisions=[decision(7, "customer:ada", False)], orders=orders))

    assert campaign["after_minor"] == 10**6 + 10**7 + 10**8  # its day and 90 more
    assert campaign["before_minor"] == 10**4 + 10**5
    assert campaign["year_before_minor"] == 10**3 + 10**4 + 10**5
    assert (campaign["orders_after"], campaign["orders_year_before"], campaign["days_since_last"]) == (3, 3, 1)
    assert contact["after_minor"] == 10**7 + 10**8 + 10**9  # the decision knew its own day
    assert contact["before_minor"] == 10**5 + 10**6
    assert (contact["decision_seq"], contact["campaign"], contact["treated"]) == (7, "", True)


def test_who_was_left_alone_stands_beside_who_was_not():
    views = home(
        touches=[touch(1), touch(2, "withheld", propensity=0.25)],
        decisions=[decision(7, "customer:ada", True), decision(8, "customer:bea", False)],
    )
    rows = {(r["campaign"], r["segment"]): (r["treated"], r["propensity"]) for r in read(views)}

    assert rows == {
        ("", "north"): (False, 0.1),
        ("", ""): (True, 0.9),
        ("spring", "north"): (True, 0.5),
        ("spring", ""): (False, 0.25),
    }


@pytest.mark.parametrize(
    "told",
    [
        {"campaign": ""}, {"propensity": None}, {"direction": "in"}, {"touched_on": AS_OF + timedelta(days=1)},
        {"source": "eigenform", "campaign": "turn 1"},
    ],
)  # fmt: skip
def test_touches_that_chance_did_not_draw_are_no_campaign(told):
    assert read(home(touches=[touch(1) | told])) == []


@pytest.mark.parametrize(
    "told", [{"kind": "change_attribute"}, {"held_out": None}, {"as_of": AS_OF + timedelta(days=1)}]
)
def test_decisions_that_nobody_was_held_out_from_are_left_out(told):
    assert read(home(decisions=[decision(7, "customer:ada", False) | told])) == []


def test_the_first_touch_of_a_campaign_is_the_assignment():
    later = DAY + timedelta(days=10)
    (row,) = read(home(touches=[touch(1, on=later), touch(1, "withheld")]))

    assert (row["treated"], row["assigned_on"]) == (False, DAY)


def test_money_is_what_counts_as_money():
    """Withdrawn orders and other currencies count nothing, returns take off, who bought nothing has zero."""
    orders = [
        (1, 5, 1000), (1, 6, -300, {"kind": "return"}), (1, 7, 50, {"state": "withdrawn"}), (1, 8, 70, {"currency": "EUR"}),
    ]  # fmt: skip
    ada, bea = read(home(touches=[touch(1), touch(2)], orders=orders))

    assert (ada["after_minor"], ada["orders_after"]) == (700, 1)
    assert (bea["after_minor"], bea["orders_after"], bea["days_since_last"]) == (0, 0, 3650)
    assert "subject" not in ada  # a turn keeps its inputs for good; they need not say who it was


def test_two_decisions_about_one_customer_have_a_window_each():
    again = decision(9, "customer:ada", True, as_of=DAY + timedelta(days=100))
    rows = read(home(decisions=[decision(7, "customer:ada", False), again], orders=[(1, 50, 500), (1, 110, 900)]))

    assert [(r["decision_seq"], r["after_minor"], r["before_minor"]) for r in rows] == [(7, 500, 0), (9, 900, 500)]


def test_a_decision_within_the_window_of_another_is_not_counted_again():
    orders = [(1, 5, 500)]
    decisions = [decision(7 + n, "customer:ada", False, as_of=DAY + timedelta(days=14 * n)) for n in range(4)]
    later = decision(20, "customer:ada", True, as_of=DAY + timedelta(days=42 + 91))
    other = decision(21, "customer:bea", True, as_of=DAY + timedelta(days=14))
    rows = run("outcomes", home(decisions=[*decisions, later, other], orders=orders), as_of=date(2026, 12, 31))

    assert [(r["decision_seq"], r["treated"]) for r in rows] == [(7, True), (20, False), (21, False)]
