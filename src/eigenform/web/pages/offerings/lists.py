"""What is sold, by category: how much, and where it disappoints most."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar
from urllib.parse import urlencode

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from eigenform.ledger import queries as ledger
from eigenform.offerings import queries as offerings
from eigenform.records.scope import Scope
from eigenform.sales import queries as sales
from eigenform.sales.contracts import SoldRecord
from eigenform.web.components import Pager
from eigenform.web.figures import CannotTell, Scale, common_scale
from eigenform.web.pages import wording
from eigenform.web.pages.address import text
from eigenform.web.pages.cards import today
from eigenform.web.pages.customers.standings import Surroundings, surroundings
from eigenform.web.pages.gap_figures import QUANTITIES, GapRow, Reading, by_exposed_money, gap_row, on_scales
from eigenform.web.pages.rendering import Page, show, signed_in

ROWS_SHOWN = 35
WEEKS_SOLD = 52
SOLD_KEPT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Row:
    """A category with what was sold of it and its worst gap."""

    category: str
    href: str
    offerings_count: int
    sold: SoldRecord | None
    worst: GapRow | None

    @property
    def name(self) -> str:
        return wording.plain(self.category)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferingsPage(Page):
    """All that offerings/index.html may show."""

    fragments: ClassVar = frozenset({"list"})

    sentence: str
    q: str
    rows: tuple[Row, ...]
    nothing_told: CannotTell
    exposed_scale: Scale
    currency: str
    pager: Pager
    may_load: bool


@require_GET
@signed_in
def index(request: HttpRequest, *, scope: Scope) -> HttpResponse:
    """List categories, those with most money exposed first."""
    around = surroundings()
    q = text(request.GET, "q")
    rows = [row for row in _rows(around) if q.casefold() in row.name.casefold()]
    first, pager = _place(rows, q, text(request.GET, "page"))
    shown = _on_scales(rows[first : first + ROWS_SHOWN])
    page = OfferingsPage(
        sentence=_sentence(rows, around),
        q=q,
        rows=shown,
        nothing_told=CannotTell(
            "No turn was made yet." if around.turn is None else "Nothing was promised or asked about it.",
            "Promises with deliveries, or answers about what was expected and experienced, would decide it.",
        ),
        exposed_scale=common_scale(row.worst.exposed for row in shown if row.worst),
        currency=around.currency,
        pager=pager,
        may_load=scope.may_load,
    )
    return show(request, "offerings/index.html", page)


def _place(rows: list[Row], q: str, asked: str) -> tuple[int, Pager]:
    """Return where the page begins in the whole list, which is at hand anyway, and the links beside it."""
    pages = max((len(rows) - 1) // ROWS_SHOWN + 1, 1)
    number = min(int(asked), pages) if asked.isascii() and asked.isdigit() and asked.strip("0") else 1

    def href(other: int) -> str:
        if not 1 <= other <= pages:
            return ""
        asked_for = urlencode({k: v for k, v in {"q": q, "page": other if other > 1 else ""}.items() if v})
        return f"{reverse('offerings')}?{asked_for}" if asked_for else reverse("offerings")

    first = (number - 1) * ROWS_SHOWN
    until = min(first + ROWS_SHOWN, len(rows))
    told = wording.counted(len(rows), "category", "categories")
    return first, Pager(f"{first + 1} to {until} of {told}" if pages > 1 else told, href(number - 1), href(number + 1))


def _rows(around: Surroundings) -> list[Row]:
    sold = sold_lately(around)
    worst = _worst_by_category(around)
    rows = [
        Row(
            category=found.category,
            href=wording.offering_href(found.category),
            offerings_count=found.offerings_count,
            sold=sold.get(found.category),
            worst=worst.get(found.category),
        )
        for found in offerings.categories()
    ]
    return sorted(rows, key=_worst_first)


def _worst_first(row: Row) -> tuple[float, float, str]:
    exposed = by_exposed_money(row.worst)[0] if row.worst else 2.0
    return (exposed, -(row.sold.amount_minor if row.sold else 0), row.category)


def _on_scales(rows: list[Row]) -> tuple[Row, ...]:
    scaled = iter(on_scales(row.worst for row in rows if row.worst))
    return tuple(
        Row(row.category, row.href, row.offerings_count, row.sold, next(scaled) if row.worst else None) for row in rows
    )


def sold_lately(around: Surroundings) -> dict[str, SoldRecord]:
    """Return what was sold in the 52 weeks up to the last turn, by category; counted anew every five minutes."""
    until = _until(around)
    key = f"offerings.sold:{until}:{around.currency}"
    known = cache.get(key)
    if known is None:
        after = until - timedelta(weeks=WEEKS_SOLD)
        known = sales.sold_by_category(after=after, until=until, currency=around.currency)
        cache.set(key, known, SOLD_KEPT_SECONDS)
    return known


def _until(around: Surroundings) -> date:
    return around.as_of or today(timezone.now(), around.zone)


def _worst_by_category(around: Surroundings) -> dict[str, GapRow]:
    """Return the gap of each category, over all customers, to which most money is exposed."""
    if around.turn is None:
        return {}
    found = ledger.estimates_latest(quantities=QUANTITIES, prefix="attribute:", suffix="|")
    reading = Reading(around.turn.as_of, around.currency, around.simulated)
    worst: dict[str, GapRow] = {}
    for row in sorted((gap_row(e, reading) for e in found.values()), key=by_exposed_money):
        worst.setdefault(row.category, row)
    return worst


def _sentence(rows: list[Row], around: Surroundings) -> str:
    if not rows:
        return "Nothing that we sell is known yet."
    short = sum(row.worst is not None and row.worst.is_short for row in rows)
    told = wording.counted(len(rows), "category", "categories")
    if around.turn is None:
        return f"{told}. No turn was made yet, so nobody knows where they disappoint."
    if not short:
        return f"{told}; no worst gap is a shortfall with 95 % certainty, as of {wording.day(around.turn.as_of)}."
    return f"{told}; {short:,} fall short with 95 % certainty, as of {wording.day(around.turn.as_of)}."
