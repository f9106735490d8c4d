"""One load: how far it is, what came of it, what was refused and how to mend it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.views.decorators.http import require_GET

from eigenform.intake import queries
from eigenform.intake.contracts import LoadRow, Refusal
from eigenform.records.scope import Scope
from eigenform.staff import queries as staff
from eigenform.web.components import Progress
from eigenform.web.pages.loads.wording import STATES, bar, duration, files, shown, shown_in
from eigenform.web.pages.rendering import Page, show, signed_in
from eigenform.web.pages.wording import counted

REFUSED_READ = 500
ROWS_PER_REASON = 3


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """Where a refused row stands, and the cell that was wrong; a value that may be a text is cut."""

    file: str
    row: int
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason with its remedy and the first rows that it concerns."""

    reason: str
    remedy: str
    rows: tuple[RefusedRow, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPage(Page):
    """All that loads/detail.html may show."""

    load: LoadRow
    state: str
    title: str
    sentence: str
    job: Progress
    counts: tuple[tuple[str, int], ...]
    tables: tuple[tuple[str, int], ...]
    problems: tuple[Problem, ...]
    problems_are_some: bool
    errors_href: str
    again_href: str
    may_load: bool
    by: str
    took: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressPage(Page):
    """All that loads/progress.html may show."""

    job: Progress


@require_GET
@signed_in
def detail(request: HttpRequest, load_id: int, *, scope: Scope) -> HttpResponse:
    """Show one load."""
    load, now = queries.load(load_id), timezone.now()
    answer = load.answer
    refused = int(answer.get("rows_refused") or 0)
    rows = queries.refused_rows(load_id, limit=REFUSED_READ) if refused and scope.may_load else None
    page = LoadPage(
        load=load,
        state=STATES[load.state],
        title=f"Load {load_id}: {files(load)}{', look only' if load.dry_run else ''}",
        sentence=_sentence(load),
        job=_bar(load, now),
        counts=_counts(answer),
        tables=tuple((name, int(n)) for name, n in (answer.get("tables") or {}).items() if n),
        problems=_problems(rows.rows if rows else (), answer.get("reasons") or {}),
        problems_are_some=bool(rows and rows.next_id),
        errors_href=reverse("load-errors", args=[load_id]) if refused and scope.may_load else "",
        again_href=reverse("load-again", args=[load_id]),
        may_load=scope.may_load,
        by=staff.names_by_actor({load.actor}).get(load.actor, "the system"),
        took=duration((load.finished_at - load.started_at).total_seconds()) if load.finished_at else "",
        now=now,
    )
    return show(request, "loads/detail.html", page)


def _bar(load: LoadRow, now: datetime) -> Progress:
    return bar(load, poll_href=reverse("load-progress", args=[load.load_id]), now=now)


def _sentence(load: LoadRow) -> str:
    if load.state in ("waiting", "running"):
        return "This page follows by itself. You may leave it: the load goes on."
    if load.state == "interrupted":
        return "It was interrupted. Start it again: it ends as if it had not been."
    if load.state == "failed":
        return "It failed, and wrote nothing further. What went wrong stands below."
    read, refused = int(load.answer.get("rows_read") or 0), int(load.answer.get("rows_refused") or 0)
    if not refused:
        return f"{counted(read, 'row')} read, none refused."
    if load.dry_run:
        return f"{counted(read, 'row')} read; {refused:,} would be refused, the others taken."
    return f"{counted(read, 'row')} read; {refused:,} were refused, the others are in."


def _counts(answer: Mapping[str, object]) -> tuple[tuple[str, int], ...]:
    names = (
        ("Rows read", "rows_read"),
        ("New or changed", "rows_loaded"),
        ("There already", "rows_unchanged"),
        ("Refused", "rows_refused"),
    )
    return tuple((label, int(answer[key])) for label, key in names if isinstance(answer.get(key), int))


def _problems(rows: Sequence[Refusal], reasons: Mapping[str, int]) -> tuple[Problem, ...]:
    """Group refused rows by remedy and column, commonest first; each with its first rows."""
    groups: dict[tuple[str, str], list[Refusal]] = defaultdict(list)
    for row in rows:
        groups[(row.remedy, row.column)].append(row)
    found = [
        Problem(
            capfirst(shown_in(some[0].reason)),
            remedy,
            tuple(_refused(row) for row in some[:ROWS_PER_REASON]),
            len(some),
        )
        for (remedy, _column), some in groups.items()
    ]
    if not found:  # a reader sees how many, not whose
        found = [Problem(capfirst(reason), "", (), int(n)) for reason, n in reasons.items()]
    return tuple(sorted(found, key=lambda problem: -problem.count))


def _refused(row: Refusal) -> RefusedRow:
    values = [str(row.values.get(name, "")) for name in row.column.split("; ")]
    return RefusedRow(row.file, row.row, row.column, "; ".join(shown(value) if value else "empty" for value in values))


@require_GET
@signed_in
def progress(request: HttpRequest, load_id: int, *, scope: Scope) -> HttpResponse:
    """Answer with the bar alone; once the load has ended, let the page show what came of it."""
    load = queries.load(load_id)
    job = _bar(load, timezone.now())
    response = show(request, "loads/progress.html", ProgressPage(job=job))
    if job.state != "running":
        response.headers["HX-Refresh"] = "true"
    return response


@require_GET
@signed_in
def errors_csv(request: HttpRequest, load_id: int, *, scope: Scope) -> HttpResponse:
    """Download the refused rows as they stood in their files, with reasons: mend them and load them again."""
    scope.require("load", "download refused rows")
    queries.load(load_id)
    response = StreamingHttpResponse(queries.errors_csv(load_id), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="load-{load_id}-errors.csv"'
    return response
