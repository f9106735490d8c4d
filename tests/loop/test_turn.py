"""A turn over a small firm: it finds what was planted, writes once, and the next turn sees what was done."""

import json
from datetime import timedelta

import pytest
from django.apps import apps

from eigenform import loop
from eigenform.analytics.engine import EngineUnknown
from eigenform.control.contracts import TurnOvertaken
from eigenform.coordination import actions as coordination
from eigenform.coordination.decisions import Cap
from eigenform.customers.models import Customer, Standing
from eigenform.ledger import queries as ledger
from eigenform.ledger.models import Deed, Entry, Estimate, TurnInput
from eigenform.policy import queries as policy
from eigenform.records.scope import NotAllowed, Scope
from eigenform.sales.models import Order
from eigenform.staff.models import Staff
from eigenform.supply_chain.models import Delivery, Partner
from tests.loop.firm import AS_OF, LEADER, NOW, Books, adopt, grown, hopeful, subject

READER = Scope(actor="b" * 32, may_read=True, may_decide=False, may_load=False, may_steer=False)


def turn(**changes):  # the shortest way to a turn, for the other tests here as well
    return loop.turn(**{"as_of": AS_OF, "scope": LEADER, "now": NOW, "seed": 1, **changes})


def row_counts():
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


def content(answer):
    """Return what a turn judged and decided, without its number, its time and the ledger's ids."""
    told = answer.to_json()
    for name in ("turn", "seconds", "dry_run", "replayed"):
        told.pop(name)
    told["decisions"] = [{k: v for k, v in d.items() if k not in ("id", "state")} for d in told["decisions"]]
    return told


def test_a_turn_finds_what_was_planted(books):
    answer = turn()

    found = {(d["kind"], d["subject"]) for d in answer.decisions if d["kind"] != "contact_customer"}
    assert found == {
        ("talk_to_partner", "partner:Slow"),
        ("change_attribute", "attribute:Chairs/delivery"),
        ("change_attribute", "attribute:Chairs/comfort"),
    }
    cells = {(c["quantity"], c["category"]): c for c in answer.summary["cells"]}
    assert cells["promise_gap", "Chairs"]["short_share"]["mean"] == pytest.approx(0.4, abs=0.08)
    assert cells["promise_gap", "Lamps"]["short_share"]["mean"] < 0.03
    assert cells["experience_gap", "Chairs"]["mean"] == pytest.approx(-2.0, abs=0.5)
    assert cells["experience_gap", "Lamps"]["mean"] == pytest.approx(0.0, abs=0.5)
    worst = {p["subject"]: p["short_share"]["mean"] for p in answer.summary["partners"]}
    assert worst[f"partner:{subject('Slow')}"] > 10 * worst[f"partner:{subject('Swift')}"]


def test_the_cells_shown_are_worst_first_by_money_at_stake(books):
    exposed = [c["exposed_minor"]["mean"] for c in turn().summary["cells"]]

    assert exposed == sorted(exposed, reverse=True)
    assert len(exposed) == 4


def test_what_is_seen_is_what_is_there(books):
    seen = turn().summary["seen"]

    assert seen["customers"] == Customer.objects.count() == 150
    assert seen["orders"] == Order.objects.count() > 300
    assert seen["deliveries"] == Delivery.objects.count()
    assert (seen["touches"], seen["partners"], seen["decisions"], seen["deeds"]) == (1, 2, 0, 0)


def test_promises_add_up(books):
    promises = turn().summary["promises"]

    assert promises["made"] == Order.objects.count()
    assert promises["broken"] == promises["broken_late"] + promises["broken_undelivered"] + promises["broken_short"]
    parts = sum(promises[name] for name in ("kept", "broken", "open", "withdrawn", "unknown"))
    assert parts == promises["made"]
    assert promises["broken_late"] / promises["made"] == pytest.approx(0.2, abs=0.05)


def test_a_dry_run_writes_nothing_at_all(books):
    before = row_counts()
    answer = turn(dry_run=True)

    assert row_counts() == before
    assert (answer.turn, answer.dry_run) == (None, True)
    assert all(d["id"] is None for d in answer.decisions)


def test_a_dry_run_makes_no_policy_and_shows_what_the_turn_then_decides(transactional_db):
    grown()
    before = row_counts()
    dry = turn(dry_run=True)

    assert row_counts() == before
    assert policy.in_force() is None
    real = turn()
    same = {"seen": None}
    assert content(dry) | same == content(real) | same
    assert policy.in_force().version == 1


def test_a_dry_run_decides_what_the_turn_decides(books):
    assert content(turn(dry_run=True)) == content(turn())


