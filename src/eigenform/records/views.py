"""Each package publishes its nouns as SQL views `v_<noun>`; analysts and `analytics/sql` read nothing else."""

from django.db import migrations


def view(name: str, select: str) -> migrations.RunSQL:
    """Return the migration step that publishes a view; `select` must run on SQLite and PostgreSQL alike."""
    return migrations.RunSQL(f"CREATE VIEW v_{name} AS {select}", f"DROP VIEW v_{name}")
