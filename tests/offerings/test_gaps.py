"""Promise gaps per category, segment and partner, and the money exposed by them."""

import numpy as np
import pytest

from eigenform.offerings.contracts import attribute_subject
from eigenform.offerings.decisions import judge_partners, judge_promises
from tests.offerings.readings import AS_OF, readings


def judge(rows, *, revenue=None, tolerated=0.05, how=judge_promises):
    cells = how(readings(*rows), as_of=AS_OF, revenue_minor=revenue or {}, tolerated=tolerated, readings_min=20)
    return {(c.category or c.subject, c.segment): c for c in cells}


def test_exposed_money_is_the_revenue_of_the_customers_concerned_times_the_share_that_fell_short():
    """By hand: Ada 600, Bea 400, each counted once however often they were promised; Cy had nothing promised."""
    rows = [("Chairs", customer, gap, day) for day in range(1, 51) for customer, gap in (("ada", -1.0), ("bea", 2.0))]
    revenue = {"customer:ada": 60_000.0, "customer:bea": 40_000.0, "customer:cy": 99_000.0}

    cell = judge(rows, revenue=revenue)["Chairs", ""]

    assert cell.customers == 2
    assert cell.short_share.mean == pytest.approx(0.5, abs=0.02)  # 50 of 100
    assert cell.short_share.low < 0.47
    assert cell.short_share.high > 0.53
    for end in ("mean", "low", "high"):
        assert getattr(cell.exposed_minor, end) == pytest.approx(100_000 * getattr(cell.short_share, end))


def test_revenue_below_zero_exposes_nothing_and_anonymous_readings_have_no_revenue():
    rows = [("Chairs", c, -1.0, day) for day in range(1, 41) for c in ("ada", "")]

    cell = judge(rows, revenue={"customer:ada": -500.0, "customer:": 1e9})["Chairs", ""]

    assert (cell.exposed_minor.mean, cell.customers) == (0.0, 1)


def test_only_the_last_year_of_364_days_counts_for_share_and_money():
    old = [("Chairs", "ada", -5.0, 364 + day) for day in range(60)]
    new = [("Chairs", "bea", 1.0, day) for day in range(60)]

    cell = judge([*old, *new], revenue={"customer:ada": 1e6, "customer:bea": 1e6})["Chairs", ""]

    assert cell.n == 120
    assert cell.facts["readings_52w"] == 60
    assert cell.short_share.mean < 0.03
    assert cell.exposed_minor.mean == pytest.approx(1e6 * cell.short_share.mean)


def test_the_mean_may_be_good_and_the_share_bad():
    """Most come five days early, a tenth three days late: the mean hides it, the share does not."""
    rows = [("Chairs", "ada", -3.0 if i % 10 == 0 else 5.0, i) for i in range(300)]

    cell = judge(rows, revenue={"customer:ada": 1e5})["Chairs", ""]

    assert cell.low > 3.0
    assert cell.mean == pytest.approx(4.2, abs=0.5)
    assert cell.short_share.mean == pytest.approx(0.1, abs=0.02)
    assert cell.p_short > 0.99
    assert judge(rows, tolerated=0.2)["Chairs", ""].p_short < 0.01


def test_what_never_came_falls_short_though_its_gap_cannot_be_measured():
    rows = [("Chairs", "ada", None if i % 2 else 0.5 * (i % 4), i) for i in range(100)]

    cell = judge(rows)["Chairs", ""]

    assert cell.short_share.mean == pytest.approx(0.5, abs=0.05)
    assert cell.mean >= 0  # of those that came
    assert (cell.n, cell.unit) == (100, "days")


def test_few_readings_lean_on_the_other_categories_and_their_interval_is_wide():
    rng = np.random.default_rng(1)
    rows = [(f"C{k}", "ada", float(rng.normal(0, 1)), int(rng.integers(1, 300))) for k in range(6) for _ in range(80)]
    rows += [("thin", "ada", -4.0, 5)]

    cells = judge(rows)
    thin, full = cells["thin", ""], cells["C0", ""]

    assert -2.5 < thin.mean < 0
    assert thin.high - thin.low > 2 * (full.high - full.low)
    assert any("few readings" in w for w in thin.warnings)
    assert 0.03 < thin.short_share.mean < 1


def test_nothing_measured_is_cannot_tell_with_what_would_decide_it():
    (cell,) = judge([("Chairs", "ada", 1.0, 3)]).values()

    assert (cell.mean is None or cell.low is None) and cell.n == 1
    assert "Too few" in cell.reason
    assert "20 readings" in cell.decides
    assert cell.short_share is not None


def test_no_readings_no_cells():
    empty = readings(("Chairs", "ada", 1.0, 3)).rows(np.array([False]))

    assert judge_promises(empty, as_of=AS_OF, revenue_minor={}, tolerated=0.05, readings_min=20) == []


def test_segments_are_judged_within_their_category_and_charts_are_drawn_for_categories():
    rows = [
        ("Chairs", "ada", -2.0 if s == "north" else 1.0 + 0.1 * (i % 3), i, "", s)
        for i in range(100)
        for s in ("north", "south")
    ]
    cells = judge(rows)

    assert set(cells) == {("Chairs", ""), ("Chairs", "north"), ("Chairs", "south")}
    assert cells["Chairs", "north"].short_share.mean > 0.9
    assert cells["Chairs", "south"].short_share.mean < 0.1
    assert cells["Chairs", "north"].subject == attribute_subject("Chairs", "delivery", "north")
    path = cells["Chairs", ""].trajectory
    assert 2 <= len(path) <= 60
    assert cells["Chairs", "north"].trajectory == ()
    assert [p[0] for p in path] == sorted(p[0] for p in path)
    assert all(low <= mean <= high and n >= 0 for _day, mean, low, high, n in path)


def test_partners_are_judged_over_all_that_they_delivered():
    rows = [
        ("Chairs" if i % 2 else "Lamps", "ada", -2.0 if p == "slow" else 0.5 * (i % 3), i, p)
        for i in range(150)
        for p in ("slow", "swift", "")
    ]

    cells = judge(rows, revenue={"customer:ada": 1000.0}, how=judge_partners)

    assert {key[0] for key in cells} == {"partner:slow", "partner:swift"}
    slow, swift = cells["partner:slow", ""], cells["partner:swift", ""]
    assert slow.quantity == "partner_gap" and slow.category == ""
    assert slow.short_share.mean > 0.95
    assert swift.short_share.mean < 0.05
    assert list(cells) == [("partner:slow", ""), ("partner:swift", "")]  # the most exposed first


def test_a_weight_of_many_counts_as_many_for_the_share_not_for_the_certainty():
    light = judge([("Chairs", "ada", g, i) for i in range(60) for g in (-1.0, 1.0)])["Chairs", ""]
    weighed = judge([("Chairs", "ada", g, i, "", "", 9.0 if g < 0 else 1.0) for i in range(60) for g in (-1.0, 1.0)])[
        "Chairs", ""
    ]

    assert light.short_share.mean == pytest.approx(0.5, abs=0.02)
    assert weighed.short_share.mean == pytest.approx(0.9, abs=0.03)
    assert weighed.n == light.n == 120


def test_a_bar_in_a_name_cannot_break_a_subject():
    assert attribute_subject("A|B", "c|d", "e") == "attribute:A/B|c/d|e"
