"""What earlier decisions and campaigns are measured to have changed; append-only like the rest."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from eigenform.records.append_only import append_only, no_replace
from eigenform.records.views import view


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ledger", "0003_no_replace")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Effect",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.CharField(max_length=16)),
                ("name", models.CharField(max_length=250)),
                ("outcome", models.CharField(max_length=16)),
                ("mean", models.FloatField(null=True)),
                ("low", models.FloatField(null=True)),
                ("high", models.FloatField(null=True)),
                ("sd", models.FloatField(null=True)),
                ("unit", models.CharField(max_length=32)),
                ("method", models.CharField(blank=True, max_length=32)),
                ("treated", models.IntegerField()),
                ("withheld", models.IntegerField()),
                ("window_days", models.IntegerField()),
                ("facts", models.JSONField(default=dict)),
                (
                    "entry",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.entry"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["scope", "name", "outcome", "entry"], name="ledger_effect_of")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("treated__gte", 0), ("window_days__gt", 0), ("withheld__gte", 0)),
                        name="ledger_effect_counts_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("scope__in", ("all", "plan", "offer", "segment", "campaign"))),
                        name="ledger_effect_scope_known",
                    ),
                ],
            },
        ),
        append_only("ledger_effect"),
        no_replace(ledger_effect="id = NEW.id"),
        view(
            "effect",
            "SELECT e.entry_id AS recorded_seq, e.scope, e.name, e.outcome, e.mean, e.low, e.high, e.sd, e.unit, "
            "e.method, e.treated, e.withheld, e.window_days, n.happened_at, n.model_version "
            "FROM ledger_effect e JOIN ledger_entry n ON n.recorded_seq = e.entry_id",
        ),
    ]
