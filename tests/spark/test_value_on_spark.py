"""`eigenform value` says the same on a Spark cluster as on DuckDB, on a log with every nasty value that we know of."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from eigenform.analytics import lifetime
from eigenform.analytics.lifetime.scoring import COLUMNS, ScoresUnwritable
from eigenform.analytics.purchase_log import Columns, Window
from eigenform.analytics.purchase_log.asked import ask
from eigenform.analytics.purchase_log.opening import opened
from eigenform.analytics.purchase_log.refusals import LogUnreadable
from eigenform.analytics.purchase_log.shared import define_kept
from eigenform.cli.main import main
from tests.analytics.nasty_log import TO, UNTIL, nasty_log
from tests.spark.agreement import differences

pytestmark = pytest.mark.spark

LOG = Columns("who", "at", "paid")
BY_WHAT = {"day": Window(until_on=UNTIL, to_on=TO), "exact": Window(until_on=UNTIL, to_on=TO, grain="exact")}
QUERIES = (
    "log_summary",
    "log_cells",
    "log_spend",
    "log_cell_spend",
    "log_refunds",
    "log_returned",
    "log_holdout",
)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A folder of two Parquet files, as clusters keep them."""
    folder = tmp_path_factory.mktemp("log") / "purchases"
    folder.mkdir()
    rows = nasty_log()
    half = rows.num_rows // 2
    pq.write_table(rows.slice(0, half), folder / "first.parquet")
    pq.write_table(rows.slice(half), folder / "second.parquet")
    return folder


def answers(log, window: Window, engine_url: str | None) -> dict[str, pa.Table]:
    with opened(log, engine_url) as file:
        asked = ask(file, LOG, window)
        define_kept(asked)
        return {query: asked.table(query) for query in QUERIES}


@pytest.mark.parametrize("grain", BY_WHAT)
def test_every_query_of_a_log_answers_alike_on_both_engines(spark_url, log, grain):
    here, there = answers(log, BY_WHAT[grain], None), answers(log, BY_WHAT[grain], spark_url)

    assert {name: differences(here[name], there[name])[:5] for name in here} == {name: [] for name in here}
    assert all(here[name].num_rows for name in here)


def run(*arguments: str) -> dict:
    result = CliRunner().invoke(main, ["value", *arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def options(log) -> list[str]:
    named = ["--data", str(log), "--customer", "who", "--date", "at", "--amount", "paid"]
    return [*named, "--until", str(UNTIL), "--to", str(TO)]


def test_models_are_fitted_and_compared_alike(spark_url, log):
    here = run("compare", "--model", "bg-nbd", *options(log))
    there = run("compare", "--model", "bg-nbd", *options(log), "--engine", spark_url)

    assert there == here
    assert here["models"][0]["status"] == "converged"
    assert here["models"][0]["holdout"]["actual"] > 100


def test_amounts_are_fitted_alike(spark_url, log):
    here = run("fit", "--model", "gamma-gamma", *options(log))
    there = run("fit", "--model", "gamma-gamma", *options(log), "--engine", spark_url)

    assert there["parameters"] == pytest.approx(here["parameters"], rel=1e-5)
    assert there["customers"] == here["customers"] > 100


def test_every_customer_is_scored_alike_by_the_cluster(spark_url, log, tmp_path):
    asked = ["score", *options(log), "--horizon-weeks", "26", "--discount-per-year", "0.1"]
    here = run(*asked, "--out", str(tmp_path / "here.parquet"))
    there = run(*asked, "--out", str(tmp_path / "there"), "--engine", spark_url)

    each, looked_up = (pq.read_table(tmp_path / name).sort_by("customer") for name in ("here.parquet", "there"))
    assert looked_up.column_names == each.column_names == ["customer", *COLUMNS]
    assert looked_up.column("customer").to_pylist() == each.column("customer").to_pylist()
    for name in COLUMNS:
        np.testing.assert_allclose(
            looked_up.column(name).to_numpy(),
            each.column(name).to_numpy(),
            rtol=1e-5 if name.startswith("value") else 1e-9,
            atol=1e-9,
            err_msg=name,
        )
    assert list(there) == list(here)
    assert there["customers"] == here["customers"] == each.num_rows
    assert there["warnings"] == here["warnings"]
    assert there["totals"]["value"] == pytest.approx(here["totals"]["value"], rel=1e-5)
    assert any(path.name == "_SUCCESS" for path in (tmp_path / "there").iterdir())


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ({"who": ["a"], "at": ["2024-01-01"], "paid": [1.0]}, "column at holds VARCHAR"),
        ({"who": ["a"], "at": pa.array([0], pa.date32()), "paid": ["1.00"]}, "column paid holds text"),
        ({"who": ["a"], "at": pa.array([0], pa.timestamp("ns")), "paid": [1.0]}, "column at holds TIMESTAMP_NS"),
    ],
)
def test_what_engines_would_read_otherwise_is_refused(spark_url, tmp_path, rows, problem):
    pq.write_table(pa.table(rows), tmp_path / "log.parquet", version="2.6")

    with pytest.raises(LogUnreadable, match=problem):
        lifetime.fit(lifetime.Source(tmp_path / "log.parquet", LOG, engine_url=spark_url), model="bg-nbd")


def test_a_cluster_takes_parquet_only_and_overwrites_nothing_else(spark_url, log, tmp_path):
    (tmp_path / "log.csv").write_text("who,at,paid\na,2024-01-01,1\n", encoding="utf-8")
    with pytest.raises(LogUnreadable, match="Write it as Parquet first"):
        lifetime.fit(lifetime.Source(tmp_path / "log.csv", LOG, engine_url=spark_url), model="bg-nbd")

    with pytest.raises(ScoresUnwritable, match=r"something else \(log.csv\)"):
        lifetime.score(
            lifetime.Source(log, LOG, engine_url=spark_url), model="bg-nbd", horizon=lifetime.Horizon(), out=tmp_path
        )
    assert (tmp_path / "log.csv").exists()
