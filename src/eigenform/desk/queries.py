"""Read tasks and tokens back."""

import hashlib
from datetime import date

from eigenform.desk.contracts import NoSuchTask, TaskRecord, TokenRecord
from eigenform.desk.models import ApiToken, Task


def _record(row: Task) -> TaskRecord:
    return TaskRecord(
        id=row.pk,
        noun=row.noun,
        noun_key=row.noun_key,
        title=row.title,
        because=row.because,
        assignee_id=row.assignee_id,
        assignee=row.assignee.name,
        due_on=row.due_on,
        state=row.state,
        reason=row.reason,
        created_at=row.created_at,
        closed_at=row.closed_at,
    )


def work_list(
    *, assignee_id: int | None = None, state: str = "open", due_until: date | None = None, limit: int = 500
) -> list[TaskRecord]:
    """Return tasks by due day; of everybody if no assignee is given."""
    rows = Task.objects.select_related("assignee").filter(state=state).order_by("due_on", "pk")
    if assignee_id is not None:
        rows = rows.filter(assignee_id=assignee_id)
    if due_until is not None:
        rows = rows.filter(due_on__lte=due_until)
    return [_record(r) for r in rows[:limit]]


def task(task_id: int) -> TaskRecord:
    """Return one task, or refuse."""
    row = Task.objects.select_related("assignee").filter(pk=task_id).first()
    if row is None:
        raise NoSuchTask(task=task_id)
    return _record(row)


def open_count(assignee_id: int) -> int:
    """Return how many tasks the person has open."""
    return Task.objects.filter(assignee_id=assignee_id, state="open").count()


def tasks_on(noun: str, noun_key: str) -> list[TaskRecord]:
    """Return the tasks that hang on a record, newest first."""
    rows = Task.objects.select_related("assignee").filter(noun=noun, noun_key=noun_key).order_by("-pk")
    return [_record(r) for r in rows]


def sha256_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_owner_id(token: str) -> int | None:
    """Return whose token this is; None if it is not one of ours or was revoked."""
    rows = ApiToken.objects.filter(token_sha256=sha256_of(token), revoked_at__isnull=True)
    return rows.values_list("staff_id", flat=True).first()


def tokens() -> list[TokenRecord]:
    """Return all tokens, newest first."""
    rows = ApiToken.objects.select_related("staff").order_by("-pk")
    return [TokenRecord(r.name, r.staff.username, r.created_at, r.revoked_at) for r in rows]
