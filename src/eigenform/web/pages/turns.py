"""Turns: what each saw and decided, a new one, a dry run, and the check that an old one comes out the same."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from eigenform.ledger import queries as ledger
from eigenform.ledger.contracts import DecisionRecord, TurnRecord
from eigenform.records.scope import Scope
from eigenform.web.components import Chip, DecisionCard, Pager
from eigenform.web.figures import CannotTell, Figure
from eigenform.web.pages import cards, summary, turn_jobs, wording
from eigenform.web.pages.rendering import Page, show, signed_in
from eigenform.web.pages.tables import csv_response

TURNS_SHOWN = 30
CARDS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class TurnRow:
    """A line of the list of turns."""

    number: int
    href: str
    as_of: date
    recorded_on: date
    decisions: int
    held_out: int
    estimates: int
    broken: int
    closed: int
    worth: Figure | CannotTell


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnsPage(Page):
    """All that turns/turns.html may show."""

    sentence: str
    rows: tuple[TurnRow, ...]
    pager: Pager
    may_decide: bool
    as_of_default: date
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnPage(Page):
    """All that turns/turn.html may show."""

    fragments: ClassVar = frozenset({"decisions"})

    turn: TurnRecord
    sentence: str
    seen: tuple[tuple[str, int], ...]
    worth: Figure | CannotTell
    promises: summary.Promises | None
    cards: tuple[DecisionCard, ...]
    kinds: tuple[Chip, ...]
    states: tuple[Chip, ...]
    pager: Pager
    decisions_count: int
    warnings: tuple[str, ...]
    may_decide: bool


@require_GET
@signed_in
def index(request: HttpRequest, *, scope: Scope) -> HttpResponse:
    """List turns, newest first."""
    now = timezone.now()
    before = request.GET.get("before", "")
    found = ledger.turns(limit=TURNS_SHOWN + 1, before_number=int(before) if before.isdecimal() else None)
    shown = found[:TURNS_SHOWN]
    older = f"?before={shown[-1].number}" if len(found) > TURNS_SHOWN else ""
    page = TurnsPage(
        sentence=_list_sentence(shown[0] if shown and not before else None),
        rows=tuple(_row(t) for t in shown),
        pager=Pager(wording.counted(len(shown), "turn"), request.path if before else "", older),
        may_decide=scope.may_decide,
        as_of_default=turn_jobs.default_as_of(now),
        today=now.date(),
    )
    return show(request, "turns/turns.html", page)


def _list_sentence(latest: TurnRecord | None) -> str:
    what = "One turn reads what was fed back, judges it, decides, and learns from what was done before."
    return f"The last one is turn {latest.number}, as of {wording.day(latest.as_of)}. {what}" if latest else what


def _row(turn: TurnRecord) -> TurnRow:
    kept = turn.summary
    made = kept.get("promises") or {}
    return TurnRow(
        number=turn.number,
        href=reverse("turn", args=[turn.number]),
        as_of=turn.as_of,
        recorded_on=turn.recorded_at.date(),
        decisions=kept.get("decisions", 0),
        held_out=kept.get("held_out", 0),
        estimates=kept.get("estimates", 0),
        broken=made.get("broken", 0),
        closed=made.get("kept", 0) + made.get("broken", 0),
        worth=summary.worth(turn),
    )


@require_GET
@signed_in
def detail(request: HttpRequest, number: int, *, scope: Scope) -> HttpResponse:
    """Show one turn and its decisions, by kind and state."""
    turn = ledger.turn(number)
    everything = ledger.decisions_of_turn(turn.seq)
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    matching = [d for d in everything if kind in ("", d.kind) and state in ("", d.state)]
    page_number = max(int(given) if (given := request.GET.get("page", "")).isdecimal() else 1, 1)
    first = (page_number - 1) * CARDS_SHOWN
    shown = matching[first : first + CARDS_SHOWN]
    page = TurnPage(
        turn=turn,
        sentence=_turn_sentence(turn, everything),
        seen=tuple((turn.summary.get("seen") or {}).items()),
        worth=summary.worth(turn),
        promises=summary.promises(turn),
        cards=cards.cards(shown, cards.desk(scope, timezone.now()), as_of=turn.as_of),
        kinds=_chips(wording.KINDS, Counter(d.kind for d in everything), "kind", kind, {"state": state}),
        states=_chips(wording.STATES, Counter(d.state for d in everything), "state", state, {"kind": kind}),
        pager=_pager(first, len(shown), len(matching), {"kind": kind, "state": state}, page_number),
        decisions_count=len(everything),
        warnings=tuple(turn.summary.get("warnings") or ()),
        may_decide=scope.may_decide,
    )
    return show(request, "turns/turn.html", page)


def _turn_sentence(turn: TurnRecord, decisions: Sequence[DecisionRecord]) -> str:
    waiting = sum(d.state == "waiting" for d in decisions)
    held = sum(bool(d.held_out) for d in decisions)
    return (
        f"As of {wording.day(turn.as_of)}: {wording.counted(len(decisions), 'decision')}, "
        f"{waiting:,} {'waits' if waiting == 1 else 'wait'} for a person, {held:,} held out."
    )


def _chips(
    labels: Mapping[str, str], counts: Mapping[str, int], field: str, chosen: str, keep: Mapping[str, str]
) -> tuple[Chip, ...]:
    return tuple(
        Chip(f"{label} · {counts[key]:,}", _address({**keep, field: "" if key == chosen else key}), key == chosen)
        for key, label in labels.items()
        if counts.get(key)
    )


def _address(parts: Mapping[str, Any]) -> str:
    return f"?{urlencode({key: part for key, part in parts.items() if part})}"


def _pager(first: int, shown: int, total: int, keep: Mapping[str, str], page: int) -> Pager:
    text = f"{first + 1:,} to {first + shown:,} of {wording.counted(total, 'decision')}" if shown else "No decision"
    return Pager(
        text,
        _address({**keep, "page": page - 1}) if page > 1 else "",
        _address({**keep, "page": page + 1}) if first + shown < total else "",
    )


@require_GET
@signed_in
def worth_csv(request: HttpRequest, number: int, *, scope: Scope) -> HttpResponse:
    """Download the histogram of worth; money in minor units."""
    turn = ledger.turn(number)
    kept = turn.summary.get("worth_histogram") or {"edges": [], "counts": []}
    edges, currency = kept["edges"], turn.summary.get("currency", "")
    ends = [*edges[1:-1], ""]  # the last one also holds all that lies beyond it
    rows = [(a, b, currency, n) for a, b, n in zip(edges, ends, kept["counts"], strict=False)]
    header = ("worth_from_minor", "worth_to_minor", "currency", "customers")
    return csv_response(f"turn-{number}-worth.csv", header, rows)
