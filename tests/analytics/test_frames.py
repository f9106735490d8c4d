"""Frames of any make in, the same histories out; scores back as a table that any make reads."""

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from eigenform.analytics.frames import FrameUnusable, from_arrow, to_arrow
from eigenform.value.lifetime import ImpossibleHistory, bg_nbd

COLUMNS = {"id": ["x", "y", "z"], "x": [0, 2, 5], "t_x": [0.0, 3.5, 9.0], "T": [10, 10, 12], "z": [None, 4.25, 8.0]}
NAMES = {"repeats": "x", "last": "t_x", "age": "T", "mean_spend": "z", "customer": "id"}


def as_pandas():
    return pytest.importorskip("pandas").DataFrame(COLUMNS)


def as_duckdb():
    given = pa.table(COLUMNS)
    return duckdb.from_arrow(given)


class Stranger:
    """A frame of which nothing is known but that it speaks Arrow."""

    def __arrow_c_stream__(self, requested_schema=None):
        return pa.table(COLUMNS).__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize("make", [lambda: pa.table(COLUMNS), as_pandas, as_duckdb, Stranger])
def test_every_make_of_frame_gives_the_same_histories(make):
    got = from_arrow(make(), **NAMES)

    assert got.customers.to_pylist() == ["x", "y", "z"]
    np.testing.assert_array_equal(got.summary.repeats, [0, 2, 5])
    np.testing.assert_array_equal(got.summary.last_week, [0, 3.5, 9])
    np.testing.assert_array_equal(got.summary.age_weeks, [10, 10, 12])
    np.testing.assert_array_equal(got.summary.mean_spend, [np.nan, 4.25, 8])
    assert got.summary.weight is None


def test_scores_go_back_with_their_ids_and_in_order():
    read = from_arrow(pa.table(COLUMNS), **NAMES)
    scores = bg_nbd.score(bg_nbd.Parameters(0.243, 4.414, 0.793, 2.426), read.summary, weeks=52)

    table = to_arrow({"p_alive": scores.p_alive, "value": [np.nan, 1.5, 2.5]}, customers=read.customers)

    assert table.column_names == ["customer", "p_alive", "value"]
    assert table.column("customer").to_pylist() == ["x", "y", "z"]
    assert table.column("p_alive").to_pylist() == scores.p_alive.tolist()
    assert table.column("value").to_pylist() == [None, 1.5, 2.5]
    assert duckdb.from_arrow(table).sum("value").fetchall() == [(4.0,)]
    assert list(table.to_pandas().columns) == table.column_names if _has_pandas() else True


def _has_pandas() -> bool:
    import importlib.util

    return importlib.util.find_spec("pandas") is not None


@pytest.mark.parametrize(
    ("frame", "names", "said"),
    [
        ([1, 2], NAMES, "a list does not speak Arrow"),
        (pa.table({"x": [1]}), NAMES, "no column t_x"),
        (pa.table(COLUMNS), NAMES | {"repeats": "id"}, "column id does not hold numbers"),
        (pa.table(COLUMNS), NAMES | {"customer": "ID"}, "no column ID"),
    ],
)
def test_what_is_no_frame_of_histories_is_refused(frame, names, said):
    with pytest.raises(FrameUnusable, match=said):
        from_arrow(frame, **names)


def test_impossible_histories_are_refused_with_their_row():
    with pytest.raises(ImpossibleHistory) as refused:
        from_arrow(pa.table({"repeats": [0, 1], "last_week": [0.0, 9.0], "age_weeks": [3.0, 8.0]}))
    assert refused.value.row == 1


def test_columns_of_different_lengths_make_no_table():
    with pytest.raises(FrameUnusable, match=r"different lengths: \[2, 3\]"):
        to_arrow({"p_alive": [0.1, 0.2]}, customers=pa.array(["a", "b", "c"]))
