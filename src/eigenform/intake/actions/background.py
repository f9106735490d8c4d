"""Loads that people start in the browser: files are kept, the background worker does the rest, anyone can watch."""

import logging
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from eigenform.base.errors import Refused
from eigenform.base.ids import random_id
from eigenform.customers.contracts import ErasedPerson
from eigenform.intake import queries
from eigenform.intake.actions.loading import load, mapping_text
from eigenform.intake.contracts import UploadRefused
from eigenform.intake.decisions.parsing import parse
from eigenform.intake.feedback import recording
from eigenform.records.scope import Scope

log = logging.getLogger("eigenform.intake")
Upload = tuple[str, Iterable[bytes]]
_NAME = re.compile(r"[^\w .()#&+-]")


def enqueue(mapping: str, uploads: Iterable[Upload], *, scope: Scope, now: datetime, dry_run: bool = False) -> int:
    """Keep uploaded files (name, chunks) and let the background worker load them; return the load's id.

    Raises MappingRefused at once if the mapping cannot be used, UploadRefused if nothing came.
    A dry run goes the same way: its answer and refused rows can be looked at, the facts stay as they were.
    """
    scope.require("load", "load data")
    read = parse(mapping_text(mapping))
    folder: Path = settings.ENV.home / "uploads" / random_id()
    try:
        kept = [_keep(folder, name, chunks) for name, chunks in uploads]
        if not kept:
            raise UploadRefused(problem="no file came with it", remedy="Choose one or several files")
        mapping_id = recording.keep_mapping(read.name, read.text, now)
        with transaction.atomic():
            load_id = recording.begin(
                mapping_id=mapping_id,
                path=str(kept[0] if len(kept) == 1 else folder),
                actor=scope.actor,
                now=now,
                dry_run=dry_run,
                state="waiting",
            )
            run_load.enqueue(load_id)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return load_id


def start_again(load_id: int, *, scope: Scope, now: datetime) -> None:
    """Let the worker run a load again that failed or was interrupted: it ends as if it had not been."""
    scope.require("load", "load data")
    row = queries.load(load_id)
    if not row.may_start_again:
        raise UploadRefused(
            problem=f"load {load_id} is {row.state}", remedy="Only one that failed or was interrupted can start again"
        )
    with transaction.atomic():
        recording.restart(load_id, now, state="waiting")
        run_load.enqueue(load_id)


@task()
def run_load(load_id: int) -> None:
    """Run a load that waits. The worker is an entry point, so it asks the clock."""
    waiting = recording.waiting(load_id)
    if waiting is None:
        return
    now = timezone.now()  # noqa: TID251
    recording.restart(load_id, now)
    scope = Scope(actor=waiting.actor, may_read=True, may_decide=False, may_load=True, may_steer=False)
    try:
        load(waiting.mapping, waiting.path, scope=scope, now=now, dry_run=waiting.dry_run, load_id=load_id)
    except Refused as error:  # told to the person on the page of the load
        with suppress(Exception):
            recording.fail(load_id, str(error), now)
        log.info("A load was refused.", extra={"facts": {"load": load_id, "code": error.code}})
        return
    _clear(Path(waiting.path))


def forget(person: ErasedPerson) -> None:
    """Forget what the intake kept of a person who was erased: refused rows and looked-up rows that name them."""
    recording.forget(person.source, {person.key, *person.texts})


def _keep(folder: Path, name: str, chunks: Iterable[bytes]) -> Path:
    plain = _NAME.sub("_", Path(name.replace("\\", "/")).name).lstrip(".")
    if not plain:
        raise UploadRefused(problem="a file has no name", remedy="Give it one")
    path = folder / plain
    if path.exists():
        raise UploadRefused(problem=f"two files are called {plain}", remedy="Rename one of them")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("wb") as out:
        for chunk in chunks:
            out.write(chunk)
    return path


def _clear(path: Path) -> None:
    """Remove uploaded files once they are in: what was loaded stands in the tables, what was refused beside it."""
    uploads: Path = settings.ENV.home / "uploads"
    for folder in (path, path.parent):
        if folder.parent == uploads:
            shutil.rmtree(folder, ignore_errors=True)
