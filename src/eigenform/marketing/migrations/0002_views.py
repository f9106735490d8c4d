"""What marketing publishes for analysts and for `analytics/sql`."""

from typing import ClassVar

from django.db import migrations

from eigenform.records.views import view


class Migration(migrations.Migration):
    dependencies: ClassVar = [("marketing", "0001_initial")]
    operations: ClassVar = [
        view(
            "touch",
            "SELECT id AS touch_id, source, key, weight, customer_id, channel, direction, campaign, touched_on, "
            "propensity FROM marketing_touch",
        ),
        view(
            "lead",
            "SELECT id AS lead_id, source, key, weight, customer_id, origin, channel, created_on, state, closed_on "
            "FROM marketing_lead",
        ),
    ]
