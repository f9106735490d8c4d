"""What ledger publishes for analysts and for `analytics/sql`."""

from typing import ClassVar

from django.db import migrations

from eigenform.records.append_only import append_only
from eigenform.records.views import view


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ledger", "0001_initial")]
    operations: ClassVar = [
        append_only("ledger_entry", "ledger_turn", "ledger_turninput"),
        append_only("ledger_estimate", "ledger_decision", "ledger_deed"),
        view(
            "entry",
            "SELECT recorded_seq, kind, happened_at, recorded_at, actor, source, model_version, policy_version, "
            "propensity, replaces_id AS replaces_seq FROM ledger_entry",
        ),
        view(
            "estimate",
            "SELECT e.entry_id AS recorded_seq, e.subject, e.quantity, e.mean, e.low, e.high, e.n, e.unit, "
            "n.happened_at, n.model_version FROM ledger_estimate e JOIN ledger_entry n ON n.recorded_seq = e.entry_id",
        ),
        view(
            "decision",
            "SELECT d.entry_id AS recorded_seq, t.number AS turn_number, t.as_of, d.kind, d.subject, d.held_out, "
            "d.cost_minor, d.gain_mean_minor, d.gain_low_minor, d.gain_high_minor, d.basis, n.propensity "
            "FROM ledger_decision d JOIN ledger_turn t ON t.entry_id = d.turn_id "
            "JOIN ledger_entry n ON n.recorded_seq = d.entry_id",
        ),
        view(
            "deed",
            "SELECT d.entry_id AS recorded_seq, d.verb, d.subject, d.decision_id AS decision_seq, n.happened_at, "
            "n.actor, n.propensity FROM ledger_deed d JOIN ledger_entry n ON n.recorded_seq = d.entry_id",
        ),
    ]
