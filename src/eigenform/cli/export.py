"""`eigenform export`: the published views as Parquet files."""

import tempfile
from pathlib import Path

import click

from eigenform.base.errors import Refused
from eigenform.cli.answers import answer, json_option, progress
from eigenform.cli.home import open_home
from eigenform.cli.upgrade import views


class FolderNotEmpty(Refused):
    """An export never overwrites files."""

    code = "cli.folder_not_empty"

    def __init__(self, *, folder: Path) -> None:
        self.folder = str(folder)
        super().__init__(f"{folder} is not empty. Name another folder, or empty it.")


class FolderUnusable(Refused):
    """Files cannot be written into the folder."""

    code = "cli.folder_unusable"

    def __init__(self, *, folder: Path, problem: str) -> None:
        self.folder, self.problem = str(folder), problem
        super().__init__(f"Nothing can be written into {folder}: {problem}. Name a folder in which you may write.")


@click.command(short_help="Write every view as a Parquet file.")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@json_option
def command(folder: Path, as_json: bool) -> None:
    """Write every published view (`v_order`, `v_customer`, …) as a Parquet file, all as they are at one moment.

    \b
    Example: eigenform export exported
             duckdb -c "SELECT count(*) FROM 'exported/v_order.parquet'"
    """
    _make_ready(folder)
    open_home()
    from eigenform.analytics.engine import Engine  # noqa: PLC0415 - after Django is ready
    from eigenform.records.database import attach_url  # noqa: PLC0415

    rows: dict[str, int] = {}
    with Engine(attach_url()) as engine, engine.snapshot():
        for view in views():
            rows[view] = engine.write_view(view, folder / f"{view}.parquet")
            progress(f"{view}: {rows[view]:,} rows")
    value = {"folder": str(folder), "rows": rows}
    answer(value, as_json=as_json, human=lambda: click.echo(f"Wrote {len(rows)} files to {folder}."))


def _make_ready(folder: Path) -> None:
    """Make the folder if need be, and write into it once: rights alone do not tell (read-only disks, /proc)."""
    try:
        if folder.exists() and any(folder.iterdir()):
            raise FolderNotEmpty(folder=folder)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise FolderUnusable(folder=folder, problem=error.strerror or str(error)) from None
