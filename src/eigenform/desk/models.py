"""What hangs on any record by (noun, key): a task on somebody's dated work list. And the tokens of programs."""

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


class ApiToken(models.Model):
    """What a program shows instead of signing in: it may do what its person may. Only its hash is kept."""

    token_sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    staff = models.ForeignKey("staff.Staff", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["staff", "name"],
                condition=models.Q(revoked_at__isnull=True),
                name="desk_apitoken_one_of_a_name",
            ),
        ]
