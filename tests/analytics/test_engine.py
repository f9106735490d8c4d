"""The engine sees the home as it is, at one moment, and only reads."""

import threading
from datetime import date, timedelta

import duckdb
import pyarrow as pa
import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from eigenform.analytics import frames, turn_inputs
from eigenform.analytics.engine import Engine, EngineUnknown
from eigenform.records.database import attach_url
from tests.loop.firm import AS_OF, Books


def read(**changes):
    return turn_inputs.read(
        attach_url(), **{"as_of": AS_OF, "currency": "GBP", "margin_share_by_category": {}, **changes}
    )


@pytest.mark.django_db(transaction=True)
def test_a_home_is_read_in_place_with_what_its_database_calls_a_day_and_a_number():
    books = Books()
    ada = books.customer("ada", segment="north")
    chair = books.offering("Chairs")
    books.order(ada, AS_OF - timedelta(days=14), (chair, 1000))
    order = books.order(ada, AS_OF - timedelta(days=7), (chair, 2000), (chair, -500, "return"), weight=2.0)
    books.promise(order.key, level_on=AS_OF - timedelta(days=5))
    books.delivery(order.key, delivered_on=AS_OF - timedelta(days=4), partner=books.partner("Slow"))

    tables = read()

    (bought,) = tables["purchases"].to_pylist()
    assert (bought["subject"], bought["segment"], bought["last_order_on"]) == (ada.subject, "north", date(2026, 2, 23))
    assert frames.numbers(tables["purchases"], "last_week").tolist() == [1.0]
    assert frames.numbers(tables["purchases"], "mean_spend_minor").tolist() == [1500.0]
    assert frames.numbers(tables["purchases"], "revenue_52w_minor").tolist() == [2500.0]
    assert frames.numbers(tables["purchases"], "revenue_52w_weighted_minor").tolist() == [4000.0]
    (reading,) = tables["promise_readings"].to_pylist()
    assert (reading["status"], reading["gap"], reading["happened_on"]) == ("broken_late", -1.0, date(2026, 2, 26))
    seen = dict(zip(*tables["seen"].select(["kind", "n"]).to_pydict().values(), strict=True))
    assert (seen["orders"], seen["promises"], seen["partners"], seen["answers"]) == (2, 1, 1, 0)


@pytest.mark.django_db(transaction=True)
def test_margin_shares_of_the_policy_enter_worth_not_revenue():
    books = Books()
    ada, chair = books.customer("ada"), books.offering("Chairs")
    for ago in (14, 7):
        books.order(ada, AS_OF - timedelta(days=ago), (chair, 1000))

    table = read(margin_share_by_category={"Chairs": 0.25})["purchases"]

    assert frames.numbers(table, "mean_spend_minor").tolist() == [250.0]
    assert frames.numbers(table, "revenue_52w_minor").tolist() == [2000.0]


@pytest.mark.django_db(transaction=True)
def test_all_queries_of_a_turn_see_one_moment():
    """Another writer who commits in between is seen by none of the queries, or the tables would contradict."""
    books = Books()
    books.customer("ada")

    def write():
        Books(source="late").customer("bea")
        connections.close_all()

    with Engine(attach_url()) as engine, engine.snapshot():
        before = engine.table("seen", as_of=AS_OF)
        writer = threading.Thread(target=write)
        writer.start()
        writer.join(timeout=30)
        after = engine.table("seen", as_of=AS_OF)
    with Engine(attach_url()) as engine:
        fresh = engine.table("seen", as_of=AS_OF)

    assert [t.to_pylist()[0] for t in (before, after, fresh)] == [
        {"kind": "customers", "n": 1},
        {"kind": "customers", "n": 1},
        {"kind": "customers", "n": 2},
    ]


@pytest.mark.django_db(transaction=True)
def test_the_engine_cannot_write_into_the_home():
    with Engine(attach_url()) as engine, pytest.raises(duckdb.Error, match=r"(?i)read-only"):
        engine._connection.execute("DELETE FROM customers_customer")


@pytest.mark.parametrize("place", ["mysql:somewhere", "spark://cluster", ""])
def test_an_engine_that_is_not_known_is_refused_by_name(place):
    with pytest.raises(EngineUnknown) as caught:
        Engine(place)

    assert caught.value.facts() == {"engine": place}


@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {
                "day": st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)),
                "number": st.none() | st.floats(allow_nan=False),
                "whole": st.none() | st.integers(-(2**53), 2**53),
                "text": st.none() | st.text(max_size=5),
            }
        ),
        max_size=6,
    )
)
def test_a_table_kept_with_a_turn_comes_back_as_it_was(rows):
    kinds = {"day": pa.date32(), "number": pa.float64(), "whole": pa.int64(), "text": pa.string()}
    table = pa.table({name: pa.array([r[name] for r in rows], kind) for name, kind in kinds.items()})
    back = frames.from_parquet(frames.to_parquet(table))

    assert back.equals(table)
    epoch = date(1970, 1, 1)
    expected = [float("nan") if r["day"] is None else float((r["day"] - epoch).days) for r in rows]
    assert frames.numbers(back, "day").tolist() == pytest.approx(expected, nan_ok=True)
    assert frames.texts(back, "text") == [r["text"] or "" for r in rows]


def test_labels_become_codes_of_their_sorted_names():
    codes, names = frames.codes(["b", "a", "b"])

    assert (codes.tolist(), names) == ([1, 0, 1], ["a", "b"])
    assert frames.codes([])[1] == []
