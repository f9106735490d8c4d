"""Knapsack and contact window with hand-checkable answers."""

import numpy as np

from eigenform.value.optimise.choose import Limits, choose
from eigenform.value.optimise.windows import legal_days


def test_knapsack_of_four_items():
    """Values 10, 6, 7, 1 at costs 5, 2, 3, 1 and a budget of 6: b, c and d are worth 14 together."""
    cost = np.array([5.0, 2.0, 3.0, 1.0])
    value = np.array([10.0, 6.0, 7.0, 1.0])

    got = choose(cost, cost + value, subject=np.arange(4), limits=Limits(budget=6.0))

    assert got.chosen.tolist() == [1, 2, 3]
    assert got.objective == 14.0
    assert got.gap == 0.0


def test_at_most_two_in_any_thirty_days():
    """Days 1, 2, 30, 31: day 30 is illegal (1-30 would hold 3); skipped, day 31 is legal (2-31 holds 2)."""
    assert legal_days([], [1, 2, 30, 31], contacts_max=2, window_days=30) == [True, True, False, True]
    assert legal_days([1, 2], [30, 31], contacts_max=2, window_days=30) == [False, True]
    assert legal_days([1, 2, 30], [31], contacts_max=2, window_days=30) == [False]
