"""Pages of a sorted list without counting and without skipping: a page begins after the last row seen.

`OFFSET n` reads n rows to throw them away; a keyset begins where the index already stands. A list is a row of runs, one
after the other (those with a value, then those without), and a page is filled from straight walks along an index:

    ties    rows of the run with the same value as the last row seen, by id
    rest    rows with a value beyond it, by value and id
    then    the runs that follow

So a page costs the same at the front, in the depth and among 100,000 equal values, on SQLite and PostgreSQL alike.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet

from eigenform.records.places import CursorUnreadable, KeyValue, Place


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a list: rows by one field that is never null here, then by a unique id; without a field by id alone."""

    rows: QuerySet[Any]
    id_field: str
    field: str | None = None
    descending: bool = False

    def key(self, row: Any) -> tuple[KeyValue, int]:
        """Return where the row stands in the run."""
        return (getattr(row, self.field) if self.field else None), getattr(row, self.id_field)


def runs_by(rows: QuerySet[Any], field: str, *, descending: bool, id_field: str) -> list[Run]:
    """Sort by a field that may be null: rows without a value come last, whichever way the list is sorted."""
    return [
        Run(rows.filter(**{f"{field}__isnull": False}), id_field, field, descending),
        Run(rows.filter(**{f"{field}__isnull": True}), id_field, None, descending),
    ]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the list's order, and the places before and after them; None where there is nothing more."""

    rows: tuple[Any, ...]
    previous: Place | None
    next: Place | None


def page(runs: Sequence[Run], *, place: Place | None, size: int) -> Page:
    """Return the page of `size` rows at the place; a walk is asked only if those before it did not fill the page."""
    backwards = place is not None and place.backwards
    try:
        walks = _walks(runs, place)
    except (IndexError, ValueError, TypeError, ValidationError) as error:  # a place of a list in another order
        raise CursorUnreadable(cursor=place.text() if place else "") from error
    found = list(_fill(walks, size + 1))
    is_more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    first = Place(*_at(runs, found[0]), backwards=True) if found else None
    last = Place(*_at(runs, found[-1])) if found else None
    return Page(
        rows=tuple(row for _run, row in found),
        previous=first if (is_more if backwards else place is not None) else None,
        next=last if (is_more or backwards) else None,
    )


def _at(runs: Sequence[Run], found: tuple[int, Any]) -> tuple[int, KeyValue, int]:
    number, row = found
    return (number, *runs[number].key(row))


def _fill(walks: Sequence[tuple[int, QuerySet[Any]]], limit: int) -> Iterator[tuple[int, Any]]:
    wanted = limit
    for number, rows in walks:
        got = list(rows[:wanted])
        yield from ((number, row) for row in got)
        wanted -= len(got)
        if wanted <= 0:
            return


def _walks(runs: Sequence[Run], place: Place | None) -> list[tuple[int, QuerySet[Any]]]:
    if place is None:
        return [(number, _whole(run, backwards=False)) for number, run in enumerate(runs)]
    if not 0 <= place.run < len(runs):
        raise IndexError(place.run)
    begun = [(place.run, rows) for rows in _from(runs[place.run], place)]
    beyond = range(place.run - 1, -1, -1) if place.backwards else range(place.run + 1, len(runs))
    return begun + [(number, _whole(runs[number], backwards=place.backwards)) for number in beyond]


def _whole(run: Run, *, backwards: bool) -> QuerySet[Any]:
    down = run.descending is not backwards
    by_id = F(run.id_field).desc() if down else F(run.id_field).asc()
    if run.field is None:
        return run.rows.order_by(by_id)
    return run.rows.order_by(F(run.field).desc() if down else F(run.field).asc(), by_id)


def _from(run: Run, place: Place) -> list[QuerySet[Any]]:
    """Return the walks that lead on from the place inside its run: its ties, then what lies beyond."""
    beyond = "lt" if run.descending is not place.backwards else "gt"
    whole = _whole(run, backwards=place.backwards)
    beyond_id = {f"{run.id_field}__{beyond}": place.id}
    if run.field is None:
        return [whole.filter(**beyond_id)]
    if place.value is None:
        raise ValueError("a place without a value in a run that has values")
    return [
        whole.filter(**{run.field: place.value}, **beyond_id),
        whole.filter(**{f"{run.field}__{beyond}": place.value}),
    ]
