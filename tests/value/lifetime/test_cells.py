"""Cells: equal histories are counted once, and everybody finds their own again."""

import numpy as np
import pytest

from eigenform.value.lifetime import ImpossibleHistory, Summary
from eigenform.value.lifetime.cells import collapse


def histories(n, *, grid_weeks=None, seed=1):
    rng = np.random.default_rng(seed)
    repeats = rng.poisson(1.5, n).astype(float)
    age_weeks, share = rng.uniform(10.0, 20.0, n), rng.uniform(0.2, 1.0, n)
    if grid_weeks:
        age_weeks = np.round(age_weeks / grid_weeks) * grid_weeks
        share = np.round(share * 20) * grid_weeks / age_weeks
    last_week = np.where(repeats > 0, share * age_weeks, 0.0)
    return Summary(repeats, last_week, age_weeks, weight=rng.integers(0, 4, n))


@pytest.mark.parametrize("grid_weeks", [1 / 7, 0.1, None], ids=["days", "tenths of a week", "exact times"])
def test_every_customer_finds_their_own_history_again(grid_weeks):
    summary = histories(3000, grid_weeks=grid_weeks)

    cells = collapse(summary)

    np.testing.assert_array_equal(cells.summary.repeats[cells.of], summary.repeats)
    np.testing.assert_allclose(cells.summary.last_week[cells.of], summary.last_week, rtol=1e-12)
    np.testing.assert_allclose(cells.summary.age_weeks[cells.of], summary.age_weeks, rtol=1e-12)
    for table, weeks in ((cells.age, cells.summary.age_weeks), (cells.last, cells.summary.last_week)):
        np.testing.assert_array_equal(table.repeats[table.of], cells.summary.repeats)
        np.testing.assert_allclose(table.weeks[table.of], weeks, rtol=1e-12)
        assert len(np.unique(np.stack([table.repeats, table.weeks]), axis=1).T) == len(table)


def test_weights_of_equal_histories_add_up():
    cells = collapse(Summary([1, 0, 1, 2], [3, 0, 3, 4], [9, 9, 9, 9], weight=[2, 5, 4, 0]))

    assert cells.of.tolist() == [1, 0, 1, 2]
    assert cells.summary.weights.tolist() == [5, 6, 0]
    assert cells.summary.customers == 11
    assert collapse(cells) is cells


def test_days_collapse_and_exact_times_do_not():
    assert len(collapse(histories(3000, grid_weeks=1 / 7))) < 2000
    assert len(collapse(histories(3000).rows(histories(3000).repeats > 0))) > 2300


def test_a_base_of_nobody_is_refused():
    with pytest.raises(ImpossibleHistory, match="no customers"):
        collapse(Summary([], [], []))
