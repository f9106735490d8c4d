"""What supply_chain publishes for analysts and for `analytics/sql`."""

from typing import ClassVar

from django.db import migrations

from eigenform.records.views import view


class Migration(migrations.Migration):
    dependencies: ClassVar = [("supply_chain", "0001_initial")]
    operations: ClassVar = [
        view(
            "partner",
            "SELECT id AS partner_id, subject, source, key, weight, name, role, country FROM supply_chain_partner",
        ),
        view(
            "delivery",
            "SELECT id AS delivery_id, source, key, weight, partner_id, subject_kind, subject_key, attribute, level, "
            "delivered_on, delivered_at FROM supply_chain_delivery",
        ),
    ]
