"""Open this installation for a command: read its settings, see that its database is there and of this version."""

import os
from dataclasses import dataclass
from enum import Enum

from eigenform.base.errors import Refused


class HomeUnusable(Refused):
    """The settings of this installation cannot be read."""

    code = "cli.home_unusable"

    def __init__(self, *, problem: str) -> None:
        self.problem = problem
        super().__init__(
            f"The installation's folder or settings cannot be used: {problem}. "
            "EIGENFORM_HOME moves the folder, DATABASE_URL names another database."
        )


class DatabaseUnreachable(Refused):
    """The database does not answer."""

    code = "cli.database_unreachable"

    def __init__(self, *, database: str, problem: str) -> None:
        self.database, self.problem = database, problem
        super().__init__(f"The database {database} does not answer: {problem}. Start it, or mend DATABASE_URL.")


class UpgradeNeeded(Refused):
    """The database is of an earlier version."""

    code = "cli.upgrade_needed"

    def __init__(self, *, missing: tuple[str, ...]) -> None:
        self.missing = missing
        super().__init__(f"The database lacks {len(missing)} steps of this version. Run `eigenform upgrade`.")


class MadeByNewerVersion(Refused):
    """The database is of a later version."""

    code = "cli.made_by_newer_version"

    def __init__(self, *, unknown: tuple[str, ...]) -> None:
        self.unknown = unknown
        super().__init__(
            f"The database was made by a newer Eigenform: it has {unknown[0]}. "
            "Install that version, or restore a backup."
        )


class Schema(Enum):
    """How the database stands to this version."""

    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class SchemaState:
    """How the database stands to this version, and which migrations make the difference."""

    schema: Schema
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def set_up() -> None:
    """Read the settings and load Django, once."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django  # noqa: PLC0415 - costs most of a second, so only commands that need it pay
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415

    try:
        django.setup()
    except (OSError, ValueError, ImproperlyConfigured) as error:
        raise HomeUnusable(problem=str(error)) from error


def database_name() -> str:
    """Return what people may read of the database: its kind and name, never its password."""
    from django.db import connection  # noqa: PLC0415

    settings = connection.settings_dict
    where = f" at {settings['HOST']}" if settings.get("HOST") else ""
    return f"{connection.vendor} {settings['NAME']}{where}"


def schema_state() -> SchemaState:
    """Compare the database's migrations with this version's, or refuse when it cannot be reached."""
    from django.db import OperationalError, connection  # noqa: PLC0415
    from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415

    try:
        if not connection.introspection.table_names():
            return SchemaState(Schema.EMPTY)
        loader = MigrationLoader(connection)
    except OperationalError as error:
        raise DatabaseUnreachable(database=database_name(), problem=str(error).strip()) from error
    known, applied = set(loader.disk_migrations), set(loader.applied_migrations)
    ours = {app for app, _ in known}
    unknown = tuple(sorted(f"{app}.{name}" for app, name in applied - known if app in ours))
    missing = tuple(sorted(f"{app}.{name}" for app, name in known - applied))
    if unknown:
        return SchemaState(Schema.AHEAD, missing, unknown)
    return SchemaState(Schema.BEHIND, missing) if missing else SchemaState(Schema.CURRENT)


def migrate() -> None:
    """Apply this version's migrations, without a word on standard output."""
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)


def open_home() -> None:
    """Make everything ready for a command: an empty database is filled with tables, an older one is refused."""
    set_up()
    state = schema_state()
    match state.schema:
        case Schema.EMPTY:
            migrate()
        case Schema.BEHIND:
            raise UpgradeNeeded(missing=state.missing)
        case Schema.AHEAD:
            raise MadeByNewerVersion(unknown=state.unknown)
