"""Approve the plan, or one offer of it: first what will happen, then, once confirmed, decision by decision.

The form says which turn it showed and how many of its decisions waited. A decision that no longer waits never waits
again, so the same turn with the same number waiting is what the person saw; anything else approves nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from eigenform.base.errors import Refused
from eigenform.coordination import actions as coordination
from eigenform.coordination.decisions import Cap
from eigenform.ledger import queries as ledger
from eigenform.ledger.contracts import DecisionRecord, TurnRecord
from eigenform.policy import queries as policy
from eigenform.records.scope import Scope
from eigenform.web import shell
from eigenform.web.components import Choice
from eigenform.web.figures import format_money
from eigenform.web.pages import cards, wording
from eigenform.web.pages.effort.told import hours, offer_name
from eigenform.web.pages.rendering import CONFLICT, NotAnAnswer, Page, show, signed_in


@dataclass(frozen=True, slots=True)
class Waiting:
    """Decisions of one offer that wait for a person."""

    key: str
    name: str
    count: int
    cost: str
    hours: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovePage(Page):
    """All that effort/approve.html may show."""

    sentence: str
    waiting: tuple[Waiting, ...]
    turn_number: int
    count: int
    withheld: int
    share: str
    people: tuple[Choice, ...]
    key: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedPage(Page):
    """All that effort/approve_changed.html may show."""

    status_code: int
    again_href: str


def waiting_of(turn: TurnRecord) -> tuple[Waiting, ...]:
    """Return what of a turn's plan waits for a person, by offer."""
    currency = str(turn.summary.get("currency", ""))
    by_key: dict[str, list[DecisionRecord]] = {}
    for decision in ledger.decisions_of_turn(turn.seq):
        if decision.state == "waiting":
            by_key.setdefault(_key(decision), []).append(decision)
    return tuple(
        Waiting(
            key=key,
            name=offer_name(*key.split("|", 1)),
            count=len(found),
            cost=format_money(sum(d.cost_minor for d in found), currency),
            hours=hours(sum(d.minutes for d in found)),
            href=_href(key),
        )
        for key, found in sorted(by_key.items())
    )


def _href(key: str) -> str:
    return reverse("effort-approve") + (f"?{urlencode({'offer': key})}" if key else "")


def _key(decision: DecisionRecord) -> str:
    return f"{decision.kind}|{decision.facts.get('offer') or ''}"


@require_http_methods(["GET", "POST"])
@signed_in
def approve(request: HttpRequest, *, scope: Scope) -> HttpResponse:
    """Say what an approval of the plan, or of one offer, will do; do it once the box is ticked."""
    scope.require("decide", "approve a plan")
    turn = ledger.latest_turn()
    if turn is None:
        return redirect("effort")
    key = request.POST.get("offer", request.GET.get("offer", ""))
    wanted = [d for d in ledger.decisions_of_turn(turn.seq) if d.state == "waiting" and key in ("", _key(d))]
    problem = ""
    if request.method == "POST":
        if not _was_shown(request, turn, len(wanted)):
            page = ChangedPage(status_code=CONFLICT, again_href=_href(key))
            return show(request, "effort/approve_changed.html", page, status=CONFLICT)
        if request.POST.get("confirmed") == "yes":
            _carry_out(request, wanted, scope, timezone.now())
            return redirect("effort")
        problem = "Tick the box to say that you have read what will happen."
    return show(request, "effort/approve.html", _page(turn, key, scope, problem), status=422 if problem else 200)


def _was_shown(request: HttpRequest, turn: TurnRecord, count: int) -> bool:
    """Tell whether the form showed this very plan; a form that does not say so showed another."""
    shown = (request.POST.get("turn"), request.POST.get("count"))
    return count > 0 and shown == (str(turn.number), str(count))


def _page(turn: TurnRecord, key: str, scope: Scope, problem: str) -> ApprovePage:
    waiting = tuple(w for w in waiting_of(turn) if key in ("", w.key))
    held = [d for d in ledger.decisions_of_turn(turn.seq) if d.held_out and key in ("", _key(d))]
    count = sum(w.count for w in waiting)
    share = policy.version(turn.policy_version).document.limits.holdout_share if turn.policy_version else 0.0
    return ApprovePage(
        sentence=f"{wording.counted(count, 'decision')} of turn {turn.number} wait for a person.",
        waiting=waiting,
        turn_number=turn.number,
        count=count,
        withheld=len(held),
        share=f"{share:.0%}",
        people=cards.desk(scope, timezone.now()).assignees,
        key=key,
        problem=problem,
    )


def _carry_out(request: HttpRequest, wanted: Sequence[DecisionRecord], scope: Scope, now: datetime) -> None:
    """Approve each decision by itself: one that cannot be does not hold up the others, and is told."""
    document = policy.document()
    at, names = cards.desk(scope, now), wording.names_of(d.subject for d in wanted)
    cap = Cap(document.limits.contacts_max, document.limits.contacts_window_days)
    assignee = _assignee(request, at.assignees)
    done, refused = 0, []
    for decision in wanted:
        try:
            coordination.approve(
                decision.seq,
                assignee_id=assignee,
                due_on=cards.proposed_day(decision, at.today),
                title=wording.task_title(decision, names[decision.subject]),
                limits=cap,
                scope=scope,
                now=now,
            )
            done += 1
        except Refused as refusal:
            refused.append(str(refusal))
    shell.forget()
    messages.success(request, f"Approved: {wording.counted(done, 'decision')}, each on a work list with its day.")
    if refused:
        messages.warning(request, f"{len(refused):,} could not be approved. The first: {refused[0]}")


def _assignee(request: HttpRequest, people: tuple[Choice, ...]) -> int:
    given = request.POST.get("assignee_id", "") or (people[0].value if people else "")
    if given not in {person.value for person in people}:
        raise NotAnAnswer(field="assignee_id", problem="Choose who does the work.")
    return int(given)
