"""What sales publishes for analysts and for `analytics/sql`."""

from typing import ClassVar

from django.db import migrations

from eigenform.records.views import view


class Migration(migrations.Migration):
    dependencies: ClassVar = [("sales", "0001_initial"), ("customers", "0001_initial"), ("offerings", "0001_initial")]
    operations: ClassVar = [
        view(
            "order",
            "SELECT id AS order_id, source, key, weight, customer_id, ordered_on, ordered_at, state, channel, "
            "partner_key, currency FROM sales_order",
        ),
        view(
            "order_line",
            "SELECT id AS order_line_id, source, key, weight, order_id, offering_id, kind, quantity, unit_price, "
            "amount_minor, margin_minor FROM sales_orderline",
        ),
        view(
            "opportunity",
            "SELECT id AS opportunity_id, source, key, weight, customer_id, offering_id, owner_id, stage, opened_on, "
            "closed_on, amount_minor, currency FROM sales_opportunity",
        ),
    ]
