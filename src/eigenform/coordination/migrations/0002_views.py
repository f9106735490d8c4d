"""What coordination publishes for analysts and for `analytics/sql`."""

from typing import ClassVar

from django.db import migrations

from eigenform.records.views import view


class Migration(migrations.Migration):
    dependencies: ClassVar = [("coordination", "0001_initial")]
    operations: ClassVar = [
        view(
            "contact_plan",
            "SELECT id AS contact_plan_id, decision_seq, customer_id, channel, planned_on, state "
            "FROM coordination_contactplan",
        ),
    ]
