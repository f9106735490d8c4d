"""The single readings behind a gap: promises with what came of them, answers about what was expected and experienced.

Newest first, paged by keyset. A category is what offerings call theirs; an offering without one stands for itself.
"""

from datetime import date
from typing import Any

from django.db import connection

from eigenform.coordination.contracts import AnswerReading, PromiseReading, ReadingPage
from eigenform.records.places import CursorUnreadable, Place

_OFFERINGS = """
SELECT offering_id FROM v_offering WHERE category = %(category)s
UNION ALL SELECT offering_id FROM v_offering WHERE category = '' AND name = %(category)s
UNION ALL SELECT offering_id FROM v_offering WHERE category = '' AND name = '' AND key = %(category)s
"""
_PROMISES = f"""
WITH line AS (SELECT order_id, source, key FROM v_order_line WHERE offering_id IN ({_OFFERINGS})),
about AS (
  SELECT p.promise_id, o.order_id FROM line l JOIN v_order o ON o.order_id = l.order_id
  JOIN v_promise p ON p.source = o.source AND p.subject_key = o.key AND p.subject_kind = 'order'
  WHERE p.attribute = %(attribute)s
  UNION
  SELECT p.promise_id, l.order_id FROM line l
  JOIN v_promise p ON p.source = l.source AND p.subject_key = l.key AND p.subject_kind = 'line'
  WHERE p.attribute = %(attribute)s
),
reading AS (
  SELECT p.promise_id AS id, coalesce(d.delivered_on, p.level_on, p.made_on, o.ordered_on) AS day, o.key AS order_key,
    o.state, c.customer_id, coalesce(nullif(c.name, ''), c.key, '') AS customer, c.segment, p.level, p.level_on, p.unit,
    d.level AS delivered, d.delivered_on, d.delivery_id IS NOT NULL AS has_come,
    coalesce(nullif(t.name, ''), t.key, '') AS partner
  FROM about a JOIN v_promise p ON p.promise_id = a.promise_id JOIN v_order o ON o.order_id = a.order_id
  LEFT JOIN v_customer c ON c.customer_id = o.customer_id
  LEFT JOIN v_delivery d ON d.source = p.source AND d.subject_key = p.subject_key
    AND d.subject_kind = p.subject_kind AND d.attribute = p.attribute
  LEFT JOIN v_partner t ON t.partner_id = d.partner_id
)
SELECT * FROM reading
"""
_ANSWERS = f"""
WITH reading AS (
  SELECT a.answer_id AS id, a.answered_on AS day, c.customer_id, coalesce(nullif(c.name, ''), c.key, '') AS customer,
    c.segment, coalesce(nullif(f.name, ''), f.key) AS offering, a.kind, a.score, a.scale_min, a.scale_max, a.channel
  FROM v_answer a JOIN v_offering f ON f.offering_id = a.offering_id
  LEFT JOIN v_customer c ON c.customer_id = a.customer_id
  WHERE a.offering_id IN ({_OFFERINGS}) AND a.attribute = %(attribute)s AND a.kind IN ('will', 'experience')
)
SELECT * FROM reading
"""


def promise_readings(
    category: str, attribute: str, *, segment: str = "", before: Place | None = None, limit: int = 25
) -> ReadingPage:
    """Return promises about a category's attribute with what came of them."""
    rows, older = _page(_PROMISES, category, attribute, segment, before, limit)
    return ReadingPage(
        tuple(
            PromiseReading(
                id=row["id"],
                on=_day(row["day"]),
                order_key=row["order_key"],
                order_state=row["state"],
                customer_id=row["customer_id"],
                customer=row["customer"],
                level=row["level"],
                level_on=row["level_on"] and _day(row["level_on"]),
                unit=row["unit"],
                delivered=row["delivered"],
                delivered_on=row["delivered_on"] and _day(row["delivered_on"]),
                has_come=bool(row["has_come"]),
                partner=row["partner"],
            )
            for row in rows
        ),
        older,
    )


def answer_readings(
    category: str, attribute: str, *, segment: str = "", before: Place | None = None, limit: int = 25
) -> ReadingPage:
    """Return answers about a category's attribute: what customers expected and what they experienced."""
    rows, older = _page(_ANSWERS, category, attribute, segment, before, limit)
    names = ("id", "customer_id", "customer", "offering", "kind", "score", "scale_min", "scale_max", "channel")
    found = tuple(AnswerReading(on=_day(row["day"]), **{name: row[name] for name in names}) for row in rows)
    return ReadingPage(found, older)


def _page(
    text: str, category: str, attribute: str, segment: str, before: Place | None, limit: int
) -> tuple[list[dict[str, Any]], Place | None]:
    values: dict[str, Any] = {"category": category, "attribute": attribute, "segment": segment}
    conditions = ["segment = %(segment)s"] if segment else []
    if before is not None:
        if not isinstance(before.value, date):
            raise CursorUnreadable(cursor=before.text())
        conditions.append("(day, id) < (%(day)s, %(id)s)")
        values |= {"day": before.value.isoformat(), "id": before.id}
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    with connection.cursor() as cursor:
        cursor.execute(f"{text} {where} ORDER BY day DESC, id DESC LIMIT {limit + 1:d}", values)
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    shown = rows[:limit]
    older = Place(0, _day(shown[-1]["day"]), shown[-1]["id"]) if len(rows) > limit else None
    return shown, older


def _day(value: date | str) -> date:
    return date.fromisoformat(str(value))
