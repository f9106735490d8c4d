"""Worth: means against the models, intervals against simulated futures."""

from dataclasses import replace

import numpy as np
import pytest

from eigenform.value.lifetime import Summary, bg_nbd, gamma_gamma
from eigenform.value.lifetime.worth import CannotTell, enough, worth

COUNTS = bg_nbd.Parameters(r=0.8, alpha_weeks=6.0, a=0.9, b=3.0)
AMOUNTS = gamma_gamma.Parameters(p=5.0, q=4.0, gamma=20.0)
HORIZON_WEEKS = 52.0


def world(n, seed):
    """Return histories, and what each customer then really brought in the next year."""
    rng = np.random.default_rng(seed)
    truth = bg_nbd.simulate(COUNTS, rng.integers(1, 104 * 7, n) / 7.0, rng)
    nu = rng.gamma(AMOUNTS.q, 1.0 / AMOUNTS.gamma, n)
    x = truth.summary.repeats
    mean_spend = np.where(x > 0, rng.gamma(AMOUNTS.p * np.maximum(x, 1)) / nu / np.maximum(x, 1), np.nan)
    arrivals = rng.poisson(truth.rate_per_week * HORIZON_WEEKS)
    bought = np.where(truth.alive, np.minimum(arrivals, rng.geometric(truth.leave_probability)), 0)
    brought = np.where(bought > 0, rng.gamma(AMOUNTS.p * np.maximum(bought, 1)) / nu, 0.0)
    return Summary(x, truth.summary.last_week, truth.summary.age_weeks, mean_spend), bought, brought


def fits(summary, *, small=False):
    return {
        "purchases": bg_nbd.fit(summary, prior=bg_nbd.WEAK_PRIOR if small else None),
        "spend": gamma_gamma.fit(summary.repeats, summary.spend, prior=gamma_gamma.WEAK_PRIOR if small else None),
    }


def ask(summary, seed=1, **changes):
    wanted = {
        "horizon_weeks": HORIZON_WEEKS,
        "discount_per_year": 0.0,
        "draws": 200,
        "rng": np.random.default_rng(seed),
    }
    return worth(summary, **{**wanted, **changes})


@pytest.fixture(scope="module")
def base():
    summary, bought, brought = world(12_000, seed=21)
    models = fits(summary)
    return summary, bought, brought, models, ask(summary, **models)


def test_mean_is_expected_purchases_times_expected_spend(base):
    summary, _, _, models, got = base
    count = bg_nbd.expected_purchases(models["purchases"].parameters, summary, HORIZON_WEEKS)
    amount = gamma_gamma.expected_spend(models["spend"].parameters, summary.repeats, summary.spend)

    np.testing.assert_allclose(got.expected_purchases, count, rtol=0.05, atol=2e-3)
    np.testing.assert_allclose(got.mean, count * amount, rtol=0.05, atol=0.1)
    assert got.total_mean == pytest.approx(got.mean.sum())


def test_nine_in_ten_bring_no_more_than_high(base):
    _, bought, brought, _, got = base
    some = got.high > 0  # where even one purchase is rarer than one in ten, high is 0 and holds more
    assert some.mean() > 0.6
    assert np.mean((brought <= got.high)[some]) == pytest.approx(0.9, abs=0.015)
    assert np.mean(brought <= got.high) >= 0.9 - 0.01
    assert np.mean(brought < got.low) < 0.1
    assert np.mean(bought <= got.expected_purchases_high) >= 0.89
    assert np.mean(bought < got.expected_purchases_low) <= 0.11


def test_interval_holds_80_per_cent_where_worth_is_not_mostly_nothing(base):
    """A customer likely to bring nothing has low = 0, which nobody undercuts: those intervals hold more."""
    _, _, brought, _, got = base
    rows = got.low > 0
    assert rows.sum() > 300
    inside = (brought >= got.low) & (brought <= got.high)
    assert 0.75 < inside[rows].mean() < 0.85


def test_total_of_the_base_is_covered_in_48_of_60_worlds():
    covered = []
    for seed in range(60):
        summary, _, brought = world(250, seed)
        got = ask(summary, seed, draws=60, **fits(summary, small=True))
        covered.append(got.total_low <= brought.sum() <= got.total_high)
    assert 0.7 <= np.mean(covered) <= 0.9  # two standard errors are 0.1; make slow asks three hundred


@pytest.mark.slow
def test_total_of_the_base_is_covered_in_about_80_of_100_worlds():
    covered = []
    for seed in range(1000, 1300):
        summary, _, brought = world(250, seed)
        got = ask(summary, seed, **fits(summary, small=True))
        covered.append(got.total_low <= brought.sum() <= got.total_high)
    assert 0.74 <= np.mean(covered) <= 0.86  # 2.6 standard errors


