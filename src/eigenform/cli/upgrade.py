"""`eigenform upgrade`: back up, migrate, check; else put everything back."""

from pathlib import Path

import click

from eigenform.base.errors import Refused
from eigenform.cli.answers import answer, json_option, progress
from eigenform.cli.backup import kept_path
from eigenform.cli.home import MadeByNewerVersion, Schema, migrate, schema_state, set_up


class UpgradeFailed(Refused):
    """The upgrade did not work, and the database is as it was."""

    code = "cli.upgrade_failed"

    def __init__(self, *, problem: str, backup: Path) -> None:
        self.problem, self.backup = problem, str(backup)
        super().__init__(
            f"The upgrade failed ({problem}). The database is as it was; a backup of it is {backup}. "
            "Please report this with the lines above."
        )


@click.command(short_help="Bring the database up to this version, or leave it as it was.")
@json_option
def command(as_json: bool) -> None:
    """Back the database up, bring it up to this version and check it; if anything fails, put it back as it was.

    \b
    Example: eigenform upgrade
    """
    set_up()
    state = schema_state()
    if state.schema is Schema.AHEAD:
        raise MadeByNewerVersion(unknown=state.unknown)
    kept = None if state.schema in (Schema.EMPTY, Schema.CURRENT) else _upgrade()
    if state.schema is Schema.EMPTY:
        migrate()
    value = {"applied": list(state.missing), "backup": str(kept) if kept else None, "checks": check()}

    def show() -> None:
        if not state.missing:
            click.echo("The database is of this version.")
        else:
            click.echo(f"Applied {len(state.missing)} steps. The database as it was is kept in {kept}.")

    answer(value, as_json=as_json, human=show)


def _upgrade() -> Path:
    from eigenform.cli import archive  # noqa: PLC0415 - after Django is ready

    kept = kept_path("before-upgrade")
    archive.write(kept)
    progress(f"Backed up to {kept}.")
    try:
        migrate()
        check()
    except Exception as error:
        progress("The upgrade failed; putting everything back.")
        archive.put_back(kept)
        raise UpgradeFailed(problem=f"{type(error).__name__}: {error}", backup=kept) from error
    return kept


def check() -> list[str]:
    """Check that the database is whole and that every published view answers; return what was checked."""
    from django.db import connection  # noqa: PLC0415 - after Django is ready

    checked = ["migrations", "constraints"]
    if schema_state().schema not in (Schema.CURRENT, Schema.EMPTY):
        raise click.ClickException("Some steps were not applied.")
    connection.check_constraints()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA quick_check")
            if (found := cursor.fetchone()[0]) != "ok":
                raise click.ClickException(f"The database is damaged: {found}.")
            checked.append("file")
        for view in views():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(view)} LIMIT 1")
    return [*checked, "views"]


def views() -> list[str]:
    """Return the names of the views that packages publish."""
    from django.db import connection  # noqa: PLC0415 - after Django is ready

    with connection.cursor() as cursor:
        found = connection.introspection.get_table_list(cursor)
    return sorted(t.name for t in found if t.type == "v" and t.name.startswith("v_"))
