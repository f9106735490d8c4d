"""From a decision to a deed: approved onto a person's list, put off, declined, done or failed – once, and on record."""

from datetime import date, timedelta

import pytest

from eigenform.coordination import actions, queries
from eigenform.coordination.contracts import (
    ContactCapped,
    DayOutOfBounds,
    DecisionNotOpen,
    NoSuchOutcome,
    ReasonMissing,
)
from eigenform.coordination.decisions import A_DAY, Cap, Days, done_days, due_days
from eigenform.coordination.models import ContactPlan
from eigenform.desk import queries as desk
from eigenform.desk.contracts import AssigneeMayNotDecide, NoSuchAssignee
from eigenform.ledger import queries as ledger
from eigenform.ledger.contracts import NoSuchDecision
from eigenform.marketing.models import Touch
from eigenform.records.scope import NotAllowed, Scope
from eigenform.staff.models import Staff
from tests.ledger.entries import new_decision, turn_of
from tests.loop.firm import AS_OF, LEADER, NOW, Books

pytestmark = pytest.mark.django_db
CAP = Cap(contacts_max=2, window_days=30)
DUE = AS_OF + timedelta(days=2)
BY = {"scope": LEADER, "now": NOW}


@pytest.fixture
def books():
    return Books()


@pytest.fixture
def ada(books):
    return books.customer("ada")


@pytest.fixture
def clerk():
    return Staff.objects.create_user("clerk")


@pytest.fixture
def contact(ada):
    """A waiting decision to contact Ada."""
    return turn_of(new_decision(f"customer:{ada.subject}"))[0]


@pytest.fixture
def approve(clerk):
    def _approve(seq, due_on=DUE, cap=CAP, **changes):
        return actions.approve(
            seq, **{"assignee_id": clerk.pk, "due_on": due_on, "title": "Call Ada", "limits": cap, **BY, **changes}
        )

    return _approve


def report(seq, outcome="done", reason="", done_on=DUE):
    actions.report(seq, outcome=outcome, reason=reason, done_on=done_on, **BY)


def state(seq):
    return ledger.decision(seq).state


def verbs(seq):
    return [d.verb for d in ledger.deeds_of(seq)]


def test_approving_makes_a_task_a_plan_and_a_deed(ada, clerk, contact, approve):
    task = approve(contact)

    assert (task.assignee, task.due_on, task.state, task.noun_key) == ("clerk", DUE, "open", str(contact))
    assert [t.id for t in desk.work_list(assignee_id=clerk.pk)] == [task.id]
    plan = ContactPlan.objects.get()
    assert (plan.customer_id, plan.planned_on, plan.channel, plan.state) == (ada.pk, DUE, "phone", "planned")
    (deed,) = ledger.deeds_of(contact)
    assert (deed.verb, deed.subject, deed.propensity) == ("approved", f"customer:{ada.subject}", 0.9)
    assert (deed.actor, deed.happened_at) == (LEADER.actor, NOW)
    assert state(contact) == "approved"


def test_what_is_not_about_a_customer_needs_no_contact_plan(approve):
    (seq,) = turn_of(new_decision("partner:x", kind="talk_to_partner", held_out=None))
    approve(seq)

    assert not ContactPlan.objects.exists()
    (deed,) = ledger.deeds_of(seq)
    assert (deed.verb, deed.propensity) == ("approved", None)


def test_a_second_approval_is_refused_and_leaves_one_of_everything(contact, approve):
    approve(contact)
    with pytest.raises(DecisionNotOpen, match="approved"):
        approve(contact)

    assert (verbs(contact), len(desk.tasks_on("decision", str(contact))), ContactPlan.objects.count()) == (
        ["approved"],
        1,
        1,
    )


def test_who_is_held_out_cannot_be_approved_declined_or_put_off(ada, approve):
    (seq,) = turn_of(new_decision(f"customer:{ada.subject}", held_out=True))

    for act in (approve, lambda s: actions.decline(s, reason="No.", **BY), lambda s: actions.later(s, **BY), report):
        with pytest.raises(DecisionNotOpen, match="held out"):
            act(seq)
    assert (verbs(seq), state(seq)) == (["held_out"], "held_out")


