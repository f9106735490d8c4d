"""What customers said of being reached by a channel."""

import django.db.models.deletion
from django.db import migrations, models

from eigenform.records.views import view


class Migration(migrations.Migration):
    dependencies = (("customers", "0004_worth_and_slipping"),)
    operations = (
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(max_length=64)),
                ("state", models.CharField(max_length=8)),
                ("said_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="customers.customer"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("customer", "channel"), name="customers_consent_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("given", "refused"))), name="customers_consent_known"
                    ),
                ],
            },
        ),
        view("consent", "SELECT id AS consent_id, customer_id, channel, state, said_at FROM customers_consent"),
    )
