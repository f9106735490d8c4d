"""Abstract parts of tables; no table of its own."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Func


class RandomHex(Func):
    """32 random hexadecimal digits made by the database, so that bulk SQL gets them too."""

    template = "(lower(hex(randomblob(16))))"
    output_field = models.CharField(max_length=32)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list[Any]]:
        """PostgreSQL has no blob generator, but random UUIDs."""
        return self.as_sql(compiler, connection, template="replace(gen_random_uuid()::text, '-', '')", **extra)


class Sourced(models.Model):
    """A fact that came from a source and is known there by a key: loading it twice changes nothing."""

    source = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    weight = models.FloatField(default=1.0, db_default=1.0)
    custom = models.JSONField(default=dict, blank=True)
    load_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "key"], name="%(app_label)s_%(class)s_source_key"),
            models.CheckConstraint(condition=models.Q(weight__gt=0), name="%(app_label)s_%(class)s_weight_positive"),
        ]


class EarlierVersion(models.Model):
    """What a row of this package held before a load changed it."""

    noun = models.CharField(max_length=32)
    row_id = models.BigIntegerField()
    load_id = models.BigIntegerField(null=True)
    replaced_at = models.DateTimeField()
    before = models.JSONField()

    class Meta:
        abstract = True
        indexes: ClassVar = [models.Index(fields=["noun", "row_id"], name="%(app_label)s_earlier_row")]
