"""What a turn decided is measured by a later one, written once, reckoned with, and comes out the same in a replay."""

from datetime import timedelta

import numpy as np
import pytest

from eigenform import loop
from eigenform.customers.models import Customer
from eigenform.ledger import queries as ledger
from eigenform.ledger.models import Effect, Entry
from eigenform.policy.contracts import Document, Prior
from tests.loop import firm
from tests.loop.firm import AS_OF, LEADER, NOW
from tests.loop.test_replay import told
from tests.loop.test_turn import turn

LATER = AS_OF + timedelta(days=91)
GAIN = 6_000  # what each contact brings, in pence


@pytest.fixture
def decided(transactional_db):
    """A turn with about 60 chosen and 40 left alone; then the chosen bring more, and everybody something."""
    books = firm.grown()
    firm.adopt(
        effects={**Document().effects, "contact_customer": Prior(mean=0.4, sd=0.3)},
        limits={
            "budget_minor": 10_000_000, "contacts_per_turn": 60, "holdout_share": 0.4,
            "minutes_by_channel": {"phone": 1e6, "meeting": 1e6},
        },
    )  # fmt: skip
    first = turn()
    rng = np.random.default_rng(1)
    contacts = [d for d in first.decisions if d["kind"] == "contact_customer"]
    people = {f"customer:{c.subject}": c for c in Customer.objects.all()}
    for d in contacts:
        amount = int(5_000 + rng.normal(0.0, 1_500.0) + (0 if d["held_out"] else GAIN))
        books.order(people[d["subject_id"]], AS_OF + timedelta(days=int(rng.integers(1, 92))), (None, amount))
    return contacts


def row_of(answer, scope, name="contact_customer", outcome="margin"):
    rows = answer.summary["effects"]["rows"]
    return next(r for r in rows if (r["scope"], r["name"], r["outcome"]) == (scope, name, outcome))


def test_a_later_turn_finds_what_the_contacts_brought_and_reckons_with_it(decided):
    held = sum(d["held_out"] for d in decided)
    assert held >= 20 and len(decided) - held >= 20

    early = turn(as_of=LATER - timedelta(days=1))
    waiting = row_of(early, "all")
    assert waiting["mean"] is None and waiting["facts"]["open"] == len(decided)
    assert early.summary["effects"]["learnt"][0]["basis"] == "assumed"

    later = turn(as_of=LATER)
    found = row_of(later, "all")
    assert (found["treated"], found["withheld"]) == (len(decided) - held, held)
    assert found["low"] <= GAIN <= found["high"] and found["low"] > GAIN / 2
    assert row_of(later, "plan", "1")["mean"] == found["mean"]
    assert found["facts"]["is_sound"]

    learnt = {x["segment"]: x for x in later.summary["effects"]["learnt"]}
    stake = np.mean([ledger.decision(d["id"]).facts["worth_minor"][0] for d in decided])
    assert learnt[""]["measured_mean"] == pytest.approx(found["mean"] / stake)
    assert (learnt[""]["prior_mean"], learnt[""]["prior_sd"]) == (0.4, 0.3)
    contact = next(d for d in later.decisions if d["kind"] == "contact_customer")
    assert contact["basis"] == "measured"
    mean, sd = ledger.decision(contact["id"]).facts["effect"]
    assert sd < 0.3 and abs(mean - learnt[""]["mean"]) < 0.2

    written = {
        (r.scope, r.name, r.outcome): r.mean for r in Effect.objects.filter(entry__recorded_seq__gt=ledger.turn(3).seq)
    }
    assert written["all", "contact_customer", "margin"] == found["mean"]
    assert Entry.objects.filter(kind="effect").count() == 2
    assert told(loop.replay(3, scope=LEADER)) == told(later)


def test_a_measurement_is_written_once_and_again_only_if_it_changed(decided):
    turn(as_of=LATER)
    written = Effect.objects.count()
    turn(as_of=LATER, dry_run=True)
    turn(as_of=LATER)

    # the second turn of that day adds its own plan's open decisions, and nothing that was known
    fresh = [r for r in ledger.effects_latest() if r.recorded_seq > ledger.turn(3).seq]
    assert Effect.objects.count() == written + len(fresh)
    assert {(r.scope, r.mean) for r in fresh} <= {("plan", None)}


def test_who_declined_still_counts_as_chosen(decided):
    """By assignment: dropping the declined would compare the willing with everybody."""
    from eigenform.coordination import actions as coordination

    for d in [d for d in decided if not d["held_out"]][:20]:
        coordination.decline(d["id"], reason="No time.", scope=LEADER, now=NOW)

    found = row_of(turn(as_of=LATER, dry_run=True), "all")
    assert found["treated"] == sum(not d["held_out"] for d in decided)
