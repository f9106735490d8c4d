"""What customers publishes for analysts and for `analytics/sql`."""

from typing import ClassVar

from django.db import migrations

from eigenform.records.views import view


class Migration(migrations.Migration):
    dependencies: ClassVar = [("customers", "0001_initial")]
    operations: ClassVar = [
        view(
            "customer",
            "SELECT id AS customer_id, subject, source, key, weight, kind, name, parent_id, segment, country "
            "FROM customers_customer",
        ),
        view(
            "contact",
            "SELECT id AS contact_id, source, key, customer_id, name, email, phone, role FROM customers_contact",
        ),
        view(
            "standing",
            "SELECT customer_id, turn_number, as_of, orders_count, last_order_on, revenue_52w_minor, "
            "worth_mean_minor, worth_low_minor, worth_high_minor, p_alive, promises_kept, promises_broken "
            "FROM customers_standing",
        ),
    ]