def test_a_turn_writes_what_it_read_judged_and_decided(books):
    before = ledger.last_seq()
    answer = turn()
    made = ledger.turn(answer.turn)

    assert (made.number, made.as_of, made.seed, made.policy_version) == (1, AS_OF, 1, 1)
    assert made.read_up_to_seq == before
    assert made.seq == before + 1
    assert made.summary == json.loads(json.dumps(answer.summary))
    assert {i.name for i in TurnInput.objects.all()} >= {
        "about",
        "purchases",
        "promise_readings",
        "answers",
        "contacts",
    }
    assert [d.seq for d in ledger.decisions_of_turn(made.seq)] == [d["id"] for d in answer.decisions]
    assert Estimate.objects.count() == answer.summary["estimates"]
    assert Entry.objects.filter(kind="estimate").count() == 1


def test_every_decision_has_a_gain_an_interval_and_a_basis(books):
    answer = turn()

    for d in answer.decisions:
        gain = d["expected_gain"]
        assert gain["low"] <= gain["mean"] <= gain["high"], d
        assert gain["unit"] == "GBP"
        assert gain["mean"] > d["cost"] >= 0
        assert d["basis"] == "assumed"
        assert d["because"].count(".") > 0 and len(ledger.decision(d["id"]).because) <= 3
        if d["kind"] == "contact_customer":
            assert d["held_out"] in (True, False) and d["contrast"] is None
            assert d["propensity"] == pytest.approx(0.1 if d["held_out"] else 0.9)
        else:
            assert d["held_out"] is None and d["propensity"] is None and len(d["contrast"]) > 20


def test_the_held_out_have_a_deed_with_their_propensity(books):
    answer = turn()

    held = {d["id"] for d in answer.decisions if d["held_out"]}
    assert len(held) == answer.summary["held_out"] >= 2
    deeds = Deed.objects.select_related("entry")
    assert {d.decision_id for d in deeds} == held
    assert {d.verb for d in deeds} == {"held_out"}
    assert all(d.entry.propensity == pytest.approx(0.1) for d in deeds)
    assert {ledger.decision(seq).state for seq in held} == {"held_out"}


def test_limits_of_the_policy_hold(transactional_db):
    grown()
    adopt(
        effects=hopeful(),
        limits={"budget_minor": 50_000, "contacts_per_turn": 9, "minutes_by_channel": {"phone": 90.0}},
    )

    chosen = [d for d in turn().decisions if not d["held_out"]]

    assert sum(d["cost"] for d in chosen) <= 500.00
    contacts = [d for d in chosen if d["kind"] == "contact_customer"]
    assert len(contacts) == 6  # 90 minutes at 15 each
    assert len(chosen) > len(contacts)


def test_segments_left_alone_are_not_contacted(transactional_db):
    grown()
    adopt(effects=hopeful(), left_alone_segments=("south",))

    keys = [d["subject"].removeprefix("customer:") for d in turn().decisions if d["kind"] == "contact_customer"]

    assert keys
    assert set(Customer.objects.filter(key__in=keys).values_list("segment", flat=True)) == {"north"}


def test_a_second_turn_sees_the_first_and_repeats_nothing(books):
    first = turn()
    second = turn(as_of=AS_OF + timedelta(days=1))

    assert second.turn == 2
    assert second.summary["seen"]["decisions"] == len(first.decisions)
    again = {(d["kind"], d["subject"]) for d in first.decisions} & {(d["kind"], d["subject"]) for d in second.decisions}
    assert again == set()
    spent = sum(d["cost"] for d in (*first.decisions, *second.decisions) if not d["held_out"])
    assert spent <= 2000.00  # the open decisions of the first turn hold their budget


def test_a_second_turn_sees_deeds_and_frees_what_was_declined(books):
    first = turn()
    changes = [d for d in first.decisions if d["kind"] == "change_attribute"]
    for d in changes:
        coordination.decline(d["id"], reason="We cannot.", scope=LEADER, now=NOW)

    soon = turn(as_of=AS_OF + timedelta(days=2), dry_run=True)
    later = turn(as_of=AS_OF + timedelta(days=91), dry_run=True)

    assert soon.summary["seen"]["deeds"] == len(changes) + first.summary["held_out"]
    declined = {d["subject"] for d in changes}
    assert declined.isdisjoint(d["subject"] for d in soon.decisions)
    assert declined & {d["subject"] for d in later.decisions}


def test_a_touch_reported_done_counts_against_the_cap_of_the_next_turn(books):
    person = Staff.objects.create_user("ada")
    first = turn()
    contact = next(d for d in first.decisions if d["held_out"] is False)
    cap = Cap(2, 30)
    coordination.approve(
        contact["id"], assignee_id=person.pk, due_on=AS_OF, title="Call", limits=cap, scope=LEADER, now=NOW
    )
    coordination.report(contact["id"], outcome="done", reason="", done_on=AS_OF, scope=LEADER, now=NOW)

    second = turn(as_of=AS_OF + timedelta(days=1))
    inputs = loop.frames.from_parquet(ledger.turn_inputs(ledger.turn(2).seq)["contacts"]).to_pylist()

    assert second.summary["seen"]["touches"] == 2
    made = [r for r in inputs if f"customer:{r['customer']}" == contact["subject_id"]]
    assert [r["contacted_on"] for r in made] == [AS_OF]


