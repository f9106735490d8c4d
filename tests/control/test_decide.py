"""From what was judged to what is done: the tables, the past and the limits all enter."""

from dataclasses import replace
from datetime import timedelta

import pyarrow as pa
import pytest

from eigenform.control.contracts import Cost, Effect, Offer
from eigenform.control.decisions import Frame, Judged, decide
from tests.control.cases import AS_OF, cell, means, past, rules, worth_of

WORTHS = [90_000, 80_000, 70_000, 60_000]


def decided(*, worths=WORTHS, contacts=(), earlier=(), left_alone=(), cells=(), partners=(), **changes):
    """Decide about customers 0, 1, 2 …, the even ones of segment even."""
    subjects = [str(i) for i in range(len(worths))]
    tables = {
        "purchases": pa.table({"subject": subjects, "segment": ["odd" if int(s) % 2 else "even" for s in subjects]}),
        "contacts": pa.table(
            {
                "customer": pa.array([customer for customer, _ago in contacts], pa.string()),
                "contacted_on": pa.array([AS_OF - timedelta(days=ago) for _c, ago in contacts], pa.date32()),
            }
        ),
    }
    frame = Frame(AS_OF, 1, 52, 0.1, frozenset(), frozenset(left_alone))
    judged = Judged({}, tuple(cells), tuple(partners), worth_of(worths))
    return decide(judged, tables, list(earlier), frame, rules(**{"holdout_share": 0.0, **changes}))


def subjects(candidates):
    return [c.subject.removeprefix("customer:") for c in candidates]


def test_without_a_past_the_best_are_contacted_tomorrow():
    found = decided(means=means(budget_minor=1_500))

    assert subjects(found.done) == ["0", "1", "2"]
    assert {c.facts["due_on"] for c in found.done} == {"2026-03-03"}
    assert (found.withheld, found.blocked) == ((), 0)


def test_contacts_made_block_or_put_off():
    found = decided(contacts=[("0", 1), ("0", 0), ("1", 20), ("1", 10)])

    assert {c.subject: c.facts["due_on"] for c in found.done} == {
        "customer:1": "2026-03-12",
        "customer:2": "2026-03-03",
        "customer:3": "2026-03-03",
    }
    assert found.blocked == 1


def test_open_decisions_hold_their_budget_and_their_subjects():
    limits = means(budget_minor=1_500)
    found = decided(means=limits, earlier=[past("customer:0"), past("partner:x", kind="talk_to_partner")])

    assert subjects(found.done) == ["1"]  # of 15 pounds ten are given out already


def test_segments_left_alone():
    assert subjects(decided(left_alone={"even"}).done) == ["1", "3"]


def test_attributes_partners_and_customers_share_one_budget_by_net_gain():
    slow = cell(quantity="partner_gap", category="", subject="partner:slow", exposed=1_000_000.0)
    found = decided(cells=[cell(exposed=10_000_000.0)], partners=[slow], means=means(budget_minor=26_000))

    assert [c.kind for c in found.done] == ["change_attribute", "talk_to_partner", *["contact_customer"] * 2]


@pytest.mark.parametrize("state", ["done", "declined", "failed", "held_out"])
def test_who_was_lately_decided_about_is_not_asked_again_and_frees_the_place(state):
    found = decided(
        earlier=[past("customer:0", state=state, last_ago=5)],
        means=means(per_kind_max={"contact_customer": 2}),
    )

    assert subjects(found.done) == ["1", "2"]


def test_many_who_were_lately_decided_about_do_not_hide_the_rest():
    barred = [past(f"customer:{i}", state="done", last_ago=5) for i in range(40)]
    found = decided(
        worths=[90_000 - i for i in range(42)], earlier=barred, means=means(per_kind_max={"contact_customer": 2})
    )

    assert subjects(found.done) == ["40", "41"]


def test_a_change_lately_declined_is_not_proposed_again():
    earlier = [past(cell().subject, kind="change_attribute", state="declined", last_ago=5)]
    found = decided(cells=[cell(exposed=1e7), cell("Lamps", exposed=1e7)], earlier=earlier)

    assert [c.facts["category"] for c in found.done if c.kind == "change_attribute"] == ["Lamps"]


def test_an_offer_still_open_or_lately_done_keeps_every_other_from_the_same_customer():
    letter = Offer("letter", Cost(100, 2.0, "post"), excludes=("e-mail",))
    mail = Offer("e-mail", Cost(20, 2.0, "email"))
    both = {
        "offers": (letter, mail),
        "effects": {**rules().effects, "letter": Effect(0.03, 0.02), "e-mail": Effect(0.03, 0.02)},
    }
    open_one = past("customer:0", cost=100, minutes=2.0, channel="post")
    lately = past("customer:1", state="done", last_ago=90, channel="email")
    long_ago = past("customer:2", state="done", last_ago=91, channel="email")

    found = decided(earlier=[open_one, lately, long_ago], **both)
    at_once = decided(earlier=[open_one, replace(lately, last_day=lately.last_day + 89)], repeat_after_days=0, **both)

    assert subjects(found.done) == ["2", "3"]  # one offer each, though three would add something
    assert subjects(at_once.done) == ["1", "2", "3"]  # only what is open bars if offers may follow each other at once
