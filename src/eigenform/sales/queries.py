"""Read orders and opportunities back."""

from collections.abc import Iterable
from datetime import date

from django.db import connection
from django.db.models import Count, Max, Min, Sum

from eigenform.sales.contracts import OpportunityRecord, OrderRecord, SoldRecord
from eigenform.sales.models import Opportunity, Order, OrderLine

_SOLD = """
SELECT coalesce(nullif(f.category, ''), nullif(f.name, ''), f.key) AS category, sum(l.quantity), sum(l.amount_minor)
FROM v_order o JOIN v_order_line l ON l.order_id = o.order_id JOIN v_offering f ON f.offering_id = l.offering_id
WHERE o.ordered_on > %s AND o.ordered_on <= %s AND o.state <> 'withdrawn' AND o.currency = %s
GROUP BY 1
"""


def orders(ids: Iterable[int]) -> dict[int, OrderRecord]:
    """Return orders by id, with the sum of their lines; two queries."""
    wanted = list(ids)
    lines = OrderLine.objects.filter(order_id__in=wanted).values("order_id")
    sums = {
        line["order_id"]: line
        for line in lines.annotate(amount=Sum("amount_minor"), count=Count("pk"), first=Min("offering__name"))
    }
    nothing = {"amount": 0, "count": 0, "first": ""}
    return {row.pk: _order(row, sums.get(row.pk, nothing)) for row in Order.objects.filter(pk__in=wanted)}


def last_order_on(until: date) -> date | None:
    """Return the day of the newest order up to a day, None without orders."""
    return Order.objects.filter(ordered_on__lte=until).aggregate(last=Max("ordered_on"))["last"]


def _order(row: Order, lines: dict) -> OrderRecord:
    return OrderRecord(
        id=row.pk,
        source=row.source,
        key=row.key,
        ordered_on=row.ordered_on,
        state=row.state,
        channel=row.channel,
        currency=row.currency,
        amount_minor=lines["amount"],
        lines_count=lines["count"],
        first_offering=lines["first"] or "",
    )


def opportunities(ids: Iterable[int]) -> dict[int, OpportunityRecord]:
    """Return opportunities by id."""
    return {
        r.pk: OpportunityRecord(r.pk, r.stage, r.opened_on, r.closed_on, r.amount_minor, r.currency)
        for r in Opportunity.objects.filter(pk__in=list(ids))
    }


def sold_by_category(*, after: date, until: date, currency: str) -> dict[str, SoldRecord]:
    """Return what was sold by category after a day until a day, both of them days in the source's zone."""
    with connection.cursor() as cursor:
        cursor.execute(_SOLD, [after.isoformat(), until.isoformat(), currency])
        return {c: SoldRecord(c, float(quantity), int(amount)) for c, quantity, amount in cursor.fetchall()}
