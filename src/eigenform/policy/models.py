"""The policy: one whole document per version; a change is a new version with its author and reason."""

from typing import ClassVar

from django.db import models


class Policy(models.Model):
    """What we stand for, as rules that the loop obeys. Append-only: see the migration."""

    version = models.IntegerField(primary_key=True)
    document = models.JSONField()
    author = models.CharField(max_length=200)
    actor = models.CharField(max_length=32)
    reason = models.TextField()
    adopted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(version__gte=1), name="policy_policy_version_counts")
        ]
