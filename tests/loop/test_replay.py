"""A turn replayed decides the same, whatever happened to the home since."""

from datetime import timedelta

import pytest
from django.apps import apps

from eigenform import loop
from eigenform.coordination import actions as coordination
from eigenform.customers.models import Customer
from eigenform.ledger.contracts import NoSuchTurn
from eigenform.marketing.models import Touch
from eigenform.offerings.models import Promise
from eigenform.records.scope import NotAllowed, Scope
from eigenform.sales.models import Order
from eigenform.service.models import Answer
from eigenform.supply_chain.models import Delivery, Partner
from tests.loop import firm
from tests.loop.firm import AS_OF, LEADER, NOW
from tests.loop.test_turn import content, row_counts, turn


def told(answer):
    """Return all that a turn and its replay must agree in."""
    same = answer.to_json()
    for name in ("seconds", "replayed"):
        same.pop(name)
    return same


def test_a_replay_agrees_and_writes_nothing(books):
    made = turn(seed=7)
    before = row_counts()
    again = loop.replay(made.turn, scope=LEADER)

    assert row_counts() == before
    assert told(again) == told(made)
    assert (again.replayed, made.replayed, again.turn, again.seed) == (True, False, 1, 7)


def test_a_replay_agrees_though_facts_policy_and_later_turns_changed(books):
    made = turn()
    Order.objects.filter(pk__in=list(Order.objects.values_list("pk", flat=True)[::2])).update(state="withdrawn")
    Delivery.objects.update(delivered_on=AS_OF)
    Promise.objects.update(level_on=AS_OF - timedelta(days=900))
    Answer.objects.all().delete()
    Touch.objects.all().delete()
    firm.adopt(
        limits={"budget_minor": 1, "holdout_share": 0.5},
        thresholds={"certainty": 0.5},
        left_alone_segments=("north",),
        horizon_weeks=4,
    )
    for d in made.decisions[:3]:
        coordination.decline(d["id"], reason="No.", scope=LEADER, now=NOW)
    turn(as_of=AS_OF + timedelta(days=30), seed=99)

    again = loop.replay(1, scope=LEADER)

    assert content(again) == content(made)
    assert again.policy_version == 1
    assert [d["id"] for d in again.decisions] == [d["id"] for d in made.decisions]
    assert [d["state"] for d in again.decisions[:4]] == ["declined"] * 3 + ["waiting"]  # states are of today


def test_a_replay_of_the_second_turn_knows_what_the_first_had_decided(books):
    turn()
    second = turn(as_of=AS_OF + timedelta(days=1))
    third = turn(as_of=AS_OF + timedelta(days=2))

    assert told(loop.replay(2, scope=LEADER)) == told(second)
    assert told(loop.replay(3, scope=LEADER)) == told(third)


def test_a_replay_names_nobody_who_was_erased(books):
    made = turn()
    gone = next(d for d in made.decisions if d["kind"] == "contact_customer")
    Order.objects.filter(customer__name=gone["subject_name"]).update(customer=None)
    Customer.objects.filter(name=gone["subject_name"]).delete()

    again = {d["id"]: d for d in loop.replay(1, scope=LEADER).decisions}

    hexes = gone["subject_id"].removeprefix("customer:")
    assert again[gone["id"]]["subject_name"] == hexes
    assert again[gone["id"]]["expected_gain"] == gone["expected_gain"]


def test_a_turn_that_was_never_made_cannot_be_replayed(books):
    with pytest.raises(NoSuchTurn, match="No turn was made yet"):
        loop.replay(1, scope=LEADER)
    turn()
    with pytest.raises(NoSuchTurn, match="1 to 1"):
        loop.replay(2, scope=LEADER)


def test_who_may_not_read_may_not_replay(books):
    turn()
    with pytest.raises(NotAllowed):
        loop.replay(1, scope=Scope("c" * 32, may_read=False, may_decide=False, may_load=False, may_steer=False))


def test_the_same_facts_and_seed_decide_alike_in_two_homes(books):
    here = turn(dry_run=True)
    empty_the_home()
    other = firm.grown()
    assert other is not books
    there = turn(dry_run=True)

    assert content(there) == content(here)


def test_another_seed_moves_only_what_chance_moves(books):
    one, two = turn(dry_run=True, seed=1), turn(dry_run=True, seed=2)

    assert one.summary["worth"]["low"] != two.summary["worth"]["low"]
    assert one.summary["cells"] == two.summary["cells"]


def empty_the_home():
    """Take the facts away and leave the ids where they were, so that the next home numbers its rows anew."""
    for label in ("marketing", "service", "supply_chain", "offerings", "sales", "customers"):
        for model in apps.get_app_config(label).get_models():
            if model not in (Customer, Partner):
                model.objects.all().delete()
    Partner.objects.all().delete()
    Customer.objects.all().delete()
