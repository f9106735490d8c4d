"""What became of a promise: a table of cases, each against the SQL that a turn runs."""

from collections import Counter
from datetime import date, timedelta

import pyarrow as pa
import pytest

from eigenform.analytics import columns
from tests.analytics.views import run

AS_OF = date(2026, 3, 2)
DUE = date(2026, 2, 20)


def day(offset, base=DUE):
    return base + timedelta(days=offset)


def came(*days, **fields):
    return [{"delivered_on": on, **fields} for on in days]


DATED = {"level_on": DUE}
WATTS = {"attribute": "watts", "unit": "W", "level": 60.0}  # more is better unless declared otherwise
NOISE = {"attribute": "noise", "unit": "dB", "level": 30.0}  # declared below: less is better
MORROW = day(1, AS_OF)

# (name, promise, order, deliveries, status, gap in the promise's unit)
CASES = [
    ("kept on the day", DATED, {}, came(DUE), "kept", 0),
    ("a day early", DATED, {}, came(day(-1)), "kept", 1),
    ("late by a day", DATED, {}, came(day(1)), "broken_late", -1),
    ("undelivered, past due", DATED, {}, [], "broken_undelivered", None),
    ("undelivered, due yesterday", {"level_on": day(-1, AS_OF)}, {}, [], "broken_undelivered", None),
    ("undelivered, due on the day of judgement", {"level_on": AS_OF}, {}, [], "open", None),
    ("undelivered, due tomorrow", {"level_on": MORROW}, {}, [], "open", None),
    ("delivered on the day of judgement, due that day", {"level_on": AS_OF}, {}, came(AS_OF), "kept", 0),
    ("withdrawn before it came", DATED, {"state": "withdrawn"}, [], "withdrawn", None),
    ("withdrawn though it came", DATED, {"state": "withdrawn"}, came(DUE), "withdrawn", 0),
    ("withdrawn though it came late", DATED, {"state": "withdrawn"}, came(day(3)), "withdrawn", -3),
    ("came, but nobody wrote down when", DATED, {}, came(None), "unknown", None),
    ("order done, no delivery known", DATED, {"state": "done"}, [], "unknown", None),
    ("comes after the judgement: not known yet", DATED, {}, came(MORROW), "broken_undelivered", None),
    ("comes after the judgement, not yet due", {"level_on": AS_OF}, {}, came(MORROW), "open", None),
    ("done by now, but it came later", DATED, {"state": "done"}, came(MORROW), "broken_undelivered", None),
    ("done by now, not yet due nor there then", {"level_on": AS_OF}, {"state": "done"}, came(MORROW), "open", None),
    ("in two parts, the last late", DATED, {}, came(day(-2), day(2)), "broken_late", -2),
    ("in two parts, the last on the day", DATED, {}, came(day(-2), DUE), "kept", 0),
    ("a part without a day", DATED, {}, came(day(-2), None), "unknown", None),
    ("made on the day of judgement", {"level_on": DUE, "made_on": AS_OF}, {}, came(DUE), "kept", 0),
    ("made after the judgement", {"level_on": DUE, "made_on": MORROW}, {}, came(DUE), None, None),
    ("ordered after the judgement", {"level_on": DUE}, {"ordered_on": MORROW}, came(DUE), None, None),
    ("more is better: met", WATTS, {}, came(DUE, level=60.0), "kept", 0),
    ("more is better: short", WATTS, {}, came(DUE, level=55.0), "broken_short", -5),
    ("less is better: met", NOISE, {}, came(DUE, level=28.0), "kept", 2),
    ("less is better: short", NOISE, {}, came(DUE, level=33.0), "broken_short", -3),
    ("a level not measured", WATTS, {}, came(DUE), "unknown", None),
    ("a level that never came", WATTS, {}, [], "open", None),
    ("a level measured on an unknown day", WATTS, {}, came(None, level=61.0), "kept", 1),
]  # fmt: skip


def views(promise, order, deliveries, *, kind="order", subject="o1", lines=("Chairs",)):
    attribute = promise.get("attribute", "delivery")
    about = {"subject_kind": kind, "subject_key": subject, "attribute": attribute}
    return {
        "v_customer": [{"customer_id": 7, "subject": "ada", "segment": "north"}],
        "v_order": [{"order_id": 1, "key": "o1", "customer_id": 7, "ordered_on": day(-10), **order}],
        "v_offering": [{"offering_id": n, "key": f"f{n}", "category": c} for n, c in enumerate(lines, 1)],
        "v_order_line": [{"order_id": 1, "key": f"o1/{n}", "offering_id": n} for n, _ in enumerate(lines, 1)],
        "v_attribute": [{"attribute": "noise", "better": "lower", "unit": "dB"}],
        "v_partner": [{"partner_id": 3, "subject": "haul", "key": "haulage"}],
        "v_promise": [{"unit": "date", **about, **promise}],
        "v_delivery": [{**about, "partner_id": 3, **d} for d in deliveries],
    }


