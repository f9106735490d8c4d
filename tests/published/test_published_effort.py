"""Sharing out effort: diminishing returns, winning against keeping, channels that chase one gap."""

import math

import numpy as np
import pytest

from eigenform.value.optimise.equity import Curve, calibrated, customer_value, split
from eigenform.value.optimise.oscillation import oscillation
from eigenform.value.optimise.returns import returned, share_out


def test_two_units_get_what_makes_their_marginal_returns_equal():
    """Ceilings 300 and 200, rates .03 and .05, budget 100: 61.183 and 38.817 at a price of 1.43582."""
    c, k = np.array([300.0, 200.0]), np.array([0.03, 0.05])

    got = share_out(c, k, 100.0)

    assert got.budgets == pytest.approx([61.183, 38.817], abs=5e-4)
    assert got.price == pytest.approx(1.43582, abs=5e-6)
    assert got.total == pytest.approx(423.423, abs=5e-4)
    assert returned(c, k, np.array([50.0, 50.0])).sum() == pytest.approx(416.644, abs=5e-4)
    assert c * k * np.exp(-k * got.budgets) == pytest.approx([got.price] * 2)


def test_winning_against_keeping_as_blattberg_and_deighton_reckon():
    """Margin 50, discount .15, winning .4 at .2, keeping .7 at .05."""
    win, keep = Curve(0.4, 0.2), Curve(0.7, 0.05)

    got = split(margin=50.0, discount=0.15, win=win, keep=keep)

    assert got.keep_spend == pytest.approx(12.9424, abs=5e-5)
    assert got.keep_share == pytest.approx(0.33351, abs=5e-6)
    assert got.customer_value == pytest.approx(54.5724, abs=5e-5)
    assert got.win_spend == pytest.approx(7.3690, abs=5e-5)
    assert got.win_share == pytest.approx(0.30838, abs=5e-6)
    assert got.equity == pytest.approx(9.4600, abs=5e-5)
    assert got.win_spend_first_margin == pytest.approx(6.9315, abs=5e-5)
    beside = [customer_value(got.keep_spend + d, margin=50, discount=0.15, keep=keep) for d in (-0.01, 0.01)]
    assert max(beside) < got.customer_value


def test_one_observation_and_a_ceiling_give_the_curve():
    curve = calibrated(7.3690, 0.30838, 0.4)

    assert curve.rate == pytest.approx(0.2, abs=1e-4)
    assert calibrated(1.0, 0.5, 1.0).rate == pytest.approx(math.log(2))


@pytest.mark.parametrize(
    ("channels", "factor", "course"),
    [
        (1, 0.5, "settles"),
        (2, 0.0, "closes at once"),
        (3, -0.5, "swings and settles"),
        (4, -1.0, "swings for ever"),
        (5, -1.5, "grows"),
    ],
)
def test_channels_that_each_close_half_of_one_gap(channels, factor, course):
    got = oscillation(0.5, channels)

    assert (got.factor, got.course) == (factor, course)
    assert 1.0 - channels * got.share_each == pytest.approx(0.5)  # the remedy: the gap settles as with one channel
