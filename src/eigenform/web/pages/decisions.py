"""One decision: everything about it, and what a person makes of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_POST

from eigenform.base.errors import Refused
from eigenform.coordination import actions as coordination
from eigenform.coordination.decisions import Cap
from eigenform.desk import queries as desk
from eigenform.desk.contracts import TaskRecord
from eigenform.ledger import queries as ledger
from eigenform.ledger.contracts import DecisionRecord
from eigenform.policy import queries as policy
from eigenform.records.scope import Scope
from eigenform.staff import queries as staff
from eigenform.web import shell
from eigenform.web.components import DecisionCard
from eigenform.web.pages import cards, formula, wording
from eigenform.web.pages.rendering import NOT_FOUND, NotAnAnswer, Page, go_back, refused, show, signed_in, status_of


@dataclass(frozen=True, slots=True)
class DeedRow:
    """One thing that became of a decision."""

    what: str
    who: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPage(Page):
    """All that decisions/decision.html may show."""

    title: str
    sentence: str
    turn_number: int
    as_of: date
    card: DecisionCard
    formula: formula.Formula
    deeds: tuple[DeedRow, ...]
    tasks: tuple[TaskRecord, ...]
    facts: tuple[tuple[str, str], ...]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPage(Page):
    """All that decisions/card.html may show: what htmx puts in the place of the old card."""

    card: DecisionCard


@require_GET
@signed_in
def decision(request: HttpRequest, seq: int, *, scope: Scope) -> HttpResponse:
    """Show one decision."""
    now = timezone.now()
    found = ledger.decision(seq)
    at = cards.desk(scope, now)
    name = wording.names_of([found.subject])[found.subject]
    tasks = tuple(desk.tasks_on("decision", str(seq)))
    card = cards.card(found, at, name, as_of=found.as_of)
    page = DecisionPage(
        title=wording.task_title(found, name),
        sentence=_sentence(found, tasks),
        turn_number=found.turn_number,
        as_of=found.as_of,
        card=replace(card, formula_href=""),
        formula=formula.of(found, card.gain, policy.version(found.policy_version).document),
        deeds=_deeds(seq),
        tasks=tasks,
        facts=_facts(found),
        now=now,
    )
    return show(request, "decisions/decision.html", page)


def _sentence(found: DecisionRecord, tasks: tuple[TaskRecord, ...]) -> str:
    decided = f"Decided in turn {found.turn_number} as of {wording.day(found.as_of)}"
    task = next((t for t in tasks if t.state == "open"), None)
    if found.state == "approved" and task:
        return f"{decided}; approved, on {task.assignee}'s work list for {wording.day(task.due_on)}."
    return f"{decided}; {wording.STATES[found.state]}."


def _facts(found: DecisionRecord) -> tuple[tuple[str, str], ...]:
    """Return what stands in the rail: names and values in words."""
    told = (
        ("Channel", found.channel),
        ("Work", f"{found.minutes:.0f} minutes"),
        ("Due", wording.day(found.due_on) if found.due_on else ""),
        ("Propensity", "" if found.propensity is None else f"{found.propensity:.2f}"),
        ("Policy", f"version {found.policy_version}"),
        ("Model", found.model_version),
        ("Entry", str(found.seq)),
    )
    return tuple((name, value) for name, value in told if value)


def _deeds(seq: int) -> tuple[DeedRow, ...]:
    deeds = ledger.deeds_of(seq)
    names = staff.names_by_actor({d.actor for d in deeds})
    return tuple(
        DeedRow(wording.DEEDS.get(d.verb, d.verb), names.get(d.actor, "Eigenform"), d.happened_at, d.reason)
        for d in deeds
    )


@require_POST
@signed_in
def approve(request: HttpRequest, seq: int, *, scope: Scope) -> HttpResponse:
    """Put the decision on a named person's work list for a day."""

    def act(now: datetime) -> str:
        scope.require("decide", "approve a decision")
        found = ledger.decision(seq)
        document = policy.document()
        day = cards.today(now, document.firm.zone)
        task = coordination.approve(
            seq,
            assignee_id=_assignee_id(request, scope),
            due_on=_day(request, "due_on", otherwise=cards.proposed_day(found, day)),
            title=wording.task_title(found, wording.names_of([found.subject])[found.subject]),
            limits=Cap(document.limits.contacts_max, document.limits.contacts_window_days),
            scope=scope,
            now=now,
        )
        return f"Approved: it is on {task.assignee}'s work list for {wording.day(task.due_on)}."

    return _answer(request, seq, scope, act)


