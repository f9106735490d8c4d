"""The page Effort: the plan of the last turn, the price of its limits, another budget, winning against keeping."""

from dataclasses import dataclass
from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from eigenform.ledger import queries as ledger
from eigenform.ledger.contracts import TurnRecord
from eigenform.policy import queries as policy
from eigenform.records.scope import Scope
from eigenform.web.components import Chart
from eigenform.web.figures import CannotTell, Figure, Scale
from eigenform.web.pages import summary
from eigenform.web.pages.effort.approving import Waiting, waiting_of
from eigenform.web.pages.effort.equity import Equity, equity, starting
from eigenform.web.pages.effort.told import CapacityRow, LineRow, Told, WhatIf
from eigenform.web.pages.rendering import Page, show, signed_in


@dataclass(frozen=True, slots=True, kw_only=True)
class EffortPage(Page):
    """All that effort/effort.html may show; without a turn that planned, plan is None.

    unjudged  why nobody could be judged by worth: a plan of nothing is then no plan at all
    """

    fragments: ClassVar = frozenset({"equity"})

    sentence: str
    turn: TurnRecord | None
    plan: "PlanPart | None"
    unjudged: CannotTell | None
    equity: Equity
    may_decide: bool


@dataclass(frozen=True, slots=True)
class PlanPart:
    """The plan and what its limits are worth."""

    total: Figure
    used: str
    gap: str
    assumed: str
    lines: tuple[LineRow, ...]
    scale: Scale
    withheld: int
    capacities: tuple[CapacityRow, ...]
    what_if: tuple[WhatIf, ...]
    curve: Chart
    waiting: tuple[Waiting, ...]
    waiting_count: int


@require_GET
@signed_in
def index(request: HttpRequest, *, scope: Scope) -> HttpResponse:
    """Show the effort of the last turn."""
    turn, document = ledger.latest_turn(), policy.document()
    told = Told(turn) if turn and turn.summary.get("effort") else None
    unjudged = _unjudged(told)
    if told and unjudged and not told.effort["plan"]:
        told = None  # its zero would claim that nothing pays, where nobody knows
    currency = document.firm.currency
    csv_href = reverse("effort-csv", args=["PART"])
    page = EffortPage(
        sentence=told.sentence() if told else _no_plan(turn, unjudged),
        turn=turn,
        plan=_plan(told) if told else None,
        unjudged=unjudged,
        equity=equity(request.GET.dict(), starting(turn, document), currency, csv_href),
        may_decide=scope.may_decide,
    )
    return show(request, "effort/effort.html", page)


def _unjudged(told: Told | None) -> CannotTell | None:
    worth = summary.worth(told.turn) if told else None
    return worth if isinstance(worth, CannotTell) else None


def _no_plan(turn: TurnRecord | None, unjudged: CannotTell | None) -> str:
    if turn is None:
        return "No turn was made yet. One turn shares out budget, contacts and hours."
    if unjudged:
        return f"Turn {turn.number} cannot tell what effort would add, for it cannot tell what customers are worth."
    return f"Turn {turn.number} was made before plans were kept. The next one keeps its plan."


def _plan(told: Told) -> PlanPart:
    lines, what_if, waiting = told.lines(), told.what_if(), waiting_of(told.turn)
    return PlanPart(
        total=told.total(),
        used=told.money(told.effort["budget"]["used"]),
        gap=told.gap(),
        assumed=told.assumed(),
        lines=lines,
        scale=told.scale(tuple(row.gain for row in lines)),
        withheld=sum(row.withheld for row in lines),
        capacities=told.capacities(),
        what_if=what_if,
        curve=told.curve(reverse("effort-csv", args=["budget"])),
        waiting=waiting,
        waiting_count=sum(w.count for w in waiting),
    )