def test_the_same_seed_gives_the_same_worth(base):
    summary, _, _, models, got = base
    again = ask(summary, **models)

    np.testing.assert_array_equal(again.low, got.low)
    assert again.total_high == got.total_high
    assert ask(summary, seed=2, **models).total_high == got.total_high  # a large base is not left to chance
    few = summary.rows(slice(0, 200))
    assert ask(few, seed=1, **models).total_high == ask(few, seed=1, **models).total_high
    assert ask(few, seed=1, **models).total_high != ask(few, seed=2, **models).total_high


def test_equal_histories_have_equal_means(base):
    *_, models, _ = base
    twins = Summary([3, 3], [20.0, 20.0], [40.0, 40.0], [30.0, 30.0])

    got = ask(twins, **models)

    assert got.mean[0] == got.mean[1] > 0


def test_interval_of_one_history_equals_a_plain_simulation(base):
    """Twins whose few amounts leave their spend open: the spread of amounts must be in the interval."""
    *_, models, _ = base
    twins = Summary(np.full(400, 2.0), np.full(400, 25.0), np.full(400, 26.0), np.full(400, 30.0))
    p, q = models["purchases"].parameters, models["spend"].parameters
    rng = np.random.default_rng(5)
    n = 400_000
    alive = rng.random(n) < bg_nbd.probability_alive(p, twins)[0]
    arrivals = rng.poisson(rng.gamma(p.r + 2, 1 / (p.alpha_weeks + 26.0), n) * HORIZON_WEEKS)
    bought = np.where(alive, np.minimum(arrivals, rng.geometric(rng.beta(p.a, p.b + 2, n))), 0)
    nu = rng.gamma(q.q + 2 * q.p, 1 / (q.gamma + 60.0), n)
    brought = np.where(bought > 0, rng.gamma(q.p * np.maximum(bought, 1)) / nu, 0.0)

    got = ask(twins, **models)

    assert got.high.mean() == pytest.approx(np.quantile(brought, 0.9), rel=0.02)
    assert got.expected_purchases_high.mean() == pytest.approx(np.quantile(bought, 0.9), abs=0.5)


def test_discount_margin_and_weight_do_what_their_names_say(base):
    summary, _, _, models, plain = base
    some = summary.rows(slice(0, 500))
    whole = ask(some, **models)
    discounted = ask(some, discount_per_year=0.1, **models)
    share = ask(some, margin_share=0.25, **models)
    doubled = ask(Summary(some.repeats, some.last_week, some.age_weeks, some.spend, np.full(500, 2.0)), **models)
    twice = ask(Summary(*(np.tile(v, 2) for v in (some.repeats, some.last_week, some.age_weeks, some.spend))), **models)

    assert 0.94 < discounted.total_mean / whole.total_mean < 0.97  # half a year on average, or a bit less
    assert 0.93 < discounted.total_high / whole.total_high < 0.98
    np.testing.assert_allclose(share.high, 0.25 * whole.high)
    np.testing.assert_allclose(share.mean, 0.25 * whole.mean)
    assert doubled.total_mean == pytest.approx(2 * whole.total_mean)
    assert doubled.total_high == pytest.approx(twice.total_high)
    assert plain.unit == "money"


def test_spend_that_nobody_showed_is_counted(base):
    summary, _, _, models, got = base
    assert got.without_spend == int((summary.repeats == 0).sum())
    assert ask(summary.rows(slice(0, 50)), purchases=models["purchases"], spend=None).unit == "purchases"


@pytest.mark.parametrize(
    ("repeats", "told"),
    [
        (np.ones(19), "19 customers"),
        (np.zeros(500), "nobody has bought a second time"),
        (np.append(np.zeros(500), [1, 1]), "only 2 customers have bought again"),
    ],
)
def test_too_little_is_said_in_words(repeats, told):
    summary = Summary(repeats, np.where(repeats > 0, 1.0, 0.0), np.full(len(repeats), 9.0))

    assert told in enough(summary)


def test_enough_is_enough(base):
    assert enough(base[0]) is None


def test_a_fit_that_did_not_settle_is_not_used(base):
    summary, _, _, models, _ = base
    unsettled = replace(models["purchases"], status="not converged: the histories do not pin down b")

    with pytest.raises(CannotTell, match="do not pin down b"):
        ask(summary, purchases=unsettled, spend=models["spend"])


@pytest.mark.parametrize("changes", [{"horizon_weeks": 0.0}, {"discount_per_year": -0.1}])
def test_impossible_questions_are_refused(base, changes):
    summary, _, _, models, _ = base
    with pytest.raises(CannotTell):
        ask(summary, **models, **changes)
