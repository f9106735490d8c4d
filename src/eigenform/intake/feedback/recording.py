"""Writes down the intake's own tables: mappings, loads and their progress, refused rows, kept lookups."""

import hashlib
import threading
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Named
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction

from eigenform.intake.contracts import Refusal
from eigenform.intake.models import Load, Lookup, Mapping, RefusedRow
from eigenform.records import bulk

_CHUNK_ROWS = 2_000
_BEAT_SECONDS = 3
_LOOKUPS = bulk.Target(Lookup, "lookup", unique=("source", "name", "key"))


def keep_mapping(name: str, text: str, now: datetime) -> int:
    """Keep a mapping's text once; return its id."""
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    found, _ = Mapping.objects.get_or_create(sha256=sha256, defaults={"name": name, "text": text, "created_at": now})
    return int(found.id)


def begin(
    *, mapping_id: int, path: str, actor: str, now: datetime, dry_run: bool = False, state: str = "running"
) -> int:
    """Write down that a load begins (or waits for the worker); return its id."""
    load = Load.objects.create(
        mapping_id=mapping_id, path=path, actor=actor, started_at=now, dry_run=dry_run, state=state, step=state
    )
    return int(load.id)


def restart(load_id: int, now: datetime, *, state: str = "running") -> None:
    """Write down that a load that waited, failed or was interrupted runs (or waits) again."""
    RefusedRow.objects.filter(load_id=load_id).delete()
    Load.objects.filter(id=load_id).update(
        state=state, started_at=now, finished_at=None, rows_done=0, rows_total=None, step=state, message="", answer={}
    )


@contextmanager
def alive(load_id: int) -> Iterator[None]:
    """Give a sign of life every few seconds while a load runs, so that a killed one is recognised."""
    path = Load(id=load_id).sign_of_life
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    stopped = threading.Event()

    def beat() -> None:
        while not stopped.wait(_BEAT_SECONDS):
            path.touch()

    threading.Thread(target=beat, name=f"load-{load_id}-alive", daemon=True).start()
    try:
        yield
    finally:
        stopped.set()
        path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A load that waits for the worker."""

    mapping: str
    path: str
    actor: str
    dry_run: bool


def waiting(load_id: int) -> Waiting | None:
    """Return the load if it still waits: a task that is delivered twice must not run twice."""
    row = Load.objects.select_related("mapping").filter(id=load_id, state="waiting").first()
    return Waiting(row.mapping.text, row.path, row.actor, row.dry_run) if row else None


def progress(load_id: int, step: str, done: int, total: int | None) -> None:
    """Write down how far a load is."""
    Load.objects.filter(id=load_id).update(step=step, rows_done=done, rows_total=total)


def finish(load_id: int, answer: Named[str, Any], now: datetime) -> None:
    """Write down a load's answer."""
    Load.objects.filter(id=load_id).update(state="done", step="done", answer=answer, finished_at=now)


def fail(load_id: int, message: str, now: datetime, state: str = "failed") -> None:
    """Write down why a load ended without an answer."""
    Load.objects.filter(id=load_id).update(state=state, message=message, finished_at=now)


def keep_refused(load_id: int, refused: Iterable[Refusal]) -> None:
    """Keep refused rows with their cells, so that they can be looked at and mended later."""
    rest = iter(refused)
    while some := list(islice(rest, _CHUNK_ROWS)):
        RefusedRow.objects.bulk_create(
            RefusedRow(
                load_id=load_id,
                file=one.file[:255],
                row=one.row,
                column=one.column[:255],
                reason=one.reason,
                remedy=one.remedy,
                values=[*one.values.items(), *([("_ordinals", one.ordinals)] if one.ordinals else [])],
            )
            for one in some
        )


def keep_lookup(source: str, name: str, rows: list[tuple[int, str, str]], now: datetime) -> None:
    """Keep rows of a file that others are joined to: (number, key, values as JSON)."""
    bulk.upsert(
        _LOOKUPS, bulk.Incoming(source, ("name", "key", "values"), [(n, name, k, v) for n, k, v in rows], None, now)
    )


def forget_lookup(source: str, name: str, keys: Iterable[str]) -> None:
    """Remove kept rows of a file that others are joined to."""
    for some in bulk.in_chunks(keys):
        Lookup.objects.filter(source=source, name=name, key__in=some).delete()


@transaction.atomic
def forget(source: str, keys: Iterable[str]) -> None:
    """Remove what the intake itself kept of an erased customer: lookups and refused rows with those keys or texts."""
    gone = set(keys)
    for lookup in Lookup.objects.filter(source=source).iterator():
        if lookup.key in gone or gone & set(map(str, lookup.values.values())):
            lookup.delete()
    for row in RefusedRow.objects.filter(load__mapping__name=source).iterator():
        if gone & set(map(str, row.cells.values())):
            row.delete()
