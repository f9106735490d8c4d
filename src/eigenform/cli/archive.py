"""A backup: one zip file with the database as it was at one moment, the files beside it, and what it should hold.

SQLite is copied whole by its own online backup; PostgreSQL is copied table by table inside one snapshot. Both ways
need no tool besides Python, do not stop anybody from working, and are checked row by row count when they are put back.
"""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from eigenform.base.errors import Refused

FORMAT = 1
FOLDERS = ("uploads", "errors")  # what an installation keeps beside its database


class BackupUnreadable(Refused):
    """The file is no backup that can be put back here."""

    code = "cli.backup_unreadable"

    def __init__(self, *, path: Path, problem: str) -> None:
        self.path, self.problem = str(path), problem
        super().__init__(f"{path.name} cannot be restored: {problem}.")


class BackupExists(Refused):
    """A backup never overwrites a file."""

    code = "cli.backup_exists"

    def __init__(self, *, path: Path) -> None:
        self.path = str(path)
        super().__init__(f"{path} is there already. Name another file, or move this one away.")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `columns` and `sequences` are PostgreSQL's; SQLite's file has its own."""

    format: int
    eigenform: str
    vendor: str
    made_at: str
    migrations: list[list[str]]
    rows: Mapping[str, int]
    columns: Mapping[str, list[str]]
    sequences: Mapping[str, list[Any]]


def write(path: Path) -> Manifest:
    """Write a backup of the installation; a half-written file never gets the name."""
    from django.conf import settings  # noqa: PLC0415 - after Django is ready
    from django.db import connection  # noqa: PLC0415
    from django.db.migrations.recorder import MigrationRecorder  # noqa: PLC0415

    if path.exists():
        raise BackupExists(path=path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
        half = Path(folder) / "half.zip"
        with ZipFile(half, "w", ZIP_DEFLATED) as archive:
            dumped = _ways().dump(archive, Path(folder))
            manifest = Manifest(
                format=FORMAT,
                eigenform=_version(),
                vendor=connection.vendor,
                made_at=datetime.now(UTC).isoformat(timespec="seconds"),
                migrations=sorted(map(list, MigrationRecorder(connection).applied_migrations())),
                **dumped,
            )
            for name in FOLDERS:
                for file in sorted((settings.ENV.home / name).rglob("*")):
                    if file.is_file():
                        archive.write(file, f"home/{file.relative_to(settings.ENV.home).as_posix()}")
            archive.writestr("manifest.json", json.dumps(asdict(manifest), indent=1))
        half.rename(path)
    return manifest


def manifest_of(path: Path) -> Manifest:
    """Read what a backup holds; refuse a file that is none, or that was made for another kind of database."""
    from django.db import connection  # noqa: PLC0415 - after Django is ready

    try:
        with ZipFile(path) as archive:
            found = Manifest(**json.loads(archive.read("manifest.json")))
            broken = archive.testzip()
    except FileNotFoundError as error:
        raise BackupUnreadable(path=path, problem="there is no such file") from error
    except (BadZipFile, KeyError, ValueError, TypeError, OSError) as error:
        raise BackupUnreadable(path=path, problem="it is not a backup that `eigenform backup` wrote") from error
    if broken:
        raise BackupUnreadable(path=path, problem=f"{broken} inside it is damaged")
    if found.format > FORMAT:
        raise BackupUnreadable(path=path, problem=f"it was written by a newer version ({found.eigenform})")
    if found.vendor != connection.vendor:
        problem = f"it holds {found.vendor}, and this installation uses {connection.vendor}; mend DATABASE_URL"
        raise BackupUnreadable(path=path, problem=problem)
    return found


def put_back(path: Path) -> Manifest:
    """Replace what the installation holds by what the backup holds; on any error everything stays as it was."""
    from django.conf import settings  # noqa: PLC0415 - after Django is ready

    manifest = manifest_of(path)
    _refuse_newer(path, manifest)
    with tempfile.TemporaryDirectory(dir=settings.ENV.home, prefix=".restore-") as folder, ZipFile(path) as archive:
        _ways().put_back(archive, manifest, Path(folder))
        for name in archive.namelist():
            target = (settings.ENV.home / name.removeprefix("home/")).resolve()
            if name.startswith("home/") and target.is_relative_to(settings.ENV.home.resolve()):
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(name))
    return manifest


def _refuse_newer(path: Path, manifest: Manifest) -> None:
    from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415 - after Django is ready

    known = set(MigrationLoader(None).disk_migrations)
    ours = {app for app, _ in known}
    unknown = [f"{app}.{name}" for app, name in manifest.migrations if app in ours and (app, name) not in known]
    if unknown:
        raise BackupUnreadable(path=path, problem=f"it was made by a newer Eigenform, which had {unknown[0]}")


def our_tables() -> set[str]:
    """Return the tables of this version's models."""
    from django.apps import apps  # noqa: PLC0415 - after Django is ready

    return {model._meta.db_table for model in apps.get_models(include_auto_created=True)}


def _ways() -> Any:
    """Return the module that knows how this kind of database is copied."""
    from django.db import connection  # noqa: PLC0415 - after Django is ready

    if connection.vendor == "sqlite":
        from eigenform.cli import archive_sqlite  # noqa: PLC0415

        return archive_sqlite
    from eigenform.cli import archive_postgresql  # noqa: PLC0415

    return archive_postgresql


def _version() -> str:
    try:
        return version("eigenform")
    except PackageNotFoundError:
        return "unknown"
