"""`eigenform backup` and `eigenform restore`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from eigenform.cli.answers import answer, json_option, progress
from eigenform.cli.home import Schema, migrate, open_home, schema_state, set_up


@click.command(short_help="Write everything this installation holds into one file.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def backup(file: Path, as_json: bool) -> None:
    """Write the database and the files beside it into one zip file, while everybody goes on working.

    The secret key stays out: whoever finds the file cannot forge sessions with it.

    \b
    Example: eigenform backup eigenform-2026-03-02.zip
    """
    open_home()
    from eigenform.cli import archive  # noqa: PLC0415 - after Django is ready

    manifest = archive.write(file.absolute())
    told = _told(file, manifest)
    answer(told, as_json=as_json, human=lambda: click.echo(f"Wrote {told['rows']:,} rows to {file}."))


@click.command(short_help="Put back what a backup holds.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def restore(file: Path, as_json: bool) -> None:
    """Replace what this installation holds by what a backup holds; what was there is backed up first.

    \b
    Example: eigenform restore eigenform-2026-03-02.zip
    """
    set_up()
    from eigenform.cli import archive  # noqa: PLC0415 - after Django is ready

    archive.manifest_of(file.absolute())
    kept = None
    if schema_state().schema is not Schema.EMPTY:
        kept = kept_path("before-restore")
        archive.write(kept)
        progress(f"What was here is kept in {kept}.")
    else:
        migrate()
    manifest = archive.put_back(file.absolute())
    told = _told(file, manifest) | {"kept": str(kept) if kept else None, "upgrade_needed": _is_behind()}

    def show() -> None:
        click.echo(f"Restored {told['rows']:,} rows from {file}.")
        if told["upgrade_needed"]:
            click.echo("The backup is of an earlier version. Run `eigenform upgrade` now.")

    answer(told, as_json=as_json, human=show)


def kept_path(why: str) -> Path:
    """Return where a backup is kept that a command makes for safety."""
    from django.conf import settings  # noqa: PLC0415 - after Django is ready

    folder: Path = settings.ENV.home / "backups"
    return folder / f"{why}-{datetime.now(UTC):%Y%m%dT%H%M%S}.zip"


def _told(file: Path, manifest: Any) -> dict[str, Any]:
    return {
        "file": str(file),
        "database": manifest.vendor,
        "made_at": manifest.made_at,
        "tables": len(manifest.rows),
        "rows": sum(manifest.rows.values()),
    }


def _is_behind() -> bool:
    return schema_state().schema is Schema.BEHIND
