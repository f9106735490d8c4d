"""One SQL text, two engines: the queries of `sql/` are DuckDB's, and this turns them into Spark's.

Most of SQL means the same in both. What does not is refused by `banned`, which a test asks about every query: forms
that one engine reads otherwise, rounds otherwise or orders otherwise without a word. Each is named with what to write
instead. Found by running both engines on one table of nasty values.
"""

from collections.abc import Iterator
from typing import Final

import sqlglot
from sqlglot import exp

_INTEGERS: Final = (exp.DataType.Type.INT, exp.DataType.Type.BIGINT, exp.DataType.Type.SMALLINT)
_ROUNDED: Final = (exp.Floor, exp.Ceil, exp.Round, exp.Trunc)
_BANNED_CALLS: Final = {
    exp.ApproxDistinct: "an approximate count differs between engines; write count(DISTINCT x)",
    exp.ApproxQuantile: "an approximate quantile differs between engines; write percentile(x, p)",
    exp.PercentileCont: "it becomes an approximation on Spark; write percentile(x, p)",
    exp.PercentileDisc: "it becomes an approximation on Spark; write percentile(x, p)",
    exp.Quantile: "it becomes an approximation on Spark; write percentile(x, p)",
    exp.Median: "it becomes an approximation on Spark; write percentile(x, 0.5)",
    exp.DayOfWeek: "the week begins on another day; write date_diff('day', DATE '1970-01-05', x) % 7",
    exp.DayOfWeekIso: "Spark refuses it; write date_diff('day', DATE '1970-01-05', x) % 7",
    exp.Levenshtein: "bytes in one engine, characters in the other",
    exp.First: "which is first is not fixed; write min_by or row_number",
    exp.Last: "which is last is not fixed; write max_by or row_number",
    exp.Mode: "ties are broken otherwise; count and rank",
}
_BANNED_NAMES: Final = {
    "hash": "the engines hash otherwise",
    "quantile_cont": "it becomes an approximation on Spark; write percentile(x, p)",
    "quantile_disc": "it becomes an approximation on Spark; write percentile(x, p)",
    "isodow": "Spark refuses it; write date_diff('day', DATE '1970-01-05', x) % 7",
}


def to_spark(text: str) -> str:
    """Return a DuckDB query as Spark SQL: names bound as `:name`, answers of earlier queries as plain views."""
    tree = sqlglot.parse_one(text, read="duckdb").transform(_as_spark_has_it)
    return str(tree.sql(dialect="spark", comments=False))


def tables(text: str) -> set[str]:
    """Return the names of the tables that a query reads, its own WITH names left out."""
    tree = sqlglot.parse_one(text, read="duckdb")
    own = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    return {table.name for table in tree.find_all(exp.Table)} - own


def banned(text: str) -> list[str]:
    """Return every form in a query that the two engines understand differently, each with what to write instead."""
    return [problem for node in sqlglot.parse_one(text, read="duckdb").walk() for problem in _problems(node)]


def _problems(node: exp.Expr) -> Iterator[str]:
    for kind, why in _BANNED_CALLS.items():
        if type(node) is kind:
            yield f"{node.sql('duckdb')}: {why}"
    if isinstance(node, exp.Anonymous) and node.name.lower() in _BANNED_NAMES:
        yield f"{node.sql('duckdb')}: {_BANNED_NAMES[node.name.lower()]}"
    if isinstance(node, exp.Cast) and node.to.this in _INTEGERS and not isinstance(node.this, (*_ROUNDED, exp.Literal)):
        yield f"{node.sql('duckdb')}: DuckDB rounds, Spark cuts off; write CAST(floor(x) AS BIGINT)"
    if isinstance(node, exp.Div) and not isinstance(node.expression, (exp.Nullif, exp.Literal)):
        yield f"{node.sql('duckdb')}: nothing over 0 is NULL here and an error there; divide by nullif(x, 0)"
    if isinstance(node, exp.Div) and isinstance(node.expression, exp.Literal) and "e" not in node.expression.name:
        yield f"{node.sql('duckdb')}: Spark divides as decimals; write the number as 7e0"
    if isinstance(node, exp.DateDiff) and str(node.args.get("unit")).strip("'").upper() != "DAY":
        yield f"{node.sql('duckdb')}: other units than days count otherwise; use days or epoch seconds"
    if isinstance(node, exp.Extract) and node.name.lower() in ("dow", "isodow", "week"):
        yield f"{node.sql('duckdb')}: the week begins on another day; count days from a Monday"
    if isinstance(node, (exp.ArrayAgg, exp.GroupConcat)) and node.find(exp.Order):
        yield f"{node.sql('duckdb')}: Spark loses the order; write list_sort over the list"


def _as_spark_has_it(node: exp.Expr) -> exp.Expr:
    """Spark knows answers of earlier queries as plain temporary views, and counts microseconds of its own type only."""
    if isinstance(node, exp.Anonymous) and node.name.lower() == "epoch_us":
        instants = [exp.cast(time, exp.DataType.Type.TIMESTAMPTZ) for time in node.expressions]
        return exp.Anonymous(this="UNIX_MICROS", expressions=instants)
    if isinstance(node, exp.Table) and node.catalog == "memory":
        return exp.table_(node.name, alias=node.alias or None)
    return node
