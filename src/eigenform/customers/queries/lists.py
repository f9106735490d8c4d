"""The customer list: searched, filtered, sorted, paged. The same few straight index walks at any depth.

A filter or search is used in one of two ways. If it fits few customers, they are gathered and sorted; if it fits many,
the list is walked in its order and what does not fit is passed over, so that a page never sorts 100,000 rows.
"""

from collections.abc import Iterator
from math import prod
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Exists, F, Max, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce

from eigenform.customers.contracts import CustomerFilter, CustomerPage, CustomerRow, Facets
from eigenform.customers.models import Customer, Standing
from eigenform.customers.queries import search
from eigenform.customers.queries.records import record, standing_record
from eigenform.records.paging import Run, page, runs_by
from eigenform.records.places import Place
from eigenform.records.scope import Scope

GATHERED_MAX = 2000  # so many rows are fetched and sorted well within the time of a page
FACETS_KEPT_SECONDS = 300
FACETS_MAX = 200
_FIELDS = {
    "worth": "worth_mean_minor",
    "last_order": "last_order_on",
    "revenue": "revenue_52w_minor",
    "slipping": "slipping_minor",
}


def facets() -> Facets:
    """Return about how many customers there are, by segment and country; counted anew after a load or five minutes."""
    newest = Customer.objects.aggregate(newest=Max("pk"))["newest"] or 0
    key = f"customers.facets:{newest}"
    known = cache.get(key)
    if known is None:
        segments, countries = _counted("segment"), _counted("country")
        known = Facets(sum(n for _value, n in segments), segments[:FACETS_MAX], countries[:FACETS_MAX])
        cache.set(key, known, FACETS_KEPT_SECONDS)
    return known


def _counted(field: str) -> tuple[tuple[str, int], ...]:
    rows = Customer.objects.values_list(field).annotate(n=Count("pk")).order_by("-n", field)
    return tuple((value, n) for value, n in rows)


def listed(wanted: CustomerFilter, *, scope: Scope, place: Place | None = None, size: int = 50) -> CustomerPage:
    """Return one page of the customers that fit."""
    scope.require("read", "see customers")
    found = page(_runs(wanted), place=place, size=size)
    return CustomerPage(rows=_rows(found.rows), previous=found.previous, next=found.next)


def exported(wanted: CustomerFilter, *, scope: Scope, batch: int = 1000) -> Iterator[CustomerRow]:
    """Yield all customers that fit, in the list's order, a page at a time: memory does not grow with the list."""
    scope.require("read", "export customers")
    runs, place = _runs(wanted), None
    while True:
        found = page(runs, place=place, size=batch)
        yield from _rows(found.rows)
        place = found.next
        if place is None:
            return


def _rows(rows: tuple[Any, ...]) -> tuple[CustomerRow, ...]:
    """Tell both kinds of rows apart; one query more if customers sorted by their own fields need their standing."""
    bare = [row.pk for row in rows if isinstance(row, Customer)]
    standings = Standing.objects.in_bulk(bare) if bare else {}
    return tuple(
        CustomerRow(record(row.customer), standing_record(row))
        if isinstance(row, Standing)
        else CustomerRow(record(row), standing_record(standings[row.pk]) if row.pk in standings else None)
        for row in rows
    )


def _runs(wanted: CustomerFilter) -> list[Run]:
    gathered = search.some_ids(wanted.q, limit=GATHERED_MAX + 1) if wanted.q else None
    if wanted.slipping:
        return _slipping(wanted, gathered)
    if wanted.sort == "name":
        return [Run(_fitting(Customer.objects.all(), wanted, gathered, ""), "id", "name", wanted.descending)]
    standing = _fitting(Standing.objects.select_related("customer"), wanted, gathered, "customer__")
    seen = Exists(Standing.objects.filter(pk=OuterRef("pk")))
    unseen = _fitting(Customer.objects.filter(~seen), wanted, gathered, "")
    field = _FIELDS[wanted.sort]
    return [
        *runs_by(standing, field, descending=wanted.descending, id_field="customer_id"),
        Run(unseen, "id", None, wanted.descending),
    ]


def _slipping(wanted: CustomerFilter, gathered: list[int] | None) -> list[Run]:
    """Return only who is slipping away: few, with a standing, and all with what was lost."""
    rows = Standing.objects.select_related("customer").filter(slipping_minor__isnull=False)
    rows = _fitting(rows, wanted, gathered, "customer__")
    if wanted.sort == "name":
        rows = rows.annotate(name=F("customer__name"))
        return [Run(rows, "customer_id", "name", wanted.descending)]
    return runs_by(rows, _FIELDS[wanted.sort], descending=wanted.descending, id_field="customer_id")


def _fitting(rows: QuerySet[Any], wanted: CustomerFilter, gathered: list[int] | None, prefix: str) -> QuerySet[Any]:
    """Narrow the rows; `prefix` leads from them to the customer."""
    id_field = "customer_id" if prefix else "id"
    if gathered is not None and len(gathered) <= GATHERED_MAX:
        rows = rows.filter(**{f"{id_field}__in": gathered})
    elif gathered is not None:
        rows = rows.alias(_id=Coalesce(F(id_field), Value(0))).filter(search.found(wanted.q, "_id"))
    by_index = _narrowest(wanted)
    for name in ("segment", "country", "kind"):
        value = getattr(wanted, name)
        if value:
            rows = _equal(rows, prefix + name, value, by_index=name == by_index)
    return rows


def _narrowest(wanted: CustomerFilter) -> str:
    """Return the filter whose index gathers the rows, empty if so many fit that the list is better walked."""
    if not (wanted.segment or wanted.country):
        return ""
    about = facets()
    shares = {
        name: about.share(values, getattr(wanted, name))
        for name, values in (("segment", about.segments), ("country", about.countries))
        if getattr(wanted, name)
    }
    fitting = about.customers_about * prod(shares.values())
    return min(shares, key=shares.__getitem__) if fitting <= GATHERED_MAX else ""


def _equal(rows: QuerySet[Any], field: str, value: str, *, by_index: bool) -> QuerySet[Any]:
    """Compare with the value; `by_index=False` hides the column from its index, so that the sort order is walked."""
    if by_index:
        return rows.filter(**{field: value})
    hidden = f"_{field.rpartition('__')[2]}"
    return rows.alias(**{hidden: Coalesce(F(field), Value(""))}).filter(**{hidden: value})
