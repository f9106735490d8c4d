"""Effects on a real randomised experiment: Hillstrom's e-mail test of 2008, 64,000 customers in three arms.

n, visit, conversion and spend per arm are those of the challenge and of Radcliffe (2008); see the data's README.
"""

import csv
import gzip
from io import TextIOWrapper

import numpy as np
import pytest

from eigenform.value.response.effects import cuped, difference, doubly_robust
from eigenform.value.response.trial import Trial, drawn
from eigenform.value.response.uplift import by_group, qini, ranked

PER_ARM = {
    "Mens E-Mail": (21_307, 18.28, 1.253, 1.4226),
    "Womens E-Mail": (21_387, 15.14, 0.884, 1.0772),
    "No E-Mail": (21_306, 10.62, 0.573, 0.6528),
}
# against no e-mail: points of visit, USD of spend
EFFECTS = {"Mens E-Mail": (7.66, 0.77), "Womens E-Mail": (4.52, 0.42)}


@pytest.fixture(scope="module")
def hillstrom(shared_data):
    path = shared_data / "hillstrom" / "Kevin_Hillstrom_MineThatData_2008.csv.gz"
    with gzip.open(path) as packed:
        rows = list(csv.DictReader(TextIOWrapper(packed, "utf-8")))
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    numbers = ("recency", "history", "mens", "womens", "newbie", "visit", "conversion", "spend")
    return columns | {name: columns[name].astype(float) for name in numbers}


def trial(data, arm, outcome):
    rows = np.isin(data["segment"], [arm, "No E-Mail"])
    return Trial(data[outcome][rows], data["segment"][rows] == arm, 0.5), rows


def before(data, rows):
    named = [data[name][rows] for name in ("recency", "history", "mens", "womens", "newbie")]
    web = (data["channel"][rows] == "Web").astype(float)
    return np.column_stack([*named, web])


@pytest.mark.parametrize("arm", PER_ARM)
def test_rates_per_arm_are_the_published_ones(hillstrom, arm):
    n, visit, conversion, spend = PER_ARM[arm]
    rows = hillstrom["segment"] == arm

    assert rows.sum() == n
    assert 100 * hillstrom["visit"][rows].mean() == pytest.approx(visit, abs=0.005)
    assert 100 * hillstrom["conversion"][rows].mean() == pytest.approx(conversion, abs=0.0005)
    assert hillstrom["spend"][rows].mean() == pytest.approx(spend, abs=0.00005)


@pytest.mark.parametrize("arm", EFFECTS)
def test_effects_are_the_published_ones_by_every_method(hillstrom, arm):
    points, usd = EFFECTS[arm]
    visits, rows = trial(hillstrom, arm, "visit")
    spent, _rows = trial(hillstrom, arm, "spend")
    known = before(hillstrom, rows)

    assert 100 * difference(visits).mean == pytest.approx(points, abs=0.005)
    assert difference(spent).mean == pytest.approx(usd, abs=0.005)
    for one, sharp in ((visits, 100 * difference(visits).mean), (spent, difference(spent).mean)):
        scale = 100 if one is visits else 1
        plain = difference(one)
        for other in (cuped(one, known), doubly_robust(one, known, rng=np.random.default_rng(1))):
            assert scale * other.mean == pytest.approx(sharp, abs=0.3 * scale * plain.sd)
            assert other.sd == pytest.approx(plain.sd, rel=0.02)
            assert other.low > 0
    assert drawn(visits, known).is_sound


def test_the_womens_mail_brings_buyers_of_womens_goods(hillstrom):
    """Radcliffe (2008): its effect on visits is nearly all with those who bought women's merchandise before."""
    visits, rows = trial(hillstrom, "Womens E-Mail", "visit")
    never, bought = by_group(visits, hillstrom["womens"][rows].astype(int), 2)

    assert bought.low > never.high + 0.04
    assert bought.mean > 0.06


def test_the_ranking_finds_them_and_shuffled_arms_find_nobody(hillstrom):
    visits, rows = trial(hillstrom, "Womens E-Mail", "visit")
    known = before(hillstrom, rows)

    def area(one):
        judged, place = ranked(one, known, rng=np.random.default_rng(1))
        return qini(judged, place, rng=np.random.default_rng(1))

    found = area(visits)
    shuffled = area(Trial(visits.outcome, np.random.default_rng(2).permutation(visits.treated), 0.5))

    assert found.area_low > found.null_high > 0 and found.p_null < 0.01
    assert shuffled.area_low <= 0 <= shuffled.area_high and shuffled.p_null > 0.05
