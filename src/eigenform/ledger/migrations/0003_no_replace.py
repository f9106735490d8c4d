"""SQLite's INSERT OR REPLACE must not rewrite what happened either."""

from typing import ClassVar

from django.db import migrations

from eigenform.records.append_only import no_replace


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ledger", "0002_views")]
    operations: ClassVar = [
        no_replace(
            ledger_entry="recorded_seq = NEW.recorded_seq",
            ledger_turn="entry_id = NEW.entry_id OR number = NEW.number",
            ledger_turninput="id = NEW.id OR (turn_id = NEW.turn_id AND name = NEW.name)",
            ledger_estimate="id = NEW.id",
            ledger_decision="entry_id = NEW.entry_id",
            ledger_deed="entry_id = NEW.entry_id",
        ),
    ]
