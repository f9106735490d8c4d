"""What service publishes for analysts and for `analytics/sql`."""

from typing import ClassVar

from django.db import migrations

from eigenform.records.views import view


class Migration(migrations.Migration):
    dependencies: ClassVar = [("service", "0001_initial")]
    operations: ClassVar = [
        view(
            "answer",
            "SELECT id AS answer_id, source, key, weight, customer_id, offering_id, subject_key, attribute, kind, "
            "score, scale_min, scale_max, channel, half, answered_on, answered_at FROM service_answer",
        ),
        view(
            "case",
            "SELECT id AS case_id, source, key, weight, customer_id, offering_id, kind, opened_on, closed_on, channel "
            "FROM service_case",
        ),
        view(
            "case_event", "SELECT id AS case_event_id, source, key, case_id, event, occurred_at FROM service_caseevent"
        ),
    ]
