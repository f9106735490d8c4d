"""What becomes a candidate: sure enough, worth more than it costs, and within the contact cap."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenform.control.contracts import Cost, Effect, Offer
from eigenform.control.decisions import Whom, contact_candidates, gap_candidates, partner_candidates
from eigenform.coordination.decisions import Cap, may_contact
from eigenform.customers.decisions import WorthJudgement
from tests.control.cases import AS_OF, cell, means, rules, worth_of


def contact(judged, *, left_alone=(), days=None, consents=None, **changes):
    whom = Whom(frozenset(left_alone), days or {}, consents or {})
    return contact_candidates(judged, whom=whom, as_of=AS_OF, rules=rules(**changes))


def test_the_gain_of_a_contact_is_effect_times_worth_with_the_doubt_of_both():
    (found,), _ = contact(worth_of([100_000]))

    assert found.gain_mean == pytest.approx(0.02 * 100_000)
    assert found.gain_low < 0 < found.gain_mean < found.gain_high  # the prior's own spread reaches below zero
    assert (found.cost_minor, found.basis) == (500, "assumed")
    assert 1 <= len(found.because) <= 3


def test_a_wider_prior_gives_a_wider_interval_and_the_same_mean():
    (narrow,), _ = contact(worth_of([100_000]), effects={**rules().effects, "contact_customer": Effect(0.02, 0.001)})
    (wide,), _ = contact(worth_of([100_000]), effects={**rules().effects, "contact_customer": Effect(0.02, 0.05)})

    assert narrow.gain_mean == wide.gain_mean
    assert wide.gain_low < narrow.gain_low < narrow.gain_high < wide.gain_high


def test_only_those_worth_more_than_the_contact_costs_the_best_first():
    found, _ = contact(worth_of([26_000, 10, 25_000, 24_999, 90_000]))

    assert [c.subject for c in found] == ["customer:4", "customer:0"]  # 25,000 x 0.02 = 500 is no more than it costs


def test_where_worth_cannot_be_told_nobody_is_contacted():
    unknown = WorthJudgement(np.array([], dtype=str), np.array([], dtype=np.int64), None, "", reason="Sampled.")

    assert contact(unknown) == ([], 0)


def test_segments_left_alone_are_not_contacted():
    found, blocked = contact(worth_of([90_000, 80_000]), left_alone={"customer:0"})

    assert ([c.subject for c in found], blocked) == (["customer:1"], 0)


def test_the_cap_gives_the_first_free_weekday_or_blocks():
    monday = AS_OF
    assert monday.weekday() == 0
    days = {
        "customer:0": [monday - timedelta(days=20), monday - timedelta(days=10)],  # free ten days from now
        "customer:1": [monday - timedelta(days=1), monday],  # not within the four weeks looked ahead
        "customer:2": [monday],
    }
    found, blocked = contact(worth_of([90_000, 80_000, 70_000]), days=days)

    due = {c.subject: c.facts["due_on"] for c in found}
    assert due == {"customer:0": "2026-03-12", "customer:2": "2026-03-03"}
    assert blocked == 1


@settings(max_examples=60, deadline=None)
@given(
    made=st.lists(st.integers(-60, 20), max_size=6),
    contacts_max=st.integers(0, 3),
    window_days=st.integers(1, 45),
)
def test_a_due_day_never_breaks_the_cap(made, contacts_max, window_days):
    days = [AS_OF + timedelta(days=d) for d in made]
    found, blocked = contact(
        worth_of([90_000]), days={"customer:0": days}, contacts_max=contacts_max, contacts_window_days=window_days
    )

    assert len(found) + blocked == 1
    for one in found:
        due = date.fromisoformat(one.facts["due_on"])
        assert AS_OF < due <= AS_OF + timedelta(days=28)
        assert due.weekday() < 5
        assert may_contact(days, due, cap=Cap(contacts_max, window_days))


def test_enough_of_the_best_are_built_to_fill_the_turn_after_the_hold_out():
    limits = means(per_kind_max={"contact_customer": 4})
    found, _ = contact(worth_of(np.linspace(90_000, 80_000, 200)), means=limits)

    assert [c.subject for c in found] == [f"customer:{i}" for i in range(3 * 4 + 20)]


def test_looking_at_more_cells_asks_for_more_certainty():
    """Bonferroni: 0.98 is sure enough for one or two cells at 0.95, for three it is not."""
    cells = [cell(f"C{i}", p=0.98) for i in range(3)]

    assert [len(gap_candidates(cells[:n], rules())) for n in (1, 2, 3)] == [1, 1 * 2, 0]


def test_cells_with_few_readings_neither_count_nor_cost_certainty():
    thin = [cell(f"thin{i}", n=19) for i in range(50)]
    (found,) = gap_candidates([*thin, cell("Chairs", p=0.96)], rules())

    assert found.facts["category"] == "Chairs"


@pytest.mark.parametrize(
    "changes",
    [{"exposed_minor": None}, {"exposed": 0.0}, {"p_short": None}, {"segment": "north"}, {"n": 19}],
    ids=["nothing known of money", "no money at stake", "cannot tell", "a segment only", "too few readings"],
)
def test_what_is_no_candidate(changes):
    assert gap_candidates([cell(**changes)], rules()) == []


def test_the_gain_of_a_change_is_the_prior_effect_times_exposed_money():
    (found,) = gap_candidates([cell(share=(0.2, 0.15, 0.25), exposed=1_000_000.0)], rules())

    assert found.gain_mean == pytest.approx(0.05 * 200_000)
    assert found.gain_low < found.gain_mean < found.gain_high
    assert (found.kind, found.basis) == ("change_attribute", "assumed")
    assert found.contrast
    assert any("exposed, not lost" in sentence for sentence in found.because)
    assert len(found.because) <= 3


def test_a_partner_gets_a_talk_and_a_contrast_of_their_own():
    (found,) = partner_candidates([cell(quantity="partner_gap", category="", subject="partner:x")], rules())
    (change,) = gap_candidates([cell()], rules())

    assert (found.kind, found.subject) == ("talk_to_partner", "partner:x")
    assert found.contrast
    assert found.contrast != change.contrast


def test_an_experience_is_judged_by_what_is_tolerated_not_by_the_share_that_fell_short():
    short_but_tolerated = cell(quantity="experience_gap", p_below_tolerated=0.2, p_short=0.999)
    surely_below = cell(quantity="experience_gap", p_below_tolerated=0.999)

    assert gap_candidates([short_but_tolerated], rules()) == []
    (found,) = gap_candidates([surely_below], rules())
    assert "expected" in found.because[0]


def test_a_good_mean_is_said_to_hide_the_shortfalls():
    (found,) = gap_candidates([cell(mean=4.0, low=3.0, high=5.0)], rules())

    assert any("hides" in sentence for sentence in found.because)


MAIL = Offer("e-mail", Cost(20, 2.0, "email"))
WITH_MAIL = {"effects": {**rules().effects, "e-mail": Effect(0.004, 0.006)}}


def test_a_customer_is_offered_everything_that_adds_more_than_it_costs():
    found, _ = contact(worth_of([90_000, 10_000]), offers=(MAIL,), **WITH_MAIL)

    offered = [(c.subject, c.facts.get("offer", ""), c.channel) for c in found]
    assert offered == [
        ("customer:0", "", "phone"),
        ("customer:0", "e-mail", "email"),
        ("customer:1", "e-mail", "email"),  # a call would cost more than it adds
    ]
    assert [c.gain_mean for c in found] == pytest.approx([1800.0, 360.0, 40.0])


def test_who_asked_not_to_be_reached_by_a_channel_is_not():
    refused = {("customer:0", "phone"): "refused"}
    found, _ = contact(worth_of([90_000]), offers=(MAIL,), consents=refused, **WITH_MAIL)

    assert [c.channel for c in found] == ["email"]


def test_an_offer_that_needs_consent_goes_to_those_who_gave_it():
    careful = replace(MAIL, needs_consent=True)
    agreed = {("customer:1", "email"): "given"}
    found, _ = contact(worth_of([20_000, 10_000]), offers=(careful,), consents=agreed, **WITH_MAIL)

    assert [(c.subject, c.channel) for c in found] == [("customer:1", "email")]
    assert found[0].facts["needs_consent"] is True  # an approval asks again
