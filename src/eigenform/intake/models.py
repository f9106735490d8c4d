"""What was brought in, by which mapping, and what was refused."""

from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models

LOAD_STATES = ("waiting", "running", "done", "failed", "interrupted")


class Mapping(models.Model):
    """A mapping that was uploaded or used: its text is kept, so that a load can be explained later."""

    name = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64, unique=True)
    text = models.TextField()
    created_at = models.DateTimeField()


class Load(models.Model):
    """One run of a mapping over files: its progress while it runs, its answer when it is done."""

    mapping = models.ForeignKey(Mapping, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, default="waiting")
    dry_run = models.BooleanField(default=False)
    path = models.TextField()
    actor = models.CharField(max_length=32)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    rows_total = models.BigIntegerField(null=True)
    rows_done = models.BigIntegerField(default=0)
    step = models.CharField(max_length=120, blank=True)
    answer = models.JSONField(default=dict)
    message = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=LOAD_STATES), name="intake_load_state_known")
        ]

    @property
    def sign_of_life(self) -> Path:
        """File that the process which runs this load touches; worker and web share the installation's folder."""
        path: Path = settings.ENV.home / "stage" / f"load-{self.pk}.alive"
        return path


class RefusedRow(models.Model):
    """A row that was not taken, as it stood in its file, with the reason and what would mend it."""

    load = models.ForeignKey(Load, on_delete=models.CASCADE, related_name="+")
    file = models.CharField(max_length=255)
    row = models.BigIntegerField()
    column = models.CharField(max_length=255, blank=True)
    reason = models.TextField()
    remedy = models.TextField()
    values = models.JSONField()  # (column, cell) pairs: an object would lose the file's column order on PostgreSQL

    @property
    def cells(self) -> dict[str, str]:
        """The row's cells by column, in the file's order."""
        return dict(self.values)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["load", "id"], name="intake_refusedrow_load")]


class Lookup(models.Model):
    """A row of a file that a mapping joins to others, kept so that a mended or later file can be joined without it."""

    source = models.CharField(max_length=64)
    name = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    values = models.JSONField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "name", "key"], name="intake_lookup_once")]
