"""Decisions: those that wait, one of them, and what a person makes of it."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from eigenform.api.auth import scope_of
from eigenform.api.turns import BIGGEST, Seq
from eigenform.coordination import actions as coordination
from eigenform.coordination.decisions import Cap
from eigenform.customers import queries as customers
from eigenform.desk.contracts import TaskRecord
from eigenform.ledger import queries as ledger
from eigenform.ledger.contracts import DecisionRecord, DeedRecord
from eigenform.policy import queries as policy
from eigenform.staff import queries as staff
from eigenform.supply_chain import queries as supply_chain

router = Router(tags=["decisions"])

VERBS = {"contact_customer": "Contact", "change_attribute": "Improve", "talk_to_partner": "Talk to"}


class DecisionPage(Schema):
    """Decisions that wait for a person, oldest first; `next` is the `after` of the next page."""

    items: list[DecisionRecord]
    next: int | None


class DecisionDetail(Schema):
    """A decision and what became of it."""

    decision: DecisionRecord
    deeds: list[DeedRecord]


class Approval(Schema):
    """Onto whose work list the decision goes, and for which day."""

    assignee_id: int | None = Field(None, ge=1, le=BIGGEST, description="Whoever asks, if left out.")
    due_on: date | None = Field(None, description="Tomorrow in the firm's zone if left out.")
    title: str = Field("", max_length=300, description="What stands on the list; made from the decision if empty.")


class Reason(Schema):
    """Why, in one sentence without personal data."""

    reason: str = Field(min_length=1, max_length=2000)


class Report(Schema):
    """What came of an approved decision; a failure needs its reason."""

    outcome: Literal["done", "failed"]
    reason: str = Field("", max_length=2000)
    done_on: date | None = Field(None, description="Today in the firm's zone if left out.")


def _detail(seq: int) -> DecisionDetail:
    return DecisionDetail(decision=ledger.decision(seq), deeds=ledger.deeds_of(seq))


def _title(found: DecisionRecord) -> str:
    """Return what stands on the work list, in the plainest words: the subject's name stands beside it on the pages."""
    name = found.subject
    if found.kind == "contact_customer":
        name = customers.by_subject(found.subject).name
    elif found.kind == "talk_to_partner":
        partner = supply_chain.by_subjects([found.subject]).get(found.subject)
        name = partner.name if partner else "a partner who is not here any more"
    else:
        name = ", ".join(part.replace("_", " ") for part in found.subject.partition(":")[2].split("|") if part)
    return f"{VERBS[found.kind]} {name}"[:300]


def _today(now: datetime) -> date:
    return now.astimezone(ZoneInfo(policy.document().firm.zone)).date()


@router.get("", response=DecisionPage)
def list_waiting(
    request: HttpRequest,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[int, Query(ge=0, le=BIGGEST)] = 0,
) -> DecisionPage:
    """List the decisions that wait for a person, oldest first."""
    scope_of(request)
    found = ledger.decisions_waiting(limit=limit + 1, after_seq=after)
    return DecisionPage(items=found[:limit], next=found[limit - 1].seq if len(found) > limit else None)


@router.get("/{seq}", response=DecisionDetail)
def get_decision(request: HttpRequest, seq: Seq) -> DecisionDetail:
    """Return one decision and what became of it."""
    scope_of(request)
    return _detail(seq)


@router.post("/{seq}/approve", response=TaskRecord)
def approve(request: HttpRequest, seq: Seq, approval: Approval) -> TaskRecord:
    """Approve a waiting decision: it goes onto a named person's dated work list, which is the answer."""
    scope = scope_of(request)
    now = datetime.now(UTC)
    limits = policy.document().limits
    if approval.assignee_id and staff.account(approval.assignee_id) is None:
        raise staff.NoSuchPerson(name=f"number {approval.assignee_id}")
    return coordination.approve(
        seq,
        assignee_id=approval.assignee_id or request.user.pk,
        due_on=approval.due_on or _today(now) + timedelta(days=1),
        title=approval.title or _title(ledger.decision(seq)),
        limits=Cap(limits.contacts_max, limits.contacts_window_days),
        scope=scope,
        now=now,
    )


@router.post("/{seq}/decline", response=DecisionDetail)
def decline(request: HttpRequest, seq: Seq, because: Reason) -> DecisionDetail:
    """Decline a decision; the next turn does not repeat it."""
    coordination.decline(seq, reason=because.reason, scope=scope_of(request), now=datetime.now(UTC))
    return _detail(seq)


@router.post("/{seq}/later", response=DecisionDetail)
def later(request: HttpRequest, seq: Seq) -> DecisionDetail:
    """Leave a decision waiting, on the record."""
    coordination.later(seq, scope=scope_of(request), now=datetime.now(UTC))
    return _detail(seq)


@router.post("/{seq}/report", response=DecisionDetail)
def report(request: HttpRequest, seq: Seq, told: Report) -> DecisionDetail:
    """Report that an approved decision was done, or failed and why."""
    scope, now = scope_of(request), datetime.now(UTC)
    coordination.report(
        seq, outcome=told.outcome, reason=told.reason, done_on=told.done_on or _today(now), scope=scope, now=now
    )
    return _detail(seq)
