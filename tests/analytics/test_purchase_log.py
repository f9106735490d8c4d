"""A purchase log's histories, pinned to plain Python, to the published base, and to what nasty files hold."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenform.analytics.engine import EngineUnknown
from eigenform.analytics.purchase_log import Columns, Window, read
from eigenform.analytics.purchase_log.refusals import (
    LogCellUnreadable,
    LogColumnUnknown,
    LogCurrenciesMixed,
    LogUnreadable,
    LogWindowEmpty,
)

BEGAN = datetime(2024, 1, 1)
LOG = Columns("who", "day", "paid")


def frame(rows, *, kind=None) -> pa.Table:
    who, day, paid = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table({"who": list(who), "day": pa.array(day, kind or pa.date32()), "paid": pa.array(paid, pa.float64())})


def in_python(rows, *, until: date, to: date, moment, units, end):
    """Return {customer: (repeats, last, age, mean spend, held-out purchases)} by the definitions alone."""
    events = defaultdict(lambda: defaultdict(float))
    for who, at, paid in rows:
        if who is not None and at.date() <= to and paid >= 0:
            events[who][moment(at)] += paid
    found = {}
    for who, amounts in events.items():
        known = sorted(m for m in amounts if m <= moment(datetime.combine(until, datetime.max.time())))
        if not known:
            continue
        repeats = known[1:]
        spend = sum(amounts[m] for m in repeats) / len(repeats) if repeats else None
        last, age = (known[-1] - known[0]) / units, (end - known[0]) / units
        found[who] = (len(repeats), last, age, spend, len(amounts) - len(known))
    return found


purchases = st.lists(
    st.tuples(
        st.sampled_from(["ada", "bea", "cid", None]),
        st.integers(0, 90 * 24 * 60).map(lambda minutes: BEGAN + timedelta(minutes=minutes)),
        st.integers(0, 500).map(lambda pennies: pennies / 4),
    ),
    min_size=1,
    max_size=25,
)
GRAINS = {
    "day": (Window(grain="day"), lambda at: (at.date() - date(1970, 1, 1)).days, 7.0, False),
    "exact": (Window(grain="exact"), lambda at: at.replace(tzinfo=UTC).timestamp(), 7.0 * 86400, True),
    "month": (Window(unit="month", counted=True), lambda at: at.year * 12 + at.month, 1.0, False),
    "weeks from Monday": (Window(counted=True), lambda at: (at.date() - date(1969, 12, 29)).days // 7, 1.0, False),
}


@pytest.mark.parametrize("grain", GRAINS)
@settings(max_examples=40)
@given(rows=purchases, until_day=st.integers(0, 90), more_days=st.integers(0, 40))
def test_histories_are_what_plain_python_says(grain, rows, until_day, more_days):
    if grain == "exact" and all(at.time() == datetime.min.time() for _, at, _ in rows):
        grain = "day"  # without a time of day both are the same
    kind, moment, units, instants = GRAINS[grain]
    until = BEGAN.date() + timedelta(days=until_day)
    if grain == "month":
        until = until.replace(day=1) - timedelta(days=1)
    if grain == "weeks from Monday":
        until -= timedelta(days=until.weekday() + 1)
    to = until + timedelta(days=more_days)
    end = moment(datetime.combine(until + timedelta(days=1 if instants else 0), datetime.min.time()))
    expected = in_python(rows, until=until, to=to, moment=moment, units=units, end=end)
    window = Window(until_on=until, to_on=to, unit=kind.unit, grain=kind.grain, counted=kind.counted)
    log = frame(rows, kind=pa.timestamp("us"))

    if not expected:
        with pytest.raises(LogWindowEmpty):
            read(log, LOG, window)
        return
    got = read(log, LOG, window)

    assert got.customers.to_pylist() == sorted(expected)
    wanted = np.array([[np.nan if cell is None else cell for cell in expected[who]] for who in sorted(expected)])
    np.testing.assert_array_equal(got.summary.repeats, wanted[:, 0])
    np.testing.assert_allclose(got.summary.last_week, wanted[:, 1], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(got.summary.age_weeks, wanted[:, 2], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(got.summary.spend, wanted[:, 3], rtol=1e-12)
    if got.actual is None:
        assert moment(datetime.combine(to, datetime.min.time())) <= end or instants
    else:
        np.testing.assert_array_equal(got.actual, wanted[:, 4])


def test_the_published_base_comes_out_of_the_published_log(shared_data):
    got = read(shared_data / "cdnow" / "CDNOW_sample.txt", Columns("2", "3", "5"), Window(until_on=date(1997, 9, 30)))

    published = np.genfromtxt(shared_data / "cdnow" / "cdnow_customers_summary_with_transactions.csv", delimiter=",")[
        1:
    ]
    assert got.customers.to_pylist() == [f"{n:04d}" for n in range(1, 2358)]
    np.testing.assert_array_equal(got.summary.repeats, published[:, 1])
    np.testing.assert_allclose(got.summary.last_week, published[:, 2], atol=0.0051)
    np.testing.assert_allclose(got.summary.age_weeks, published[:, 3], atol=0.0051)
    np.testing.assert_allclose(np.nan_to_num(got.summary.spend), published[:, 4], atol=0.0051)
    assert (got.actual.sum(), got.held_out, got.to_on) == (1882, 39.0, date(1998, 6, 30))


def test_the_whole_log_counts_what_its_readme_counts(shared_data):
    columns = Columns("customer_id", "date", "dollar_value")
    got = read(shared_data / "cdnow" / "CDNOW_master.txt.gz", columns, Window(until_on=date(1997, 9, 30)))

    assert (len(got), got.rows_read, (got.summary.repeats > 0).sum(), got.actual.sum()) == (23570, 69659, 9451, 19684)
    assert ((got.summary.spend == 0) & (got.summary.repeats > 0)).sum() == 1  # only free orders: kept


def test_a_wholesalers_lines_with_returns_and_without_customers(shared_data):
    columns = Columns("CustomerID", "InvoiceDate", "Quantity*UnitPrice")
    got = read(shared_data / "online_retail" / "online_retail.parquet", columns)

    assert (len(got), got.rows_read, got.customers.type) == (4339, 541_909, pa.int64())
    assert got.warnings[0] == "135,080 of 541,909 rows name no customer and were left out."
    assert (got.summary.spend[got.summary.repeats > 0] >= 0).all()


# what nasty files hold -----------------------------------------------------------------------------------------------


def written(folder: Path, text: str, name: str = "log.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


HEAD = "who,day,paid\n"
BAD = {
    "a column that is not there": (HEAD + "a,2024-01-01,1\n", Columns("whom", "day"), LogColumnUnknown, {
        "column": "whom", "known": ["who", "day", "paid"], "remedy": "Did you mean who?"}),
    "a factor that is not there": (HEAD + "a,2024-01-01,1\n", Columns("who", "day", "paid*rate"), LogColumnUnknown, {
        "column": "rate"}),
    "a date that is none": (HEAD + "a,2024-01-01,1\nb,2024-02-30,1\nc,soon,1\n", LOG, LogCellUnreadable, {
        "column": "day", "row": 3, "value": "2024-02-30", "rows": 2}),
    "a date left empty": (HEAD + "a,2024-01-01,1\nb,,1\n", LOG, LogCellUnreadable, {"row": 3, "value": "", "rows": 1}),
    "a date written otherwise": (HEAD + "a,31.12.2024,1\n", LOG, LogCellUnreadable, {"row": 2, "value": "31.12.2024"}),
    "an amount with words": (HEAD + "a,2024-01-01,1\na,2024-02-01,free\n", LOG, LogCellUnreadable, {
        "column": "paid", "row": 3, "value": "free", "rows": 1}),
    "an amount with thousands marks": (HEAD + 'a,2024-01-01,"1,234.50"\n', LOG, LogCellUnreadable, {"row": 2}),
    "signs of two currencies": (HEAD + "a,2024-01-01,£1\na,2024-02-01,$2\nb,2024-02-01,$3\n", LOG, LogCurrenciesMixed, {
        "currencies": {"$": 2, "£": 1}}),
    "nothing but a header": (HEAD, LOG, LogWindowEmpty, {}),
    "only customers without a name": (HEAD + ",2024-01-01,1\nNaN,2024-01-01,1\n", LOG, LogWindowEmpty, {}),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_log_is_refused_with_its_place(case, tmp_path):
    text, columns, refusal, facts = BAD[case]

    with pytest.raises(refusal) as refused:
        read(written(tmp_path, text), columns)

    assert {name: refused.value.facts()[name] for name in facts} == facts
    assert refused.value.facts()["file"] == "log.csv"
    assert refused.value.facts().get("remedy")


def test_a_column_of_currencies_must_hold_one(tmp_path):
    text = "who,day,paid,in\na,2024-01-01,1,GBP\nb,2024-01-01,1,EUR\nb,2024-01-02,1,EUR\n"
    with pytest.raises(LogCurrenciesMixed) as refused:
        read(written(tmp_path, text), Columns("who", "day", "paid", currency="in"))

    assert refused.value.currencies == {"EUR": 2, "GBP": 1}
    same = written(tmp_path, text.replace("GBP", "EUR"))
    assert len(read(same, Columns("who", "day", "paid", currency="in"))) == 2


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("log.xls", b"x", "its name does not say what it is"),
        ("log.parquet", b"no parquet", "too small to be a Parquet file"),
        ("log.csv.gz", b"no gzip", "GZIP"),
        ("missing.csv", None, "there is no such file"),
        ("empty.txt", b"", "it is empty"),
    ],
)
def test_a_file_that_is_not_what_it_seems_is_refused(name, content, problem, tmp_path):
    if content is not None:
        (tmp_path / name).write_bytes(content)

    with pytest.raises(LogUnreadable) as refused:
        read(tmp_path / name, LOG)

    assert problem.lower() in str(refused.value).lower()


def test_what_is_no_table_and_no_engine_is_refused(tmp_path):
    with pytest.raises(LogUnreadable, match="a list is no table"):
        read([1, 2], LOG)
    with pytest.raises(EngineUnknown):
        read(written(tmp_path, HEAD), LOG, engine_url="postgres://here")


def test_the_future_and_what_lies_after_the_window_are_left_out_and_said(tmp_path):
    log = written(tmp_path, HEAD + "a,2024-01-01,1\na,2024-01-08,1\na,2999-01-01,1\n")

    told = read(log, LOG, Window(today=date(2024, 3, 1)))
    asked = read(log, LOG, Window(to_on=date(2024, 1, 5), today=date(2024, 3, 1)))
    vouched = read(log, LOG, Window(to_on=date(2999, 12, 31), today=date(2024, 3, 1)))

    assert told.to_on == date(2024, 1, 8)
    assert "1 purchases lie after today (2024-03-01): they cannot have happened yet and were left out." in told.warnings
    assert asked.summary.repeats.tolist() == [0]
    assert "2 purchases lie after 2024-01-05 and were left out." in asked.warnings
    assert vouched.summary.repeats.tolist() == [2]


def test_a_window_the_wrong_way_round_is_refused():
    rows = [("a", date(2024, 1, 1), 1.0), ("a", date(2024, 2, 1), 1.0)]
    with pytest.raises(LogWindowEmpty, match="after the hold-out"):
        read(frame(rows), LOG, Window(until_on=date(2024, 1, 20), to_on=date(2024, 1, 10)))
    with pytest.raises(LogWindowEmpty, match="nobody had bought"):
        read(frame(rows), LOG, Window(until_on=date(2023, 1, 20)))

    later = read(frame(rows), LOG, Window(until_on=date(2024, 3, 1)))
    assert (later.actual, later.held_out, later.summary.age_weeks.tolist()) == (None, 0.0, [60 / 7])


def test_money_given_back_is_no_purchase_and_lowers_spend():
    rows = [
        ("a", date(2024, 1, 1), 50.0), ("a", date(2024, 1, 8), 50.0), ("a", date(2024, 1, 9), -25.0),
        ("b", date(2024, 1, 1), 10.0), ("b", date(2024, 1, 8), 10.0), ("b", date(2024, 1, 8), -70.0),
        ("c", date(2024, 1, 1), -5.0), ("d", date(2024, 1, 15), 1.0),
    ]  # fmt: skip
    got = read(frame(rows), LOG)

    assert got.customers.to_pylist() == ["a", "b", "d"]
    assert got.summary.repeats.tolist() == [1, 1, 0]
    assert got.summary.spend[:2].tolist() == [50.0 * 0.75, 0.0]
    assert "3 amounts below 0" in got.warnings[0]
    assert "1 customers got back more than they had paid: their spend counts as 0." in got.warnings
    assert "1 customers got money back but made no purchase in the log, and were left out." in got.warnings

    as_losses = read(frame(rows), Columns("who", "day", "paid", negative="purchase"))
    assert as_losses.summary.repeats.tolist() == [2, 1, 0, 0]
    assert as_losses.summary.spend[:2].tolist() == [12.5, -60.0]


def test_a_refund_after_the_calibration_changes_nothing_before_it():
    rows = [("a", date(2024, 1, 1), 8.0), ("a", date(2024, 1, 8), 8.0), ("a", date(2024, 2, 1), -8.0)]

    assert read(frame(rows), LOG, Window(until_on=date(2024, 1, 20))).summary.spend.tolist() == [8.0]


def test_unknown_amounts_make_a_customers_spend_unknown():
    rows = [("a", date(2024, 1, 1), 8.0), ("a", date(2024, 1, 8), None), ("b", date(2024, 1, 1), float("nan")),
            ("b", date(2024, 1, 8), 4.0), ("c", date(2024, 1, 1), 1.0), ("c", date(2024, 1, 8), 4.0)]  # fmt: skip
    got = read(frame(rows), LOG)

    assert got.summary.repeats.tolist() == [1, 1, 1]
    assert np.isnan(got.summary.spend).tolist() == [True, True, False]
    assert got.summary.spend[2] == 4.0
    assert got.warnings[0].startswith("2 amounts are missing")


def test_duplicate_lines_and_any_order_make_no_difference(tmp_path):
    rows = [f"a,2024-0{m}-01,5\n" for m in (1, 2, 3)] + ["b,2024-01-15,7\n"]
    once = read(written(tmp_path, HEAD + "".join(rows)), Columns("who", "day"))
    twice = read(written(tmp_path, HEAD + "".join(reversed(rows * 2)), "twice.csv"), Columns("who", "day"))

    for name in ("repeats", "last_week", "age_weeks"):
        assert getattr(once.summary, name).tolist() == getattr(twice.summary, name).tolist()
    doubled = read(tmp_path / "twice.csv", LOG)
    assert doubled.summary.spend[0] == 10.0  # one event, amounts add up


@pytest.mark.parametrize(
    "amounts",
    [(0.1, 0.2, 0.3), (1e9, 0.1, 0.2), (1e-7, 2e-7, 3e-7), (94.65 / 3, 93.84 / 3, 5.69 / 3, 8.49 / 3, 82.73 / 3)],
)
def test_amounts_add_up_to_the_same_in_any_order(amounts):
    first = [("a", date(2024, 1, 1), 0.0)]
    rows = [("a", date(2024, 1, 2), amount) for amount in amounts]
    one_way, other_way = (read(frame(order), LOG).summary.spend[0] for order in (first + rows, rows[::-1] + first))

    assert one_way == other_way
    assert one_way == pytest.approx(sum(amounts), rel=1e-9)


def test_times_with_offsets_become_utc_days_and_it_is_said(tmp_path):
    text = HEAD + (
        "a,2024-01-01T23:30:00-05:00,1\na,2024-01-02T01:00:00+00:00,1\na,2024-01-09 00:30+01:00,1\na,2024-01-10,1\n"
    )
    got = read(written(tmp_path, text), LOG)

    assert got.summary.repeats.tolist() == [2]  # the first two are of one UTC day, the third of the 8th
    assert got.summary.last_week.tolist() == [8 / 7]
    assert "3 times name 3 different offsets from UTC" in got.warnings[0]


def test_times_in_a_zone_become_utc_days():
    times = [
        datetime(2024, 1, 1, 23, tzinfo=UTC),
        datetime(2024, 1, 2, 1, tzinfo=UTC),
        datetime(2024, 1, 2, 6, tzinfo=UTC),
    ]
    there = pa.timestamp("us", "America/New_York")  # 18:00, 20:00 and 01:00 of the day after

    got = read(frame([("a", at, 1.0) for at in times], kind=there), LOG)

    assert got.summary.repeats.tolist() == [1]
    assert got.summary.spend.tolist() == [2.0]
    assert "converted to UTC" in got.warnings[0]


def test_times_of_the_hold_out_are_of_customers_who_were_known():
    rows = [("a", date(2024, 1, 1), 1.0), ("b", date(2024, 1, 20), 1.0)]
    rows += [(who, date(2024, 1, day), 1.0) for who, day in (("a", 11), ("a", 18), ("a", 25), ("b", 25), ("b", 26))]

    got = read(frame(rows), LOG, Window(until_on=date(2024, 1, 10)), timed_holdout=True)

    assert got.time_of_actual.tolist() == [1 / 7, 8 / 7, 15 / 7]
    assert (got.actual.tolist(), got.held_out) == ([3.0], 16 / 7)


def test_exact_grain_keeps_events_of_one_day_apart_and_says_when_it_cannot():
    rows = [("a", datetime(2024, 1, 1, 9), 1.0), ("a", datetime(2024, 1, 1, 21), 3.0)]

    timed = read(frame(rows, kind=pa.timestamp("s")), LOG, Window(grain="exact"))
    untimed = read(frame([("a", date(2024, 1, 1), 1.0)] * 2), LOG, Window(grain="exact"))

    assert (timed.summary.repeats.tolist(), timed.summary.spend.tolist()) == ([1], [3.0])
    np.testing.assert_allclose([timed.summary.last_week[0], timed.summary.age_weeks[0]], [0.5 / 7, 15 / 24 / 7])
    assert untimed.summary.repeats.tolist() == [0]
    assert any("no time of day" in warning for warning in untimed.warnings)


@pytest.mark.parametrize("unit", ["week", "day", "month"])
def test_the_correction_takes_half_a_day_per_purchase_day_in_any_unit(unit):
    rows = [("a", date(2024, 1, day), 1.0) for day in (1, 3, 9)] + [("b", date(2024, 1, 11), 1.0)]
    days = {"day": 1.0, "week": 7.0, "month": 365.2425 / 12}[unit]

    got = read(frame(rows), LOG, Window(unit=unit, grain="day-corrected"))

    np.testing.assert_allclose(got.summary.last_week, [7 / days, 0.0])
    np.testing.assert_allclose(got.summary.age_weeks, [9 / days, 0.0])
    assert any("Corrected for daily dates" in warning for warning in got.warnings)


def test_a_period_is_not_cut_in_two():
    rows = [("a", date(2024, 1, 5), 1.0), ("a", date(2024, 3, 20), 1.0)]
    with pytest.raises(LogWindowEmpty, match="cuts a month in two"):
        read(frame(rows), LOG, Window(until_on=date(2024, 2, 28), unit="month", counted=True))

    got = read(frame(rows), LOG, Window(until_on=date(2024, 2, 29), unit="month", counted=True))
    assert (got.summary.age_weeks.tolist(), got.actual.tolist(), got.held_out) == ([1.0], [1.0], 1.0)
    assert got.warnings == ("2024-03-20 is not the last day of a month: the last month is counted as if it were over.",)


def test_who_came_on_the_last_day_has_age_0_and_is_said():
    got = read(frame([("a", date(2024, 1, 1), 1.0), ("b", date(2024, 1, 9), 1.0)]), LOG)

    assert got.summary.age_weeks.tolist() == [8 / 7, 0.0]
    assert "1 customers bought for the first time on 2024-01-09" in got.warnings[0]


@pytest.mark.parametrize(
    ("text", "format_", "first"),
    [("20240101", None, 0), ("2024-01-01 10:20", None, 0), ("2024/01/01", None, 0), ("01.02.2024", "%d.%m.%Y", 31)],
)
def test_dates_are_read_as_written(text, format_, first, tmp_path):
    log = written(tmp_path, f"{HEAD}a,{text},1\n")

    got = read(log, Columns("who", "day", date_format=format_), Window(until_on=date(2024, 2, 29)))

    assert got.summary.age_weeks.tolist() == [(59 - first) / 7]


def test_ids_keep_leading_zeros_and_whole_numbers_become_numbers(tmp_path):
    zeros = read(written(tmp_path, HEAD + "007,2024-01-01,1\n8,2024-01-01,1\n"), LOG)
    whole = read(written(tmp_path, HEAD + "7,2024-01-01,1\n12,2024-01-01,1\n", "whole.csv"), LOG)
    floats = pa.table({"who": [7.0, None, 12.0], "day": [date(2024, 1, 1)] * 3, "paid": [1.0] * 3})

    assert zeros.customers.to_pylist() == ["007", "8"]
    assert sorted(whole.customers.to_pylist()) == [7, 12]
    assert read(floats, LOG).customers.to_pylist() == [7, 12]


def test_amounts_with_one_currency_sign_are_read_and_said(tmp_path):
    got = read(written(tmp_path, HEAD + "a,2024-01-01,£1.50\na,2024-02-01,£ 2.50\na,2024-03-01,3.50\n"), LOG)

    assert got.summary.spend.tolist() == [3.0]
    assert got.warnings == ("Amounts are in £, as 2 cells of paid say.",)


# what is said of files, ids and days ---------------------------------------------------------------------------------


def test_exact_grain_of_mere_days_gives_the_numbers_of_day():
    midnight = [("a", datetime(2024, 1, day), 2.0) for day in (1, 5, 30)] + [("b", datetime(2024, 1, 9), 1.0)]
    log, window = frame(midnight, kind=pa.timestamp("us")), {"until_on": date(2024, 1, 20)}

    day, exact = (read(log, LOG, Window(grain=grain, **window)) for grain in ("day", "exact"))

    for name in ("repeats", "last_week", "age_weeks"):
        assert getattr(exact.summary, name).tolist() == getattr(day.summary, name).tolist()
    assert (exact.held_out, exact.actual.tolist()) == (day.held_out, day.actual.tolist())
    assert any("no time of day" in warning for warning in exact.warnings)


def test_customers_written_as_missing_and_blanks_around_them_are_said(tmp_path):
    text = HEAD + "a,2024-01-01,1\nNone,2024-01-02,1\nNULL,2024-01-02,1\n b  c ,2024-01-03,1\n"
    got = read(written(tmp_path, text), LOG)
    kept = read(pa.table({"who": [" a", "None", "  "], "day": [date(2024, 1, 1)] * 3, "paid": [1.0] * 3}), LOG)

    assert got.customers.to_pylist() == ["a", "b  c"]
    assert got.warnings[0].startswith("2 of 4 rows name no customer (empty, or written NaN, NULL, None or NA)")
    assert "1 cells of who had blanks around them, which were cut off." in got.warnings
    assert kept.customers.to_pylist() == [" a", "None"]  # no text file: nothing is read into ids
    assert kept.warnings[0] == "1 of 3 rows name no customer and were left out."


def test_two_ways_to_end_a_line_are_read(tmp_path):
    rows = "".join(f"{n},2024-01-{1 + n % 20:02d},5\r\n" for n in range(30))
    (tmp_path / "log.csv").write_bytes((HEAD + rows).encode())

    got = read(tmp_path / "log.csv", LOG)

    assert (len(got), got.rows_read) == (30, 30)
    assert got.summary.age_weeks.min() == 0.0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("who,day,paid\nMüller,2024-01-01,5\n".encode("latin-1"), "not written in UTF-8. Save it as UTF-8."),
        ("who,day,paid\nMüller,2024-01-01,5\n".encode("utf-16"), "not written in UTF-8. Save it as UTF-8."),
        (b"", "it is empty"),
        (None, "it is a folder"),
    ],
    ids=["latin-1", "utf-16", "empty", "folder"],
)
def test_a_text_that_cannot_be_read_is_told_in_plain_words(content, said, tmp_path):
    file = tmp_path / "log.csv"
    file.mkdir() if content is None else file.write_bytes(content)

    with pytest.raises(LogUnreadable, match=said):
        read(file, LOG)


def test_days_after_the_log_are_said_to_count_as_days_without_purchases():
    rows = [("a", date(2024, 1, 1), 1.0), ("b", date(2024, 1, 9), 1.0), ("a", date(2024, 2, 1), 1.0)]
    said = "The log ends on 2024-02-01: the days after it, up to 2024-03-01, count as days without purchases."

    late = read(frame(rows), LOG, Window(to_on=date(2024, 3, 1)))
    until = read(frame(rows), LOG, Window(until_on=date(2024, 3, 1)))
    inside = read(frame(rows), LOG, Window(to_on=date(2024, 1, 20)))

    assert said in late.warnings
    assert said in until.warnings
    assert (late.ends_early, inside.ends_early) == (True, False)
    assert not any("The log ends" in warning for warning in inside.warnings)


def test_a_log_that_lies_after_today_is_said_to():
    rows = [("a", date(2031, 1, 1), 1.0), ("a", date(2031, 2, 1), 1.0)]

    with pytest.raises(
        LogWindowEmpty, match=r"all 2 purchases lie after today \(2024-03-01\), the first on 2031-01-01"
    ):
        read(frame(rows), LOG, Window(today=date(2024, 3, 1)))
    with pytest.raises(LogWindowEmpty, match="all 2 purchases lie after --to 2024-01-01"):
        read(frame(rows), LOG, Window(to_on=date(2024, 1, 1)))
