"""What a customer buys and what is held about them, over the views of all packages."""

from django.db import connection

from eigenform.coordination.contracts import BoughtCategory

_BOUGHT = """
SELECT coalesce(nullif(f.category, ''), nullif(f.name, ''), f.key) AS category,
       sum(l.amount_minor) AS amount_minor, count(DISTINCT o.order_id) AS orders_count
FROM v_order o
JOIN v_order_line l ON l.order_id = o.order_id
JOIN v_offering f ON f.offering_id = l.offering_id
WHERE o.customer_id = %s AND o.state <> 'withdrawn' AND o.currency = %s
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %s
"""


def bought(customer_id: int, *, currency: str, limit: int = 8) -> list[BoughtCategory]:
    """Return the categories that the customer spent most on, counted in one currency only."""
    with connection.cursor() as cursor:
        cursor.execute(_BOUGHT, [customer_id, currency, limit])
        return [BoughtCategory(category, int(amount), orders) for category, amount, orders in cursor.fetchall()]


_HELD = ("contact", "order", "opportunity", "answer", "case", "touch", "lead")


def held_about(customer_id: int) -> dict[str, int]:
    """Return how many rows of each noun concern the customer: what an erasure will delete or make anonymous."""
    text = " UNION ALL ".join(f"SELECT '{noun}', count(*) FROM v_{noun} WHERE customer_id = %s" for noun in _HELD)
    with connection.cursor() as cursor:
        cursor.execute(text, [customer_id] * len(_HELD))
        return dict(cursor.fetchall())
