"""Find customers and contacts by beginnings of words without reading every row.

SQLite: full-text tables that hold no text of their own, kept by triggers. Whoever remakes customers_customer or
customers_contact in a later migration must run this step again, since the remake drops triggers: a test notices.
PostgreSQL: text indexes on the expressions that `queries/search.py` asks.
"""

from typing import Any, ClassVar

from django.db import migrations, models

_TABLES = {"customers_customer": ("name", "key", "segment"), "customers_contact": ("name", "email")}


def _sqlite(table: str, columns: tuple[str, ...]) -> list[str]:
    words, names = f"{table}_words", ", ".join(columns)
    new, old = (", ".join(f"{row}.{c}" for c in columns) for row in ("new", "old"))
    add = f"INSERT INTO {words}(rowid, {names}) VALUES (new.id, {new});"
    drop = f"INSERT INTO {words}({words}, rowid, {names}) VALUES ('delete', old.id, {old});"
    return [
        f"CREATE VIRTUAL TABLE {words} USING fts5({names}, content='{table}', content_rowid='id', prefix='1 2 3')",
        f"INSERT INTO {words}({words}) VALUES ('rebuild')",
        f"CREATE TRIGGER {words}_added AFTER INSERT ON {table} BEGIN {add} END",
        f"CREATE TRIGGER {words}_gone AFTER DELETE ON {table} BEGIN {drop} END",
        f"CREATE TRIGGER {words}_changed AFTER UPDATE OF {names} ON {table} BEGIN {drop} {add} END",
    ]


def _postgresql(table: str, columns: tuple[str, ...]) -> list[str]:
    text = "translate(" + " || ' ' || ".join(columns) + ", '@.-_+/', '      ')"
    return [f"CREATE INDEX {table}_words ON {table} USING gin (to_tsvector('simple', {text}))"]


def _undo(vendor: str, table: str) -> list[str]:
    words = f"{table}_words"
    if vendor != "sqlite":
        return [f"DROP INDEX {words}"]
    return [*(f"DROP TRIGGER {words}_{name}" for name in ("added", "gone", "changed")), f"DROP TABLE {words}"]


def _make(_apps: Any, editor: Any) -> None:
    texts = _sqlite if editor.connection.vendor == "sqlite" else _postgresql
    for table, columns in _TABLES.items():
        for text in texts(table, columns):
            editor.execute(text, params=None)


def _drop(_apps: Any, editor: Any) -> None:
    for table in _TABLES:
        for text in _undo(editor.connection.vendor, table):
            editor.execute(text, params=None)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("customers", "0002_views")]
    operations: ClassVar = [
        migrations.AddIndex("customer", models.Index(fields=["country", "id"], name="customers_customer_country")),
        migrations.RunPython(_make, _drop),
    ]
