"""The report on worth: bins, concentration, cohorts, and the totals of groups with their intervals."""

from datetime import date

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eigenform.customers.decisions.report import Interval, cohort_members, concentration, money_edges, worth_report
from eigenform.customers.decisions.trial import Chosen

AS_OF = date(2026, 3, 2)


class KnownToATenth:
    """Totals of given worths, each known to a tenth."""

    def __init__(self, worth):
        self.worth = worth

    def total(self, marked):
        return tenth(self.worth[marked].sum())

    def alive(self, marked):
        return tenth(marked.sum())


def tenth(mean):
    return Interval(float(mean), 0.9 * float(mean), 1.1 * float(mean))


def report(mean, age_weeks, lost=None, **changes):
    mean = np.asarray(mean, float)
    lost = np.full(len(mean), np.nan) if lost is None else np.asarray(lost, float)
    told = {"as_of": AS_OF, "of": KnownToATenth(mean), "chosen": Chosen("bg-nbd", "Why.")}
    return worth_report(mean, np.asarray(age_weeks, float), lost, **told | changes)


def test_a_base_in_which_one_of_ten_has_half_of_the_worth():
    found = report([90, *[10] * 9], [10] * 10)

    assert found.concentration[0] == (0.0, 0.0)
    assert dict(found.concentration)[0.1] == 0.5
    assert found.concentration[-1] == (1.0, 1.0)
    assert found.top_tenth.mean == 0.5
    sd = 0.1 / 1.2815515655446004 * 90  # of both halves
    half = 1.2815515655446004 * np.hypot(0.5 * sd, 0.5 * sd) / 180
    assert (found.top_tenth.low, found.top_tenth.high) == pytest.approx((0.5 - half, 0.5 + half))


def test_nothing_is_concentrated_where_nobody_is_worth_anything():
    found = report([0.0, 0.0], [10, 10])

    assert (found.concentration, found.top_tenth.mean, found.counts) == ((), 0.0, (2,))


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=60))
@example([5e-324])
def test_every_customer_is_in_one_bin_and_the_curve_never_falls(means):
    found = report(means, [5] * len(means))

    assert sum(found.counts) == len(means)
    assert list(found.edges_minor) == sorted(set(found.edges_minor))
    held = [share for _customers, share in found.concentration]
    assert held == sorted(held)
    assert all(share >= customers - 1e-3 for customers, share in found.concentration)


def test_bins_grow_with_worth_and_are_few():
    edges = money_edges(np.geomspace(1, 1e9, 1000))

    assert len(edges) <= 25
    assert edges[0] == 0.0
    assert edges[-1] == 1e9


def test_cohorts_are_quarters_of_first_purchase_oldest_first():
    ages_days = [(AS_OF - day).days for day in (date(2026, 1, 1), date(2025, 12, 31), date(2025, 10, 1), AS_OF)]
    found = report([1, 2, 4, 8], np.array(ages_days) / 7)

    assert [(c.name, c.customers, c.worth_minor.mean) for c in found.cohorts] == [
        ("2025 Q4", 2, 6.0),
        ("2026 Q1", 2, 9.0),
    ]


def test_a_long_history_is_told_by_years():
    names = [name for name, _ in cohort_members(np.arange(0, 52 * 6, 4.0), AS_OF)]

    assert names == ["2020", "2021", "2022", "2023", "2024", "2025", "2026"]


def test_who_slips_is_counted_with_what_they_are_worth_and_have_lost():
    slips = report([10, 20, 30], [5, 5, 5], lost=[np.nan, 7, 8]).slipping

    assert (slips.customers, slips.worth_minor.mean, slips.lost_minor) == (2, 50.0, 15.0)


def test_the_curve_is_told_at_as_many_points_as_a_chart_needs():
    assert len(concentration(np.arange(1.0, 1000.0))) == 41