@pytest.mark.parametrize("reason", ["", "   "])
def test_declining_needs_a_reason(contact, reason):
    with pytest.raises(ReasonMissing):
        actions.decline(contact, reason=reason, **BY)

    assert (state(contact), verbs(contact)) == ("waiting", [])


def test_declining_is_kept_with_its_reason(contact):
    actions.decline(contact, reason="Not before summer.", **BY)

    (deed,) = ledger.deeds_of(contact)
    assert (deed.verb, deed.reason, state(contact)) == ("declined", "Not before summer.", "declined")
    with pytest.raises(DecisionNotOpen):
        actions.decline(contact, reason="Again.", **BY)


def test_declining_after_approval_closes_the_task_and_frees_the_day(ada, contact, approve):
    approve(contact)
    actions.decline(contact, reason="They moved.", **BY)

    (task,) = desk.tasks_on("decision", str(contact))
    assert (task.state, task.reason, task.closed_at) == ("declined", "They moved.", NOW)
    assert queries.contact_days(ada.pk) == []
    assert state(contact) == "declined"


def test_putting_off_keeps_waiting_on_the_record_as_often_as_one_likes(contact, approve):
    actions.later(contact, **BY)
    actions.later(contact, **BY)

    assert (verbs(contact), state(contact)) == (["later", "later"], "waiting")
    assert [d.seq for d in ledger.decisions_waiting()] == [contact]
    assert ledger.waiting_count() == 1
    approve(contact)
    assert ledger.waiting_count() == 0
    with pytest.raises(DecisionNotOpen):
        actions.later(contact, **BY)


def test_a_contact_done_is_a_touch_with_the_propensity_of_its_decision(ada, contact, approve):
    approve(contact)
    report(contact, done_on=DUE + timedelta(days=1))

    touch = Touch.objects.get()
    assert (touch.customer_id, touch.touched_on, touch.direction) == (ada.pk, DUE + timedelta(days=1), "out")
    assert (touch.propensity, touch.channel, touch.campaign) == (0.9, "phone", "turn 1")
    assert ContactPlan.objects.get().state == "done"
    assert queries.contact_days(ada.pk) == [DUE + timedelta(days=1)]  # the plan does not count a second time
    assert (verbs(contact), state(contact)) == (["approved", "done"], "done")
    assert desk.tasks_on("decision", str(contact))[0].state == "done"
    with pytest.raises(DecisionNotOpen):
        report(contact)


def test_what_failed_needs_a_reason_and_makes_no_touch(ada, contact, approve):
    approve(contact)
    with pytest.raises(ReasonMissing):
        report(contact, outcome="failed", reason=" ")
    assert state(contact) == "approved"

    report(contact, outcome="failed", reason="Nobody picked up.")

    assert (state(contact), Touch.objects.count(), queries.contact_days(ada.pk)) == ("failed", 0, [])
    assert ledger.deeds_of(contact)[-1].reason == "Nobody picked up."


def test_nothing_is_reported_that_was_not_approved(contact):
    with pytest.raises(DecisionNotOpen, match="waiting"):
        report(contact)


@pytest.mark.parametrize("outcome", ["declined", "approved", "", "Done"])
def test_an_outcome_is_done_or_failed(contact, approve, outcome):
    approve(contact)
    with pytest.raises(NoSuchOutcome, match="done or failed"):
        report(contact, outcome=outcome, reason="Because.")

    assert (verbs(contact), state(contact)) == (["approved"], "approved")


def test_a_contact_beyond_the_cap_is_refused_and_the_next_free_day_named(books, ada, contact, approve):
    books.touch(ada, AS_OF - timedelta(days=20))
    books.touch(ada, AS_OF - timedelta(days=10))

    with pytest.raises(ContactCapped, match="more than 2 within 30 days") as caught:
        approve(contact, due_on=AS_OF + timedelta(days=1))

    free_on = caught.value.free_on
    assert free_on == AS_OF + timedelta(days=10)  # thirty days after the first of the two; a Thursday
    assert str(free_on) in str(caught.value)
    assert (verbs(contact), ContactPlan.objects.count()) == ([], 0)
    approve(contact, due_on=free_on)
    assert state(contact) == "approved"


