"""Put a task on somebody's list, and close it."""

from datetime import date, datetime

from eigenform.desk import queries
from eigenform.desk.contracts import NoSuchTask, TaskClosed, TaskRecord
from eigenform.desk.models import Task


def assign(
    *, noun: str, noun_key: str, title: str, because: str, assignee_id: int, due_on: date, now: datetime
) -> TaskRecord:
    """Put one task on a named person's list for a day."""
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
