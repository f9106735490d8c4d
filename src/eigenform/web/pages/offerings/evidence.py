"""The readings behind a gap as rows of a table: one line each, in words."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from eigenform.coordination import queries as coordination
from eigenform.coordination.contracts import AnswerReading, PromiseReading
from eigenform.records.places import Place
from eigenform.web.pages import wording

ROWS_SHOWN = 25
_KINDS = {"will": "expects", "experience": "experienced"}


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading: when, whose, what was promised or asked, what came."""

    on: date
    customer: str
    customer_href: str
    subject: str
    first: str
    second: str
    is_short: bool
    through: str  # the partner or the channel


@dataclass(frozen=True, slots=True)
class Evidence:
    """A page of readings with the heads of its columns."""

    heads: tuple[str, str, str, str]
    rows: tuple[Reading, ...]
    older: Place | None


def of(quantity: str, category: str, attribute: str, *, segment: str, before: Place | None, as_of: date) -> Evidence:
    """Return the readings behind a gap, newest first."""
    narrowed = {"segment": segment, "before": before, "limit": ROWS_SHOWN}
    if quantity == "promise_gap":
        page = coordination.promise_readings(category, attribute, **narrowed)
        rows = tuple(_promise(row, as_of) for row in page.rows)
        return Evidence(("Order", "Promised", "Came", "Partner"), rows, page.older)
    page = coordination.answer_readings(category, attribute, **narrowed)
    return Evidence(("Offering", "Asked", "Score", "Channel"), tuple(_answer(row) for row in page.rows), page.older)


def _promise(row: PromiseReading, as_of: date) -> Reading:
    promised = f"by {wording.day(row.level_on)}" if row.level_on else f"{row.level:.4g} {row.unit}"
    came, is_short = _came(row, as_of)
    return Reading(row.on, row.customer, _href(row.customer_id), row.order_key, promised, came, is_short, row.partner)


def _came(row: PromiseReading, as_of: date) -> tuple[str, bool]:
    if row.order_state == "withdrawn":
        return "order withdrawn", False
    if not row.has_come:
        overdue = row.level_on is not None and row.level_on < as_of and row.order_state == "open"
        return ("▼ has not come", True) if overdue else ("not known to have come", False)
    if row.level_on is None:
        return (
            (f"{row.delivered:.4g} {row.unit}", False)
            if row.delivered is not None
            else ("came, level not known", False)
        )
    if row.delivered_on is None:
        return "came, day not known", False
    late = (row.delivered_on - row.level_on).days
    if late > 0:
        return f"▼ {wording.counted(late, 'day')} late", True
    return (f"{wording.counted(-late, 'day')} early" if late else "on the day"), False


def _answer(row: AnswerReading) -> Reading:
    scale = f"{row.score:.4g} on {row.scale_min:.4g} to {row.scale_max:.4g}"
    asked = _KINDS.get(row.kind, row.kind)
    return Reading(row.on, row.customer, _href(row.customer_id), row.offering, asked, scale, False, row.channel)


def _href(customer_id: int | None) -> str:
    return reverse("customer", args=[customer_id]) if customer_id else ""
