"""What offerings publishes for analysts and for `analytics/sql`."""

from typing import ClassVar

from django.db import migrations

from eigenform.records.views import view


class Migration(migrations.Migration):
    dependencies: ClassVar = [("offerings", "0001_initial")]
    operations: ClassVar = [
        view("offering", "SELECT id AS offering_id, source, key, weight, name, category FROM offerings_offering"),
        view(
            "attribute",
            "SELECT id AS attribute_id, source, offering_id, category, attribute, unit, better, scale_min, scale_max "
            "FROM offerings_attribute",
        ),
        view(
            "promise",
            "SELECT id AS promise_id, source, key, weight, subject_kind, subject_key, attribute, level, level_on, "
            "unit, made_on FROM offerings_promise",
        ),
    ]
