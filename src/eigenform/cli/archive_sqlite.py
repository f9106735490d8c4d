"""Copy SQLite whole, while others work, by its own online backup."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from django.db import connection

from eigenform.cli.archive import BackupUnreadable, Manifest, our_tables

MEMBER = "eigenform.sqlite3"


def dump(archive: ZipFile, folder: Path) -> dict[str, Any]:
    """Put a copy of the database into the archive; return the part of the manifest that tells about it."""
    copy_path = folder / MEMBER
    connection.ensure_connection()
    with closing(sqlite3.connect(copy_path)) as copy:
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
        there = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        rows = _rows(copy, there & our_tables())
    archive.write(copy_path, MEMBER)
    copy_path.unlink()
    return {"rows": rows, "columns": {}, "sequences": {}}


def put_back(archive: ZipFile, manifest: Manifest, folder: Path) -> None:
    """Check the copy, then write it over the database: a running server sees the change at once."""
    copy_path = Path(archive.extract(MEMBER, folder))
    with closing(sqlite3.connect(copy_path)) as copy:
        (state,) = copy.execute("PRAGMA integrity_check").fetchone()
        if state != "ok" or _rows(copy, manifest.rows) != dict(manifest.rows):
            raise BackupUnreadable(path=Path(archive.filename or ""), problem=f"its database is damaged: {state}")
        connection.close()
        with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=20)) as here:
            copy.backup(here)
            here.execute("PRAGMA journal_mode=WAL")


def _rows(database: sqlite3.Connection, tables: Iterable[str]) -> dict[str, int]:
    return {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in sorted(tables)}
