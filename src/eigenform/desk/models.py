"""What hangs on any record by (noun, key): a task on somebody's dated work list."""

from typing import ClassVar

from django.db import models

OUTCOMES = ("open", "done", "declined", "failed")


class Task(models.Model):
    """One thing that a named person is to do by a day."""

    noun = models.CharField(max_length=32)
    noun_key = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    because = models.TextField(blank=True)
    assignee = models.ForeignKey("staff.Staff", on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    state = models.CharField(max_length=16, default="open")
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=OUTCOMES), name="desk_task_state_known"),
            models.UniqueConstraint(
                fields=["noun", "noun_key"], condition=models.Q(state="open"), name="desk_task_one_open"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["assignee", "state", "due_on"], name="desk_task_worklist")]
