"""Answers, contacts and satisfaction as a turn reads them, pinned to plain Python."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenform.analytics import columns
from tests.analytics.views import _table, run

AS_OF = date(2026, 3, 2)
KINDS = ("will", "should", "promised", "delivered", "experience", "satisfaction", "importance")
OFFERINGS = [
    {"offering_id": 1, "key": "f1", "name": "Chair", "category": "Chairs"},
    {"offering_id": 2, "key": "f2", "name": "Lamp", "category": ""},
    {"offering_id": 3, "key": "f3", "name": "", "category": ""},
]
CALLED = {None: "not known", 1: "Chairs", 2: "Lamp", 3: "f3"}
PEOPLE = {None: (None, ""), 1: ("ada", "north"), 2: ("bea", "")}
days = st.integers(-3, 500).map(lambda ago: AS_OF - timedelta(days=ago))


def views(answers=(), **more):
    return {
        "v_offering": OFFERINGS,
        "v_customer": [{"customer_id": n, "subject": s, "segment": g} for n, (s, g) in PEOPLE.items() if n],
        "v_attribute": [{"attribute": "noise", "better": "lower", "unit": "dB"}],
        "v_answer": list(answers),
        **more,
    }


answer = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "attribute": st.sampled_from(["noise", "comfort"]),
        "score": st.integers(0, 10).map(float),
        "offering_id": st.sampled_from(list(CALLED)),
        "customer_id": st.sampled_from(list(PEOPLE)),
        "answered_on": days,
        "weight": st.sampled_from([1.0, 2.5]),
    }
)


@settings(max_examples=40, deadline=None)
@given(answers=st.lists(answer, max_size=10))
def test_answers_are_what_plain_python_says(answers):
    rows = run("answers", views(answers), as_of=AS_OF)

    asked = [a for a in answers if a["answered_on"] <= AS_OF and a["kind"] in ("will", "experience")]
    expected = [
        {
            "category": CALLED[a["offering_id"]],
            "attribute": a["attribute"],
            "customer": PEOPLE[a["customer_id"]][0],
            "segment": PEOPLE[a["customer_id"]][1],
            "kind": a["kind"],
            "score": a["score"],
            "better": "lower" if a["attribute"] == "noise" else "higher",
            "unit": "dB" if a["attribute"] == "noise" else "points",
            "answered_on": a["answered_on"],
            "weight": a["weight"],
        }
        for a in asked
    ]
    assert [{name: r[name] for name in expected[0]} for r in rows] == expected if expected else rows == []


def test_a_score_of_which_less_is_better_is_turned_round():
    import pyarrow as pa

    told = {"kind": "experience", "attribute": "noise", "score": 3.0, "answered_on": AS_OF, "customer_id": 1}
    rows = run("answers", views([told, {**told, "attribute": "comfort"}]), as_of=AS_OF)

    got = columns.answers(pa.Table.from_pylist(rows))
    assert got["score"].tolist() == [-3.0, 3.0]
    assert got["customer"].tolist() == ["customer:ada"] * 2


def test_what_is_better_in_one_category_may_be_worse_in_another():
    attributes = [
        {"attribute": "weight", "category": "Chairs", "better": "higher", "unit": "kg"},
        {"attribute": "weight", "category": "Lamp", "better": "lower", "unit": "kg"},
    ]
    told = {"kind": "will", "attribute": "weight", "score": 3.0, "answered_on": AS_OF}
    rows = run(
        "answers", views([{**told, "offering_id": 1}, {**told, "offering_id": 2}], v_attribute=attributes), as_of=AS_OF
    )

    assert {r["category"]: r["better"] for r in rows} == {"Chairs": "higher", "Lamp": "lower"}


touch = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from([None, 1, 2]),
        "direction": st.sampled_from(["out", "out", "in"]),
        "touched_on": days,
    }
)
plan = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from([1, 2]),
        "planned_on": days,
        "state": st.sampled_from(["planned", "done", "dropped"]),
    }
)


@settings(max_examples=40, deadline=None)
@given(touches=st.lists(touch, max_size=8), plans=st.lists(plan, max_size=5))
def test_contacts_are_touches_of_ours_and_plans_not_yet_done(touches, plans):
    rows = run("contacts", views(v_touch=touches, v_contact_plan=plans), as_of=AS_OF)

    since = AS_OF - timedelta(days=400)
    made = [t for t in touches if t["customer_id"] and t["direction"] == "out" and t["touched_on"] > since]
    expected = [(PEOPLE[t["customer_id"]][0], t["touched_on"]) for t in made]
    expected += [(PEOPLE[p["customer_id"]][0], p["planned_on"]) for p in plans if p["state"] == "planned"]
    assert [(r["customer"], r["contacted_on"]) for r in rows] == sorted(expected)


def promised(subject_key, came_on):
    promise = {"subject_key": subject_key, "level_on": date(2026, 2, 1), "unit": "date"}
    return promise, {"subject_key": subject_key, "delivered_on": came_on}


def satisfied(subject_key, score, on, at=None, kind="satisfaction"):
    fields = {"attribute": "overall", "kind": kind, "answered_on": on, "answered_at": at}
    return {"subject_key": subject_key, "score": float(score), **fields}


@pytest.fixture
def judged_orders():
    on_time, late = date(2026, 1, 30), date(2026, 2, 4)
    pairs = [promised("a", on_time), promised("b", on_time), promised("c", late), promised("d", late)]
    orders = [{"order_id": n, "key": k, "ordered_on": date(2026, 1, 1)} for n, k in enumerate("abcd", 1)]
    return {"v_order": orders, "v_promise": [p for p, _ in pairs], "v_delivery": [d for _, d in pairs]}


def test_the_latest_answer_counts(judged_orders):
    day = date(2026, 2, 10)
    answers = [
        satisfied("a", 1, day), satisfied("a", 5, day + timedelta(days=1)),
        satisfied("b", 4, day, datetime(2026, 2, 10, 17)), satisfied("b", 1, day, datetime(2026, 2, 10, 9)),
        satisfied("c", 3, day), satisfied("c", 2, day),  # of one day without a time, the one written last
        satisfied("d", 4, day), satisfied("d", 5, AS_OF + timedelta(days=1)),  # not known yet
        satisfied("a", 0, AS_OF, kind="experience"), satisfied("not-promised", 0, day),
    ]  # fmt: skip
    rows = run("satisfaction_by_promise", views(answers, **judged_orders), as_of=AS_OF)

    assert [(r["status"], r["n"], r["mean"]) for r in rows] == [("broken_late", 2, 3.0), ("kept", 2, 4.5)]
    assert rows[0]["sd"] == pytest.approx(2**0.5)


def test_an_unknown_column_of_a_view_is_no_test():
    with pytest.raises(AssertionError, match="has no"):
        _table("v_touch", [{"touched_at": AS_OF}])
