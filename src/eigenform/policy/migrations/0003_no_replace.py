"""SQLite's INSERT OR REPLACE must not rewrite a policy either."""

from typing import ClassVar

from django.db import migrations

from eigenform.records.append_only import no_replace


class Migration(migrations.Migration):
    dependencies: ClassVar = [("policy", "0002_append_only")]
    operations: ClassVar = [no_replace(policy_policy="version = NEW.version")]
