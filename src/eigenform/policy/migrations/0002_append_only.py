"""A policy version is never edited."""

from typing import ClassVar

from django.db import migrations

from eigenform.records.append_only import append_only


class Migration(migrations.Migration):
    dependencies: ClassVar = [("policy", "0001_initial")]
    operations: ClassVar = [append_only("policy_policy")]
