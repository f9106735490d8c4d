"""The work list: what was approved, by day, for a named person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from eigenform.desk import queries as desk
from eigenform.desk.contracts import TaskRecord
from eigenform.policy import queries as policy
from eigenform.records.scope import Scope
from eigenform.web.components import Chip
from eigenform.web.pages import cards, wording
from eigenform.web.pages.rendering import Page, show, signed_in
from eigenform.web.pages.tables import csv_response

TASKS_SHOWN = 500
STATES = {"open": "To do", "done": "Done", "failed": "Failed", "declined": "Declined"}


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A line of the work list; without `report_action` it only tells."""

    task: TaskRecord
    href: str
    report_action: str


@dataclass(frozen=True, slots=True)
class Day:
    """The work of one day."""

    on: date
    label: str
    is_late: bool
    rows: tuple[TaskRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPage(Page):
    """All that work/work.html may show."""

    sentence: str
    days: tuple[Day, ...]
    whose: tuple[Chip, ...]
    states: tuple[Chip, ...]
    is_everybody: bool
    is_open: bool
    today: date
    csv_href: str
    is_cut: bool


@require_GET
@signed_in
def index(request: HttpRequest, *, scope: Scope) -> HttpResponse:
    """Show my work or everybody's, by day."""
    today = cards.today(timezone.now(), policy.document().firm.zone)
    everybody, state = _wanted(request)
    tasks = _tasks(request, everybody, state)
    page = WorkPage(
        sentence=_sentence(tasks, everybody, state, today),
        days=tuple(
            Day(on, _day_label(on, today), state == "open" and on < today, tuple(_row(t, scope) for t in tasks))
            for on, tasks in groupby(tasks, key=lambda t: t.due_on)
        ),
        whose=(
            Chip("My work", _address(False, state), not everybody),
            Chip("Everybody's work", _address(True, state), everybody),
        ),
        states=tuple(
            Chip(label, _address(everybody, "open" if key == state else key), key == state)
            for key, label in STATES.items()
            if key != "open"
        ),
        is_everybody=everybody,
        is_open=state == "open",
        today=today,
        csv_href=f"{reverse('work-list-csv')}{_address(everybody, state)}",
        is_cut=len(tasks) == TASKS_SHOWN,
    )
    return show(request, "work/work.html", page)


def _wanted(request: HttpRequest) -> tuple[bool, str]:
    state = request.GET.get("state", "open")
    return request.GET.get("who") == "all", state if state in STATES else "open"


def _tasks(request: HttpRequest, everybody: bool, state: str) -> list[TaskRecord]:
    return desk.work_list(assignee_id=None if everybody else request.user.pk, state=state, limit=TASKS_SHOWN)


def _address(everybody: bool, state: str) -> str:
    return f"?who={'all' if everybody else 'me'}&state={state}"


def _row(task: TaskRecord, scope: Scope) -> TaskRow:
    is_ours = task.noun == "decision"
    can_report = is_ours and task.state == "open" and scope.may_decide
    return TaskRow(
        task=task,
        href=reverse("decision", args=[task.noun_key]) if is_ours else "",
        report_action=reverse("decision-report", args=[task.noun_key]) if can_report else "",
    )


def _day_label(on: date, today: date) -> str:
    near = {0: "Today", 1: "Tomorrow", -1: "Yesterday"}.get((on - today).days)
    written = f"{on:%A} {wording.day(on)}"
    return f"{near}, {written}" if near else written


def _sentence(tasks: Sequence[TaskRecord], everybody: bool, state: str, today: date) -> str:
    whose = "everybody's list" if everybody else "your list"
    if state != "open":
        return f"{wording.counted(len(tasks), 'task')} on {whose}: {STATES[state].lower()}."
    if not tasks:
        return f"Nothing is open on {whose}. What is approved in the cockpit comes here."
    late = sum(t.due_on < today for t in tasks)
    now = sum(t.due_on == today for t in tasks)
    return f"{wording.counted(len(tasks), 'task')} on {whose}: {late:,} late, {now:,} for today."


@require_GET
@signed_in
def csv(request: HttpRequest, *, scope: Scope) -> HttpResponse:
    """Download the work list as it is filtered."""
    everybody, state = _wanted(request)
    rows = (
        (t.due_on.isoformat(), t.assignee, t.title, t.because, t.state, t.reason, t.noun_key)
        for t in _tasks(request, everybody, state)
    )
    header = ("due_on", "person", "task", "because", "state", "reason", "decision")
    return csv_response("work-list.csv", header, rows)
