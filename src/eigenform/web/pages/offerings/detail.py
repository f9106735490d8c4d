"""One category: its attributes, how each gap changed, for whom it is worst, and the readings behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.views.decorators.http import require_GET

from eigenform.base.errors import Refused
from eigenform.ledger import queries as ledger
from eigenform.ledger.contracts import EstimateRow
from eigenform.offerings import queries as offerings
from eigenform.records.places import place_from
from eigenform.records.scope import Scope
from eigenform.sales.contracts import SoldRecord
from eigenform.web.components import Chart
from eigenform.web.figures import CannotTell, Figure, Scale, common_scale, format_money
from eigenform.web.pages import wording
from eigenform.web.pages.address import text
from eigenform.web.pages.cards import today
from eigenform.web.pages.customers.standings import Surroundings, surroundings
from eigenform.web.pages.gap_figures import QUANTITIES, GapRow, Reading, by_exposed_money, gap_row, on_scales
from eigenform.web.pages.offerings import charts, evidence
from eigenform.web.pages.offerings.lists import sold_lately
from eigenform.web.pages.rendering import Page, show, signed_in
from eigenform.web.pages.tables import csv_response

Estimates = Mapping[tuple[str, str], EstimateRow]


class NoSuchCategory(Refused):
    """Nothing is sold or judged under that name."""

    code = "offerings.no_such_category"

    def __init__(self, *, category: str) -> None:
        self.category = category
        super().__init__(f"Nothing is sold under the name {category}. The page Offerings lists what is.")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The gap that the page shows at length."""

    row: GapRow
    heading: str
    charts: tuple[Chart, ...]
    segments: tuple[GapRow, ...]
    cannot_tell: CannotTell | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferingPage(Page):
    """All that offerings/detail.html may show."""

    title: str
    sentence: str
    rows: tuple[GapRow, ...]
    exposed_scale: Scale
    nothing_told: CannotTell
    chosen: Chosen | None
    readings: evidence.Evidence | None
    segment: str
    whole_href: str
    older_href: str
    newest_href: str
    sold: SoldRecord | None
    currency: str
    as_of: date


@require_GET
@signed_in
def detail(request: HttpRequest, category: str = "", *, scope: Scope) -> HttpResponse:
    """Show one category; its name comes by the path or as `?category=`, an attribute opens its charts and readings."""
    scope.require("read", "see offerings")
    asked = request.GET
    category = text(asked, "category") or category.replace("\0", "")
    around = surroundings()
    found = _estimates(category, around)
    sold = sold_lately(around).get(category)
    if not found and sold is None and category not in {known.category for known in offerings.categories()}:
        raise NoSuchCategory(category=category)
    rows = _rows(found, around, segment="")
    chosen = _chosen(rows, found, around, attribute=text(asked, "attribute"), quantity=text(asked, "of"))
    if chosen and asked.get("csv"):
        return _csv(chosen, asked["csv"])
    return show(request, "offerings/detail.html", _page(asked, category, around, rows, chosen, sold))


def _page(
    asked: QueryDict,
    category: str,
    around: Surroundings,
    rows: tuple[GapRow, ...],
    chosen: Chosen | None,
    sold: SoldRecord | None,
) -> OfferingPage:
    as_of = around.as_of or today(timezone.now(), around.zone)
    segment, before = text(asked, "segment"), place_from(asked.get("before", ""))
    readings, older, newest = None, "", ""
    if chosen:
        own = chosen.row
        readings = evidence.of(own.quantity, category, own.attribute, segment=segment, before=before, as_of=as_of)
        older = _href(own, segment=segment, before=readings.older.text()) if readings.older else ""
        newest = _href(own, segment=segment) if before else ""
    return OfferingPage(
        title=capfirst(wording.plain(category)),
        sentence=_sentence(sold, rows, around),
        rows=rows,
        exposed_scale=common_scale(row.exposed for row in rows),
        nothing_told=_nothing_told(around),
        chosen=chosen,
        readings=readings,
        segment=segment,
        whole_href=_href(chosen.row) if chosen else "",
        older_href=older,
        newest_href=newest,
        sold=sold,
        currency=around.currency,
        as_of=as_of,
    )


