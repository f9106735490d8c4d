"""Who is slipping away: silence against a customer's own rhythm, neither the quiet month nor the long gone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenform.customers.decisions.slipping import ALIVE_MIN, FALL_MIN, slipping
from eigenform.value.lifetime import Summary, bg_nbd

MODEL = bg_nbd.Parameters(r=1.2, alpha_weeks=10.0, a=0.6, b=3.0)
WEEKLY = {"repeats": 20.0, "last_week": 20.0}


def judged(*histories, worth_minor=10_000.0):
    """Return what is said of histories (repeats, last_week, silent_weeks), each worth the same today."""
    repeats, last_week, silent_weeks = np.array(histories, float).T
    summary = Summary(repeats, last_week, last_week + silent_weeks)
    p_alive = bg_nbd.probability_alive(MODEL, summary)
    found = slipping(
        summary,
        lambda asked: bg_nbd.probability_alive(MODEL, asked),
        p_alive=p_alive,
        worth_minor=np.full(len(repeats), worth_minor),
    )
    return found, p_alive


def test_a_weekly_buyer_silent_for_five_weeks_slips_and_one_who_buys_every_ten_does_not():
    found, p_alive = judged((20, 20, 5), (4, 40, 5))

    assert found.who.tolist() == [True, False]
    assert found.p_alive_before[0] == pytest.approx(
        bg_nbd.probability_alive(MODEL, Summary(np.array([20.0]), np.array([20.0]), np.array([21.0])))[0]
    )
    assert p_alive[0] < 0.6 < found.p_alive_before[0]


def test_what_is_lost_is_the_fall_times_the_worth_if_they_are_there():
    found, p_alive = judged((20, 20, 5), worth_minor=6_000.0)

    assert found.lost_minor[0] == pytest.approx(6_000.0 / p_alive[0] * (found.p_alive_before[0] - p_alive[0]))


def test_who_is_long_gone_or_has_just_bought_is_not_slipping():
    found, p_alive = judged((20, 20, 60), (20, 20, 0), (20, 20, 0.5))

    assert p_alive[0] < ALIVE_MIN
    assert found.who.tolist() == [False, False, False]


def test_who_bought_once_has_no_rhythm_and_does_not_slip_under_a_model_that_keeps_them():
    found, p_alive = judged((0, 0, 30))

    assert (found.who[0], p_alive[0], found.p_alive_before[0]) == (False, 1.0, 1.0)


def test_a_fall_that_is_over_is_past_mending():
    lately, slow = judged((2, 10, 18))[0], judged((2, 10, 60))[0]

    assert lately.who[0]
    assert not slow.who[0]
    then = bg_nbd.probability_alive(MODEL, Summary(np.array([2.0]), np.array([10.0]), np.array([57.0])))
    assert slow.p_alive_before[0] == pytest.approx(then[0])  # 13 of the 60 weeks


def test_a_fall_too_small_to_mean_anything_is_not_told():
    just_under = judged((20, 20, 2.0))[0]

    assert not just_under.who[0]
    assert 0 < just_under.p_alive_before[0] - judged((20, 20, 2.0))[1][0] < FALL_MIN


def test_nothing_can_be_lost_where_nothing_is_expected():
    assert not judged((20, 20, 5), worth_minor=0.0)[0].who[0]


@given(st.integers(1, 60), st.floats(0.2, 200), st.floats(0, 300))
def test_the_chance_never_rises_by_silence(repeats, last_week, silent_weeks):
    found, p_alive = judged((repeats, last_week, silent_weeks))

    assert found.p_alive_before[0] >= p_alive[0] - 1e-9
    if found.who[0]:
        assert p_alive[0] >= ALIVE_MIN
        assert found.p_alive_before[0] - p_alive[0] >= FALL_MIN
