"""Experience against expectation: two levels from different people, their channels' habits taken off."""

import numpy as np
import pytest

from eigenform.offerings.decisions import judge_experience
from tests.offerings.readings import AS_OF, answers


def judge(rows, *, gap_tolerated=0.0, revenue=None):
    return judge_experience(
        answers(*rows), as_of=AS_OF, revenue_minor=revenue or {}, gap_tolerated=gap_tolerated, readings_min=20
    )


def told(will=8.0, experience=6.0, n=80, *, seed=3, channels=("email",), bias=0.0, **kinds):
    """Return answers around two levels; the second channel scores `bias` higher and asks mostly for experience."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        for kind, level in (("will", will), ("experience", experience)):
            second = len(channels) > 1 and rng.random() < (0.7 if kind == "experience" else 0.3)
            score = level + float(rng.normal(0, 0.8)) + (bias if second else 0.0)
            rows.append((kind, score, int(rng.integers(1, 300)), channels[second], "", "", f"{kind}{i}"))
    return rows


def test_the_gap_is_experience_minus_expectation_with_both_doubts():
    (cell,) = judge(told())

    assert cell.mean == pytest.approx(-2.0, abs=0.3)
    assert cell.low < cell.mean < cell.high < 0
    assert cell.p_below_0 > 0.999
    fixed_levels = 2 * 1.2816 * 0.8 * (2 / 80) ** 0.5  # if neither level could drift
    assert fixed_levels < cell.high - cell.low < 3 * fixed_levels
    assert (cell.quantity, cell.unit, cell.n, cell.customers) == ("experience_gap", "points", 80, 80)


def test_where_there_is_no_shortfall_the_interval_holds_0_as_often_as_it_says():
    cells = [judge(told(will=7.0, experience=7.0, seed=seed))[0] for seed in range(40)]

    assert np.mean([c.low < 0 < c.high for c in cells]) >= 0.75  # of an 80 % interval
    assert np.mean([c.p_below_tolerated > 0.95 for c in cells]) <= 0.1


def test_what_is_tolerated_is_taken_off_before_anybody_is_troubled():
    (cell,) = judge(told(will=7.0, experience=6.0), gap_tolerated=2.0)

    assert cell.p_below_0 > 0.999
    assert cell.p_below_tolerated < 0.001


def test_a_channel_that_scores_higher_does_not_hide_the_gap():
    (fair,) = judge(told(n=400, channels=("email", "phone")))
    (biased,) = judge(told(n=400, channels=("email", "phone"), bias=1.5))

    assert biased.mean == pytest.approx(fair.mean, abs=0.1)
    assert biased.mean == pytest.approx(-2.0, abs=0.2)


def test_who_was_asked_both_is_no_witness_of_experience():
    rows = told()
    spoiled = [("experience", 1.0, 10, "email", "both", "", f"x{i}") for i in range(200)]

    (clean,), (mixed,) = judge(rows), judge([*rows, *spoiled])

    assert mixed.mean == pytest.approx(clean.mean)
    assert mixed.n == clean.n


@pytest.mark.parametrize("kind", ["will", "experience"])
def test_where_one_was_never_asked_nothing_is_said(kind):
    assert judge([row for row in told() if row[0] == kind]) == []


def test_too_few_answers_are_cannot_tell():
    cells = judge([("will", 8.0, 5), ("experience", 6.0, 5)])

    assert [c.mean for c in cells] == [None]
    assert cells[0].reason
    assert "20 answers each" in cells[0].decides
    assert cells[0].exposed_minor is None


def test_segments_have_cells_of_their_own():
    rows = [(*row[:5], "north" if i % 4 < 2 else "south", row[6]) for i, row in enumerate(told(n=120))]
    cells = {c.segment: c for c in judge(rows)}

    assert set(cells) == {"", "north", "south"}
    assert cells[""].n == cells["north"].n + cells["south"].n == 120
    assert cells["north"].mean == pytest.approx(-2.0, abs=0.4)


def test_exposed_money_is_of_those_who_had_the_experience():
    revenue = {f"customer:experience{i}": 100.0 for i in range(80)} | {f"customer:will{i}": 1e9 for i in range(80)}
    (cell,) = judge(told(), revenue=revenue)

    assert cell.exposed_minor.mean == pytest.approx(8000 * cell.short_share.mean)
    assert cell.short_share.mean > 0.9  # two points below, of a spread of 0.8