def test_a_turn_overtaken_by_another_is_refused(books, monkeypatch):
    """Two people press the button at once: both would give out the same budget."""
    judge = loop.control.judge

    def overtaken(*given):
        monkeypatch.setattr(loop.control, "judge", judge)
        turn()
        return judge(*given)

    monkeypatch.setattr(loop.control, "judge", overtaken)
    with pytest.raises(TurnOvertaken, match="turn 1"):
        turn()

    assert ledger.latest_turn().number == 1


def test_only_figures_that_changed_are_written(books):
    turn()
    written = Estimate.objects.count()
    again = turn()

    assert again.summary["estimates"] == written
    assert Estimate.objects.count() == written


def test_exposed_money_that_changed_is_written_though_the_gap_stayed(books):
    turn()
    buyer = Order.objects.filter(ordered_on__gt=AS_OF - timedelta(days=300)).first().customer
    books.order(buyer, AS_OF, (None, 50_000))  # revenue, and no promise
    summary = turn().summary

    shown = {(c["subject"], c["quantity"]): c["exposed_minor"]["mean"] for c in summary["cells"]}
    latest = ledger.estimates_latest(quantities=["promise_gap", "experience_gap"])
    kept = {key: latest[key].facts["exposed_minor"]["mean"] for key in shown}
    assert kept == pytest.approx(shown)


def test_a_partner_judged_by_two_attributes_has_one_figure_the_worst(books):
    slow = Partner.objects.get(key="Slow")
    for d in Delivery.objects.filter(partner=slow)[:120]:
        books.promise(d.subject_key, "boxes", level=2.0, unit="pieces", made_on=d.delivered_on)
        books.delivery(d.subject_key, "boxes", partner=slow, level=2.0 + d.pk % 2, delivered_on=d.delivered_on)
    answer = turn()
    written = Estimate.objects.count()
    turn()

    of_slow = [p for p in answer.summary["partners"] if p["subject"] == f"partner:{slow.subject}"]
    assert [p["attribute"] for p in of_slow] == ["delivery", "boxes"]
    (kept,) = ledger.estimates_latest(quantities=["partner_gap"], subjects=[f"partner:{slow.subject}"]).values()
    assert (kept.facts["attribute"], kept.mean) == ("delivery", of_slow[0]["mean"])
    assert Estimate.objects.count() == written
    assert Estimate.objects.filter(subject=f"partner:{slow.subject}").count() == 1


def test_customers_stand_as_the_turn_judged_them(books):
    answer = turn()
    orders = {c.pk: Order.objects.filter(customer=c) for c in Customer.objects.all()}

    assert Standing.objects.count() == len(orders) == answer.summary["worth"]["n"]
    assert sum(s.worth_mean_minor for s in Standing.objects.all()) == pytest.approx(answer.summary["worth"]["mean"])
    for standing in Standing.objects.all()[:20]:
        theirs = orders[standing.customer_id]
        assert standing.orders_count == theirs.count()
        assert standing.last_order_on == max(theirs.values_list("ordered_on", flat=True))
        assert 0 <= standing.worth_low_minor <= standing.worth_high_minor  # the mean may lie above: most buy nothing
        assert 0 <= standing.p_alive <= 1
        late = Delivery.objects.filter(subject_key__in=theirs.values("key"))
        assert standing.promises_kept + standing.promises_broken <= late.count() + 1
    turn(as_of=AS_OF + timedelta(days=7))
    assert set(Standing.objects.values_list("turn_number", flat=True)) == {2}


def test_progress_is_told_and_ends_at_all(books):
    steps = []
    turn(dry_run=True, progress=lambda step, share: steps.append((step, share)))

    shares = [share for _step, share in steps]
    assert shares == sorted(shares)
    assert steps[-1] == ("Done", 1.0)


def test_an_engine_that_is_not_there_is_refused(books):
    with pytest.raises(EngineUnknown, match="spark://cluster"):
        turn(engine_url="spark://cluster")


def test_a_reader_may_not_run_a_turn(books):
    before = row_counts()
    with pytest.raises(NotAllowed, match="run a turn"):
        turn(scope=READER)
    with pytest.raises(NotAllowed):
        turn(scope=READER, dry_run=True)

    assert row_counts() == before


def test_a_firm_without_anything_still_has_its_turn(empty_books: Books):
    answer = turn()

    assert answer.decisions == ()
    assert answer.summary["promises"]["made"] == 0
    assert answer.summary["worth"] is None
    assert answer.summary["worth_reason"].endswith(".")
    assert answer.summary["experience_reason"] == "no expectation was asked"
    json.dumps(answer.to_json())
