"""Carry decisions out: approve onto a person's list, report what came of it. Each is one transaction and a deed."""

from datetime import date, datetime

from django.db import transaction

from eigenform.coordination import decisions, queries
from eigenform.coordination.contracts import (
    ConsentMissing,
    ContactCapped,
    ContactRefused,
    DayOutOfBounds,
    DecisionNotOpen,
    NoSuchOutcome,
    ReasonMissing,
)
from eigenform.coordination.models import ContactPlan
from eigenform.customers import queries as customers
from eigenform.desk import actions as desk
from eigenform.desk import queries as tasks
from eigenform.desk.contracts import TaskRecord
from eigenform.ledger import feedback as ledger
from eigenform.ledger import queries as judged
from eigenform.ledger.contracts import DecisionRecord
from eigenform.marketing import actions as marketing
from eigenform.records.scope import Scope

OPEN_STATES = ("waiting", "approved")
_OUTCOMES = ("done", "failed")


def _open_decision(seq: int, *, verb: str, states: tuple[str, ...]) -> DecisionRecord:
    """Return the decision if it may still be changed; the ledger's lock makes two clicks one deed."""
    ledger.take_the_pen()
    found = judged.decision(seq)
    if found.state not in states:
        raise DecisionNotOpen(decision=seq, state=found.state.replace("_", " "), verb=verb)
    return found


@transaction.atomic
def approve(
    seq: int, *, assignee_id: int, due_on: date, title: str, limits: "decisions.Cap", scope: Scope, now: datetime
) -> TaskRecord:
    """Approve a waiting decision: it goes onto a named person's dated work list, and its contact into the plan."""
    scope.require("decide", "approve a decision")
    found = _open_decision(seq, verb="approved", states=("waiting",))
    _check_day(found, due_on, decisions.due_days(as_of=found.as_of, today=now.date()))
    if found.kind == "contact_customer":
        _plan_contact(found, due_on=due_on, cap=limits)
    task = desk.assign(
        noun="decision",
        noun_key=str(seq),
        title=title,
        because=" ".join(found.because),
        assignee_id=assignee_id,
        due_on=due_on,
        now=now,
    )
    _deed(found, "approved", scope=scope, now=now, facts={"task": task.id, "due_on": due_on.isoformat()})
    return task


def _check_day(found: DecisionRecord, on: date, days: "decisions.Days") -> None:
    if on not in days:
        raise DayOutOfBounds(decision=found.seq, on=on, first=days.first, last=days.last)


def _check_consent(found: DecisionRecord, said: str | None) -> None:
    """Refuse who may not be reached so any more; a decision made before its need was kept needs no consent."""
    if decisions.may_reach(said, needs_consent=needs_consent(found)):
        return
    refusal = ContactRefused if said == decisions.REFUSED else ConsentMissing
    raise refusal(decision=found.seq, channel=found.channel)


def needs_consent(found: DecisionRecord) -> bool:
    """Tell whether what was decided is only for those who agreed to its channel."""
    return bool(found.facts.get("needs_consent", False))


def _plan_contact(found: DecisionRecord, *, due_on: date, cap: "decisions.Cap") -> None:
    customer = customers.by_subject(found.subject)
    _check_consent(found, {c.channel: c.state for c in customers.consents_of(customer.id)}.get(found.channel))
    days = queries.contact_days(customer.id)
    if not decisions.may_contact(days, due_on, cap=cap):
        raise ContactCapped(
            decision=found.seq,
            on=due_on,
            contacts_max=cap.contacts_max,
            window_days=cap.window_days,
            free_on=decisions.next_free_day(days, due_on, cap=cap),
        )
    ContactPlan.objects.create(
        decision_seq=found.seq, customer_id=customer.id, channel=found.channel, planned_on=due_on
    )


@transaction.atomic
def decline(seq: int, *, reason: str, scope: Scope, now: datetime) -> None:
    """Decline a decision with its reason; an open task of it is closed as declined."""
    scope.require("decide", "decline a decision")
    if not reason.strip():
        raise ReasonMissing(decision=seq, verb="declined")
    found = _open_decision(seq, verb="declined", states=OPEN_STATES)
    _close_task(seq, outcome="declined", reason=reason, now=now)
    ContactPlan.objects.filter(decision_seq=seq).update(state="dropped")
    _deed(found, "declined", scope=scope, now=now, reason=reason)


@transaction.atomic
def later(seq: int, *, scope: Scope, now: datetime) -> None:
    """Leave a decision waiting, on the record."""
    scope.require("decide", "put a decision off")
    _deed(_open_decision(seq, verb="put off", states=("waiting",)), "later", scope=scope, now=now)


@transaction.atomic
def report(seq: int, *, outcome: str, reason: str, done_on: date, scope: Scope, now: datetime) -> None:
    """Report that an approved decision was done or failed; a contact made is logged as a touch with its propensity."""
    scope.require("decide", "report what was done")
    if outcome not in _OUTCOMES:
        raise NoSuchOutcome(decision=seq, outcome=outcome)
    if outcome == "failed" and not reason.strip():
        raise ReasonMissing(decision=seq, verb="failed")
    found = _open_decision(seq, verb=outcome, states=("approved",))
    planned_on = max((t.due_on for t in tasks.tasks_on("decision", str(seq))), default=found.as_of)
    _check_day(found, done_on, decisions.done_days(as_of=found.as_of, today=now.date(), due_on=planned_on))
    _close_task(seq, outcome=outcome, reason=reason, now=now)
    plan = ContactPlan.objects.filter(decision_seq=seq).first()
    if plan is not None:
        plan.state = "done" if outcome == "done" else "dropped"
        plan.save(update_fields=["state"])
    if plan is not None and outcome == "done":
        marketing.log_touch(
            key=f"decision-{seq}",
            customer_id=plan.customer_id,
            channel=found.channel,
            campaign=f"turn {found.turn_number}",
            touched_on=done_on,
            propensity=found.propensity,
        )
    _deed(found, outcome, scope=scope, now=now, reason=reason, facts={"done_on": done_on.isoformat()})


def _close_task(seq: int, *, outcome: str, reason: str, now: datetime) -> None:
    for task in tasks.tasks_on("decision", str(seq)):
        if task.state == "open":
            desk.close(task.id, outcome=outcome, reason=reason, now=now)


def _deed(
    found: DecisionRecord,
    verb: str,
    *,
    scope: Scope,
    now: datetime,
    reason: str = "",
    facts: dict[str, object] | None = None,
) -> None:
    ledger.record_deed(
        verb=verb,
        subject=found.subject,
        at=now,
        actor=scope.actor,
        decision_seq=found.seq,
        propensity=found.propensity,
        policy_version=found.policy_version,
        reason=reason,
        facts=facts,
    )
