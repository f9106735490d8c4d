"""A turn reads the same from a Spark cluster as from DuckDB, on a home with every nasty value that we know of."""

from datetime import UTC, datetime, timedelta

import pytest

from eigenform import loop
from eigenform.analytics import turn_inputs
from eigenform.analytics.engine import EngineUnknown
from eigenform.customers.models import Consent
from eigenform.records.database import attach_url
from tests.loop.firm import AS_OF, LEADER, NOW, Books, adopt, grown, hopeful
from tests.spark.agreement import differences

pytestmark = [pytest.mark.spark, pytest.mark.django_db(transaction=True)]


def nasty(books: Books) -> None:
    """Add what engines read otherwise: empty and odd words, zero and taken-back amounts, days at the edge, nothing at all."""
    odd = books.customer("Ωμέγα '$as_of' \\ \"x\"", segment="élan — ß")
    nobody = books.customer("nobody", segment="")
    bare = books.offering("", "bare", name="")
    named = books.offering("", "named", name="Named only")
    day = AS_OF - timedelta(days=1)
    books.order(None, day, (named, 100))
    books.order(odd, AS_OF, (named, 0))
    books.order(odd, AS_OF, (named, 333), (bare, -333, "return"))
    books.order(odd, AS_OF - timedelta(days=364), (None, 1))
    books.order(odd, AS_OF - timedelta(days=363), (None, 10**12 + 1), weight=1 / 3)
    books.order(odd, AS_OF + timedelta(days=1), (named, 5))
    books.order(nobody, day, (named, -700, "return"))
    books.order(nobody, day, (named, 700), currency="USD")
    books.order(nobody, day, key="empty")
    gone = books.order(nobody, day, (named, 9), state="withdrawn")
    late = books.order(nobody, day, (bare, 7), state="open")
    books.promise(gone.key, level_on=day)
    books.promise(late.key, level_on=AS_OF)
    books.promise(late.key, attribute="weight", level=0.1 + 0.2, unit="kg")
    books.delivery(late.key, attribute="weight", level=0.3)
    books.promise("of nobody at all", level_on=day, made_on=day)
    books.delivery("of nobody at all", delivered_on=None)
    books.answer(None, "will", 1e-300, AS_OF, attribute="ψ")
    books.answer(odd, "satisfaction", 10.0, AS_OF, subject_key=late.key)
    books.answer(odd, "satisfaction", 3.0, AS_OF, subject_key=late.key)
    Consent.objects.create(customer=odd, channel="phone", state="refused", said_at=NOW)
    drawn = {"campaign": "Ωδή | 'x'", "propensity": 1 / 3}
    for customer, direction, ago in (
        (odd, "out", 364),
        (odd, "withheld", 364),
        (nobody, "withheld", 2),
        (nobody, "in", 1),
    ):
        books.touch(customer, AS_OF - timedelta(days=ago), direction=direction, **drawn)


def read(engine_url: str | None):
    return turn_inputs.read(
        attach_url(),
        as_of=AS_OF,
        currency="GBP",
        margin_share_by_category={"Chairs": 1 / 3},
        horizon_weeks=52,
        engine_url=engine_url,
    )


def test_every_table_that_a_turn_reads_is_the_same_on_both_engines(spark_url):
    nasty(grown(customers=60))
    adopt(effects=hopeful())
    loop.turn(as_of=AS_OF - timedelta(days=60), seed=3, scope=LEADER, now=NOW)  # decisions, whose outcomes are read too

    here, there = read(None), read(spark_url)

    assert list(here) == list(there)
    assert {name: differences(here[name], there[name])[:5] for name in here} == {name: [] for name in here}
    assert all(here[name].num_rows for name in here)


def test_a_turn_on_spark_decides_as_one_on_duckdb_and_is_replayed_without_spark(spark_url):
    grown(customers=60)
    adopt(effects=hopeful())
    settings = {"as_of": AS_OF, "seed": 3, "scope": LEADER, "now": NOW}
    here = loop.turn(dry_run=True, **settings).to_json()
    there = loop.turn(engine_url=spark_url, **settings).to_json()
    again = loop.replay(1, scope=LEADER).to_json()

    what = ("kind", "subject", "held_out", "cost", "because")
    assert here["decisions"]
    assert [[d[k] for k in what] for d in here["decisions"]] == [[d[k] for k in what] for d in there["decisions"]]
    assert [d["expected_gain"]["mean"] for d in there["decisions"]] == pytest.approx(
        [d["expected_gain"]["mean"] for d in here["decisions"]], rel=1e-9
    )
    assert again["decisions"] == there["decisions"]
    assert here["promises"] == there["promises"]
    assert here["seen"] == there["seen"]


@pytest.mark.parametrize("url", ["spark://127.0.0.1:1", "spark://no port", "spork://127.0.0.1:7077", "duckdb"])
def test_an_engine_that_does_not_answer_is_refused_at_once(url):
    adopt()
    with pytest.raises((EngineUnknown, spark_unreachable())) as refused:
        loop.turn(as_of=AS_OF, scope=LEADER, now=datetime(2026, 3, 2, tzinfo=UTC), engine_url=url)

    assert "leave --engine out" in str(refused.value).lower()


def spark_unreachable() -> type[Exception]:
    from eigenform.analytics.spark import SparkUnreachable

    return SparkUnreachable
