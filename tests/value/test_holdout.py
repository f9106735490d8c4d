"""The hash that withholds, and the product of effect and worth."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenform.value.response.gain import ImpossibleGain
from eigenform.value.response.holdout import (
    ImpossibleShare,
    period_of,
    product_interval,
    unit_uniform,
    withheld,
)

NAMES = [f"customer {i}" for i in range(20_000)]


def test_the_hash_is_the_same_on_every_machine():
    """Pinned: a change here would change who is withheld in every replay."""
    got = unit_uniform("7", 105, ["customer 1", "customer 2", 3])

    np.testing.assert_array_equal(got, [0.8394092660786545, 0.5559339077850871, 0.630444012760544])


def test_numbers_are_uniform_and_unrelated_between_periods_and_policies():
    here, later = unit_uniform("7", 105, NAMES), unit_uniform("7", 106, NAMES)
    other = unit_uniform("8", 105, NAMES)

    counts = np.histogram(here, bins=20, range=(0, 1))[0]
    assert np.square(counts - 1000.0).sum() / 1000.0 < 45.0  # chi-square, 19 degrees, 0.1 %
    assert abs(np.corrcoef(here, later)[0, 1]) < 0.03
    assert abs(np.corrcoef(here, other)[0, 1]) < 0.03
    assert here.min() >= 0.0
    assert here.max() < 1.0


def test_a_tenth_is_withheld_whoever_else_was_chosen():
    alone, together = withheld("7", 105, NAMES[:50], share=0.1), withheld("7", 105, NAMES, share=0.1)

    np.testing.assert_array_equal(alone, together[:50])
    assert together.mean() == pytest.approx(0.1, abs=0.01)
    assert np.all(withheld("7", 105, NAMES, share=0.2)[together])
    assert not withheld("7", 105, NAMES, share=0.0).any()
    assert withheld("7", 105, NAMES, share=1.0).all()


def test_parts_of_the_key_do_not_run_together():
    assert unit_uniform("7", 10, ["5x"])[0] != unit_uniform("71", 0, ["5x"])[0]
    assert unit_uniform("7", 1, ["05"])[0] != unit_uniform("7", 10, ["5"])[0]


@pytest.mark.parametrize("share", [-0.1, 1.1, np.nan])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ImpossibleShare):
        withheld("7", 1, NAMES[:3], share=share)


def test_a_period_has_thirteen_weeks_and_begins_on_a_monday():
    monday = date(2001, 1, 1)
    assert monday.isoweekday() == 1
    assert period_of(monday) == 0
    assert period_of(date(2001, 4, 1)) == 0
    assert period_of(date(2001, 4, 2)) == 1
    assert period_of(date(2018, 11, 1)) == 71
    assert period_of(date(2001, 1, 8), weeks=1) == 1


@given(effect=st.floats(-1, 1), sd=st.floats(0, 1), low=st.floats(0, 1e6), more=st.floats(0, 1e6))
def test_mean_of_the_product_is_the_product_of_means(effect, sd, low, more):
    got = product_interval(effect, sd, low + 0.4 * more, low, low + more)

    assert got.mean[0] == pytest.approx(effect * (low + 0.4 * more))
    assert got.low[0] <= got.high[0]


@pytest.mark.parametrize("shape", [1.0, 3.0, 20.0])
def test_interval_holds_80_per_cent_for_skewed_worth(shape):
    rng = np.random.default_rng(1)
    worth = rng.gamma(shape, 100.0 / shape, 400_000)
    product = rng.normal(0.05, 0.03, 400_000) * worth

    got = product_interval(0.05, 0.03, worth.mean(), *np.quantile(worth, [0.1, 0.9]))

    assert np.mean((product >= got.low) & (product <= got.high)) == pytest.approx(0.8, abs=0.03)


def test_doubt_about_either_factor_widens_the_interval():
    sure = product_interval(0.1, 0.0, 100.0, 100.0, 100.0)
    about_effect = product_interval(0.1, 0.05, 100.0, 100.0, 100.0)
    about_both = product_interval(0.1, 0.05, 100.0, 50.0, 150.0)

    assert (sure.low[0], sure.high[0]) == pytest.approx((10.0, 10.0))
    assert about_effect.high[0] == pytest.approx(10.0 + 1.28155 * 5.0, abs=1e-3)
    assert about_both.high[0] - about_both.low[0] > about_effect.high[0] - about_effect.low[0]


def test_a_worth_that_cannot_be_told_has_no_gain():
    with pytest.raises(ImpossibleGain, match="cannot be told"):
        product_interval(0.1, 0.1, np.nan, 0.0, 1.0)
    with pytest.raises(ImpossibleGain, match="low end"):
        product_interval(0.1, 0.1, 1.0, 2.0, 1.0)