def _estimates(category: str, around: Surroundings) -> Estimates:
    """Return the newest gaps of the category, of all customers and of each segment."""
    if around.turn is None or not category:
        return {}
    return ledger.estimates_latest(quantities=QUANTITIES, prefix=f"attribute:{category}|")


def _rows(
    found: Estimates, around: Surroundings, *, segment: str | None, like: GapRow | None = None
) -> tuple[GapRow, ...]:
    """Return gaps worst first: over all customers (segment empty), or those of each segment like a given one (None)."""
    if around.turn is None:
        return ()
    reading = Reading(around.turn.as_of, around.currency, around.simulated)
    rows = [gap_row(estimate, reading) for estimate in found.values()]
    if segment is None and like is not None:
        rows = [r for r in rows if r.segment and (r.attribute, r.quantity) == (like.attribute, like.quantity)]
    else:
        rows = [r for r in rows if r.segment == segment]
    own = (replace(r, href=_href(r) if not r.segment else _href(r, segment=r.segment)) for r in rows)
    return on_scales(sorted(own, key=by_exposed_money))


def _chosen(
    rows: tuple[GapRow, ...], found: Estimates, around: Surroundings, *, attribute: str, quantity: str
) -> Chosen | None:
    """Return the gap asked for, else the worst; None if the category has none."""
    fitting = [r for r in rows if r.attribute == attribute and quantity in ("", r.quantity)] or list(rows)
    if not fitting:
        return None
    row = fitting[0]
    subject = f"attribute:{row.category}|{row.attribute}|"
    latest = found[(subject, row.quantity)]
    history = ledger.estimates_over_time(subject, row.quantity)
    drawn = (
        charts.over_days(latest, attribute=row.name, csv_href=_href(row, csv="days")),
        charts.over_turns(history, attribute=row.name, csv_href=_href(row, csv="turns")),
    )
    return Chosen(
        row=row,
        heading=f"{capfirst(row.name)}: {row.against}",
        charts=tuple(chart for chart in drawn if chart),
        segments=_rows(found, around, segment=None, like=row),
        cannot_tell=row.gap if isinstance(row.gap, CannotTell) else None,
    )


def _href(row: GapRow, **more: str) -> str:
    parts = {"category": row.category, "attribute": row.attribute, "of": row.quantity} | more
    return f"{reverse('offering')}?{urlencode({name: value for name, value in parts.items() if value})}"


def _csv(chosen: Chosen, chart_id: str) -> HttpResponse:
    """Answer with the numbers behind a chart, in the gap's unit."""
    row = chosen.row
    points = next((chart.series[0].points for chart in chosen.charts if chart.id == chart_id), ())
    rows = charts.csv_rows(points, row.unit)
    return csv_response(charts.name_of_file(row.category, row.attribute), charts.CSV_HEADER, rows)


def _sentence(sold: SoldRecord | None, rows: tuple[GapRow, ...], around: Surroundings) -> str:
    amount = (
        f"{sold.quantity:,.0f} sold in 52 weeks for {format_money(sold.amount_minor, around.currency)}. "
        if sold
        else ""
    )
    short = next((r for r in rows if r.is_short and isinstance(r.gap, Figure)), None)
    if short:
        return f"{amount}{capfirst(short.name)} falls short: {short.against}, {short.gap.text} ({short.sure} sure)."
    if rows:
        return f"{amount}Nothing falls short on average with 95 % certainty; see how often single readings do."
    return f"{amount}Nothing was judged of it yet."


def _nothing_told(around: Surroundings) -> CannotTell:
    if around.turn is None:
        return CannotTell("No turn was made yet.", "One turn would decide it.", reverse("turns"), "Run a turn")
    decides = "Promises with deliveries, or answers about what was expected and experienced, would decide it."
    return CannotTell("Nothing was promised or asked about it.", decides, reverse("loads"), "Load a file")
