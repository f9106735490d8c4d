"""What customers said of being reached is kept to after the turn too: by approvals, and by what was approved before."""

from datetime import timedelta

import pytest

from eigenform.coordination import actions, queries
from eigenform.coordination.contracts import ConsentMissing, ContactRefused
from eigenform.coordination.decisions import Cap
from eigenform.coordination.models import ContactPlan
from eigenform.desk import queries as desk
from eigenform.ledger import queries as ledger
from eigenform.staff.models import Staff
from tests.ledger.entries import new_decision, turn_of
from tests.loop.firm import AS_OF, LEADER, NOW, Books

pytestmark = pytest.mark.django_db
DUE = AS_OF + timedelta(days=2)
BY = {"scope": LEADER, "now": NOW}


@pytest.fixture
def ada():
    return Books().customer("ada")


@pytest.fixture
def clerk():
    return Staff.objects.create_user("clerk")


@pytest.fixture
def approve(clerk):
    def _approve(seq):
        cap = Cap(contacts_max=2, window_days=30)
        return actions.approve(seq, assignee_id=clerk.pk, due_on=DUE, title="Call Ada", limits=cap, **BY)

    return _approve


def decided(customer, *, needs_consent, channel="phone"):
    return turn_of(decision(customer, channel, {"needs_consent": True} if needs_consent else {}))[0]


def decision(customer, channel, facts):
    return new_decision(f"customer:{customer.subject}", channel=channel, facts=facts)


def said(customer, state, channel="phone"):
    return actions.note_consent(customer.pk, channel=channel, state=state, **BY)


@pytest.mark.parametrize(
    ("state", "needs_consent", "refusal"),
    [
        ("given", True, None),
        ("given", False, None),
        ("", True, ConsentMissing),
        ("", False, None),
        ("refused", True, ContactRefused),
        ("refused", False, ContactRefused),
    ],
)
def test_an_approval_keeps_to_what_was_said_since_the_turn(ada, approve, state, needs_consent, refusal):
    seq = decided(ada, needs_consent=needs_consent)
    said(ada, "given")
    said(ada, state)

    if refusal is None:
        approve(seq)
    else:
        with pytest.raises(refusal):
            approve(seq)
    assert ledger.decision(seq).state == ("waiting" if refusal else "approved")
    assert ContactPlan.objects.count() == (0 if refusal else 1)


def test_consent_to_another_channel_is_none_to_this_one(ada, approve):
    seq = decided(ada, needs_consent=True)
    said(ada, "given", channel="email")

    with pytest.raises(ConsentMissing, match="by phone"):
        approve(seq)


@pytest.mark.parametrize(
    ("state", "needs_consent", "reason"),
    [
        ("refused", False, "They asked not to be reached by phone."),
        ("refused", True, "They asked not to be reached by phone."),
        ("", True, "They took back their consent to be reached by phone."),
    ],
)
def test_what_was_approved_before_is_called_off(ada, approve, state, needs_consent, reason):
    seq = decided(ada, needs_consent=needs_consent)
    said(ada, "given")
    approve(seq)
    assert queries.contact_days(ada.pk) == [DUE]

    assert said(ada, state) == 1
    assert ContactPlan.objects.get().state == "dropped"
    assert queries.contact_days(ada.pk) == []
    (task,) = desk.tasks_on("decision", str(seq))
    assert (task.state, task.reason) == ("declined", reason)
    assert [d.verb for d in ledger.deeds_of(seq)] == ["approved", "declined"]
    assert said(ada, state) == 0


def test_what_may_still_be_made_or_was_made_stays(ada, approve):
    free, done, other = turn_of(*(decision(ada, c, {}) for c in ("phone", "email", "meeting")))
    approve(free)
    approve(done)
    actions.report(done, outcome="done", reason="", done_on=DUE, **BY)

    assert (said(ada, ""), said(ada, "refused", "email"), said(ada, "refused", "meeting")) == (0, 0, 0)
    assert [ledger.decision(seq).state for seq in (free, done, other)] == ["approved", "done", "waiting"]
