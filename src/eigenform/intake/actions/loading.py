"""Loads files by a mapping: check everything, write in batches, answer with counts, one ledger entry."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from django.conf import settings

from eigenform.intake import queries
from eigenform.intake.actions import lookups, refusals, writing
from eigenform.intake.actions.checking import Checked, check
from eigenform.intake.actions.recorders import KnownHere
from eigenform.intake.contracts import FileUnreadable, LoadAnswer, Mapping, Progress
from eigenform.intake.decisions.parsing import parse
from eigenform.intake.feedback import recording
from eigenform.intake.feedback.locating import Located, locate
from eigenform.intake.feedback.staging import Stage
from eigenform.ledger import feedback as ledger
from eigenform.policy import actions as policy
from eigenform.records import bulk
from eigenform.records.scope import Scope

OnProgress = Callable[[Progress], None]
Report = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What one run is to do."""

    mapping: Mapping
    located: Located
    scope: Scope
    now: datetime
    dry_run: bool
    load_id: int | None
    errors_file: Path | None
    started_seconds: float


def load(
    mapping: str | Path,
    path: str | Path,
    *,
    scope: Scope,
    now: datetime,
    dry_run: bool = False,
    errors_file: str | Path | None = None,
    on_progress: OnProgress | None = None,
    load_id: int | None = None,
) -> LoadAnswer:
    """Load files and return what became of each row.

    mapping      text of a mapping, path of one, or the name of one that is shipped
    path         folder or file of the source, or a file of refused rows that was mended
    errors_file  where refused rows go; without it they are kept in the database alone
    load_id      a load that was enqueued; without it one is begun (a dry run writes nothing at all)

    Raises Refused if the mapping or a whole file cannot be used; then nothing was written.
    """
    scope.require("load", "load data")
    started = time.perf_counter()
    read = parse(mapping_text(mapping))
    source = Path(path)
    located = locate(read, source)
    errors = Path(errors_file) if errors_file else None
    if load_id is None and not dry_run:
        mapping_id = recording.keep_mapping(read.name, read.text, now)
        load_id = recording.begin(mapping_id=mapping_id, path=str(source.absolute()), actor=scope.actor, now=now)
    order = Order(read, located, scope, now, dry_run, load_id, errors, started)
    report = _reporter(on_progress, load_id)
    if load_id is None:
        return _run(order, report)
    try:
        with recording.alive(load_id):
            answer = _run(order, report)
    except BaseException as error:
        with suppress(Exception):  # the first error is the one to tell
            recording.fail(load_id, str(error) or type(error).__name__, now)
        raise
    recording.finish(load_id, answer.as_json(), now)
    return answer


def mapping_text(mapping: str | Path) -> str:
    """Return the text of a mapping given as text, as a path, or as the name of one that is shipped."""
    if isinstance(mapping, str) and "\n" in mapping:
        return mapping
    path = Path(mapping)
    if path.is_file():
        try:
            return path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise FileUnreadable(
                file=path.name, problem="it is not UTF-8 text", remedy="Save the mapping as UTF-8"
            ) from None
    for shipped in queries.bundled_files():
        if shipped.stem == str(mapping):
            return shipped.read_text()
    names = ", ".join(shipped.stem for shipped in queries.bundled_files())
    raise FileUnreadable(
        file=str(mapping), problem="there is no such mapping", remedy=f"Give a path, or one of {names}"
    )


def _run(order: Order, report: Report) -> LoadAnswer:
    mapping, now = order.mapping, order.now
    with Stage(settings.ENV.home / "stage") as stage:
        checked = check(mapping, order.located, stage=stage, known=KnownHere(mapping.name), report=report)
        writing.write(checked, load_id=order.load_id, at=now, dry_run=order.dry_run, report=report)
        refused = refusals.count(checked)
        if refused and order.errors_file:
            refusals.write_errors_file(checked, order.errors_file)
        if refused and order.load_id is not None:
            recording.keep_refused(order.load_id, refusals.refusals(checked))
        answer = _answer(order, checked, refused)
        return answer if order.dry_run else _close(checked, answer, scope=order.scope, now=now)


def _answer(order: Order, checked: Checked, refused: int) -> LoadAnswer:
    mapping, loaded = order.mapping, writing.rows_loaded(checked)
    return LoadAnswer(
        rows_read=checked.rows_read,
        rows_loaded=loaded,
        rows_unchanged=checked.rows_read - loaded - refused,
        rows_refused=refused,
        errors_file=str(order.errors_file) if refused and order.errors_file else None,
        tables=writing.rows_by_table(checked),
        seconds=round(time.perf_counter() - order.started_seconds, 3),
        load_id=order.load_id,
        mapping=mapping.name,
        zone=mapping.zone,
        currency=mapping.currency,
        histories=mapping.histories,
        simulated=mapping.simulated,
        dry_run=order.dry_run,
        item_pairs=mapping.item_pairs,
        reasons=refusals.reasons(checked) if refused else {},
    )


def _close(checked: Checked, answer: LoadAnswer, *, scope: Scope, now: datetime) -> LoadAnswer:
    """Keep what later files need, set the firm's currency if this is its first load, and write the ledger entry."""
    lookups.keep(checked.stage.db, checked.mapping, checked.files, checked.lookups, now)
    bulk.refresh_statistics()
    mapping = checked.mapping
    policy.set_firm_currency_if_unset(mapping.currency, zone=mapping.zone, scope=scope, now=now)
    told = answer.as_json()
    body = {name: told[name] for name in _IN_LEDGER}
    seq = ledger.record_load(source=answer.mapping, actor=scope.actor, happened_at=now, recorded_at=now, body=body)
    return replace(answer, recorded_seq=seq)


_IN_LEDGER = (
    "load_id", "mapping", "zone", "currency", "histories", "simulated", "item_pairs",
    "rows_read", "rows_loaded", "rows_unchanged", "rows_refused", "tables",
)  # fmt: skip


def _reporter(on_progress: OnProgress | None, load_id: int | None) -> Report:
    """Pass progress on, and write it to the load about once a second."""
    last = [0.0]

    def report(step: str, done: int, total: int | None) -> None:
        if on_progress:
            on_progress(Progress(step, done, total))
        if load_id is not None and time.monotonic() - last[0] >= 1.0:
            last[0] = time.monotonic()
            recording.progress(load_id, step, done, total)

    return report