@require_POST
@signed_in
def decline(request: HttpRequest, seq: int, *, scope: Scope) -> HttpResponse:
    """Decline the decision with its reason."""

    def act(now: datetime) -> str:
        coordination.decline(seq, reason=request.POST.get("reason", ""), scope=scope, now=now)
        return "Declined. The next turn does not repeat it."

    return _answer(request, seq, scope, act)


@require_POST
@signed_in
def later(request: HttpRequest, seq: int, *, scope: Scope) -> HttpResponse:
    """Leave the decision waiting, on the record."""

    def act(now: datetime) -> str:
        coordination.later(seq, scope=scope, now=now)
        return "Put off: it stays among those that wait."

    return _answer(request, seq, scope, act)


@require_POST
@signed_in
def report(request: HttpRequest, seq: int, *, scope: Scope) -> HttpResponse:
    """Say that the approved work was done, or failed and why."""

    def act(now: datetime) -> str:
        outcome = request.POST.get("outcome", "")
        if outcome not in ("done", "failed"):
            raise NotAnAnswer(field="outcome", problem="Say whether it was done or failed.")
        day = cards.today(now, policy.document().firm.zone)
        coordination.report(
            seq,
            outcome=outcome,
            reason=request.POST.get("reason", ""),
            done_on=_day(request, "done_on", otherwise=day),
            scope=scope,
            now=now,
        )
        return "Done, and in the ledger." if outcome == "done" else "Failed, and its reason is in the ledger."

    return _answer(request, seq, scope, act)


def _answer(request: HttpRequest, seq: int, scope: Scope, act: Callable[[datetime], str]) -> HttpResponse:
    """Act, then show the page that the form stood on; to htmx the card as it now stands, refusals in it."""
    now = timezone.now()
    try:
        said = act(now)
    except Refused as refusal:
        if not request.htmx or status_of(refusal) == NOT_FOUND:
            return refused(request, refusal)
        return _card(request, seq, scope, now, notice=str(refusal), status=status_of(refusal))
    shell.forget()
    if request.htmx:
        return _card(request, seq, scope, now, said=said)
    messages.success(request, said)
    return go_back(request, f"/decisions/{seq}/")


def _card(
    request: HttpRequest, seq: int, scope: Scope, now: datetime, *, notice: str = "", said: str = "", status: int = 200
) -> HttpResponse:
    found = ledger.decision(seq)
    name = wording.names_of([found.subject])[found.subject]
    card = cards.card(found, cards.desk(scope, now), name, as_of=found.as_of)
    card = replace(card, notice=notice, state=said or card.state)
    return show(request, "decisions/card.html", CardPage(card=card), status=status)


def _assignee_id(request: HttpRequest, scope: Scope) -> int:
    """Return the chosen person, the reader if none was chosen; refuse somebody who cannot do it."""
    people = {str(p.id): p for p in staff.deciding_people()}
    mine = next((p.id for p in people.values() if p.actor == scope.actor), None)
    chosen = request.POST.get("assignee_id", "")
    if chosen in people:
        return people[chosen].id
    if chosen or mine is None:
        raise NotAnAnswer(field="assignee_id", problem="Choose a member or a leader of the firm who can sign in.")
    return mine


def _day(request: HttpRequest, field: str, *, otherwise: date) -> date:
    given = request.POST.get(field, "")
    if not given:
        return otherwise
    try:
        day = parse_date(given)
    except ValueError:
        day = None
    if day is None:
        raise NotAnAnswer(field=field, problem=f"{given[:20]} is not a day. Write it as 2026-03-02.")
    return day
