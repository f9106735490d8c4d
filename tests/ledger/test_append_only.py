"""The database refuses to change what was written, whoever asks."""

import pytest
from django.db import DatabaseError, connection, transaction

from eigenform.ledger import feedback
from eigenform.policy import actions as policy

TABLES = ("ledger_entry", "policy_policy")


@pytest.fixture
def written(db, now):
    policy.ensure_first(now=now)
    feedback.record_load(source="test", actor="a" * 32, happened_at=now, body={"rows_read": 1})


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["DELETE FROM {table}", "UPDATE {table} SET actor = 'x'"])
def test_the_database_refuses_update_and_delete(written, table, statement):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table=table))

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone()[0] >= 1


@pytest.mark.django_db(transaction=True)
def test_the_refusal_holds_after_the_tables_were_cleared_between_tests(now):
    policy.ensure_first(now=now)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM policy_policy")


@pytest.mark.django_db(transaction=True)
def test_clearing_between_tests_really_clears(now):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM policy_policy")
        assert cursor.fetchone()[0] == 0


@pytest.mark.parametrize(
    ("table", "column", "key"), [("ledger_entry", "source", "recorded_seq"), ("policy_policy", "reason", "version")]
)
def test_sqlite_refuses_to_replace_a_row_as_well(written, table, column, key):
    if connection.vendor != "sqlite":
        pytest.skip("INSERT OR REPLACE is SQLite's own")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY {key} LIMIT 1")
        names = [c[0] for c in cursor.description]
        row = list(cursor.fetchone())
    row[names.index(column)] = "forged"

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT OR REPLACE INTO {table} VALUES ({', '.join(['%s'] * len(row))})", row)
