"""Put a task on somebody's list, and close it; give programs their tokens."""

import secrets
from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from eigenform.desk import queries
from eigenform.desk.contracts import (
    AssigneeMayNotDecide,
    NoSuchAssignee,
    NoSuchTask,
    NoSuchToken,
    TaskClosed,
    TaskRecord,
    TokenNameTaken,
)
from eigenform.desk.models import ApiToken, Task
from eigenform.ledger import feedback as ledger
from eigenform.staff import queries as staff


def assign(
    *, noun: str, noun_key: str, title: str, because: str, assignee_id: int, due_on: date, now: datetime
) -> TaskRecord:
    """Put one task on a named person's list for a day. Refuses who does not work here, or may only look."""
    person = staff.account(assignee_id)
    if person is None:
        raise NoSuchAssignee(person=assignee_id)
    if not staff.scope_of(person).may_decide:
        raise AssigneeMayNotDecide(person=assignee_id, name=person.name)
    row = Task.objects.create(
        noun=noun,
        noun_key=noun_key,
        title=title,
        because=because,
        assignee_id=assignee_id,
        due_on=due_on,
        created_at=now,
    )
    return queries.task(row.pk)


def close(task_id: int, *, outcome: str, reason: str, now: datetime) -> TaskRecord:
    """Close an open task as done, declined or failed. Refuses a task that is closed already."""
    changed = Task.objects.filter(pk=task_id, state="open").update(state=outcome, reason=reason, closed_at=now)
    if not changed:
        row = Task.objects.filter(pk=task_id).first()
        raise TaskClosed(task=task_id, state=row.state) if row else NoSuchTask(task=task_id)
    return queries.task(task_id)


@transaction.atomic
def issue_token(name: str, *, username: str, actor: str, now: datetime) -> str:
    """Return a new token for a program that acts for a person; it is shown this once."""
    person = staff.by_username(username)
    if ApiToken.objects.filter(staff_id=person.id, name=name, revoked_at__isnull=True).exists():
        raise TokenNameTaken(name=name, person=username)
    token = secrets.token_urlsafe(32)
    ApiToken.objects.create(token_sha256=queries.sha256_of(token), name=name, staff_id=person.id, created_at=now)
    ledger.record_audit(actor=actor, at=now, verb="token_issued", facts={"staff_actor": person.actor})
    return token


@transaction.atomic
def revoke_token(name: str, *, username: str, actor: str, now: datetime) -> None:
    """Make a token worthless from now on."""
    person = staff.by_username(username)
    rows = ApiToken.objects.filter(staff_id=person.id, name=name, revoked_at__isnull=True)
    if not rows.update(revoked_at=now):
        raise NoSuchToken(name=name, person=username)
    ledger.record_audit(actor=actor, at=now, verb="token_revoked", facts={"staff_actor": person.actor})


def forget(*, noun: str, noun_keys: Iterable[str], title: str, now: datetime) -> int:
    """Replace what tasks on these records say by a neutral title; open ones are closed as failed. Return how many."""
    rows = Task.objects.filter(noun=noun, noun_key__in=list(noun_keys))
    rows.filter(state="open").update(state="failed", closed_at=now)
    return rows.update(title=title, because="", reason="")
