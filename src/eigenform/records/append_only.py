"""The database itself refuses to change or delete rows of an append-only table, on SQLite and PostgreSQL."""

from typing import Any

from django.db import migrations

_MESSAGE = "{table} is append-only: write a new entry that names what it replaces"

_SQLITE = (
    "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '" + _MESSAGE + "'); END",
    "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '" + _MESSAGE + "'); END",
)
_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '" + _MESSAGE + "'; END $$",
    "CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
    "CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION {table}_refuse()",
)
_UNDO = {
    "sqlite": ("DROP TRIGGER {table}_no_update", "DROP TRIGGER {table}_no_delete"),
    "postgresql": (
        "DROP TRIGGER {table}_no_change ON {table}",
        "DROP TRIGGER {table}_no_truncate ON {table}",
        "DROP FUNCTION {table}_refuse()",
    ),
}


def statements(vendor: str, table: str) -> tuple[str, ...]:
    """Return the SQL that makes the table append-only."""
    texts = _SQLITE if vendor == "sqlite" else _POSTGRESQL
    return tuple(text.format(table=table) for text in texts)


def statements_to_lift(vendor: str, table: str) -> tuple[str, ...]:
    """Return the SQL that lifts it again: for undoing the migration, and for tests that clear the ledger."""
    return tuple(text.format(table=table) for text in _UNDO[vendor])


def append_only(*tables: str) -> migrations.RunPython:
    """Return the migration step that makes the tables append-only."""

    def run(texts: Any) -> Any:
        def step(_apps: Any, editor: Any) -> None:
            for table in tables:
                for text in texts(editor.connection.vendor, table):
                    editor.execute(text, params=None)

        return step

    return migrations.RunPython(run(statements), run(statements_to_lift))


def no_replace(**same: str) -> migrations.RunPython:
    """Return the migration step that refuses SQLite's INSERT OR REPLACE, whose deletions fire no delete trigger.

    same  per table the SQL condition under which a row at hand is the one being written (`id = NEW.id OR …`).
    PostgreSQL has no such statement; its upserts fire the update trigger.
    """

    def run(text: str) -> Any:
        def step(_apps: Any, editor: Any) -> None:
            if editor.connection.vendor == "sqlite":
                for table, condition in same.items():
                    editor.execute(text.format(table=table, condition=condition), params=None)

        return step

    made = (
        "CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        "WHEN EXISTS (SELECT 1 FROM {table} WHERE {condition}) "
        "BEGIN SELECT RAISE(ABORT, '" + _MESSAGE + "'); END"
    )
    return migrations.RunPython(run(made), run("DROP TRIGGER {table}_no_replace"))
