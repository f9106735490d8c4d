"""The page What worked: the answer in words, effects on one scale, for whom, and what is reckoned with next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from eigenform.ledger import queries as ledger
from eigenform.ledger.contracts import TurnRecord
from eigenform.records.scope import Scope
from eigenform.web.components import Chart, Chip
from eigenform.web.figures import CannotTell, Figure, Scale, common_scale
from eigenform.web.pages.rendering import Page, show, signed_in
from eigenform.web.pages.what_worked import charts
from eigenform.web.pages.what_worked.told import EffectLine, LearntLine, Told
from eigenform.web.pages.wording import counted, day


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingPage(Page):
    """All that what_worked/nothing.html may show."""

    sentence: str
    reason: CannotTell


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatWorkedPage(Page):
    """All that what_worked/what_worked.html may show."""

    sentence: str
    turn: TurnRecord
    window_days: int
    lines: tuple[EffectLine, ...]
    margin_scale: Scale
    bought_scale: Scale
    chosen: tuple[Chip, ...]
    of: str
    of_name: str
    segments: Chart | None
    segment_lines: tuple[EffectLine, ...]
    segment_scale: Scale
    curve: Chart | None
    learnt: tuple[LearntLine, ...]
    learnt_scale: Scale


@require_GET
@signed_in
def index(request: HttpRequest, *, scope: Scope) -> HttpResponse:
    """Show what worked as of the newest turn."""
    turn = ledger.latest_turn()
    told = Told(turn) if turn else None
    lines = told.lines("campaign", "all", "plan", "offer") if told else []
    if told is None or not lines:
        reason = _nothing(turn)
        return show(
            request, "what_worked/nothing.html", NothingPage(sentence="Nothing was measured yet.", reason=reason)
        )
    campaigns = [line.name for line in lines if line.scope == "campaign"]
    has_contacts = any(line.scope == "all" for line in lines)
    choices = ([""] if has_contacts else []) + campaigns
    asked = request.GET.get("of")
    of = asked if asked in choices else (campaigns or [""])[0]
    parts, learnt = told.segments(of), told.learnt()
    page = WhatWorkedPage(
        sentence=_sentence(told, lines),
        turn=told.turn,
        window_days=told.window_days,
        lines=tuple(lines),
        margin_scale=common_scale(line.margin for line in lines),
        bought_scale=common_scale(line.bought for line in lines),
        chosen=tuple(Chip(c or "All contacts", f"?{urlencode({'of': c})}#for-whom", c == of) for c in choices),
        of=of,
        of_name=of or "all contacts decided here",
        segments=charts.segments(told, parts, of),
        segment_lines=tuple(parts),
        segment_scale=common_scale(line.margin for line in parts),
        curve=charts.qini(told, told.uplift("campaign" if of else "all", of or "contact_customer"), of),
        learnt=tuple(learnt),
        learnt_scale=common_scale(f for x in learnt for f in (x.assumed, x.measured, x.reckoned)),
    )
    return show(request, "what_worked/what_worked.html", page)


def _nothing(turn: TurnRecord | None) -> CannotTell:
    """Say what is missing before the first measurement, and when or how it comes."""
    load = (reverse("loads"), "Load a campaign")
    if turn is None:
        return CannotTell(
            "No turn was made yet.", "A turn decides, leaves some alone by chance, and measures.", "/", "Cockpit"
        )
    days = Told(turn).window_days or 91
    if turn.summary.get("held_out"):
        ends = day(turn.as_of + timedelta(days=days))
        return CannotTell(
            f"The first decisions with a hold-out are of turn {turn.number}; their {days} days end on {ends}.",
            "The turn after that day measures them. A past campaign that was drawn by chance can be loaded now.",
            *load,
        )
    return CannotTell(
        "No contact that was left out by chance is on record, so there is nobody to compare with.",
        f"Decisions with a hold-out, {days} days later; or a past campaign loaded with who was left out and the "
        "probabilities.",
        *load,
    )


def _sentence(told: Told, lines: Sequence[EffectLine]) -> str:
    """Say in words what worked: our own contacts first, then campaigns."""
    parts = [_contacts(line, told.window_days) for line in lines if line.scope == "all"]
    campaigns = [line for line in lines if line.scope == "campaign"]
    if campaigns:
        parts.append(_campaigns(campaigns))
        worse = [c.name for c in campaigns if isinstance(c.margin, Figure) and c.margin.sense == "shortfall"]
        parts += [f"Less came of {', '.join(worse)}, if the 80 % interval holds."] if worse else []
    return " ".join([*parts, f"Turn {told.turn.number}, as of {day(told.turn.as_of)}."])


def _contacts(line: EffectLine, window_days: int) -> str:
    if not isinstance(line.margin, Figure):
        return "Whether our contacts work cannot be told yet."
    if not line.is_clear:
        return f"Whether our contacts work is within the doubt: {line.margin.interval_text} per customer."
    more = "more" if line.margin.mean > 0 else "less"
    said = line.margin.text.lstrip("\N{MINUS SIGN}")
    return (
        f"Our contacts bring {said} {more} per customer chosen within {window_days} days ({line.margin.interval_text})."
    )


def _campaigns(campaigns: Sequence[EffectLine]) -> str:
    better = [c for c in campaigns if isinstance(c.margin, Figure) and c.margin.sense == "surplus"]
    if not better:
        who = f"None of {len(campaigns):,} campaigns" if len(campaigns) > 1 else f"The campaign {campaigns[0].name}"
        return f"{who} has {'' if len(campaigns) > 1 else 'not '}surely brought more."
    best = max(better, key=lambda c: c.margin.mean if isinstance(c.margin, Figure) else 0.0)
    assert isinstance(best.margin, Figure)  # noqa: S101 - chosen so
    of = f"{len(better):,} of {counted(len(campaigns), 'campaign')} brought more, if the 80 % interval holds; most, "
    return f"{of}{best.name}: {best.margin.text} per customer chosen ({best.margin.interval_text})."
