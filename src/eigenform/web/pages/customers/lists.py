"""The list of customers: searched, filtered, sorted and paged. Its whole state stands in the address."""

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET

from eigenform.customers import queries as customers
from eigenform.customers.contracts import SORTS, CustomerFilter, CustomerPage, CustomerRow, Facets
from eigenform.records.places import place_from
from eigenform.records.scope import Scope
from eigenform.web.components import Chip, Pager
from eigenform.web.figures import CannotTell, Figure, Scale, common_scale
from eigenform.web.pages.address import text
from eigenform.web.pages.customers.driving import alive_text
from eigenform.web.pages.customers.standings import Surroundings, surroundings, worth
from eigenform.web.pages.rendering import Page, show, signed_in
from eigenform.web.pages.wording import counted, day

ROWS_SHOWN = 50
CHIPS_SHOWN = 6
_KINDS = {"organisation": "Organisations", "person": "Persons"}
_HEADS = (
    ("name", "Name", ""),
    ("", "Segment", "ef-hide-phone"),
    ("", "Country", "ef-hide-phone"),
    ("worth", "Worth", "ef-number"),
    ("", "Still there", "ef-number"),
    ("revenue", "Revenue, 52 weeks", "ef-number"),
    ("last_order", "Last order", "ef-number"),
    ("", "Promises broken", "ef-number"),
)


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head; `href` sorts by it, `sorted` says how it is sorted now."""

    label: str
    css_class: str
    href: str = ""
    sorted: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list."""

    href: str
    name: str
    segment: str
    country: str
    worth: Figure | CannotTell
    alive: str
    revenue_52w_minor: int | None
    last_order_on: date | None
    broken: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersPage(Page):
    """All that customers/index.html may show."""

    fragments: ClassVar = frozenset({"list"})

    sentence: str
    q: str
    kept: dict[str, str]
    chips: tuple[Chip, ...]
    more_chips: tuple[Chip, ...]
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    scale: Scale
    currency: str
    as_of: date | None
    pager: Pager
    csv_href: str
    is_narrowed: bool
    may_load: bool


@require_GET
@signed_in
def index(request: HttpRequest, *, scope: Scope) -> HttpResponse:
    """List customers."""
    around = surroundings()
    wanted = wanted_from(request.GET, around)
    found = customers.listed(wanted, scope=scope, place=place_from(request.GET.get("at", "")), size=ROWS_SHOWN)
    facets = customers.facets()
    shown = tuple(_row(row, around) for row in found.rows)
    chips, more = _chips(wanted, facets, around)
    page = CustomersPage(
        sentence=_sentence(facets, around),
        q=wanted.q,
        kept={k: v for k, v in _address(wanted, around).items() if k != "q"},
        chips=chips,
        more_chips=more,
        heads=tuple(_head(*head, wanted, around) for head in _HEADS),
        rows=shown,
        scale=common_scale(row.worth for row in shown),
        currency=around.currency,
        as_of=around.as_of,
        pager=_pager(found, wanted, facets, around),
        csv_href=_href(wanted, around, name="customers-csv"),
        is_narrowed=bool(wanted.q or wanted.segment or wanted.country or wanted.kind or wanted.slipping),
        may_load=scope.may_load,
    )
    return show(request, "customers/index.html", page)


def _default_sort(around: Surroundings, *, slipping: bool) -> str:
    """Return the order of the list if none is asked: by worth, where that can be told; most lost first who slips."""
    if slipping:
        return "-slipping"
    told = around.turn is not None and around.turn.summary.get("worth")
    return "-worth" if told or around.turn is None else "-revenue"


def wanted_from(asked: QueryDict, around: Surroundings) -> CustomerFilter:
    """Read the filter from the address; what it does not know is left out."""
    sort = asked.get("sort", "")
    if sort.removeprefix("-") not in SORTS:
        sort = _default_sort(around, slipping=asked.get("slipping") == "yes")
    kind = asked.get("kind", "")
    slipping = asked.get("slipping") == "yes"
    return CustomerFilter(
        q=text(asked, "q"),
        segment=text(asked, "segment"),
        country=text(asked, "country"),
        kind=kind if kind in _KINDS else "",
        slipping=slipping,
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
    )


