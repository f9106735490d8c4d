"""Effects against those left alone: by hand, against Welch, and over simulated trials whose truth is known."""

import numpy as np
import pytest
from scipy import stats

from eigenform.value.response.effects import cuped, difference, doubly_robust, subjects_to_decide
from eigenform.value.response.outcome_model import cross_fitted
from eigenform.value.response.trial import ImpossibleTrial, TooFewToTell, Trial, drawn

SEEDS = 200


def unequal(seed, n=800):
    """Return a trial whose better customers were treated more often, their history, and the true mean effect."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    e = 0.15 + 0.7 / (1.0 + np.exp(-1.5 * x[:, 0]))
    treated = rng.random(n) < e
    gain = 2.0 + 0.8 * x[:, 1]
    outcome = 10.0 + 4.0 * x[:, 0] + np.square(x[:, 1]) + gain * treated + rng.normal(size=n)
    return Trial(outcome, treated, e), x, 2.0


def equal(seed, n=400, r=0.8):
    """Return a fair trial with effect 1 and what was known before, correlated by r with the outcome within arms."""
    rng = np.random.default_rng(seed)
    before = rng.normal(50.0, 10.0, n)
    treated = rng.random(n) < 0.5
    noise = r * (before - 50.0) / 10.0 + np.sqrt(1.0 - r * r) * rng.normal(size=n)
    return Trial(5.0 * noise + 1.0 * treated, treated, 0.5), before


def test_the_plain_difference_is_welch():
    trial, _before = equal(1)
    y, t = trial.outcome, trial.treated
    found = difference(trial)
    welch = stats.ttest_ind(y[t], y[~t], equal_var=False).confidence_interval(0.8)

    assert found.mean == pytest.approx(y[t].mean() - y[~t].mean(), rel=1e-12)
    assert (found.low, found.high) == pytest.approx((welch.low, welch.high), rel=1e-9)
    assert (found.treated, found.withheld, found.level) == (t.sum(), (~t).sum(), pytest.approx(y[~t].mean()))


def test_known_propensities_weigh_by_hand():
    """Two kinds of customers: the large are treated three times in four, the small once in four."""
    outcome = np.array([9.0] * 30 + [7.0] * 10 + [3.0] * 10 + [2.0] * 30) + np.tile([-0.5, 0.5], 40)
    treated = np.repeat([True, False, True, False], [30, 10, 10, 30])
    e = np.repeat([0.75, 0.25], 40)

    assert difference(Trial(outcome, treated, e)).mean == pytest.approx(0.5 * (9 - 7) + 0.5 * (3 - 2))
    assert difference(Trial(outcome, treated, 0.5)).mean == pytest.approx((9 * 3 + 3) / 4 - (7 + 2 * 3) / 4)


def test_naive_difference_is_biased_where_propensities_differ_and_weighing_is_not():
    naive, hajek, robust, hit, clear = [], [], [], 0, 0
    for seed in range(SEEDS):
        trial, x, truth = unequal(seed)
        naive.append(difference(Trial(trial.outcome, trial.treated, trial.treated.mean())).mean)
        hajek.append(difference(trial).mean)
        found = doubly_robust(trial, x, rng=np.random.default_rng(seed))
        robust.append(found.mean)
        hit += found.low <= truth <= found.high
        clear += found.is_clear

    assert np.mean(naive) - 2.0 > 2.0
    assert np.mean(hajek) == pytest.approx(2.0, abs=3.5 * np.std(hajek) / np.sqrt(SEEDS))
    assert np.mean(robust) == pytest.approx(2.0, abs=3.5 * np.std(robust) / np.sqrt(SEEDS))
    assert np.std(robust) < 0.5 * np.std(hajek)
    assert 0.73 <= hit / SEEDS <= 0.87
    assert clear == SEEDS


def test_predictions_of_another_world_leave_the_robust_effect_unbiased():
    """The lines know nothing of what drives the outcome; the known propensities alone must carry it."""
    found = []
    for seed in range(SEEDS):
        trial, x, _truth = unequal(seed)
        nonsense = np.random.default_rng(1_000 + seed).normal(size=x.shape)
        found.append(doubly_robust(trial, nonsense, rng=np.random.default_rng(seed)).mean)

    assert np.mean(found) == pytest.approx(2.0, abs=3.5 * np.std(found) / np.sqrt(SEEDS))


@pytest.mark.parametrize("r", [0.0, 0.6, 0.9])
def test_what_was_known_before_narrows_the_interval_by_the_correlation(r):
    ratios, hit, means = [], 0, []
    for seed in range(SEEDS):
        trial, before = equal(seed, r=r)
        plain, adjusted = difference(trial), cuped(trial, before)
        ratios.append((adjusted.high - adjusted.low) / (plain.high - plain.low))
        hit += adjusted.low <= 1.0 <= adjusted.high
        means.append(adjusted.mean)

    assert np.mean(ratios) == pytest.approx(np.sqrt(1.0 - r * r), abs=0.02)
    assert 0.73 <= hit / SEEDS <= 0.87
    assert np.mean(means) == pytest.approx(1.0, abs=3.5 * np.std(means) / np.sqrt(SEEDS))


def test_cuped_does_not_take_the_effect_for_history():
    """Few were treated and the effect is large: a slope fitted over both arms would swallow part of it."""
    rng = np.random.default_rng(3)
    treated = np.arange(400) < 40
    before = rng.normal(size=400) + 0.6 * treated  # an unlucky draw
    trial = Trial(2.0 * before + 10.0 * treated + rng.normal(0.0, 0.1, 400), treated, 0.1)

    assert cuped(trial, before).mean == pytest.approx(10.0, abs=0.1)


def test_each_prediction_is_made_without_its_own_outcome():
    trial, x, _truth = unequal(5, n=200)
    moved = trial.outcome.copy()
    moved[17] += 1e6
    first = cross_fitted(trial, x, rng=np.random.default_rng(1))
    again = cross_fitted(trial.with_outcome(moved), x, rng=np.random.default_rng(1))

    same_fold = first.fold == first.fold[17]
    np.testing.assert_allclose(again.uplift[same_fold], first.uplift[same_fold])
    assert np.abs(again.uplift[~same_fold] - first.uplift[~same_fold]).min() > 1.0
    assert {(first.fold[trial.treated] == k).sum() > 0 for k in range(5)} == {True}


def test_constant_history_changes_nothing():
    trial, _before = equal(2)
    plain = difference(trial)

    assert cuped(trial, np.full(400, 3.0)).mean == pytest.approx(plain.mean, rel=1e-12)
    assert doubly_robust(trial, np.full(400, 3.0), rng=np.random.default_rng(1)).mean == pytest.approx(
        plain.mean, abs=0.05
    )


def test_too_few_are_refused_with_what_would_decide():
    treated = np.arange(100) < 88
    with pytest.raises(TooFewToTell, match=r"12 were withheld, at least 20 are needed\. 8 more withheld would do\."):
        difference(Trial(np.arange(100.0), treated, 0.9))
    bought = (np.arange(100) % 30 == 0).astype(float)
    with pytest.raises(TooFewToTell, match="only 2 of 50 treated differs") as refusal:
        difference(Trial(bought, np.arange(100) < 50, 0.5))
    assert refusal.value.facts()["withheld"] == 50


@pytest.mark.parametrize(
    ("outcome", "treated", "e", "said"),
    [
        (np.ones(4), np.ones(3, bool), 0.5, "shape"),
        (np.array([1.0, np.nan]), np.ones(2, bool), 0.5, "not a finite number"),
        (np.ones(2), np.ones(2, bool), 1.0, "chance had no hand"),
        (np.ones(2), np.ones(2, bool), np.nan, "chance had no hand"),
    ],
)
def test_impossible_trials_are_refused(outcome, treated, e, said):
    with pytest.raises(ImpossibleTrial, match=said):
        Trial(outcome, treated, e)


def test_a_trial_cannot_be_changed_behind_its_back():
    outcome = np.arange(50.0)
    trial = Trial(outcome, np.arange(50) % 2 == 0, 0.5)
    outcome[:] = 0.0

    assert trial.outcome[7] == 7.0
    with pytest.raises(ValueError, match="read-only"):
        trial.outcome[7] = 1.0


def test_an_assignment_drawn_as_stated_is_sound_and_one_that_was_steered_is_not():
    sound = [drawn(equal(seed)[0], equal(seed)[1]) for seed in range(100)]
    trial, x, _truth = unequal(1)
    steered = drawn(Trial(trial.outcome, trial.treated, trial.treated.mean()), x)
    lost = drawn(Trial(np.arange(1000.0), np.arange(1000) < 900, 0.8))

    assert sum(d.is_sound for d in sound) >= 99
    assert np.mean([d.p_shares < 0.2 for d in sound]) == pytest.approx(0.2, abs=0.12)
    assert np.mean([d.p_balance < 0.2 for d in sound]) == pytest.approx(0.2, abs=0.12)
    assert not steered.is_sound and steered.p_shares > 0.9 and steered.p_balance < 1e-10
    assert not lost.is_sound and lost.p_shares < 1e-10 and lost.p_balance is None
    assert drawn(trial, x).is_sound


def test_so_many_subjects_do_decide():
    """With the number that it says, 80 of 100 trials leave zero out."""
    n = subjects_to_decide(effect=1.0, sd_treated=5.0, sd_withheld=5.0, treated_share=0.5)
    clear = sum(difference(equal(seed, n=n, r=0.0)[0]).is_clear for seed in range(SEEDS))

    assert n == pytest.approx(100 * (1.2815516 + 0.8416212) ** 2, abs=1.0)
    assert 0.72 <= clear / SEEDS <= 0.88
    with pytest.raises(ValueError, match="effect of 0"):
        subjects_to_decide(effect=0, sd_treated=1.0, sd_withheld=1.0, treated_share=0.5)
