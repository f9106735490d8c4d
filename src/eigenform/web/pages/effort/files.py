"""The numbers behind the charts of the page Effort, as csv; money in minor units."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from eigenform.control.decisions.winning import ImpossibleEquity
from eigenform.ledger import queries as ledger
from eigenform.records.scope import Scope
from eigenform.web.pages.effort.equity import EquityForm, split_of
from eigenform.web.pages.rendering import signed_in
from eigenform.web.pages.tables import csv_response

_BUDGET = ("factor", "budget_minor", "used_minor", "net_minor", "gain_mean", "gain_low", "gain_high", "contacts")


@require_GET
@signed_in
def csv(request: HttpRequest, part: str, *, scope: Scope) -> HttpResponse:
    """Download the curve over budgets, or the curves of winning and keeping for the values in the address."""
    if part == "budget":
        turn = ledger.latest_turn()
        curve = (turn.summary.get("effort") or {}).get("curve", ()) if turn else ()
        return csv_response("effort-budget.csv", _BUDGET, [[row[name] for name in _BUDGET] for row in curve])
    form = EquityForm(request.GET)
    if part not in ("winning", "keeping") or not form.is_valid() or None in form.cleaned_data.values():
        raise Http404(part)
    try:
        found = split_of(form.cleaned_data)
    except ImpossibleEquity as refusal:
        raise Http404(str(refusal)) from refusal
    points = found.winning if part == "winning" else found.keeping
    return csv_response(f"effort-{part}.csv", ("spend", "worth"), points)
