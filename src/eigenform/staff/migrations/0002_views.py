"""What staff publishes for analysts and for `analytics/sql`."""

from typing import ClassVar

from django.db import migrations

from eigenform.records.views import view


class Migration(migrations.Migration):
    dependencies: ClassVar = [("staff", "0001_initial")]
    operations: ClassVar = [
        view("staff", "SELECT id AS staff_id, source, key, name, team, role, actor FROM staff_staff"),
    ]
