"""What was planted is found, and where nothing was planted nobody is troubled.

Seeds 1 to 20 were used while building. The check runs on seeds 101 to 120, which were not; `make slow` prints
its table.
"""

import numpy as np
import pytest

from eigenform.value.dynamics.plan import Plan
from eigenform.value.dynamics.truth import TOP_CUSTOMERS, Found, Planted, Truth, judge
from tests.demo.pure_path import verdict

SMALL = {"customers": 900}
CHECKED = range(101, 121)
ENOUGH = 18


def found(seed: int, **plan: object) -> dict[str, object]:
    """One planted firm, as a line of the table."""
    world, _said, result = verdict(seed, Plan(**plan))
    planted = world.truth.planted
    return {
        "seed": seed,
        "attribute": result.attribute,
        "partner": result.partner,
        "worth": result.worth,
        "line": f"{seed}  {planted.category + '/' + planted.attribute:28} {planted.partner:17} "
        f"attribute {'found' if result.attribute else 'missed'}, partner {'found' if result.partner else 'missed'}, "
        f"best 50: {result.top_share:.0%}, rank correlation {result.rank_correlation:.2f}",
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_a_small_firm_shows_what_was_planted(seed):
    line = found(seed, **SMALL)

    assert line["attribute"], line["line"]
    assert line["partner"], line["line"]
    assert line["worth"], line["line"]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_small_firm_without_anything_planted_is_left_in_peace(seed):
    _world, said, result = verdict(seed, Plan(planted=False, **SMALL))

    assert result.silent, said


@pytest.mark.slow
def test_what_was_planted_is_found_in_18_of_20_firms_not_seen_while_building():
    lines = [found(seed) for seed in CHECKED]

    table = "\n".join(str(line["line"]) for line in lines)
    print(f"\n{table}")
    for what in ("attribute", "partner", "worth"):
        assert sum(bool(line[what]) for line in lines) >= ENOUGH, f"{what}\n{table}"
    assert sum(all(line[what] for what in ("attribute", "partner", "worth")) for line in lines) >= ENOUGH, table


@pytest.mark.slow
def test_18_of_20_firms_without_anything_planted_are_left_in_peace():
    lines = []
    for seed in CHECKED:
        _world, said, result = verdict(seed, Plan(planted=False))
        lines.append((seed, result.silent, list(said.attributes), list(said.partners)))

    print("\n" + "\n".join(map(str, lines)))
    assert sum(silent for _seed, silent, *_ in lines) >= ENOUGH, lines


def truth(customers: int = 200) -> Truth:
    """A truth in which customer k is worth k."""
    return Truth(
        planted=Planted("Knives", "sharpness", "Brigg Parcels"),
        gaps=np.zeros(12),
        late_shares=np.zeros(6),
        customers=np.array([f"C{k:03d}" for k in range(customers)]),
        future_value=np.arange(customers, dtype=float),
        segment=np.repeat(["Home cooks", "Shops"], customers // 2),
        horizon_weeks=52.0,
    )


KNIVES = ("Knives", "sharpness")


def test_a_judgement_that_is_right_is_called_right():
    got = judge(truth(), Found([KNIVES], ["Brigg Parcels"]), np.arange(200.0))

    assert got.found_all
    assert (got.top_share, got.best_segment, got.silent) == (1.0, True, False)
    assert got.rank_correlation == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (Found([("Pans", "finish"), KNIVES], ["Brigg Parcels"]), "attribute"),
        (Found([], ["Brigg Parcels"]), "attribute"),
        (Found([KNIVES], ["Fenby Post", "Brigg Parcels"]), "partner"),
    ],
    ids=["another attribute comes first", "no attribute", "another partner comes first"],
)
def test_a_judgement_that_names_the_wrong_thing_first_is_called_wrong(said, wrong):
    got = judge(truth(), said, np.arange(200.0))

    assert not getattr(got, wrong)
    assert not got.found_all


def test_worth_in_random_order_is_not_taken_for_found():
    rng = np.random.default_rng(1)
    shares = [judge(truth(2000), Found([], []), rng.permutation(2000).astype(float)).top_share for _ in range(200)]

    assert np.mean(shares) == pytest.approx(TOP_CUSTOMERS / 2000, abs=0.01)
    assert max(shares) < 0.2
    assert not judge(truth(), Found([KNIVES], ["Brigg Parcels"]), np.full(200, np.nan)).worth


def test_silence_means_neither_a_change_nor_a_talk():
    assert judge(truth(), Found([], []), np.arange(200.0)).silent
    assert not judge(truth(), Found([], ["Fenby Post"]), np.arange(200.0)).silent