@pytest.mark.parametrize(
    ("promise", "order", "deliveries", "status", "gap"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_what_became_of_a_promise(promise, order, deliveries, status, gap):
    rows = run("promise_readings", views(promise, order, deliveries), as_of=AS_OF)

    assert [(r["status"], r["gap"]) for r in rows] == ([] if status is None else [(status, gap)])


@pytest.mark.parametrize("shift_days", [0, 1])
def test_what_is_known_grows_with_the_day_of_judgement(shift_days):
    """The same delivery is not known on the eve and known on its day."""
    came_on = day(5)
    rows = run("promise_readings", views(DATED, {}, came(came_on)), as_of=day(4 + shift_days))

    assert rows[0]["status"] == ("broken_late" if shift_days else "broken_undelivered")
    assert rows[0]["happened_on"] == (came_on if shift_days else DUE)


def test_a_reading_knows_whose_it_was():
    (row,) = run("promise_readings", views({"level_on": DUE, "weight": 2.5}, {}, came(day(1))), as_of=AS_OF)

    assert (row["category"], row["segment"], row["customer"], row["partner"]) == ("Chairs", "north", "ada", "haul")
    assert (row["unit"], row["weight"], row["better"]) == ("days", 2.5, "lower")


def test_without_a_delivery_the_orders_partner_answers_for_the_promise():
    (row,) = run("promise_readings", views({"level_on": DUE}, {"partner_key": "haulage"}, []), as_of=AS_OF)

    assert (row["partner"], row["status"]) == ("haul", "broken_undelivered")


def test_a_promise_of_a_line_concerns_that_line_alone():
    lines = ("Chairs", "Lamps")
    (row,) = run(
        "promise_readings",
        views(DATED, {}, came(DUE), kind="line", subject="o1/2", lines=lines),
        as_of=AS_OF,
    )

    assert (row["category"], row["customer"], row["status"]) == ("Lamps", "ada", "kept")


def test_a_promise_of_a_shipment_is_judged_though_no_category_is_known():
    (row,) = run("promise_readings", views(DATED, {}, came(day(2)), kind="shipment", subject="s9"), as_of=AS_OF)

    assert (row["category"], row["status"], row["gap"], row["partner"]) == ("not known", "broken_late", -2, "haul")


def test_a_delivery_of_the_line_does_not_keep_the_promise_of_the_order():
    home = views(DATED, {}, came(DUE))
    home["v_delivery"][0]["subject_kind"] = "line"

    (row,) = run("promise_readings", home, as_of=AS_OF)

    assert row["status"] == "broken_undelivered"


def test_a_promise_over_two_categories_is_read_in_both_and_counted_once():
    home = views({"level_on": DUE, "weight": 3.0}, {}, came(day(1)), lines=("Chairs", "Lamps", "Lamps"))

    rows = run("promise_readings", home, as_of=AS_OF)
    counts = columns.promise_counts(_table(rows))

    assert [r["category"] for r in rows] == ["Chairs", "Lamps"]
    assert (counts["made"], counts["broken"], counts["broken_late"], counts["kept"]) == (1, 1, 1, 0)
    assert columns.promises_by_customer(_table(rows)) == {"customer:ada": (0, 1)}
    assert columns.readings(_table(rows))["gap"].tolist() == [-1.0, -1.0]


def test_what_is_better_is_as_the_category_declares_it():
    promise = {"attribute": "weight", "unit": "kg", "level": 5.0}
    home = views(promise, {}, came(DUE, level=6.0), lines=("Anvils", "Kites"))
    home["v_attribute"] = [
        {"attribute": "weight", "category": "Anvils", "better": "higher", "unit": "kg"},
        {"attribute": "weight", "offering_id": 2, "category": "", "better": "lower", "unit": "kg"},
    ]

    rows = run("promise_readings", home, as_of=AS_OF)

    assert {r["category"]: (r["status"], r["gap"]) for r in rows} == {
        "Anvils": ("kept", 1),
        "Kites": ("broken_short", -1),
    }


def test_counts_add_up_and_weights_do_not_enter():
    home = {}
    for number, (_name, promise, order, deliveries, _status, _gap) in enumerate(CASES):
        one = views({**promise, "weight": 1.0 + number}, order, deliveries)
        for view, rows in one.items():
            if view in ("v_customer", "v_attribute", "v_partner"):
                home[view] = rows
                continue
            shifted = [_renumbered(row, number) for row in rows]
            home.setdefault(view, []).extend(shifted)

    counts = columns.promise_counts(_table(run("promise_readings", home, as_of=AS_OF)))

    expected = Counter(case[4] for case in CASES if case[4])
    broken = sum(expected[s] for s in ("broken_late", "broken_undelivered", "broken_short"))
    assert counts == {**expected, "made": sum(expected.values()), "broken": broken}
    parts = sum(counts[s] for s in ("kept", "broken", "open", "withdrawn", "unknown"))
    assert parts == counts["made"] == 28


def _renumbered(row, number):
    out = dict(row)
    for name in ("key", "subject_key"):
        if name in out:
            out[name] = out[name].replace("o1", f"o{number}-1").replace("f", f"f{number}-")
    for name in ("order_id", "offering_id"):
        if name in out:
            out[name] += 10 * number
    return out


def _table(rows):
    return pa.Table.from_pylist(rows)
