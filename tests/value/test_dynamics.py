"""The simulated firm behaves as its formulas say: simulated counts, levels and shares against closed forms."""

import numpy as np
import pytest
from scipy.special import hyp2f1

from eigenform.value.dynamics import firm, tables
from eigenform.value.dynamics.deliveries import deliver
from eigenform.value.dynamics.expectations import ImpossibleDynamics, follow, gap_at_rest
from eigenform.value.dynamics.plan import Plan
from eigenform.value.dynamics.purchases import Traits, draw_traits, expected_value, simulate_purchases
from eigenform.value.dynamics.world import simulate
from eigenform.value.lifetime import bg_nbd, gamma_gamma

COUNTS = Plan().counts
AMOUNTS = Plan().amounts


def expected_repeats(p: bg_nbd.Parameters, weeks: float) -> float:
    """Fader, Hardie and Lee (2005), equation (9): expected repeat purchases of a random customer in weeks."""
    shrunk = (p.alpha_weeks / (p.alpha_weeks + weeks)) ** p.r
    tail = hyp2f1(p.r, p.b, p.a + p.b - 1.0, weeks / (p.alpha_weeks + weeks))
    return (p.a + p.b - 1.0) / (p.a - 1.0) * (1.0 - shrunk * tail)


@pytest.mark.parametrize("weeks", [26.0, 104.0])
def test_mean_repeat_purchases_meet_the_bg_nbd_expectation(weeks):
    rng = np.random.default_rng(7)
    traits = draw_traits(60_000, counts=COUNTS, amounts=AMOUNTS, rng=rng)

    bought = simulate_purchases(traits, came_week=np.zeros(60_000), end_week=weeks, rng=rng)

    repeats = np.bincount(bought.customer, minlength=60_000) - 1
    error = repeats.std() / np.sqrt(60_000)
    assert repeats.mean() == pytest.approx(expected_repeats(COUNTS, weeks), abs=3.5 * error)


def test_mean_amount_meets_the_gamma_gamma_expectation():
    rng = np.random.default_rng(8)
    traits = draw_traits(60_000, counts=COUNTS, amounts=AMOUNTS, rng=rng)

    bought = simulate_purchases(traits, came_week=np.zeros(60_000), end_week=0.0, rng=rng)

    assert len(bought.amount) == 60_000
    assert bought.amount.mean() == pytest.approx(AMOUNTS.population_mean, rel=0.02)
    assert AMOUNTS.population_mean == 150.0


def test_the_true_future_value_is_what_the_future_brings():
    n = 200_000
    traits = Traits(np.full(n, 0.1), np.full(n, 0.3), np.full(n, 50.0), spend_shape=6.0)
    rng = np.random.default_rng(9)

    bought = simulate_purchases(traits, came_week=np.zeros(n), end_week=52.0, rng=rng)

    spent = (
        np.bincount(bought.customer, weights=bought.amount, minlength=n)
        - bought.amount[np.unique(bought.customer, return_index=True)[1]]
    )
    told = expected_value(traits, np.ones(n, dtype=bool), horizon_weeks=52.0)
    assert told[0] == pytest.approx(50.0 * (1.0 - np.exp(-0.1 * 0.3 * 52.0)) / 0.3)
    assert spent.mean() == pytest.approx(told[0], rel=0.01)
    assert expected_value(traits, np.zeros(n, dtype=bool), horizon_weeks=52.0).max() == 0.0
    assert bought.is_alive.mean() == pytest.approx(np.exp(-0.1 * 0.3 * 52.0), abs=0.005)


def test_expectations_settle_where_the_formula_says():
    steps = 400
    course = follow(
        expectation=np.zeros(2),
        experience=np.full(2, 5.0),
        adaptation=0.12,
        drift=np.full((steps, 2), [0.008, 0.13]),
        improvement=np.full((steps, 2), [0.05, 0.0]),
        noise_sd=0.0,
        rng=np.random.default_rng(1),
    )

    assert course.gap[-1] == pytest.approx([0.35, -1.0833333], abs=1e-6)
    assert gap_at_rest(adaptation=0.12, drift=0.13, improvement=0.0) == pytest.approx(-1.0833333)


def test_half_of_a_surprise_is_gone_after_its_half_life():
    """Half-lives ln 0.5 / ln(1 - adaptation): 0.3 gives 1.943 steps."""
    course = follow(
        expectation=np.zeros(1),
        experience=np.ones(1),
        adaptation=0.3,
        drift=np.zeros((4, 1)),
        improvement=np.zeros((4, 1)),
        noise_sd=0.0,
        rng=np.random.default_rng(1),
    )

    log_gap = np.log(course.gap[:, 0])
    assert np.interp(np.log(0.5), log_gap[::-1], np.arange(5.0)[::-1]) == pytest.approx(1.943, abs=5e-4)


def test_expectations_that_never_settle_are_refused():
    with pytest.raises(ImpossibleDynamics, match="between 0 and 2"):
        gap_at_rest(adaptation=0.0, drift=0.1, improvement=0.0)


