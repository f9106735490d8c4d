"""Read contacts back."""

from datetime import date

from eigenform.marketing.contracts import TouchRecord
from eigenform.marketing.models import Touch


def touch_days(customer_id: int) -> list[date]:
    """Return the days on which the customer was contacted by us."""
    rows = Touch.objects.filter(customer_id=customer_id, direction="out")
    return list(rows.order_by("touched_on").values_list("touched_on", flat=True))


def touches_of(customer_id: int, *, limit: int = 100) -> list[TouchRecord]:
    """Return contacts with the customer, newest first."""
    rows = Touch.objects.filter(customer_id=customer_id).order_by("-touched_on", "-pk")[:limit]
    return [TouchRecord(r.pk, r.channel, r.direction, r.campaign, r.touched_on, r.propensity) for r in rows]
