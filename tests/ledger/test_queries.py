"""The ledger read back: what became of a decision, and what was known when."""

from datetime import timedelta

import pytest

from eigenform.ledger import feedback, queries
from eigenform.ledger.contracts import EstimateRow, NoSuchDecision
from tests.ledger.entries import new_decision, turn_of
from tests.loop.firm import AS_OF, LEADER, NOW

pytestmark = pytest.mark.django_db


def deed(seq, verb, at=NOW):
    return feedback.record_deed(verb=verb, subject="customer:1", at=at, actor=LEADER.actor, decision_seq=seq)


# What happened to a decision, and what it therefore is.
HISTORIES = {
    (): "waiting",
    ("later",): "waiting",
    ("approved",): "approved",
    ("approved", "done"): "done",
    ("approved", "failed"): "failed",
    ("later", "declined"): "declined",
    ("approved", "declined"): "declined",
}


@pytest.mark.parametrize(
    ("verbs", "state"), HISTORIES.items(), ids=lambda v: "-".join(v) if isinstance(v, tuple) else v
)
def test_a_decision_is_what_its_last_deed_made_of_it(verbs, state):
    (seq,) = turn_of(new_decision("customer:1"))
    for verb in verbs:
        deed(seq, verb)

    assert queries.decision(seq).state == state
    (so_far,) = queries.decisions_so_far(up_to_seq=queries.last_seq())
    assert so_far.state == state
    assert ([d.seq for d in queries.decisions_waiting()] == [seq]) is (state == "waiting")
    assert queries.waiting_count() == (state == "waiting")


def test_the_past_is_read_as_it_stood():
    one, two = turn_of(new_decision("customer:1"), new_decision("customer:2"))
    approved = deed(one, "approved")
    deed(one, "done", at=NOW + timedelta(days=5))

    def states(up_to):
        return {p.subject: (p.state, p.last_day - p.decided_day) for p in queries.decisions_so_far(up_to_seq=up_to)}

    assert states(one - 1) == {}
    assert states(one) == {"customer:1": ("waiting", 0)}
    assert states(approved) == {"customer:1": ("approved", 0), "customer:2": ("waiting", 0)}
    assert states(queries.last_seq()) == {"customer:1": ("done", 5), "customer:2": ("waiting", 0)}
    assert two == one + 1


def test_a_decision_comes_back_as_it_was_written():
    written = new_decision(
        "customer:1", because=("One.", "Two."), due_on=AS_OF, facts={"worth_minor": [1.5, 0.0, 3.25]}, minutes=7.5
    )
    (seq,) = turn_of(written, number=4)
    found = queries.decision(seq)

    for name in ("kind", "subject", "because", "basis", "gain", "cost_minor", "channel", "minutes", "held_out"):
        assert getattr(found, name) == getattr(written, name), name
    for name in ("propensity", "contrast", "due_on", "facts"):
        assert getattr(found, name) == getattr(written, name), name
    assert (found.turn_number, found.as_of, found.policy_version, found.model_version) == (4, AS_OF, 1, "test 1")


def test_a_decision_that_is_not_there():
    with pytest.raises(NoSuchDecision):
        queries.decision(1)


def test_who_is_withheld_gets_a_deed_in_the_same_breath():
    kept, held = turn_of(new_decision("customer:1"), new_decision("customer:2", held_out=True))

    assert queries.deeds_of(kept) == []
    (withheld,) = queries.deeds_of(held)
    assert (withheld.verb, withheld.subject, withheld.propensity) == ("held_out", "customer:2", 0.1)
    assert withheld.seq == held + 1


def estimates(*rows):
    return feedback.record_estimates(
        [
            EstimateRow(s, q, mean, mean - 1, mean + 1, n=9, facts={"exposed_minor": {"mean": exposed}})
            for s, q, mean, exposed in rows
        ],
        turn_seq=1, at=NOW, actor=LEADER.actor, model_version="m", policy_version=1,
    )  # fmt: skip


def test_the_newest_figure_of_each_subject_counts():
    estimates(("a", "promise_gap", 1.0, 10), ("b", "promise_gap", 2.0, 20), ("a", "worth_minor", 7.0, 0))
    estimates(("a", "promise_gap", 3.0, 30))

    latest = queries.estimates_latest(quantities=["promise_gap"])
    assert {key: row.mean for key, row in latest.items()} == {("a", "promise_gap"): 3.0, ("b", "promise_gap"): 2.0}
    assert queries.latest_figures()["a", "promise_gap"] == (3.0, 2.0, 4.0, 9)
    facts = queries.latest_facts(["promise_gap"])
    assert {key: value["exposed_minor"]["mean"] for key, value in facts.items()} == {
        ("a", "promise_gap"): 30,
        ("b", "promise_gap"): 20,
    }
    assert [row.mean for row in queries.estimates_over_time("a", "promise_gap")] == [1.0, 3.0]