def test_partners_are_late_as_often_as_their_share_says():
    orders, shares = 120_000, np.array([0.02, 0.16])
    delivered = deliver(
        np.zeros(orders, np.int64),
        partner_shares=np.array([0.75, 0.25]),
        late_shares=shares,
        lost_share=0.01,
        days_late_mean=3.5,
        rng=np.random.default_rng(3),
    )

    came = np.isfinite(delivered.delivered_day)
    late_days = (delivered.delivered_day - delivered.promised_day)[came]
    partner = delivered.partner[came]
    assert came.mean() == pytest.approx(0.99, abs=0.001)
    assert [(late_days[partner == k] > 0).mean() for k in (0, 1)] == pytest.approx(shares, abs=0.007)
    assert late_days[late_days > 0].mean() == pytest.approx(3.5, abs=0.1)
    assert -late_days[partner == 1].mean() > 0.0, "the mean gap of the late partner hides the lateness"
    assert np.nanmin(delivered.delivered_day) >= 1.0


@pytest.fixture(scope="module")
def world():
    return simulate(Plan(), np.random.default_rng(4))


def test_the_same_seed_gives_the_same_firm_and_another_another(world):
    again = simulate(Plan(), np.random.default_rng(4))
    other = simulate(Plan(), np.random.default_rng(5))

    for name, table in world.tables.items():
        for column, values in table.items():
            np.testing.assert_array_equal(values, again.tables[name][column])
    assert len(other.tables["orders"]["order_no"]) != len(world.tables["orders"]["order_no"])


def test_the_planted_attribute_alone_falls_short(world):
    planted = next(
        number
        for number, quality in enumerate(firm.QUALITIES)
        if (quality.category, quality.name) == (world.truth.planted.category, world.truth.planted.attribute)
    )

    assert world.truth.gaps[planted] == pytest.approx(-1.83, abs=0.25)
    assert np.delete(world.truth.gaps, planted).min() > 0.1


def test_a_firm_without_anything_planted_falls_short_nowhere():
    quiet = simulate(Plan(planted=False), np.random.default_rng(4)).truth

    assert quiet.planted is None
    assert quiet.gaps.min() > 0.1
    assert quiet.late_shares.max() == 0.015


def test_answers_show_the_planted_gap_turned_round_where_lower_is_better(world):
    survey, truth = world.tables["survey"], world.truth
    orders = dict(zip(world.tables["products"]["product_no"], world.tables["products"]["category"], strict=True))
    category = np.array([orders[number] for number in survey["product_no"]])
    recent = survey["answered_on"] > np.datetime64("2026-03-31")
    for number, quality in enumerate(firm.QUALITIES):
        mine = recent & (category == quality.category) & (survey["question"] == quality.name)
        lived = survey["score"][mine & (survey["asked"] == "experience")]
        expected = survey["score"][mine & (survey["asked"] == "will")]
        sign = -1.0 if quality.better == "lower" else 1.0
        gap = sign * (lived.mean() - expected.mean())
        error = np.hypot(lived.std() / np.sqrt(len(lived)), expected.std() / np.sqrt(len(expected)))
        assert gap == pytest.approx(truth.gaps[number], abs=4.0 * error)


def test_expectation_and_experience_are_asked_of_different_halves(world):
    survey = world.tables["survey"]
    halves = {
        half: set(survey["customer_no"][survey["half"] == half]) for half in ("expectation", "experience", "both")
    }

    assert not halves["expectation"] & halves["experience"]
    assert set(survey["asked"][survey["half"] == "expectation"]) == {"will"}
    assert set(survey["asked"][survey["half"] == "experience"]) == {"experience", "satisfaction"}
    assert 0.04 < len(halves["both"]) / sum(map(len, halves.values())) < 0.13


def test_tables_hang_together_and_end_on_the_last_day(world):
    written = world.tables
    orders = set(written["orders"]["order_no"])
    for name in ("order_lines", "deliveries", "survey"):
        assert set(written[name]["order_no"]) <= orders
    assert len(orders) == len(written["orders"]["order_no"])
    for table, column in (("orders", "ordered_on"), ("deliveries", "delivered_on"), ("survey", "answered_on")):
        assert written[table][column].max() <= np.datetime64("2026-09-30")
    lines = written["order_lines"]
    assert (lines["quantity"][lines["kind"] == "return"] < 0).all()
    assert (lines["quantity"][lines["kind"] == "sale"] > 0).all()


def test_lines_add_up_to_what_was_spent(world):
    lines = world.tables["order_lines"]
    sold = lines["kind"] == "sale"
    total = float((lines["quantity"] * lines["net_price"])[sold].sum())
    orders = len(world.tables["orders"]["order_no"])

    assert total / orders == pytest.approx(AMOUNTS.population_mean, rel=0.05)


def test_the_catalogue_has_as_many_qualities_in_each_category():
    """The survey numbers a category's qualities in a row; the tables rest on it."""
    assert len(firm.QUALITIES) % len(firm.CATEGORIES) == 0
    per_category = len(firm.QUALITIES) // len(firm.CATEGORIES)
    assert [q.category for q in firm.QUALITIES] == [c for c in firm.CATEGORIES for _ in range(per_category)]
    assert len(firm.PRODUCTS) % len(firm.CATEGORIES) == 0
    assert tables.catalogue()["carriers"]["name"].tolist() == list(firm.PARTNERS)
    assert sum(firm.PARTNER_SHARES) == pytest.approx(1.0)
    assert isinstance(AMOUNTS, gamma_gamma.Parameters)
