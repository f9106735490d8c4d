"""Scores looked up by a join are those worked out customer by customer, and histories that are shared say the same."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eigenform.analytics import lifetime, purchase_log
from eigenform.analytics.lifetime import by_history, scoring
from eigenform.analytics.purchase_log import Columns, Window
from tests.analytics.nasty_log import TO, UNTIL, nasty_log

LOG = Columns("who", "at", "paid")
GRAINS = ("day", "exact", "day-corrected")


def scores(path) -> pa.Table:
    table = pq.read_table(path)
    return table.sort_by("customer")


def whole(table: pa.Table, name: str) -> np.ndarray:
    return table.column(name).to_numpy()


@pytest.mark.parametrize("columns", [LOG, Columns("who", "at")], ids=["amounts", "no amounts"])
@pytest.mark.parametrize("grain", GRAINS)
def test_each_customer_gets_the_same_score_by_either_way(tmp_path, grain, columns):
    source = lifetime.Source(nasty_log(), columns, Window(until_on=UNTIL, to_on=TO, grain=grain))
    asked = {"model": "bg-nbd", "horizon": lifetime.Horizon(26.0, 0.1)}

    each = scoring.score(source, out=tmp_path / "each.parquet", **asked)
    shared = by_history.score(source, columns, out=tmp_path / "shared.parquet", **asked)

    here, there = scores(tmp_path / "each.parquet"), scores(tmp_path / "shared.parquet")
    assert here.column_names == there.column_names == ["customer", *scoring.COLUMNS]
    assert here.column("customer").to_pylist() == there.column("customer").to_pylist()
    for name in scoring.COLUMNS:
        rel = 1e-5 if name.startswith("value") else 1e-9
        np.testing.assert_allclose(whole(there, name), whole(here, name), rtol=rel, atol=1e-9, err_msg=name)
    assert shared.customers == each.customers
    assert shared.warnings == each.warnings
    assert [m.parameters for m in shared.models] == [pytest.approx(m.parameters, rel=1e-5) for m in each.models]
    for name, total in each.totals.items():
        assert shared.totals[name] == pytest.approx(total, rel=1e-5)


@pytest.mark.parametrize("grain", GRAINS)
def test_shared_histories_stand_for_every_customer(grain):
    window = Window(until_on=UNTIL, to_on=TO, grain=grain)

    each = purchase_log.read(nasty_log(), LOG, window, timed_holdout=True)
    shared = purchase_log.read_shared(nasty_log(), LOG, window, timed_holdout=True)

    told = [each.summary.repeats, each.summary.last_week, each.summary.age_weeks, each.actual]
    distinct, counts = np.unique(np.stack(told, axis=1), axis=0, return_counts=True)
    rows = np.stack([shared.summary.repeats, shared.summary.last_week, shared.summary.age_weeks, shared.actual], axis=1)
    order = np.lexsort(rows.T[::-1])
    np.testing.assert_array_equal(rows[order], distinct)
    np.testing.assert_array_equal(shared.summary.weight[order], counts)
    np.testing.assert_array_equal(np.sort(shared.time_of_actual), np.sort(each.time_of_actual))
    assert (shared.warnings, shared.held_out, shared.rows_read) == (each.warnings, each.held_out, each.rows_read)


def test_pairs_of_repeats_and_mean_amount_stand_for_all_who_came_back():
    window = Window(until_on=UNTIL, to_on=TO)

    each = purchase_log.read(nasty_log(), LOG, window).summary
    pairs = purchase_log.read_spend(nasty_log(), LOG, window).summary

    back = each.repeats > 0
    known = back & np.isfinite(each.spend)
    assert pairs.customers == back.sum()
    assert pairs.weight[np.isnan(pairs.spend)].sum() == (back & np.isnan(each.spend)).sum() > 0
    pooled = np.repeat(pairs.spend, pairs.weight.astype(int))
    np.testing.assert_allclose(np.sort(pooled[np.isfinite(pooled)]), np.sort(each.spend[known]), rtol=1e-12)


def test_the_median_of_shared_amounts_is_that_of_all():
    rng = np.random.default_rng(5)
    for customers in (1, 2, 3, 10, 11):
        spend = rng.integers(1, 4, customers).astype(float)
        amounts, counts = np.unique(spend, return_counts=True)
        one = np.ones(len(amounts))
        shared = lifetime.bases.Summary(one, one, one, amounts, counts)

        assert by_history._median(shared) == np.median(spend)
