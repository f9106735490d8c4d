"""A standing holds what drives a customer's worth, and what their silence has taken off it."""

from typing import ClassVar

from django.db import migrations, models

from eigenform.records.views import view

_BEFORE = (
    "SELECT customer_id, turn_number, as_of, orders_count, last_order_on, revenue_52w_minor, "
    "worth_mean_minor, worth_low_minor, worth_high_minor, p_alive, promises_kept, promises_broken "
    "FROM customers_standing"
)
_NOW = (
    "SELECT customer_id, turn_number, as_of, orders_count, purchase_days, first_order_on, last_order_on, spend_minor, "
    "revenue_52w_minor, worth_mean_minor, worth_low_minor, worth_high_minor, p_alive, p_alive_before, "
    "expected_purchases, expected_purchases_low, expected_purchases_high, slipping_minor, "
    "promises_kept, promises_broken FROM customers_standing"
)


def _column(name: str, field: models.Field) -> migrations.AddField:
    return migrations.AddField(model_name="standing", name=name, field=field)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("customers", "0003_search")]
    operations: ClassVar = [
        migrations.RunSQL("DROP VIEW v_standing", f"CREATE VIEW v_standing AS {_BEFORE}"),
        _column("p_alive_before", models.FloatField(null=True)),
        _column("expected_purchases", models.FloatField(null=True)),
        _column("expected_purchases_low", models.FloatField(null=True)),
        _column("expected_purchases_high", models.FloatField(null=True)),
        _column("first_order_on", models.DateField(null=True)),
        _column("purchase_days", models.IntegerField(null=True)),
        _column("spend_minor", models.FloatField(null=True)),
        _column("slipping_minor", models.FloatField(null=True)),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(fields=["slipping_minor", "customer"], name="customers_standing_slipping"),
        ),
        view("standing", _NOW),
    ]
