"""Two people act on one decision at once: one deed, and the other is told."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from eigenform.coordination import actions
from eigenform.coordination.contracts import ContactCapped, DecisionNotOpen
from eigenform.coordination.decisions import Cap
from eigenform.coordination.models import ContactPlan
from eigenform.desk.models import Task
from eigenform.ledger import feedback
from eigenform.ledger import queries as ledger
from eigenform.ledger.models import Entry
from eigenform.staff.models import Staff
from tests.ledger.entries import new_decision, turn_of
from tests.loop.firm import AS_OF, LEADER, NOW, Books

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 4


def at_once(*acts):
    """Run all at the same moment in threads of their own; return what each raised, None if nothing."""
    gate, raised = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        try:
            gate.wait(timeout=30)
            act()
        except Exception as error:
            raised[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return raised


def approval(seq, assignee_id, cap=None):
    def act():
        actions.approve(
            seq,
            assignee_id=assignee_id,
            due_on=AS_OF + timedelta(days=1),
            title="Call",
            limits=cap or Cap(2, 30),
            scope=LEADER,
            now=NOW,
        )

    return act


def test_approving_at_once_gives_one_task_one_plan_one_deed():
    clerk, ada = Staff.objects.create_user("clerk"), Books().customer("ada")
    (seq,) = turn_of(new_decision(f"customer:{ada.subject}"))

    raised = at_once(*[approval(seq, clerk.pk)] * THREADS)

    assert [type(e) for e in raised if e] == [DecisionNotOpen] * (THREADS - 1)
    assert [d.verb for d in ledger.deeds_of(seq)] == ["approved"]
    assert (Task.objects.count(), ContactPlan.objects.count()) == (1, 1)


def test_approving_and_declining_at_once_gives_one_end():
    clerk, ada = Staff.objects.create_user("clerk"), Books().customer("ada")
    (seq,) = turn_of(new_decision(f"customer:{ada.subject}"))

    at_once(*[lambda: actions.decline(seq, reason="No.", scope=LEADER, now=NOW)] * 2, approval(seq, clerk.pk))

    verbs = [d.verb for d in ledger.deeds_of(seq)]
    assert verbs in (["declined"], ["approved", "declined"])
    assert ledger.decision(seq).state == "declined"
    assert not Task.objects.filter(state="open").exists()
    assert not ContactPlan.objects.filter(state="planned").exists()


def test_two_approvals_at_once_do_not_break_the_cap_of_one_customer():
    clerk, ada = Staff.objects.create_user("clerk"), Books().customer("ada")
    seqs = [turn_of(new_decision(f"customer:{ada.subject}"), number=n)[0] for n in (1, 2, 3)]

    raised = at_once(*[approval(seq, clerk.pk, Cap(1, 30)) for seq in seqs])

    assert [type(e) for e in raised if e] == [ContactCapped] * 2
    assert ContactPlan.objects.count() == 1


def test_numbers_are_seen_in_the_order_in_which_they_were_given():
    """A reader who saw entry n has seen every entry before it: what comes later is only ever added at the end."""
    seen = []

    def write(place):
        def act():
            for _ in range(5):
                feedback.record_audit(actor="a" * 32, at=NOW, verb="test", facts={"place": place})
                seen.append(list(Entry.objects.order_by("recorded_seq").values_list("recorded_seq", flat=True)))

        return act

    raised = at_once(*[write(n) for n in range(THREADS)])

    assert raised == [None] * THREADS
    last = max(seen, key=len)
    assert len(last) == THREADS * 5
    assert all(earlier == last[: len(earlier)] for earlier in seen)
