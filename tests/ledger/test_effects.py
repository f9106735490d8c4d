"""Effects in the ledger: one entry a turn, the newest of each found, and nothing rewritten."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from eigenform.ledger import feedback, queries
from eigenform.ledger.contracts import EffectRow
from eigenform.ledger.models import Effect, Entry

ROW = EffectRow("campaign", "spring", "margin", 77.0, 40.0, 114.0, 28.8, "GBP", "cuped", 500, 480, 91, {"open": 3})


def write(rows, now, *, number=1):
    by = {"at": now, "actor": "a" * 32, "model_version": "m", "policy_version": 1}
    turn = feedback.open_turn(
        number=number, as_of=now.date(), seed=1, read_up_to_seq=queries.last_seq(), summary={}, inputs={}, **by
    )
    return turn, feedback.record_effects(rows, turn_seq=turn, **by)


def test_a_turn_s_measurements_are_one_entry_derived_from_it(db, now):
    turn, seq = write([ROW, replace(ROW, name="autumn", mean=None, low=None, high=None, sd=None)], now)

    entry = Entry.objects.get(kind="effect")
    assert (entry.recorded_seq, entry.derived_from, entry.body) == (seq, [turn], {"rows": 2})
    assert Effect.objects.filter(entry=entry).count() == 2
    assert queries.effects_latest()[0] == replace(ROW, as_of=date(2026, 3, 2), recorded_seq=seq)
    assert queries.effects_latest()[1].mean is None


def test_nothing_measured_writes_no_entry(db, now):
    assert write([], now)[1] is None
    assert not Entry.objects.filter(kind="effect").exists()


def test_the_newest_of_each_is_found(db, now):
    write([ROW, replace(ROW, outcome="bought", mean=0.01)], now)
    write([replace(ROW, mean=80.0)], now, number=2)

    assert {(r.outcome, r.mean) for r in queries.effects_latest()} == {("margin", 80.0), ("bought", 0.01)}


@pytest.mark.parametrize("statement", ["DELETE FROM ledger_effect", "UPDATE ledger_effect SET mean = 1000"])
def test_the_database_refuses_to_change_a_measurement(db, now, statement):
    write([ROW], now)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert Effect.objects.get().mean == 77.0


@pytest.mark.parametrize("wrong", [{"scope": "guess"}, {"treated": -1}, {"window_days": 0}])
def test_impossible_rows_are_refused(db, now, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        write([replace(ROW, **wrong)], now)


def test_measurements_are_published_for_analysts(db, now):
    _turn, seq = write([ROW], now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT recorded_seq, scope, name, outcome, mean, treated, withheld FROM v_effect")
        assert cursor.fetchall() == [(seq, "campaign", "spring", "margin", 77.0, 500, 480)]
