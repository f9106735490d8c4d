"""Copy PostgreSQL table by table inside one snapshot, and put it back inside one transaction."""

from pathlib import Path
from typing import Any
from zipfile import ZipFile

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from eigenform.cli.archive import BackupUnreadable, Manifest, our_tables

RECORD = "django_migrations"  # written anew by the migrations that make the tables
_COLUMNS = """
SELECT table_name, column_name, pg_get_serial_sequence(quote_ident(table_name), column_name)
FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'
ORDER BY table_name, ordinal_position
"""


def dump(archive: ZipFile, folder: Path) -> dict[str, Any]:  # noqa: ARG001 - SQLite needs the folder
    """Copy every table of ours into the archive as it is at this moment; return what the manifest tells about it."""
    rows: dict[str, int] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(_COLUMNS)
        columns: dict[str, list[str]] = {}
        sequences: dict[str, list[Any]] = {}
        for table, column, sequence in cursor.fetchall():
            columns.setdefault(table, []).append(column)
            if sequence:
                sequences[sequence] = []
        ours = our_tables()
        columns = {table: names for table, names in columns.items() if table in ours}
        for sequence in sequences:
            cursor.execute(f"SELECT last_value, is_called FROM {sequence}")
            sequences[sequence] = list(cursor.fetchone())
        for table, names in columns.items():
            out = archive.open(f"tables/{table}.copy", "w", force_zip64=True)
            with out, cursor.copy(f"COPY {_q(table)} ({_list(names)}) TO STDOUT") as stream:
                for piece in stream:
                    out.write(piece)
            rows[table] = cursor.rowcount
    return {"rows": rows, "columns": columns, "sequences": sequences}


def put_back(archive: ZipFile, manifest: Manifest, folder: Path) -> None:  # noqa: ARG001 - SQLite needs the folder
    """Make the tables as they were, fill them, set the sequences; all or nothing."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            there = set(connection.introspection.table_names(cursor))
            old = sorted(there & (our_tables() | set(manifest.columns) | {RECORD}))
            if old:
                cursor.execute(f"DROP TABLE {_list(old)} CASCADE")
        _migrate_to(manifest)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # migrations left them immediate; tables come in any order
            made = set(connection.introspection.table_names(cursor))
            # A table that no migration of then makes was somebody else's; without rows nothing is lost with it.
            wanted = {t: names for t, names in manifest.columns.items() if t in made or manifest.rows[t]}
            for table in wanted:
                cursor.execute(f"DELETE FROM {_q(table)}")  # what a migration itself wrote
            for table, names in wanted.items():
                _fill(cursor, archive, table, names)
                if cursor.rowcount != manifest.rows[table]:
                    problem = f"table {table} should have {manifest.rows[table]} rows and has {cursor.rowcount}"
                    raise BackupUnreadable(path=Path(archive.filename or ""), problem=problem)
            for sequence, (last, is_called) in manifest.sequences.items():
                cursor.execute("SELECT setval(to_regclass(%s), %s, %s)", [sequence, last, is_called])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _migrate_to(manifest: Manifest) -> None:
    """Apply the migrations that the backup's database had, so that its rows fit."""
    had = {(app, name) for app, name in manifest.migrations}
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    targets = [
        key for key in had if key in graph.nodes and not any(child.key in had for child in graph.node_map[key].children)
    ]
    executor.migrate(sorted(targets))


def _fill(cursor: Any, archive: ZipFile, table: str, names: list[str]) -> None:
    source = archive.open(f"tables/{table}.copy")
    with source, cursor.copy(f"COPY {_q(table)} ({_list(names)}) FROM STDIN") as stream:
        while piece := source.read(1 << 20):
            stream.write(piece)


def _q(name: str) -> str:
    return str(connection.ops.quote_name(name))


def _list(names: list[str]) -> str:
    return ", ".join(map(_q, names))