def test_contacts_planned_count_as_if_made(ada, approve):
    seqs = [turn_of(new_decision(f"customer:{ada.subject}"), number=n)[0] for n in (1, 2, 3)]
    approve(seqs[0])
    approve(seqs[1])

    with pytest.raises(ContactCapped):
        approve(seqs[2])
    actions.decline(seqs[0], reason="No.", **BY)
    approve(seqs[2])


def test_incoming_contacts_do_not_count(books, ada, contact, approve):
    for _ in range(3):
        books.touch(ada, AS_OF, direction="in")

    approve(contact)

    assert ledger.decision(contact).state == "approved"


def test_a_task_goes_to_somebody_who_works_here(contact, approve, clerk):
    with pytest.raises(NoSuchAssignee):
        approve(contact, assignee_id=clerk.pk + 1)
    Staff.objects.filter(pk=clerk.pk).update(is_active=False)
    with pytest.raises(NoSuchAssignee):
        approve(contact)

    assert (verbs(contact), ContactPlan.objects.count()) == ([], 0)


def test_a_task_is_not_given_to_who_may_only_look(contact, approve, clerk):
    Staff.objects.filter(pk=clerk.pk).update(role="reader")

    with pytest.raises(AssigneeMayNotDecide, match="clerk may only look"):
        approve(contact)

    assert (verbs(contact), ContactPlan.objects.count(), desk.work_list()) == ([], 0, [])


YEAR = timedelta(days=366)


@pytest.mark.parametrize("due_on", [date(1890, 1, 1), AS_OF - 2 * A_DAY, AS_OF + YEAR + A_DAY, date.max])
def test_work_is_not_due_before_its_decision_nor_years_ahead(contact, approve, due_on):
    with pytest.raises(DayOutOfBounds, match=f"{due_on} cannot be meant") as caught:
        approve(contact, due_on=due_on)

    assert (caught.value.first, caught.value.last) == (AS_OF - A_DAY, AS_OF + YEAR)
    assert (verbs(contact), ContactPlan.objects.count()) == ([], 0)
    approve(contact, due_on=AS_OF + YEAR)


@pytest.mark.parametrize("done_on", [date(1890, 1, 1), AS_OF - 2 * A_DAY, DUE + 2 * A_DAY, date.max])
@pytest.mark.parametrize("outcome", ["done", "failed"])
def test_work_was_not_done_before_its_decision_nor_in_the_future(contact, approve, done_on, outcome):
    approve(contact)

    with pytest.raises(DayOutOfBounds, match=f"{done_on} cannot be meant"):
        report(contact, outcome=outcome, reason="Because.", done_on=done_on)

    assert (verbs(contact), state(contact), Touch.objects.count()) == (["approved"], "approved", 0)


def test_days_are_counted_from_the_decision_or_from_now():
    long_ago, ahead = AS_OF - 3 * YEAR, AS_OF + 100 * A_DAY

    assert due_days(as_of=long_ago, today=AS_OF) == Days(long_ago, AS_OF + YEAR)
    assert due_days(as_of=ahead, today=AS_OF) == Days(AS_OF - A_DAY, ahead + YEAR)
    assert done_days(as_of=long_ago, today=AS_OF, due_on=long_ago) == Days(long_ago, AS_OF + A_DAY)
    assert done_days(as_of=ahead, today=AS_OF, due_on=ahead) == Days(AS_OF - A_DAY, ahead + A_DAY)


def test_a_decision_that_is_not_there(approve):
    with pytest.raises(NoSuchDecision, match="999"):
        approve(999)


READER = Scope(actor="b" * 32, may_read=True, may_decide=False, may_load=True, may_steer=False)


@pytest.mark.parametrize(
    "act",
    [
        lambda seq, clerk: actions.approve(
            seq, assignee_id=clerk.pk, due_on=DUE, title="x", limits=CAP, scope=READER, now=NOW
        ),
        lambda seq, _: actions.decline(seq, reason="x", scope=READER, now=NOW),
        lambda seq, _: actions.later(seq, scope=READER, now=NOW),
        lambda seq, _: actions.report(seq, outcome="done", reason="", done_on=DUE, scope=READER, now=NOW),
    ],
    ids=["approve", "decline", "later", "report"],
)
def test_a_reader_decides_nothing(contact, clerk, act):
    with pytest.raises(NotAllowed):
        act(contact, clerk)

    assert verbs(contact) == []
