"""The list of customers as a file."""

import csv as writer
import io
from collections.abc import Iterable, Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from eigenform.base.money import from_minor
from eigenform.customers import queries as customers
from eigenform.customers.contracts import CustomerRow, StandingRecord
from eigenform.records.scope import Scope
from eigenform.web.pages.customers.lists import wanted_from
from eigenform.web.pages.customers.standings import Surroundings, surroundings
from eigenform.web.pages.rendering import signed_in
from eigenform.web.pages.tables import safe_cell

_FACTS = ("source", "key", "kind", "name", "segment", "country")
_STANDING = ("as_of", "orders", "last_order_on", "promises_kept", "promises_broken", "model_version")
_CHANCES = ("p_alive", "p_alive_before")
_AMOUNTS = ("revenue_52w", "worth", "worth_low", "worth_high", "lost_by_silence")


@require_GET
@signed_in
def csv(request: HttpRequest, *, scope: Scope) -> HttpResponse:
    """Download the list as it is filtered and sorted, row by row; amounts in main units of the currency named."""
    scope.require("read", "export customers")
    around = surroundings()
    lines = _lines(customers.exported(wanted_from(request.GET, around), scope=scope), around)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="customers.csv"'
    return response


def _lines(rows: Iterator[CustomerRow], around: Surroundings) -> Iterator[str]:
    unit = around.currency.lower() or "minor"
    yield "\N{BYTE ORDER MARK}" + _line([*_FACTS, *_STANDING, *(f"{name}_{unit}" for name in _AMOUNTS), *_CHANCES])
    for row in rows:
        facts = [getattr(row.customer, name) for name in _FACTS]
        yield _line([*facts, *(_standing(row.standing, around.currency) if row.standing else ())])


def _standing(s: StandingRecord, currency: str) -> list[object]:
    amounts = (s.revenue_52w_minor, s.worth_mean_minor, s.worth_low_minor, s.worth_high_minor, s.slipping_minor)
    told = [s.as_of, s.orders_count, s.last_order_on, s.promises_kept, s.promises_broken, s.model_version]
    chances = [None if chance is None else round(chance, 4) for chance in (s.p_alive, s.p_alive_before)]
    return [*told, *(None if amount is None else from_minor(amount, currency) for amount in amounts), *chances]


def _line(cells: Iterable[object]) -> str:
    out = io.StringIO()
    writer.writer(out).writerow([safe_cell(cell) for cell in cells])
    return out.getvalue()
