"""One timeline of a customer over all doers, newest first, paged by keyset.

First a thin index of what happened when (one query over the views of every package), then the records of the events
shown, one query for each kind among them: the number of queries does not depend on the length of the history.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django.db import connection

from eigenform.coordination.contracts import EVENT_KINDS, TimelineEvent, TimelinePage
from eigenform.ledger import queries as ledger
from eigenform.marketing import queries as marketing
from eigenform.offerings import queries as offerings
from eigenform.records.places import CursorUnreadable, Place
from eigenform.sales import queries as sales
from eigenform.service import queries as service
from eigenform.supply_chain import queries as supply_chain

# The promises and deliveries of the customer's orders and lines. {0}: "promise" or "delivery", {1}: what to select.
_ABOUT_ORDERS = """
SELECT {1} FROM v_order o JOIN v_{0} p ON p.source = o.source AND p.subject_key = o.key AND p.subject_kind = 'order'
WHERE o.customer_id = %(customer_id)s {2}
UNION ALL
SELECT {1} FROM v_order o JOIN v_order_line l ON l.order_id = o.order_id
JOIN v_{0} p ON p.source = l.source AND p.subject_key = l.key AND p.subject_kind = 'line'
WHERE o.customer_id = %(customer_id)s {2}
"""
_NOT_CAME = """AND p.level_on < %(as_of)s AND o.state = 'open' AND NOT EXISTS (
SELECT 1 FROM v_delivery d WHERE d.source = p.source AND d.subject_key = p.subject_key
AND d.subject_kind = p.subject_kind AND d.attribute = p.attribute)"""


def _of_customer(view: str, row_id: str, day: str, condition: str = "") -> str:
    return f"SELECT {day} AS day, {row_id} AS id FROM v_{view} WHERE customer_id = %(customer_id)s {condition}"


# When what happened, by kind: each selects (day, id).
_INDEX: Mapping[str, str] = {
    "lead": _of_customer("lead", "lead_id", "created_on"),
    "opportunity": _of_customer("opportunity", "opportunity_id", "opened_on", "AND opened_on IS NOT NULL"),
    "order": _of_customer("order", "order_id", "ordered_on"),
    "opportunity_closed": _of_customer("opportunity", "opportunity_id", "closed_on", "AND closed_on IS NOT NULL"),
    "promise": _ABOUT_ORDERS.format("promise", "coalesce(p.made_on, o.ordered_on) AS day, p.promise_id AS id", ""),
    "overdue": _ABOUT_ORDERS.format("promise", "p.level_on AS day, p.promise_id AS id", _NOT_CAME),
    "delivery": _ABOUT_ORDERS.format(
        "delivery", "coalesce(p.delivered_on, o.ordered_on) AS day, p.delivery_id AS id", ""
    ),
    "case": _of_customer("case", "case_id", "opened_on"),
    "case_event": (
        "SELECT date(e.occurred_at) AS day, e.case_event_id AS id FROM v_case c "
        "JOIN v_case_event e ON e.case_id = c.case_id WHERE c.customer_id = %(customer_id)s"
    ),
    "case_closed": _of_customer("case", "case_id", "closed_on", "AND closed_on IS NOT NULL"),
    "answer": _of_customer("answer", "answer_id", "answered_on"),
    "touch": _of_customer("touch", "touch_id", "touched_on"),
    "deed": "SELECT date(happened_at) AS day, recorded_seq AS id FROM v_deed WHERE subject = %(subject)s",
}
_RECORDS: Mapping[str, Callable[[Iterable[int]], Mapping[int, Any]]] = {
    "lead": marketing.leads,
    "opportunity": sales.opportunities,
    "order": sales.orders,
    "opportunity_closed": sales.opportunities,
    "promise": offerings.promises,
    "overdue": offerings.promises,
    "delivery": supply_chain.deliveries,
    "case": service.cases,
    "case_event": service.case_events,
    "case_closed": service.cases,
    "answer": service.answers,
    "touch": marketing.touches,
    "deed": ledger.deeds,
}


def timeline(
    customer_id: int,
    subject: str,
    *,
    as_of: date,
    kinds: Iterable[str] = EVENT_KINDS,
    before: Place | None = None,
    limit: int = 30,
) -> TimelinePage:
    """Return what happened with one customer, newest first. `as_of` tells which promises are overdue by now."""
    index = _index(customer_id, subject, as_of=as_of, kinds=list(kinds), before=before, limit=limit + 1)
    shown = index[:limit]
    events = _events(shown)
    more = Place(EVENT_KINDS.index(shown[-1][1]), shown[-1][0], shown[-1][2]) if len(index) > limit else None
    return TimelinePage(events=events, older=more)


def _index(
    customer_id: int, subject: str, *, as_of: date, kinds: list[str], before: Place | None, limit: int
) -> list[tuple[date, str, int]]:
    branches = " UNION ALL ".join(
        f"SELECT day, {EVENT_KINDS.index(kind)} AS kind, id FROM ({_INDEX[kind]}) AS of_{kind}" for kind in kinds
    )
    if before is not None and not isinstance(before.value, date):
        raise CursorUnreadable(cursor=before.text())
    earlier = "" if before is None else "WHERE (day, kind, id) < (%(day)s, %(kind)s, %(id)s)"
    values: dict[str, Any] = {"customer_id": customer_id, "subject": subject, "as_of": as_of.isoformat()}
    if before is not None:
        values |= {"day": before.value.isoformat(), "kind": before.run, "id": before.id}
    text = (
        f"SELECT day, kind, id FROM ({branches}) AS e {earlier} ORDER BY day DESC, kind DESC, id DESC LIMIT {limit:d}"
    )
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return [(date.fromisoformat(str(day)), EVENT_KINDS[kind], row_id) for day, kind, row_id in cursor.fetchall()]


def _events(index: list[tuple[date, str, int]]) -> tuple[TimelineEvent, ...]:
    ids: dict[str, list[int]] = {}
    for _day, kind, row_id in index:
        ids.setdefault(kind, []).append(row_id)
    records = {kind: _RECORDS[kind](wanted) for kind, wanted in ids.items()}
    came = records.get("delivery", {}).values()
    promised = offerings.promises_on({(d.source, d.subject_key) for d in came}) if came else {}
    events = []
    for day, kind, row_id in index:
        record = records[kind][row_id]
        promise = None
        if kind == "delivery":
            promise = promised.get((record.source, record.subject_kind, record.subject_key, record.attribute))
        events.append(TimelineEvent(kind=kind, on=day, id=row_id, record=record, promise=promise))
    return tuple(events)
