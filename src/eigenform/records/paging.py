"""Pages of a sorted list without counting and without skipping: a page begins after the last row seen.

`OFFSET n` reads n rows to throw them away; a keyset begins where the index already stands. A page is filled from at
most three straight walks along an index, one after the other, so that it costs the same at the front, in the depth and
among 100,000 equal values, on SQLite and PostgreSQL alike:

    ties    rows with the same value as the last one seen, by id
    rest    rows with a value beyond it, by value and id
    nulls   rows without a value, by id: always last, whichever way the list is sorted
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet

from eigenform.base.errors import Refused

Row = TypeVar("Row")
KeyValue = str | int | float | date | None


class CursorUnreadable(Refused):
    """The place in the list is not one that a page of ours named."""

    code = "records.cursor_unreadable"

    def __init__(self, *, cursor: str) -> None:
        self.cursor = cursor[:80]
        super().__init__("This address names no place in the list. Open the list again from its first page.")


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by one field, then by the id in the same direction. `id_field` must be unique; `nullable` costs a walk more."""

    field: str
    descending: bool = False
    nullable: bool = False
    id_field: str = "pk"


@dataclass(frozen=True, slots=True)
class Place:
    """A place between two rows: after (or, going back, before) the row with this value and id."""

    value: KeyValue
    id: int
    backwards: bool = False

    def text(self) -> str:
        """Return the place as part of an address."""
        kind = "d" if isinstance(self.value, date) else "v"
        value = self.value.isoformat() if isinstance(self.value, date) else self.value
        packed = json.dumps([kind, value, self.id, int(self.backwards)], separators=(",", ":"), ensure_ascii=False)
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def place_from(text: str) -> Place | None:
    """Read a place back from an address; empty is the beginning. Refuses what is not ours, a value of the wrong type too."""
    if not text:
        return None
    try:
        kind, value, row_id, backwards = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        value = date.fromisoformat(value) if kind == "d" else value
        if not (isinstance(row_id, int) and isinstance(value, KeyValue)):
            raise TypeError
    except (ValueError, TypeError, binascii.Error) as error:
        raise CursorUnreadable(cursor=text) from error
    return Place(value, row_id, bool(backwards))


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows in the list's order, and the places before and after them; None where there is nothing more."""

    rows: tuple[Row, ...]
    previous: Place | None
    next: Place | None


def page(
    rows: QuerySet[Any], *, order: Order, place: Place | None, size: int, key: Callable[[Any], tuple[KeyValue, int]]
) -> Page[Any]:
    """Return the page of `size` rows at the place. `key` reads (value, id) off a row; at most three queries."""
    backwards = place is not None and place.backwards
    try:
        walks = _walks(rows, order, place, backwards)
    except (ValueError, TypeError, ValidationError) as error:  # a place made for another order of the list
        raise CursorUnreadable(cursor=place.text() if place else "") from error
    found = list(_walk(walks, size + 1))
    is_more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    first, last = (Place(*key(found[0]), backwards=True), Place(*key(found[-1]))) if found else (None, None)
    return Page(
        rows=tuple(found),
        previous=first if (is_more if backwards else place is not None) else None,
        next=last if (is_more or backwards) else None,
    )


def _walk(walks: Sequence[QuerySet[Any]], limit: int) -> Iterator[Any]:
    """Yield rows of the walks in turn; a walk is asked only if those before it did not fill the page."""
    wanted = limit
    for walk in walks:
        got = list(walk[:wanted])
        yield from got
        wanted -= len(got)
        if wanted <= 0:
            return


def _walks(rows: QuerySet[Any], order: Order, place: Place | None, backwards: bool) -> Sequence[QuerySet[Any]]:
    down = order.descending is not backwards
    by_id = f"-{order.id_field}" if down else order.id_field
    beyond_id = f"{order.id_field}__{'lt' if down else 'gt'}"
    beyond_value = f"{order.field}__{'lt' if down else 'gt'}"
    value = F(order.field)
    valued = rows.filter(**{f"{order.field}__isnull": False}) if order.nullable else rows
    in_order = valued.order_by(value.desc() if down else value.asc(), by_id)
    nulls = rows.filter(**{f"{order.field}__isnull": True}).order_by(by_id) if order.nullable else None
    if place is None:
        return [in_order] if nulls is None else [in_order, nulls]
    if place.value is None:
        if nulls is None:
            raise CursorUnreadable(cursor=place.text())
        rest = nulls.filter(**{beyond_id: place.id})
        return [rest, in_order] if backwards else [rest]
    ties = rows.filter(**{order.field: place.value, beyond_id: place.id}).order_by(by_id)
    rest = in_order.filter(**{beyond_value: place.value})
    return [ties, rest] if nulls is None or backwards else [ties, rest, nulls]
