"""`eigenform load`: bring a source's files in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eigenform.base.errors import Refused
from eigenform.cli.answers import answer, json_option
from eigenform.cli.home import open_home

if TYPE_CHECKING:
    from eigenform.intake.actions.loading import OnProgress
    from eigenform.intake.contracts import LoadAnswer, Progress


class ErrorsFileUnusable(Refused):
    """Refused rows could not be written where they are wanted; told before anything is loaded."""

    code = "cli.errors_file_unusable"

    def __init__(self, *, file: Path, problem: str) -> None:
        self.file, self.folder, self.problem = str(file), str(file.parent), problem
        super().__init__(
            f"Refused rows cannot be written to {file}: {problem}. Nothing was loaded. "
            f"Make the folder {file.parent}, or name a file in one that you may write in."
        )


@click.command(short_help="Bring a source's files in, as a mapping says.")
@click.argument("mapping")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check everything and count; write nothing.")
@click.option(
    "--errors",
    "errors_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where refused rows go.  [default: in the installation's folder, named by mapping and time]",
)
@json_option
def command(mapping: str, path: Path, dry_run: bool, errors_file: Path | None, as_json: bool) -> None:
    """Bring files in. MAPPING is a TOML file or the name of one that is shipped; PATH a folder, a file, or a file of
    refused rows that was mended. Rows that cannot be taken go to the errors file, the others are in.

    \b
    Example: eigenform load examples/olist.toml data/olist
             eigenform load cdnow data/cdnow --dry-run --json
             eigenform load olist refused.csv
    """
    if errors_file:
        _try_out(errors_file)
    open_home()
    from eigenform.intake import actions as intake  # noqa: PLC0415 - after Django is ready
    from eigenform.records.scope import SYSTEM  # noqa: PLC0415

    now = datetime.now(UTC)
    with _progress() as on_progress:
        found = intake.load(
            mapping,
            path,
            scope=SYSTEM,
            now=now,
            dry_run=dry_run,
            errors_file=errors_file or _errors_file(mapping, now),
            on_progress=on_progress,
        )
    answer(found.as_json(), as_json=as_json, human=lambda: _show(found))


def _try_out(errors_file: Path) -> None:
    """Open the file for writing and leave everything as it was."""
    was_there = errors_file.exists()
    try:
        errors_file.open("ab").close()
    except OSError as error:
        raise ErrorsFileUnusable(file=errors_file, problem=error.strerror or str(error)) from None
    if not was_there:
        errors_file.unlink()


def _errors_file(mapping: str, now: datetime) -> Path:
    from django.conf import settings  # noqa: PLC0415 - after Django is ready

    folder: Path = settings.ENV.home / "errors"
    return folder / f"{Path(mapping).stem}-{now:%Y%m%d-%H%M%S}.csv"


@contextmanager
def _progress() -> "Iterator[OnProgress]":
    """A bar on standard error with rows, rate and time left; a line per step where that is not a terminal."""
    from rich.console import Console  # noqa: PLC0415 - not needed for --help
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    console = Console(stderr=True)
    rate = TextColumn("{task.fields[rate]}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    with Bar(*columns, console=console, disable=not console.is_terminal) as bar:
        step = bar.add_task("starting", total=None, rate="")
        told = ""

        def on_progress(now: "Progress") -> None:
            nonlocal told
            kind = now.step.partition(" ")[0]
            if kind != told:
                told = kind
                bar.reset(step, total=now.total, description=now.step, rate="")
                if not console.is_terminal:
                    click.echo(now.step, err=True)
            speed = bar.tasks[0].speed
            bar.update(step, completed=now.done, total=now.total, description=now.step,
                       rate=f"{speed:,.0f} rows/s" if speed else "")  # fmt: skip

        yield on_progress


def _show(found: "LoadAnswer") -> None:
    rate = f", {found.rows_read / found.seconds:,.0f} rows a second" if found.seconds else ""
    was = "would be " if found.dry_run else ""
    click.echo(
        f"{found.rows_read:,} rows read in {found.seconds:,.1f} s{rate}: {found.rows_loaded:,} {was}loaded, "
        f"{found.rows_unchanged:,} unchanged, {found.rows_refused:,} refused."
    )
    for table, rows in found.tables.items():
        click.echo(f"  {table:<14}{rows:>12,}")
    for reason, rows in found.reasons.items():
        click.echo(f"  {rows:,} rows: {reason}")
    if found.errors_file:
        click.echo(
            f"The refused rows are in {found.errors_file}. Mend them there and load that file with the same mapping."
        )
