"""Events of a customer's timeline in plain words, on the side of whoever did them."""

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst

from eigenform.coordination.contracts import TimelineEvent
from eigenform.web.components import TimelineEntry
from eigenform.web.figures import format_money
from eigenform.web.pages.wording import DEEDS, counted, plain
from eigenform.web.pages.wording import day as spoken_day

# The filters of a timeline: name in the address, words, kinds of event.
GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("orders", "Orders", ("order",)),
    ("promises", "Promises and deliveries", ("promise", "overdue", "delivery")),
    ("answers", "Answers", ("answer",)),
    ("cases", "Cases", ("case", "case_event", "case_closed")),
    ("contacts", "Contacts", ("touch",)),
    ("sales", "Leads and opportunities", ("lead", "opportunity", "opportunity_closed")),
    ("decisions", "What we decided", ("deed",)),
)
_ASKED = {
    "will": "{} as expected",
    "should": "{} as it should be",
    "promised": "{} as promised",
    "delivered": "{} as delivered",
    "experience": "{} as experienced",
    "satisfaction": "satisfied with {}",
    "importance": "importance of {}",
}


def entry(event: TimelineEvent) -> TimelineEntry:
    """Return one event as the timeline shows it."""
    side, kind, icon, words = _SAID[event.kind]
    text, detail = words(event)
    if event.kind == "touch" and event.record.direction == "in":
        side = "customer"
    href = ""
    if event.kind == "deed" and event.record.decision_seq:
        href = reverse("decision", args=[event.record.decision_seq])
    return TimelineEntry(happened_at=event.on, side=side, kind=kind, text=text, icon=icon, href=href, detail=detail)


def _order(event: TimelineEvent) -> tuple[str, str]:
    order = event.record
    what = order.first_offering or counted(order.lines_count, "line")
    more = (
        f" and {counted(order.lines_count - 1, 'line')} more" if order.first_offering and order.lines_count > 1 else ""
    )
    state = {"open": "still open", "withdrawn": "withdrawn"}.get(order.state, "")
    told = ", ".join(part for part in (f"order {order.key}", order.channel, state) if part)
    return f"{format_money(order.amount_minor, order.currency)}: {what}{more}", told[0].upper() + told[1:]


def _promise(event: TimelineEvent) -> tuple[str, str]:
    return f"{_name(event.record.attribute)} promised {_level(event.record)}", ""


def _overdue(event: TimelineEvent) -> tuple[str, str]:
    promise = event.record
    return f"▼ {_name(promise.attribute)} was promised {_level(promise)} and has not come", ""


def _delivery(event: TimelineEvent) -> tuple[str, str]:
    came, promise = event.record, event.promise
    by = f"By {came.partner}" if came.partner else ""
    name = _name(came.attribute)
    if came.level is not None:
        unit = f" {promise.unit}" if promise else ""
        promised = f", promised {promise.level:.4g}" if promise and promise.level is not None else ""
        return f"{name}: {came.level:.4g}{unit} delivered{promised}", by
    if came.delivered_on is None:
        return f"{name}: came on a day that nobody wrote down", by
    if promise is None or promise.level_on is None:
        return f"{name}: came", by
    return f"{name}: {_days_late((came.delivered_on - promise.level_on).days)}", by


def _days_late(days: int) -> str:
    if days > 0:
        return f"▼ came {counted(days, 'day')} later than promised"
    return f"came {counted(-days, 'day')} earlier than promised" if days else "came on the day promised"


def _level(promise: Any) -> str:
    if promise.level_on is not None:
        return f"by {spoken_day(promise.level_on)}"
    return f"at {promise.level:.4g} {promise.unit}"


def _answer(event: TimelineEvent) -> tuple[str, str]:
    a = event.record
    asked = _name(_ASKED.get(a.kind, "{}").format(plain(a.attribute)))
    return f"{asked}: {a.score:.4g} on {a.scale_min:.4g} to {a.scale_max:.4g}", a.text


def _case(event: TimelineEvent) -> tuple[str, str]:
    return f"{_name(event.record.kind)} opened{_through(event.record.channel)}", event.record.text


def _case_event(event: TimelineEvent) -> tuple[str, str]:
    return _name(event.record.event), ""


def _case_closed(event: TimelineEvent) -> tuple[str, str]:
    took = (event.on - event.record.opened_on).days
    return f"{_name(event.record.kind)} closed after {counted(took, 'day')}", ""


def _touch(event: TimelineEvent) -> tuple[str, str]:
    if event.record.direction == "withheld":
        return "Left alone by chance, so that the others can be compared", event.record.campaign
    return f"By {event.record.channel.replace('_', ' ')}", event.record.campaign


def _lead(event: TimelineEvent) -> tuple[str, str]:
    lead = event.record
    return f"Came as a lead{_through(lead.channel)}", ", ".join(p for p in (lead.origin, lead.state) if p)


def _opportunity(event: TimelineEvent) -> tuple[str, str]:
    return f"Opened{_amount(event.record)}", f"Stage: {event.record.stage}"


def _opportunity_closed(event: TimelineEvent) -> tuple[str, str]:
    return f"{_name(event.record.stage)}{_amount(event.record)}", ""


def _deed(event: TimelineEvent) -> tuple[str, str]:
    deed = event.record
    of = f": decision {deed.decision_seq}" if deed.decision_seq else ""
    return f"{DEEDS.get(deed.verb, _name(deed.verb))}{of}", deed.reason


def _name(text: str) -> str:
    return capfirst(plain(text))


def _through(channel: str) -> str:
    return f" by {channel.replace('_', ' ')}" if channel else ""


def _amount(record: Any) -> str:
    return "" if record.amount_minor is None else f", {format_money(record.amount_minor, record.currency)}"


_SAID: Mapping[str, tuple[str, str, str, Callable[[TimelineEvent], tuple[str, str]]]] = {
    "order": ("customer", "Order", "order", _order),
    "promise": ("firm", "Promise", "promise", _promise),
    "overdue": ("firm", "Promise broken", "alert", _overdue),
    "delivery": ("firm", "Delivery", "supply", _delivery),
    "answer": ("customer", "Answer", "message", _answer),
    "case": ("customer", "Case", "serve", _case),
    "case_event": ("firm", "Case", "serve", _case_event),
    "case_closed": ("firm", "Case", "check", _case_closed),
    "touch": ("firm", "Contact", "phone", _touch),
    "lead": ("customer", "Lead", "market", _lead),
    "opportunity": ("firm", "Opportunity", "sell", _opportunity),
    "opportunity_closed": ("firm", "Opportunity", "sell", _opportunity_closed),
    "deed": ("firm", "Decision", "loop", _deed),
}


def kinds_of(group: str) -> tuple[str, ...] | None:
    """Return the kinds of a filter's name, None for a name that is not one: then all are shown."""
    return next((kinds for name, _label, kinds in GROUPS if name == group), None)
