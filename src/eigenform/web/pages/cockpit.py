"""The start page: how things stand after the last turn, and what waits for a person."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from eigenform.ledger import queries as ledger
from eigenform.ledger.contracts import TurnRecord
from eigenform.records.scope import Scope
from eigenform.web.components import Chart, DecisionCard
from eigenform.web.figures import CannotTell, Figure
from eigenform.web.pages import cards, summary, turn_jobs, wording
from eigenform.web.pages.rendering import Page, show, signed_in
from eigenform.web.pages.summary import GapRow, Gaps, Promises

CARDS_SHOWN = 3
ROWS_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPage(Page):
    """All that cockpit/first.html may show: nothing was judged yet."""

    may_decide: bool
    may_load: bool
    has_loads: bool
    as_of_default: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CockpitPage(Page):
    """All that cockpit/cockpit.html may show."""

    sentence: str
    turn: TurnRecord
    cards: tuple[DecisionCard, ...]
    waiting: int
    gaps: Gaps
    worst: GapRow | None
    experience_reason: str
    worth: Figure | CannotTell
    worth_basis: str
    histogram: Chart | None
    promises: Promises | None
    partners: Gaps
    warnings: tuple[str, ...]


@require_GET
@signed_in
def index(request: HttpRequest, *, scope: Scope) -> HttpResponse:
    """Show how things stand."""
    now = timezone.now()
    turn = ledger.latest_turn()
    if turn is None:
        return show(request, "cockpit/first.html", _first(scope, turn_jobs.default_as_of(now)))
    waiting = ledger.waiting_count()
    gaps = summary.gaps(turn, limit=ROWS_SHOWN)
    promises = summary.promises(turn)
    page = CockpitPage(
        sentence=_sentence(turn, waiting, gaps, promises),
        turn=turn,
        cards=cards.cards(ledger.decisions_waiting(limit=CARDS_SHOWN), cards.desk(scope, now), as_of=turn.as_of),
        waiting=waiting,
        gaps=gaps,
        worst=gaps.worst,
        experience_reason=turn.summary.get("experience_reason") or "",
        worth=summary.worth(turn),
        worth_basis=(turn.summary.get("worth") or {}).get("basis", ""),
        histogram=summary.worth_histogram(turn),
        promises=promises,
        partners=summary.gaps(turn, of="partners", limit=ROWS_SHOWN),
        warnings=tuple(turn.summary.get("warnings") or ()),
    )
    return show(request, "cockpit/cockpit.html", page)


def _first(scope: Scope, as_of: date) -> FirstPage:
    return FirstPage(
        may_decide=scope.may_decide,
        may_load=scope.may_load,
        has_loads=bool(ledger.loads()),
        as_of_default=as_of,
    )


def _sentence(turn: TurnRecord, waiting: int, gaps: Gaps, promises: Promises | None) -> str:
    """Say the state in words: what waits, what falls short the most, how promises stand."""
    waits = wording.counted(waiting, "decision waits", "decisions wait") if waiting else "Nothing waits"
    parts = [f"{waits} for a person."]
    worst = gaps.worst
    if worst:
        parts.append(f"Most money is exposed to {worst.name.text}: {worst.exposed.text}, exposed, not lost.")
    if promises and promises.sentence:
        parts.append(promises.sentence)
    return " ".join([*parts, f"Turn {turn.number}, as of {wording.day(turn.as_of)}."])