def _address(wanted: CustomerFilter, around: Surroundings, **more: str) -> dict[str, str]:
    sort = f"-{wanted.sort}" if wanted.descending else wanted.sort
    parts = {"q": wanted.q, "segment": wanted.segment, "country": wanted.country, "kind": wanted.kind}
    parts["slipping"] = "yes" if wanted.slipping else ""
    parts["sort"] = "" if sort == _default_sort(around, slipping=wanted.slipping) else sort
    return {name: value for name, value in (parts | more).items() if value}


def _href(wanted: CustomerFilter, around: Surroundings, *, name: str = "customers", **more: str) -> str:
    parts = _address(wanted, around, **more)
    return f"{reverse(name)}?{urlencode(parts)}" if parts else reverse(name)


def _chips(wanted: CustomerFilter, facets: Facets, around: Surroundings) -> tuple[tuple[Chip, ...], tuple[Chip, ...]]:
    """Return the filters in use and the commonest, and those that unfold."""
    first: list[Chip] = []
    more: list[Chip] = []
    for field, values in (("segment", facets.segments), ("country", facets.countries)):
        names = [value for value, _n in values if value]
        active = getattr(wanted, field)
        if active and active not in names:
            names.insert(0, active)
        if len(names) < 2 and not active:
            continue
        for place, value in enumerate(names):
            chip = Chip(value, _toggle(wanted, around, field, value), value == active)
            (first if value == active or place < CHIPS_SHOWN else more).append(chip)
    kinds = [Chip(label, _toggle(wanted, around, "kind", k), k == wanted.kind) for k, label in _KINDS.items()]
    return (*_slipping_chip(wanted, around), *first, *kinds), tuple(more)


def _slipping_chip(wanted: CustomerFilter, around: Surroundings) -> tuple[Chip, ...]:
    """Return the filter for those who slip away, if anybody does; it brings its own order."""
    if not (wanted.slipping or around.slipping_count):
        return ()
    sort = "worth" if wanted.slipping else "slipping"
    other = replace(wanted, slipping=not wanted.slipping, sort=sort, descending=True)
    return (Chip("Slipping away", _href(other, around), wanted.slipping),)


def _toggle(wanted: CustomerFilter, around: Surroundings, field: str, value: str) -> str:
    return _href(replace(wanted, **{field: "" if getattr(wanted, field) == value else value}), around)


def _head(sort: str, label: str, css_class: str, wanted: CustomerFilter, around: Surroundings) -> Head:
    if not sort:
        return Head(label, css_class)
    is_sorted = sort == wanted.sort
    descending = not wanted.descending if is_sorted else sort != "name"
    href = _href(replace(wanted, sort=sort, descending=descending), around)
    return Head(label, css_class, href, ("descending" if wanted.descending else "ascending") if is_sorted else "")


def _row(row: CustomerRow, around: Surroundings) -> Row:
    standing = row.standing
    promised = (standing.promises_kept + standing.promises_broken) if standing else 0
    return Row(
        href=reverse("customer", args=[row.customer.id]),
        name=row.customer.name,
        segment=row.customer.segment,
        country=row.customer.country,
        worth=worth(standing, around),
        alive=alive_text(standing),
        revenue_52w_minor=standing.revenue_52w_minor if standing else None,
        last_order_on=standing.last_order_on if standing else None,
        broken=f"{standing.promises_broken:,} of {promised:,}" if standing and promised else "",
    )


def _sentence(facets: Facets, around: Surroundings) -> str:
    about = f"About {counted(facets.customers_about, 'customer')}"
    if around.turn is None:
        return f"{about}. No turn was made yet, so nobody knows what they are worth."
    return f"{about}, as turn {around.turn.number} left them on {day(around.turn.as_of)}. {around.worth_label}."


def _pager(found: CustomerPage, wanted: CustomerFilter, facets: Facets, around: Surroundings) -> Pager:
    def at(place: object) -> str:
        return _href(wanted, around, at=place.text()) if place else ""

    narrowed = wanted.q or wanted.segment or wanted.country or wanted.kind or wanted.slipping
    of = "" if narrowed else f" of about {facets.customers_about:,}"
    return Pager(f"{counted(len(found.rows), 'customer')}{of}", at(found.previous), at(found.next))
