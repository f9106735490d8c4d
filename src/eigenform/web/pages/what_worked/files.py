"""The numbers behind the page What worked, as csv; money in minor units."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from eigenform.ledger import queries as ledger
from eigenform.records.scope import Scope
from eigenform.web.pages.rendering import signed_in
from eigenform.web.pages.tables import csv_response
from eigenform.web.pages.what_worked.told import Told

_EFFECT = (
    "scope",
    "name",
    "outcome",
    "mean",
    "low",
    "high",
    "sd",
    "unit",
    "method",
    "treated",
    "withheld",
    "window_days",
)
_FACTS = ("first_on", "last_on", "open", "level", "p_shares", "p_balance", "reason", "decides")
_CURVE = ("share", "gain", "gain_low", "gain_high")
_LEARNT = (
    "key", "segment", "prior_mean", "prior_sd", "measured_mean", "measured_sd", "mean", "sd", "low", "high", "weight",
    "n", "basis",
)  # fmt: skip


@require_GET
@signed_in
def csv(request: HttpRequest, part: str, *, scope: Scope) -> HttpResponse:
    """Download the effects, the segments or the curve of one campaign (`of`), or what is learnt."""
    turn = ledger.latest_turn()
    told = Told(turn) if turn else None
    of = request.GET.get("of", "")
    rows = told.effects.get("rows", ()) if told else ()
    if part == "effects":
        return _effects(part, [r for r in rows if r["scope"] != "segment"])
    if part == "segments":
        return _effects(part, [r for r in rows if r["scope"] == "segment" and r["name"].rpartition("|")[0] == of])
    if part == "curve":
        curve = told.uplift("campaign" if of else "all", of or "contact_customer") if told else None
        points = zip(*(curve[name] for name in _CURVE), strict=True) if curve else ()
        return csv_response("what-worked-curve.csv", _CURVE, points)
    if part == "learnt":
        learnt = told.effects.get("learnt", ()) if told else ()
        return csv_response("what-worked-learnt.csv", _LEARNT, [[x[name] for name in _LEARNT] for x in learnt])
    raise Http404(part)


def _effects(part: str, rows: list[Mapping[str, Any]]) -> HttpResponse:
    lines = ([*(row[name] for name in _EFFECT), *(row["facts"].get(name) for name in _FACTS)] for row in rows)
    return csv_response(f"what-worked-{part}.csv", (*_EFFECT, *_FACTS), lines)
