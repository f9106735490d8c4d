"""A new turn, a dry run, and the check that an old turn comes out the same: started here, followed until they end."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_POST

from eigenform.ledger import queries as ledger
from eigenform.records.scope import Scope
from eigenform.web import shell
from eigenform.web.pages import proposals, turn_jobs, wording
from eigenform.web.pages.proposals import Proposal
from eigenform.web.pages.rendering import NotAnAnswer, Page, show, signed_in


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage(Page):
    """All that turns/job.html may show."""

    fragments: ClassVar = frozenset({"job"})

    title: str
    sentence: str
    job: turn_jobs.Job
    waited_seconds: int
    proposals: tuple[Proposal, ...]
    differences: tuple[str, ...]


@require_POST
@signed_in
def run(request: HttpRequest, *, scope: Scope) -> HttpResponse:
    """Start a turn in the background, or a dry run of one."""
    scope.require("decide", "run a turn")
    given = request.POST.get("as_of", "")
    try:
        as_of = parse_date(given) if given else turn_jobs.default_as_of(timezone.now())
    except ValueError:
        as_of = None
    if as_of is None:
        raise NotAnAnswer(field="as_of", problem=f"{given[:20]} is not a day. Write it as 2026-03-02.")
    job_id = turn_jobs.start(as_of=as_of, dry_run=request.POST.get("dry_run") == "1", scope=scope)
    return redirect("turn-job", job_id)


@require_POST
@signed_in
def replay(request: HttpRequest, number: int, *, scope: Scope) -> HttpResponse:
    """Check in the background that a turn comes out the same from what it had read."""
    ledger.turn(number)
    return redirect("turn-job", turn_jobs.start_replay(number, scope=scope))


@require_GET
@signed_in
def job(request: HttpRequest, job_id: str, *, scope: Scope) -> HttpResponse:
    """Show how a turn in the background stands; once it is written, the turn itself."""
    found = turn_jobs.job(job_id)
    shell.forget()
    if found.answer and not found.dry_run and found.replayed is None:
        messages.success(request, f"Turn {found.answer['turn']} is written.")
        return _go(request, reverse("turn", args=[found.answer["turn"]]))
    if found.state != "running" and request.htmx:
        return _go(request, request.path)
    page = JobPage(
        title=_job_title(found),
        sentence=_job_sentence(found),
        job=found,
        waited_seconds=int((timezone.now() - found.enqueued_at).total_seconds()) if found.enqueued_at else 0,
        proposals=_proposals(found),
        differences=_differences(found),
    )
    return show(request, "turns/job.html", page)


def _go(request: HttpRequest, href: str) -> HttpResponse:
    """Leave the page for another, whether the browser or htmx asked."""
    if not request.htmx:
        return redirect(href)
    response = HttpResponse(status=204)
    response.headers["HX-Redirect"] = href
    return response


def _job_title(found: turn_jobs.Job) -> str:
    if found.replayed is not None:
        return f"Replay of turn {found.replayed}"
    return f"{'Dry run' if found.dry_run else 'Turn'} as of {wording.day(date.fromisoformat(found.as_of))}"


def _job_sentence(found: turn_jobs.Job) -> str:
    if found.state == "failed":
        return found.problem
    if found.state == "running":
        return "Reads what was fed back, judges it and decides. You may leave the page; it goes on."
    count = wording.counted(len(found.answer["decisions"]), "decision")
    if found.dry_run:
        return f"This turn would make {count}. Nothing was written."
    differences = _differences(found)
    if differences:
        return f"{count} came out, and {wording.counted(len(differences), 'difference')} to what the ledger holds."
    return f"The same came out: {count}, each with the same subject, reasons, gain and hold-out. Nothing was written."


def _proposals(found: turn_jobs.Job) -> tuple[Proposal, ...]:
    return proposals.of(found.answer["decisions"]) if found.dry_run and found.answer else ()


def _differences(found: turn_jobs.Job) -> tuple[str, ...]:
    if found.replayed is None or not found.answer:
        return ()
    made = ledger.decisions_of_turn(ledger.turn(found.replayed).seq)
    return proposals.differences(made, found.answer["decisions"])
