"""The queries of `analytics/sql` read what packages publish: views `v_<noun>`, and answers of earlier queries."""

import json
import re

import duckdb
import pytest

from eigenform.analytics import dialect
from tests.architecture.source import ROOT, SOURCE

QUERIES = sorted((SOURCE / "analytics").rglob("*.sql"))
GIVEN = re.compile(r"\.(?:give|keep)\(\s*\"(\w+)\"")


def tables_in(sql: str) -> set[str]:
    """Return the tables that a query reads, its own WITH names left out; DuckDB's parser tells."""
    (text,) = duckdb.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
    tree = json.loads(text)
    assert not tree["error"], tree
    read, named = set(), set()
    walk(tree["statements"], read, named)
    return read - named


def walk(node, read: set[str], named: set[str]) -> None:
    if isinstance(node, list):
        for child in node:
            walk(child, read, named)
    elif isinstance(node, dict):
        if node.get("type") == "BASE_TABLE":
            read.add(node["table_name"])
        named |= {entry["key"] for entry in node.get("cte_map", {}).get("map", [])}
        for child in node.values():
            walk(child, read, named)


@pytest.mark.parametrize("query", QUERIES, ids=lambda p: p.stem)
def test_a_query_reads_published_views_only(query):
    sources = "".join(f.read_text(encoding="utf-8") for f in SOURCE.rglob("*.py"))
    earlier = {q.stem for q in QUERIES} | set(GIVEN.findall(sources))

    read = tables_in(query.read_text(encoding="utf-8"))

    assert {t for t in read if not t.startswith("v_") and t not in earlier} == set()


@pytest.mark.parametrize("query", QUERIES, ids=lambda p: p.stem)
def test_a_query_means_the_same_on_duckdb_and_on_spark(query):
    assert dialect.banned(query.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "form",
    [
        "cast(x AS int)", "x / y", "x / 7.0", "date_diff('month', a, b)", "median(x)", "quantile_cont(x, 0.5)", "mode(x)",
        "string_agg(x, ',' ORDER BY y)", "list(x ORDER BY y)", "dayofweek(d)", "extract(dow FROM d)", "first(x)",
        "hash(x)", "approx_count_distinct(x)", "levenshtein(x, y)",
    ],
)  # fmt: skip
def test_a_form_that_the_engines_read_otherwise_is_found(form):
    assert len(dialect.banned(f"SELECT {form} FROM v_order")) == 1


@pytest.mark.parametrize(
    "form", ["cast(floor(x) AS bigint)", "x / nullif(y, 0)", "x / 7e0", "date_diff('day', a, b)", "max_by(x, y)"]
)
def test_a_form_that_both_read_alike_is_left_alone(form):
    assert dialect.banned(f"SELECT {form} FROM v_order") == []


def test_microseconds_are_counted_of_the_type_that_spark_counts():
    assert dialect.to_spark("SELECT epoch_us(t) AS n FROM x") == "SELECT UNIX_MICROS(CAST(t AS TIMESTAMP)) AS n FROM x"


def test_every_view_that_a_query_reads_is_published():
    published = set()
    for migration in ROOT.glob("src/eigenform/*/migrations/*.py"):
        published |= {f"v_{noun}" for noun in re.findall(r"view\(\s*\"(\w+)\"", migration.read_text(encoding="utf-8"))}
    read = {t for q in QUERIES for t in tables_in(q.read_text(encoding="utf-8")) if t.startswith("v_")}

    assert read <= published


def test_the_reader_of_queries_sees_through_subqueries_and_with():
    nested = "SELECT 1 FROM sales_order WHERE day <= $as_of"

    outer = f"WITH a AS (SELECT * FROM v_order) SELECT * FROM a JOIN ({nested}) b ON true"

    assert tables_in(outer) == {"v_order", "sales_order"}
