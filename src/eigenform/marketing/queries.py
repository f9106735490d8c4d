"""Read contacts and leads back."""

from collections.abc import Iterable
from datetime import date

from eigenform.marketing.contracts import LeadRecord, TouchRecord
from eigenform.marketing.models import Lead, Touch


def touch_days(customer_id: int) -> list[date]:
    """Return the days on which the customer was contacted by us."""
    rows = Touch.objects.filter(customer_id=customer_id, direction="out")
    return list(rows.order_by("touched_on").values_list("touched_on", flat=True))


def touches_of(customer_id: int, *, limit: int = 100) -> list[TouchRecord]:
    """Return contacts with the customer, newest first."""
    rows = Touch.objects.filter(customer_id=customer_id).order_by("-touched_on", "-pk")[:limit]
    return [_touch(r) for r in rows]


def touches(ids: Iterable[int]) -> dict[int, TouchRecord]:
    """Return contacts by id."""
    return {r.pk: _touch(r) for r in Touch.objects.filter(pk__in=list(ids))}


def leads(ids: Iterable[int]) -> dict[int, LeadRecord]:
    """Return leads by id."""
    rows = Lead.objects.filter(pk__in=list(ids))
    return {r.pk: LeadRecord(r.pk, r.origin, r.channel, r.created_on, r.state, r.closed_on) for r in rows}


def _touch(row: Touch) -> TouchRecord:
    return TouchRecord(row.pk, row.channel, row.direction, row.campaign, row.touched_on, row.propensity)
