"""A campaign's hold-out can be told: a touch that chance withheld. SQLite makes the table anew, so the view waits."""

from typing import ClassVar

from django.db import migrations, models

from eigenform.records.views import view

_TOUCH = (
    "SELECT id AS touch_id, source, key, weight, customer_id, channel, direction, campaign, touched_on, "
    "propensity FROM marketing_touch"
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("marketing", "0002_views")]
    operations: ClassVar = [
        migrations.RunSQL("DROP VIEW v_touch", f"CREATE VIEW v_touch AS {_TOUCH}"),
        migrations.RemoveConstraint("touch", "marketing_touch_direction_known"),
        migrations.AddConstraint(
            "touch",
            models.CheckConstraint(
                condition=models.Q(("direction__in", ("out", "in", "withheld"))),
                name="marketing_touch_direction_known",
            ),
        ),
        view("touch", _TOUCH),
    ]
