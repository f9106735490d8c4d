"""What a turn measures of earlier decisions and campaigns: pure, from a table of outcomes made here."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from eigenform.control.contracts import Effect, Past
from eigenform.control.decisions import measure, reckon_with
from eigenform.control.decisions.outcomes import propensity
from tests.control.cases import rules

AS_OF = date(2026, 9, 1)
LONG_AGO = AS_OF - timedelta(days=200)
EPOCH = date(1970, 1, 1)
STAKE = 50_000.0


def trial(n, *, gain, seed=1, on=LONG_AGO, share=0.9, segment="north", campaign="", first_seq=1, **told):
    """Return rows of n customers, each worth about as much after as before, the treated `gain` minor units more."""
    rng = np.random.default_rng(seed)
    treated = rng.random(n) < share
    before = rng.gamma(2.0, 5_000.0, n).round()
    after = (before + rng.normal(0.0, 1_000.0, n) + gain * treated).round()
    columns = {
        "decision_seq": np.zeros(n, int) if campaign else np.arange(first_seq, first_seq + n),
        "campaign": [campaign] * n,
        "segment": [segment] * n,
        "treated": treated,
        "propensity": np.where(treated, share, 1.0 - share),
        "assigned_on": pa.array([on] * n, pa.date32()),
        "after_minor": after,
        "orders_after": (after > 8_000).astype(int),
        "before_minor": before,
        "year_before_minor": before * 3,
        "orders_year_before": (before // 4_000).astype(int),
        "days_since_last": rng.integers(1, 300, n),
    }
    return pa.table(columns | told)


def past_of(table, *, stake=STAKE, offer="", turn=1, on=LONG_AGO):
    day = (on - EPOCH).days
    return [
        Past("contact_customer", f"customer:{seq}", "done", day, day, 15.0, 500, "phone", seq, turn, offer, stake)
        for seq in table["decision_seq"].to_pylist()
        if seq
    ]


def found(table, past=(), **changes):
    changes = {"as_of": AS_OF, "seed": 1, "rules": rules(), **changes}
    return measure({"outcomes": table}, list(past), **changes)


def row_of(measured, scope, name, outcome="margin"):
    return next(r for r in measured.rows if (r.scope, r.name, r.outcome) == (scope, name, outcome))


def test_without_outcomes_there_is_nothing_to_measure_and_the_assumption_stands():
    for tables in ({}, {"outcomes": trial(5, gain=0)[:0]}):
        measured = measure(tables, [], as_of=AS_OF, seed=1, rules=rules())
        assert (measured.rows, measured.uplifts, measured.learnt) == ((), (), ())
        assert reckon_with(rules(), measured) == rules()


def test_a_plan_s_effect_is_found_and_told_in_money_and_in_purchases():
    table = trial(600, gain=800)
    measured = found(table, past_of(table))

    for scope, name in (("all", "contact_customer"), ("plan", "1")):
        row = row_of(measured, scope, name)
        assert row.low <= 800 <= row.high and row.high - row.low < 500, scope
        assert (row.method, row.unit, row.window_days) == ("cuped", "GBP", 91)
        assert row.treated + row.withheld == 600
        assert row.facts["is_sound"] and row.facts["open"] == 0 and row.facts["decides"] is None
        assert row.facts["plain"][2] - row.facts["plain"][0] > 3 * (row.high - row.low)
    bought = row_of(measured, "all", "contact_customer", "bought")
    assert (bought.unit, 0 < bought.mean < 0.3) == ("share", True)


def test_offers_are_told_and_learnt_apart_once_there_are_two():
    plain, voucher = trial(400, gain=0), trial(400, gain=4_000, seed=2, first_seq=1_000)
    past = past_of(plain) + past_of(voucher, offer="voucher")
    assumed = {"contact_customer": Effect(0.02, 0.02), "voucher": Effect(0.05, 0.03)}
    measured = found(pa.concat_tables([plain, voucher]), past, rules=rules(effects=assumed))

    assert [r.scope for r in found(plain, past_of(plain)).rows if r.scope == "offer"] == []
    assert abs(row_of(measured, "offer", "contact_customer").mean) < 700
    assert row_of(measured, "offer", "voucher").low > 3_500
    learnt = {x.key: x for x in measured.learnt}
    assert learnt["voucher"].mean == pytest.approx(4_000 / STAKE, abs=0.01) and learnt["voucher"].prior_mean == 0.05
    after = reckon_with(rules(effects=assumed), measured).effects
    assert after["voucher"].mean > 0.06 and after["contact_customer"].mean < 0.02


def test_only_whole_windows_are_measured_and_the_open_ones_are_told():
    over, still = trial(300, gain=800), trial(100, gain=-90_000, seed=2, first_seq=1_000, on=AS_OF - timedelta(days=90))
    measured = found(pa.concat_tables([over, still]), past_of(over) + past_of(still, turn=2))

    row = row_of(measured, "all", "contact_customer")
    assert row.treated + row.withheld == 300
    assert row.facts["open"] == 100
    waiting = row_of(measured, "plan", "2")
    assert waiting.mean is None
    assert waiting.facts["reason"] == "the 91 days after the decision are not over"
    assert waiting.facts["decides"].startswith("The 91 days of 100 more end by 2 Sep 2026.")
    ended = found(pa.concat_tables([over, still]), past_of(over) + past_of(still), as_of=AS_OF + timedelta(days=1))
    assert row_of(ended, "all", "contact_customer").facts["open"] == 0


def test_too_few_left_alone_say_how_many_more_and_how_long():
    table = trial(100, gain=800, on=AS_OF - timedelta(days=140))
    held = 100 - sum(table["treated"].to_pylist())
    row = row_of(found(table, past_of(table)), "all", "contact_customer")

    assert row.mean is None and row.withheld == held < 20
    assert row.facts["reason"] == f"{held} were withheld, at least 20 are needed"
    customers = (20 - held) / (held / 100)
    more, weeks = 10 * np.ceil(customers / 10 - 1e-9), np.ceil(20 * customers / 100 - 1e-9)
    assert row.facts["decides"] == f"About {more:.0f} more customers, some {weeks:.0f} weeks as now, would decide."


def test_an_effect_within_its_doubt_says_what_would_show_the_assumed_one():
    table = trial(400, gain=0)
    row = row_of(
        found(table, past_of(table), rules=rules(effects={"contact_customer": Effect(0.002, 0.002)})),
        "all",
        "contact_customer",
    )

    assert row.low < 0 < row.high
    assert row.facts["decides"].startswith("To see the effect that was assumed: about ")


def test_a_campaign_with_unequal_propensities_is_measured_doubly_robust():
    """The better customers were written to more often: the plain difference would be their history."""
    rng = np.random.default_rng(4)
    table = trial(1_500, gain=0, campaign="spring")
    before = table["before_minor"].to_numpy()
    e = np.where(before > 10_000, 0.8, 0.3)
    treated = rng.random(1_500) < e
    after = before + 500.0 * treated + rng.normal(0.0, 1_000.0, 1_500)
    for name, values in (("treated", treated), ("propensity", np.where(treated, e, 1 - e)), ("after_minor", after)):
        table = table.set_column(table.column_names.index(name), name, pa.array(values))
    row = row_of(found(table), "campaign", "spring")

    assert row.method == "doubly robust"
    assert row.mean == pytest.approx(500, abs=200) and row.low > 300
    assert after[treated].mean() - after[~treated].mean() > 5_000
    assert found(table).learnt == ()  # a campaign of its own is no contact of ours


def test_arms_of_three_are_compared_two_by_two():
    own = np.array([1 / 3, 1 / 3, 1 / 3])
    treated = np.array([True, True, False])

    np.testing.assert_allclose(propensity(treated, own), 0.5)
    np.testing.assert_allclose(propensity(treated, np.array([0.5, 0.5, 0.25])), 2 / 3)
    np.testing.assert_allclose(propensity(treated, np.array([0.9, 0.6, 0.3])), [0.9, 0.6, 0.7])


def test_segments_are_told_apart_and_learnt_apart():
    north, south = trial(500, gain=5_000), trial(500, gain=0, seed=2, segment="south", first_seq=2_000)
    measured = found(pa.concat_tables([north, south]), past_of(north) + past_of(south))

    assert row_of(measured, "segment", "|north").low > 4_000
    assert abs(row_of(measured, "segment", "|south").mean) < 700
    learnt = {x.segment: x for x in measured.learnt}
    assert set(learnt) == {"", "north", "south"}
    assert learnt["north"].measured_mean == pytest.approx(5_000 / STAKE, abs=0.01)
    assert learnt["north"].mean > 0.07 and learnt["south"].mean < 0.02
    after = reckon_with(rules(), measured)
    assert after.effects_by_segment["contact_customer"]["north"].mean == learnt["north"].mean
    assert [learnt[name].basis for name in ("", "north", "south")] == ["assumed", "measured", "measured"]
    assert after.effects["contact_customer"] == Effect(learnt[""].mean, learnt[""].sd, "assumed")


def test_a_dull_measurement_leaves_the_assumption_nearly_as_it_was():
    table = trial(60, gain=400, share=0.6)
    measured = found(table, past_of(table, stake=2_000.0))
    (line,) = measured.learnt

    prior = rules().effects["contact_customer"]
    assert line.basis == "assumed" and 0 < line.weight < 0.5
    assert min(prior.mean, line.measured_mean) < line.mean < max(prior.mean, line.measured_mean)
    assert reckon_with(rules(), measured).effects["contact_customer"].basis == "assumed"


def test_decisions_without_a_known_worth_are_measured_but_teach_nothing():
    table = trial(300, gain=800)
    measured = found(table, past_of(table, stake=None))

    assert row_of(measured, "all", "contact_customer").mean is not None
    assert measured.learnt == ()


def test_a_ranking_is_judged_where_both_arms_are_large_and_sorts_nobody_where_all_gain_alike():
    alike = trial(2_000, gain=800, share=0.5)
    (margin, bought) = found(alike, past_of(alike)).uplifts

    assert (margin.outcome, bought.outcome) == ("margin", "bought")
    assert margin.n == pytest.approx(1_600, abs=2)
    assert margin.area_low <= 0 <= margin.area_high
    assert margin.gain[-1] == pytest.approx(800, abs=600)
    assert found(trial(150, gain=800), past_of(trial(150, gain=800))).uplifts == ()


def test_a_steered_assignment_is_marked():
    table = trial(1_000, gain=800, share=0.5)
    rng = np.random.default_rng(9)
    steered = rng.random(1_000) < np.where(table["before_minor"].to_numpy() > 10_000, 0.8, 0.3)
    own = np.full(1_000, 0.5)
    for name, values in (("treated", steered), ("propensity", own)):
        table = table.set_column(table.column_names.index(name), name, pa.array(values))
    row = row_of(found(table, past_of(table)), "all", "contact_customer")

    assert row.facts["is_sound"] is False
    assert row.facts["p_balance"] < 1e-6


def test_the_same_inputs_measure_the_same_whatever_the_order_of_groups():
    table = trial(300, gain=800)
    assert found(table, past_of(table)) == found(table, past_of(table))


@pytest.mark.slow
def test_over_100_firms_the_truth_lies_in_80_of_100_intervals():
    """Customers buy at rates of their own and pay amounts of their own; a contact raises the rate by a tenth."""
    hits, learnt_hits, seeds = 0, 0, 100
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        n = 2_000
        rate = rng.gamma(2.0, 1.0, n)  # purchases in a window
        amount = rng.gamma(6.0, 700.0, n)
        table = trial(n, gain=0, seed=seed, share=0.8)
        treated = table["treated"].to_numpy()
        before, after = (rng.poisson(rate * lift) * amount for lift in (1.0, np.where(treated, 1.1, 1.0)))
        for name, values in (("before_minor", before), ("after_minor", after), ("year_before_minor", before * 4)):
            table = table.set_column(table.column_names.index(name), name, pa.array(values))
        stake = float((4 * rate * amount).mean())
        measured = found(
            table, past_of(table, stake=stake), rules=rules(effects={"contact_customer": Effect(0.02, 0.02)})
        )
        row = row_of(measured, "all", "contact_customer")
        truth = 0.1 * 2.0 * 4_200.0
        hits += row.low <= truth <= row.high
        (line,) = measured.learnt
        learnt_hits += line.low <= truth / stake <= line.high

    assert 0.72 <= hits / seeds <= 0.88
    assert learnt_hits / seeds >= 0.72  # the assumption lies near the truth, so it can only help
